"""Bring Stanford Background as published into the form the zoo reads."""

import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.loading import read_label_map
from zoo.datasets.prepare.sources import source_files
from zoo.datasets.stanford import (
    CLASSES,
    PALETTE,
    VOID,
    labels_from_ids,
    labels_from_text,
    make_folds,
)
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, write_label_map, write_list
from zoo.errors import UserError
from zoo.files import write_bytes

_IMAGES, _TEXTS, _MAPS = 'images', 'labels', 'SegmentationClass'
_SUFFIXES = {_IMAGES: '.jpg', _TEXTS: '.regions.txt', _MAPS: '.png'}


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
    _refuse_other_ids(root)
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


def _refuse_other_ids(root: Path) -> None:
    """A copy with ids from 1 would be read without a word, and wrongly."""
    for path in sorted((root / _MAPS).glob('*.png')):
        if len(CLASSES) in read_label_map(path):
            raise UserError(
                f'{path}: has ids 1 to {len(CLASSES)}, 0 for unknown. Prepare '
                f'another folder from this one: --root DIR --archive {root}'
            )


def _take(root: Path, source: Path, progress: Progress | None) -> None:
    """Bring over what ``root`` lacks of one source."""
    maps: dict[str, np.ndarray] = {}
    found = False
    files = source_files(source, lambda n: bool(_parse(n)[0]), progress)
    for name, content in files:
        found = True
        folder, image_id = _parse(name)
        if folder == _IMAGES:
            path = root / _IMAGES / f'{image_id}.jpg'
            if not path.exists():
                write_bytes(path, content)
        elif folder == _TEXTS:
            _decode(root, image_id, content, f'{source}: {name}')
        else:
            maps[image_id] = _read_map(content, f'{source}: {name}')
    if not found:
        raise UserError(
            f'{source}: holds none of the folders {", ".join(_SUFFIXES)}. Is '
            'it Stanford Background (iccv09Data)?'
        )
    if maps and source.resolve() != root.resolve():
        _convert(root, maps, source)


def _parse(name: str) -> tuple[str, str]:
    """Return folder and id of a file of the data set; else nothing."""
    path = PurePosixPath(name)
    folder = path.parent.name
    suffix = _SUFFIXES.get(folder)
    hidden = path.name.startswith('.')  # copies that macOS leaves in a tar
    if suffix is None or hidden or not path.name.endswith(suffix):
        return '', ''
    return folder, path.name.removesuffix(suffix)


def _read_map(content: bytes, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode not in ('L', 'P'):
                raise ValueError(f'mode {image.mode}, not ids of 8 bits')
            return np.array(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(
            f'{name}: cannot be read as a label map ({error}). Get it again.'
        ) from error


def _decode(root: Path, image_id: str, content: bytes, name: str) -> None:
    target = _map_of(root, image_id)
    if target.is_file():
        return
    try:
        labels = labels_from_text(content.decode('ascii'))
    except ValueError as error:
        raise UserError(
            f'{name}: not a label of Stanford Background ({error}). Download '
            'it again.'
        ) from error
    write_label_map(target, labels, PALETTE)


def _convert(root: Path, maps: dict[str, np.ndarray], source: Path) -> None:
    """Write label maps whose ids begin with 0 or 1, whichever it is."""
    shifted = _has_shifted_ids(maps, source)
    for image_id, ids in maps.items():
        target = _map_of(root, image_id)
        if not target.is_file():
            labels = labels_from_ids(ids, unknown=0) if shifted else ids
            write_label_map(target, labels, PALETTE)


def _has_shifted_ids(maps: dict[str, np.ndarray], source: Path) -> bool:
    """Tell from all maps together whether 0 is unknown and 1 the first class.

    Only then there is an 8, and only else a 255. One map alone may hold
    neither.
    """
    seen: set[int] = set()
    for image_id, ids in maps.items():
        found = set(np.unique(ids).tolist())
        if wrong := sorted(found - {*range(len(CLASSES) + 1), VOID}):
            raise UserError(
                f'{source}: {_MAPS}/{image_id}.png holds {wrong[0]}, no id of '
                'Stanford Background. Get the original release.'
            )
        seen |= found
    shifted, ours = len(CLASSES) in seen, VOID in seen
    if shifted == ours:
        number = 'both' if shifted else 'neither'
        raise UserError(
            f'{source}: {_MAPS} holds {number} of the ids {len(CLASSES)} and '
            f'{VOID}, so that the first class may be 0 or 1. Get '
            f'{_TEXTS}/*.regions.txt of the original release.'
        )
    return shifted


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
