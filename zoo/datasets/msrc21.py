"""MSRC-21: 591 photographs of 21 classes, and how its labels are decoded."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from mmseg.registry import DATASETS

from zoo.datasets.prepared import PreparedDataset

# All 23 classes of the published labels, in the order of their ids 1 .. 23,
# with the colours of the published ground truth. Horse and mountain have too
# few examples and are void by the data set's own rule.
_PUBLISHED = {
    'building': (128, 0, 0),
    'grass': (0, 128, 0),
    'tree': (128, 128, 0),
    'cow': (0, 0, 128),
    'horse': (128, 0, 128),
    'sheep': (0, 128, 128),
    'sky': (128, 128, 128),
    'mountain': (64, 0, 0),
    'aeroplane': (192, 0, 0),
    'water': (64, 128, 0),
    'face': (192, 128, 0),
    'car': (64, 0, 128),
    'bicycle': (192, 0, 128),
    'flower': (64, 128, 128),
    'sign': (192, 128, 128),
    'bird': (0, 64, 0),
    'book': (128, 64, 0),
    'chair': (0, 192, 0),
    'road': (128, 64, 128),
    'cat': (0, 192, 128),
    'dog': (128, 192, 128),
    'body': (64, 64, 0),
    'boat': (192, 64, 0),
}
_VOID_CLASSES = ('horse', 'mountain')
CLASSES = tuple(c for c in _PUBLISHED if c not in _VOID_CLASSES)
PALETTE = [list(_PUBLISHED[c]) for c in CLASSES]
SPLIT_SHARES = {'train': 276, 'val': 58, 'test': 257}  # of 591 images
VOID = 255
# The release holds two photographs twice, each in scenes 1 and 9.
_TWINS = ('1_26_s', '1_27_s', '9_10_s', '9_15_s')
_PREFIX = {'img_path': 'Images', 'seg_map_path': 'SegmentationClass21'}


def _class_id(name: str) -> int:
    return VOID if name in _VOID_CLASSES else CLASSES.index(name)


def labels_from_regions(
    regions: np.ndarray, region_labels: np.ndarray
) -> np.ndarray:
    """Decode the cleaned labels of Malisiewicz and Efros (BMVC 2007).

    Args:
        regions: ``(H, W)`` region of each pixel, from 1 (``newseg``).
        region_labels: ``R`` ids 1 .. 23, one for each region, in any shape
            (``newlabels``); a pixel of region ``R + 1`` is unlabelled.

    Returns:
        ``(H, W)`` uint8 classes 0 .. 20, 255 void.

    Raises:
        ValueError: If a region or an id is out of range.
    """
    count = region_labels.size
    if regions.min() < 1 or regions.max() > count + 1:
        raise ValueError(
            f'regions must be in 1 .. {count + 1}, got '
            f'{regions.min()} .. {regions.max()}'
        )
    ids = region_labels.reshape(-1).astype(int)
    if count and not 1 <= ids.min() <= ids.max() <= len(_PUBLISHED):
        raise ValueError(
            f'region_labels must be in 1 .. {len(_PUBLISHED)}, got '
            f'{ids.min()} .. {ids.max()}'
        )
    classes = np.array([_class_id(name) for name in _PUBLISHED], np.uint8)
    return np.append(classes[ids - 1], np.uint8(VOID))[regions.astype(int) - 1]


def labels_from_colours(colours: np.ndarray) -> np.ndarray:
    """Decode the coloured ground truth of the original release.

    Args:
        colours: ``(H, W, 3)`` uint8 RGB; black is unlabelled.

    Returns:
        ``(H, W)`` uint8 classes 0 .. 20, 255 void.

    Raises:
        ValueError: If a colour belongs to no class.
    """
    weights = np.array([1 << 16, 1 << 8, 1])
    codes = colours.astype(int) @ weights
    labels = np.full(codes.shape, VOID, np.uint8)
    known = codes == 0
    for name, colour in _PUBLISHED.items():
        match = codes == np.array(colour) @ weights
        labels[match] = _class_id(name)
        known |= match
    if not known.all():
        stranger = colours[~known][0].tolist()
        raise ValueError(f'colour {stranger} belongs to no class of MSRC-21')
    return labels


def _quotas(sizes: Sequence[int], total: int) -> list[int]:
    """Share ``total`` among groups in proportion, by largest remainder."""
    exact = [size * total / sum(sizes) for size in sizes]
    shares = [int(x) for x in exact]
    by_remainder = sorted(
        range(len(sizes)), key=lambda i: shares[i] - exact[i]
    )
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def make_splits(
    image_ids: Iterable[str], *, seed: int = 0
) -> dict[str, list[str]]:
    """Split image names 276 : 58 : 257, each scene alike.

    The scene is the number before the first underscore. The order within a
    scene follows a hash of seed and name: the same on every machine and
    version, and a missing image does not reshuffle the others. The release
    holds two photographs twice; all four copies train.

    Differs: not the lists of Shotton et al. (TextonBoost), which are not part
    of the release.

    Args:
        image_ids: Names such as ``7_12_s``.
        seed: Chooses another split.

    Returns:
        ``{'train': [...], 'val': [...], 'test': [...]}``, each sorted.

    Raises:
        ValueError: If there are fewer than 3 images.
    """
    scenes = defaultdict(list)
    for image_id in set(image_ids):
        scenes[image_id.split('_')[0]].append(image_id)
    total = sum(map(len, scenes.values()))
    if total < 3:
        raise ValueError(f'3 images or more are needed to split, got {total}')

    def order(name: str) -> tuple[bool, bytes]:
        digest = hashlib.sha256(f'{seed}:{name}'.encode()).digest()
        return name not in _TWINS, digest

    left = [sorted(scenes[scene], key=order) for scene in sorted(scenes)]
    whole = sum(SPLIT_SHARES.values())
    splits: dict[str, list[str]] = {}
    for split in ('train', 'val'):
        wanted = max(1, round(total * SPLIT_SHARES[split] / whole))
        quotas = _quotas([len(scene) for scene in left], wanted)
        taken = [scene[:q] for scene, q in zip(left, quotas, strict=True)]
        left = [scene[q:] for scene, q in zip(left, quotas, strict=True)]
        splits[split] = sorted(chain.from_iterable(taken))
    splits['test'] = sorted(chain.from_iterable(left))
    return splits


@DATASETS.register_module()
class MSRC21Dataset(PreparedDataset):
    """Images, ``SegmentationClass21`` and lists of names under one folder.

    Reads the prepared form, with JPEG or the original BMP images;
    ``tools/data.py prepare msrc21`` makes it from the original release.

    Source: Shotton et al., TextonBoost, ECCV 2006 (images, classes);
    Malisiewicz and Efros, BMVC 2007 (cleaned labels).

    Args:
        data_prefix: Folders of images and label maps.
        **kwargs: Passed to ``PreparedDataset``.
    """

    METAINFO = {'classes': CLASSES, 'palette': PALETTE}
    entry = 'msrc21'

    def __init__(
        self,
        *,
        data_prefix: dict[str, str] = _PREFIX,  # check_data reads it here
        **kwargs,
    ):
        super().__init__(data_prefix=data_prefix, **kwargs)
