"""Stanford Background: 715 photographs of 8 classes, and its five folds."""

import hashlib
from collections.abc import Iterable

import numpy as np
from mmseg.registry import DATASETS

from zoo.datasets.prepared import PreparedDataset

# In the order of the published ids 0 .. 7; the colours are ours.
_COLOURS = {
    'sky': (70, 130, 180),
    'tree': (107, 142, 35),
    'road': (128, 64, 128),
    'grass': (152, 251, 152),
    'water': (0, 60, 230),
    'building': (70, 70, 70),
    'mountain': (139, 90, 43),
    'foreground': (220, 20, 60),
}
CLASSES = tuple(_COLOURS)
PALETTE = [list(colour) for colour in _COLOURS.values()]
FOLDS = 5
VOID = 255
_PREFIX = {'img_path': 'images', 'seg_map_path': 'SegmentationClass'}


def labels_from_text(text: str) -> np.ndarray:
    """Decode a file ``labels/<id>.regions.txt`` of the release.

    Args:
        text: A line for each row of pixels, ids -1 .. 7; -1 is unknown.

    Returns:
        ``(H, W)`` uint8 classes 0 .. 7, 255 void.

    Raises:
        ValueError: If a row is of another length, or an id is out of range.
    """
    rows = [line.split() for line in text.splitlines() if line.strip()]
    widths = sorted({len(row) for row in rows})
    if len(widths) != 1:
        raise ValueError(f'rows must be of one length, got {widths}')
    ids = [[int(number) for number in row] for row in rows]
    # As objects: a number may have more digits than any integer of NumPy.
    return labels_from_ids(np.array(ids, object), unknown=-1)


def labels_from_ids(ids: np.ndarray, *, unknown: int) -> np.ndarray:
    """Turn ids into classes, the first of which follows the unknown id.

    Args:
        ids: ``(H, W)`` integers, ``unknown`` to ``unknown + 8``.
        unknown: -1 in the release, 0 in some copies of it.

    Returns:
        ``(H, W)`` uint8 classes 0 .. 7, 255 void.

    Raises:
        ValueError: If an id is out of range.
    """
    wrong = (ids < unknown) | (ids > unknown + len(CLASSES))
    if wrong.any():
        raise ValueError(
            f'ids must be in {unknown} .. {unknown + len(CLASSES)}, got '
            f'{int(ids[wrong][0])}'
        )
    classes = ids.astype(int) - unknown - 1
    return np.where(classes < 0, VOID, classes).astype(np.uint8)


def make_folds(
    image_ids: Iterable[str], *, count: int = FOLDS, seed: int = 0
) -> dict[str, list[str]]:
    """Cut the photographs into parts that are tested one after another.

    The order follows a hash of seed and name, so it is the same on every
    machine, whatever the order of the files. It is cut into parts as equal
    as can be: 5 of 143 for all 715 photographs.

    Differs: the release names no folds, and papers do not say theirs.

    Args:
        image_ids: Names such as ``0000047``.
        count: Number of folds, at least 2.
        seed: Chooses other folds.

    Returns:
        ``{'all': [...], 'fold0_train': [...], 'fold0_test': [...], ...}``,
        each sorted; the test lists share no name and hold all of them.

    Raises:
        ValueError: If ``count`` is below 2 or there are fewer images.
    """
    if count < 2:
        raise ValueError(f'count must be at least 2, got {count}')
    names = sorted(set(image_ids))
    if len(names) < count:
        raise ValueError(
            f'{count} images or more are needed for {count} folds, got '
            f'{len(names)}'
        )

    def order(name: str) -> bytes:
        return hashlib.sha256(f'{seed}:{name}'.encode()).digest()

    shuffled = sorted(names, key=order)
    folds = {'all': names}
    for fold in range(count):
        first, last = (len(names) * k // count for k in (fold, fold + 1))
        tested = shuffled[first:last]
        folds[f'fold{fold}_train'] = sorted({*names} - {*tested})
        folds[f'fold{fold}_test'] = sorted(tested)
    return folds


@DATASETS.register_module()
class StanfordBackgroundDataset(PreparedDataset):
    """Outdoor photographs, ``SegmentationClass`` and the lists of the folds.

    ``tools/data.py prepare stanford`` makes what the release lacks. See
    docs/datasets/stanford.md.

    Source: Gould, Fulton, Koller, Decomposing a scene into geometric and
    semantically consistent regions, ICCV 2009.

    Args:
        ann_file: List of a fold, relative to ``data_root``.
        data_prefix: Folders of images and label maps.
        **kwargs: Passed to ``PreparedDataset``.
    """

    METAINFO = {'classes': CLASSES, 'palette': PALETTE}
    entry = 'stanford'

    def __init__(
        self,
        *,
        ann_file: str = 'splits/fold0_train.txt',
        data_prefix: dict[str, str] = _PREFIX,  # check_data reads them here
        **kwargs,
    ):
        super().__init__(ann_file=ann_file, data_prefix=data_prefix, **kwargs)
