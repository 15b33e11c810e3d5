"""Folders that belong together, and those that must not be one."""

from collections.abc import Iterable
from pathlib import Path

from zoo.engine.refining.album import Album
from zoo.errors import UserError


def require_overlap(
    files: dict[str, Path], album: Album, probs: str | Path
) -> None:
    """Refuse a folder of which no photograph is known, in one line.

    Raises:
        UserError: If no saved file has the name of a photograph.
    """
    if not any(name in album.photos for name in files):
        raise UserError(
            f'{probs}: no file has the name of a photograph in {album.place}, '
            f'e.g. {next(iter(files))}. Name the folder of the photographs, '
            'or the split that was tested'
        )


def require_apart(
    out: Path, probs: Path, album: Album, *, save_probs: bool
) -> None:
    """Refuse to write where something is read: it would be replaced.

    Args:
        out: Folder of ``masks`` and, with ``save_probs``, ``probs``.
        probs: Folder of the saved probabilities.
        album: Photographs and labels.
        save_probs: Whether ``out/probs`` is written.

    Raises:
        UserError: If one of those is the folder of an input.
    """
    inputs = {
        **dict.fromkeys(_folders(album.photos.values()), 'photographs'),
        **dict.fromkeys(
            _folders(x['seg_map_path'] for x in album.labels.values()),
            'labels',
        ),
        probs.resolve(): '--probs',
    }
    written = [out, out / 'masks', *([out / 'probs'] if save_probs else [])]
    for folder in written:
        if folder.resolve() in inputs:
            raise UserError(
                f'--out {out}: {folder} is the folder of '
                f'{inputs[folder.resolve()]}. Name another'
            )


def _folders(files: Iterable[str]) -> set[Path]:
    return {folder.resolve() for folder in {Path(x).parent for x in files}}
