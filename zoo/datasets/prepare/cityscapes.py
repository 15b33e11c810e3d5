"""Unpack Cityscapes and number its labels as they are trained on."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from mmseg.datasets import CityscapesDataset

from zoo.datasets.label_maps import VOID, decode_label_map
from zoo.datasets.prepare.label_ids import classes_png
from zoo.datasets.prepare.unpacking import Place, unpack
from zoo.datasets.writing import Progress

# Ids of the release, in the order of the 19 classes that are scored; the
# other ids up to 33 are void.
IDS = (
    7,
    8,
    11,
    12,
    13,
    17,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    31,
    32,
    33,
)
_LAST = 33
_IMAGE, _IDS = '_leftImg8bit.png', '_gtFine_labelIds.png'
_TRAIN_IDS = '_gtFine_labelTrainIds.png'
_SPLITS = ('train', 'val', 'test')


def prepare_cityscapes(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Unpack images and make ``labelTrainIds`` of ``labelIds``.

    Differs: the owners' script draws the polygons anew. Both leave out the
    same polygons, those with ids below 0, so that the maps are equal. The
    labels of the test images, which are blank, are left out.

    Args:
        root: Folder with ``leftImg8bit`` and ``gtFine``.
        sources: ``leftImg8bit_trainvaltest.zip``,
            ``gtFine_trainvaltest.zip``, or folders that they unpack to.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source cannot be read, is none of these, or a label
            map holds an id that the release has not.
    """
    unpack(sources, partial(_place, root), of='Cityscapes', progress=progress)


def _place(root: Path, path: PurePosixPath) -> Place | None:
    kind, split, city = ('', '', '', *path.parts)[-4:-1]
    folder = root / kind / split / city
    if split not in _SPLITS:
        return None
    if kind == 'leftImg8bit' and path.name.endswith(_IMAGE):
        return Place(folder / path.name)
    if kind != 'gtFine' or split == 'test':
        return None
    if path.name.endswith(_TRAIN_IDS):
        return Place(folder / path.name)
    if path.name.endswith(_IDS):
        stem = path.name.removesuffix(_IDS)
        return Place(folder / f'{stem}{_TRAIN_IDS}', train_ids_png)
    return None


def train_ids_png(content: bytes, name: str) -> bytes:
    """Return a file of train ids for one of the release's ids.

    Args:
        content: Of ``*_gtFine_labelIds.png``.
        name: What a message calls it.

    Raises:
        UserError: If it is no such map.
    """
    ids = decode_label_map(content, name, remedy='Download it again.')
    table = np.full(_LAST + 1, VOID, np.uint8)
    table[list(IDS)] = range(len(IDS))
    palette = CityscapesDataset.METAINFO['palette']
    return classes_png(ids, table, palette, name)
