"""Label maps of Stanford Background as some hand them on, ids from 0 or 1."""

from pathlib import Path, PurePosixPath

import numpy as np

from zoo.datasets.label_maps import decode_label_map, read_label_map
from zoo.datasets.prepare.sources import source_files
from zoo.datasets.prepare.unpacking import Workers, in_parallel
from zoo.datasets.stanford import CLASSES, PALETTE, VOID, labels_from_ids
from zoo.datasets.writing import Progress, write_label_map
from zoo.errors import UserError

FOLDER = 'SegmentationClass'


def refuse_other_ids(path: Path) -> None:
    """Refuse a map in its place that was handed on with ids from 1.

    It would be read without a word, and wrongly.

    Raises:
        UserError: If it is one.
    """
    if len(CLASSES) in read_label_map(path):
        raise UserError(
            f'{path}: has ids 1 to {len(CLASSES)}, 0 for unknown. Prepare '
            'another folder from this one: --root DIR --archive '
            f'{path.parents[1]}'
        )


def is_map(name: str) -> bool:
    """Tell a label map by its path in a source."""
    path = PurePosixPath(name)
    hidden = path.name.startswith('.')  # copies that macOS leaves in a tar
    return path.parent.name == FOLDER and path.suffix == '.png' and not hidden


def convert_maps(root: Path, source: Path, progress: Progress | None) -> None:
    """Write the label maps of a source that ``root`` lacks.

    Whether their ids begin with 0 or 1 is told from all of them together.

    Args:
        root: Folder of the data set.
        source: Archive or folder.
        progress: Called with what is done, and the total.

    Raises:
        UserError: If one is damaged or of another data set, or their ids
            leave a doubt.
    """
    maps = _read_maps(source, progress)
    shifted = _has_shifted_ids(maps, source)

    def write(image_id: str) -> None:
        ids, target = maps[image_id], root / FOLDER / f'{image_id}.png'
        labels = labels_from_ids(ids, unknown=0) if shifted else ids
        if not target.is_file():
            write_label_map(target, labels, PALETTE)

    in_parallel(write, maps)


def _read_maps(
    source: Path, progress: Progress | None
) -> dict[str, np.ndarray]:
    maps: dict[PurePosixPath, np.ndarray] = {}

    def read(path: PurePosixPath, content: bytes) -> None:
        maps[path] = decode_label_map(
            content, f'{source}: {path}', remedy='Download it again.'
        )

    with Workers() as workers:
        for name, content in source_files(source, is_map, progress):
            workers.add(read, PurePosixPath(name), content)
    return {path.stem: maps[path] for path in sorted(maps)}


def _has_shifted_ids(maps: dict[str, np.ndarray], source: Path) -> bool:
    """Tell whether 0 is unknown and 1 the first class.

    Only then there is an 8, and only else a 255. One map alone may hold
    neither.
    """
    seen: set[int] = set()
    for image_id, ids in maps.items():
        found = set(np.unique(ids).tolist())
        if wrong := sorted(found - {*range(len(CLASSES) + 1), VOID}):
            raise UserError(
                f'{source}: {FOLDER}/{image_id}.png holds {wrong[0]}, no id '
                'of Stanford Background. Get the original release.'
            )
        seen |= found
    shifted, ours = len(CLASSES) in seen, VOID in seen
    if shifted == ours:
        number = 'both' if shifted else 'neither'
        raise UserError(
            f'{source}: {FOLDER} holds {number} of the ids {len(CLASSES)} '
            f'and {VOID}, so that the first class may be 0 or 1. Get '
            'labels/*.regions.txt of the original release.'
        )
    return shifted
