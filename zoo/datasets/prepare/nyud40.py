"""Bring NYUDv2 with 40 classes, in any of its releases, into one folder."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from zoo.datasets.mat_files import load_numbers
from zoo.datasets.nyud40 import CLASSES, PALETTE
from zoo.datasets.prepare.label_ids import classes_png
from zoo.datasets.prepare.nyud40_frames import FRAMES, open_frames, png
from zoo.datasets.prepare.nyud40_result import (
    refuse_two_sizes,
    write_lists,
)
from zoo.datasets.prepare.nyud40_tables import (
    CLASS_TABLE,
    FIRST,
    TABLES,
    class_table,
    enough,
    to_classes,
)
from zoo.datasets.prepare.tables import read_tables
from zoo.datasets.prepare.unpacking import KNOWN, Place, Workers, unpack
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import write_bytes

_OF = f'NYUDv2: data.tgz of Gupta et al., nyud.tar.gz, or {FRAMES}'
_NAME = re.compile(r'(?:img_)?(\d{4})')
_PHOTOS = ('colorImage', 'images', 'Images')  # the last is where they go


def prepare_nyud40(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Write ``Images``, ``Labels`` of 40 classes, and ``splits``.

    Three releases are known: ``data.tgz`` (cropped to 560 x 425 pixels), its
    packaging for FCN, ``nyud.tar.gz``, and the whole frames of
    ``nyu_depth_v2_labeled.mat``, which need ``splits.mat`` and
    ``classMapping40.mat`` beside them. Frames only fill in what the others
    lack. What is there already stays as it is.

    Source: Gupta et al., CVPR 2013 (the 40 classes); Long et al., CVPR 2015
    (FCN's packaging); Silberman et al., ECCV 2012 (frames, split).

    Args:
        root: Folder of the data set.
        sources: Archives, folders that they unpack to, or single files.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source is damaged or of another data set, releases
            of two sizes are mixed, or something is missing.
    """
    root.mkdir(parents=True, exist_ok=True)
    tables = read_tables(sources, TABLES, enough=enough, progress=progress)
    known = tables.get(CLASS_TABLE)
    table = None if known is None else class_table(known)
    unpack(sources, partial(_place, root, table), of=_OF, progress=progress)
    for source in sources:
        for path in _frames(source):
            _take_frames(root, path, table, progress)
    refuse_two_sizes(root)
    write_lists(root, tables)


def _place(
    root: Path, table: np.ndarray | None, path: PurePosixPath
) -> Place | None:
    folder, match = path.parent.name, _NAME.fullmatch(path.stem)
    if match and folder in _PHOTOS and path.suffix == '.png':
        return Place(root / f'Images/{match[1]}.png')
    if match and path.suffix == '.mat':
        target = root / f'Labels/{match[1]}.png'
        if folder == 'groundTruth':
            return Place(target, partial(_from_894, table))
        if folder == 'segmentation':
            return Place(target, _from_40)
    if path.name == FRAMES or any(path.match(name) for name in TABLES):
        return Place(KNOWN)
    return None


def _from_894(table: np.ndarray | None, content: bytes, name: str) -> bytes:
    """Convert a label map of Gupta's release."""
    path = ('groundTruth', 'SegmentationClass')
    return _map_png(load_numbers(content, name, *path), table, name)


def _from_40(content: bytes, name: str) -> bytes:
    """Convert a label map of FCN's packaging."""
    table = to_classes(np.arange(len(CLASSES) + 1))
    return _map_png(load_numbers(content, name, 'segmentation'), table, name)


def _map_png(ids: np.ndarray, table: np.ndarray | None, name: str) -> bytes:
    if table is None:
        raise UserError(
            f'{name}: is of 894 classes, and no {CLASS_TABLE} tells what they '
            'are of the 40. Add it to --archive; it is in data.tgz of Gupta '
            'et al.'
        )
    return classes_png(ids, table, PALETTE, name)


def _frames(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(source.rglob(FRAMES))
    return [source] if source.name == FRAMES else []


def _take_frames(
    root: Path,
    path: Path,
    table: np.ndarray | None,
    progress: Progress | None,
) -> None:
    with open_frames(path) as frames, Workers() as workers:
        for index in range(len(frames)):
            name = str(FIRST + index)
            target = root / f'Images/{name}.png'
            if not target.exists():
                workers.add(_write_photo, target, frames.photo(index))
            target = root / f'Labels/{name}.png'
            if not target.exists():
                where = f'{path}: labels of image {index + 1}'
                ids = frames.ids(index)
                workers.add(_write_map, target, ids, table, where)
            if progress:
                progress(index + 1, len(frames))


def _write_photo(path: Path, photo: np.ndarray) -> None:
    write_bytes(path, png(photo))


def _write_map(
    path: Path, ids: np.ndarray, table: np.ndarray | None, name: str
) -> None:
    write_bytes(path, _map_png(ids, table, name))
