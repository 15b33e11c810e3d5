"""Bring Stanford Background as published into the form the zoo reads."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.prepare.stanford_maps import (
    FOLDER,
    convert_maps,
    refuse_other_ids,
)
from zoo.datasets.prepare.unpacking import KNOWN, Place, in_parallel, unpack
from zoo.datasets.stanford import PALETTE, labels_from_text, make_folds
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, label_png, write_list
from zoo.errors import UserError

_IMAGES, _TEXTS, _MAPS = 'images', 'labels', FOLDER
_SUFFIXES = {_IMAGES: '.jpg', _TEXTS: '.regions.txt', _MAPS: '.png'}
_OF = 'Stanford Background: iccv09Data.tar.gz'


def prepare_stanford(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Write ``images``, ``SegmentationClass`` and ``splits``.

    Reads ``images/<id>.jpg`` and, per image, ``labels/<id>.regions.txt`` or
    else ``SegmentationClass/<id>.png``, as some hand the data set on: with
    0 for unknown and 1 .. 8, or as written here. No source is changed, and
    what is there already stays as it is.

    Args:
        root: Folder of the data set.
        sources: The original tar file, or folders.
        progress: Called with what is done, and the total.

    Raises:
        UserError: If images or labels are missing or damaged.
    """
    in_parallel(refuse_other_ids, sorted((root / _MAPS).glob('*.png')))
    for source in sources:
        _take(root, source, progress)
    ids = sorted(p.stem for p in (root / _IMAGES).glob('*.jpg'))
    if not ids:
        raise UserError(
            f'{root / _IMAGES}: no photographs. Get them: '
            f'{CATALOGUE["stanford"].command(root)}; or pass --archive FILE.'
        )
    lost = [i for i in ids if not _map_of(root, i).is_file()]
    if lost:
        raise UserError(
            f'{root}: no label of {lost[0]}, neither {lost[0]}.regions.txt '
            f'in {_TEXTS} nor {lost[0]}.png in {_MAPS}. Get the file, or '
            'remove the image.'
        )
    _write_folds(root / 'splits', ids)


def _map_of(root: Path, image_id: str) -> Path:
    return root / _MAPS / f'{image_id}.png'


def _take(root: Path, source: Path, progress: Progress | None) -> None:
    """Bring over what ``root`` lacks of one source."""
    maps: set[Path] = set()
    place = partial(_place, root, maps)
    # With maps a source is not done with yet, of which ``progress`` may keep
    # count: thus behind a function that has no more than a call.
    unpack([source], place, of=_OF, progress=progress and partial(progress))
    lacking = any(not path.exists() for path in maps)
    if lacking and source.resolve() != root.resolve():
        convert_maps(root, source, progress)


def _place(root: Path, maps: set[Path], path: PurePosixPath) -> Place | None:
    """Place images and texts; note where the maps would go.

    Of these it is known only when all are read what their ids mean, and
    whether there is a text instead.
    """
    folder, image_id = _parse(path)
    target = _map_of(root, image_id)
    if folder == _IMAGES:
        return Place(root / _IMAGES / path.name)
    if folder == _TEXTS:
        return Place(target, _decode)
    if folder == _MAPS:
        maps.add(target)
        return Place(KNOWN)
    return None


def _parse(path: PurePosixPath) -> tuple[str, str]:
    """Return folder and id of a file of the data set; else nothing."""
    folder = path.parent.name
    suffix = _SUFFIXES.get(folder)
    if suffix is None or not path.name.endswith(suffix):
        return '', ''
    return folder, path.name.removesuffix(suffix)


def _decode(content: bytes, name: str) -> bytes:
    try:
        labels = labels_from_text(content.decode('ascii'))
    except ValueError as error:
        raise UserError(
            f'{name}: not a label of Stanford Background ({error}). Download '
            'it again.'
        ) from error
    return label_png(labels, PALETTE)


def _write_folds(folder: Path, ids: list[str]) -> None:
    """Write the lists that are not there; refuse those that do not fit."""
    try:
        made = make_folds(ids)
    except ValueError as error:
        raise UserError(
            f'{folder.parent / _IMAGES}: {error}. Get the others.'
        ) from error
    paths = {name: folder / f'{name}.txt' for name in made}
    there = {n: read_ids(p) for n, p in paths.items() if p.is_file()}
    complete = len(there) == len(made)
    # Lists of somebody else are welcome where there is one of each.
    for name in ('all',) if complete else there:
        if sorted(there[name]) != made[name]:
            raise UserError(
                f'{paths[name]}: does not fit the {len(ids)} photographs, or '
                'the other lists that are there. Remove the folder to get '
                'new folds.'
            )
    for name in made.keys() - there.keys():
        write_list(paths[name], made[name])
