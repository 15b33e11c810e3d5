"""PASCAL VOC 2012 with the augmented training set of Hariharan et al."""

import logging
from dataclasses import dataclass
from pathlib import Path

from mmengine.logging import print_log
from mmseg.datasets import PascalVOCDataset
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import CATALOGUE, require
from zoo.datasets.lists import read_lines
from zoo.errors import UserError

SPLITS = ('trainaug', 'train', 'val', 'trainval', 'trainval_aug')
_WITHOUT_AUG = {'trainaug': 'train', 'trainval_aug': 'trainval'}


@dataclass(frozen=True)
class Split:
    """Names of the images and where the label of each lies.

    Attributes:
        name: The split really used.
        ids: Image names without suffix.
        folders: Label folder of each, relative to the data set's root.
    """

    name: str
    ids: list[str]
    folders: list[str]


def read_ids(path: Path) -> list[str]:
    """Return the image names of a split file.

    A line is a name, or a pair of paths as in lists made for Caffe
    (``/JPEGImages/a.jpg /SegmentationClassAug/a.png``).

    Raises:
        UserError: If it cannot be read or names nothing.
    """
    lines = read_lines(path)
    ids = [Path(line.split()[0]).stem for line in lines if line.strip()]
    if not ids:
        raise UserError(f'{path}: names no image. Get the list again.')
    return ids


def has_augmentation(root: Path) -> bool:
    """Tell whether the augmented labels and a list of them are there."""
    lists = root / 'ImageSets/Segmentation'
    return (root / 'SegmentationClassAug').is_dir() and any(
        (lists / name).is_file() for name in ('trainaug.txt', 'aug.txt')
    )


def _list_ids(root: Path, split: str) -> list[str]:
    """Read a list, or join the two it consists of."""
    path = root / f'ImageSets/Segmentation/{split}.txt'
    if path.is_file():
        return read_ids(path)
    halves = {
        'trainval': ('train', 'val'),
        'trainaug': ('train', 'aug'),
        'trainval_aug': ('trainaug', 'val'),
    }
    if split not in halves:
        raise UserError(f'{path}: not found. Get the list again.')
    joined = [i for half in halves[split] for i in _list_ids(root, half)]
    return list(dict.fromkeys(joined))


def resolve_split(root: Path, split: str) -> Split:
    """Find what a split consists of in this copy of the data set.

    Without augmented labels ``trainaug`` becomes ``train`` and
    ``trainval_aug`` becomes ``trainval``; the result's ``name`` says so.

    Source: Hariharan et al., Semantic contours from inverse detectors, ICCV
    2011 (SBD); 10 582 training images = 1464 of VOC + 9118 of SBD.

    Args:
        root: Folder ``VOC2012``.
        split: One of ``SPLITS``.

    Raises:
        ValueError: If ``split`` is none of them.
        UserError: If a list is missing, empty, or names an image that has
            no label.
    """
    if split not in SPLITS:
        raise ValueError(f'split must be one of {SPLITS}, got {split!r}')
    if not has_augmentation(root):
        split = _WITHOUT_AUG.get(split, split)
    ids = _list_ids(root, split)
    if split not in _WITHOUT_AUG:
        return Split(split, ids, ['SegmentationClass'] * len(ids))
    # Converters leave VOC's own labels where they are, or put SBD's beside
    # them without the void rim: VOC's own lists read VOC's own labels.
    own = set(_list_ids(root, 'trainval'))
    own &= {p.stem for p in (root / 'SegmentationClass').glob('*.png')}
    aug = {p.stem for p in (root / 'SegmentationClassAug').glob('*.png')}
    lost = [i for i in ids if i not in own and i not in aug]
    if lost:
        raise UserError(
            f'{root / "SegmentationClassAug"}: no label for {len(lost)} of '
            f'{len(ids)} images, first {lost[0]}.png. Run: python '
            f'tools/data.py prepare voc --root {root} --archive benchmark.tgz'
        )
    folders = [
        'SegmentationClass' if i in own else 'SegmentationClassAug'
        for i in ids
    ]
    return Split(split, ids, folders)


@DATASETS.register_module()
class VOCAugDataset(PascalVOCDataset):
    """VOC 2012 by the name of a split, augmented labels included.

    ``metainfo['split']`` is the split really used: a copy without augmented
    labels trains on ``train`` instead of ``trainaug``, with a warning.

    Differs: mmseg joins two data sets for ``trainaug``; here it is one, with
    the same images and labels.

    Args:
        split: ``trainaug``, ``train``, ``val``, ``trainval`` or
            ``trainval_aug``.
        data_root: Folder ``VOC2012``.
        **kwargs: Passed to ``PascalVOCDataset``.

    Raises:
        UserError: If the data set is not there or not complete.
    """

    def __init__(
        self,
        *,
        split: str = 'trainaug',
        data_root: str = 'data/VOCdevkit/VOC2012',
        **kwargs,
    ):
        root = require('voc', data_root)
        self._split = resolve_split(root, split)
        super().__init__(
            data_root=str(root),
            data_prefix={
                'img_path': 'JPEGImages',
                'seg_map_path': 'SegmentationClass',
            },
            ann_file='ImageSets/Segmentation/train.txt',
            **kwargs,
        )
        # Not through the argument ``metainfo``: mmengine would look for a
        # file of this name.
        self._metainfo['split'] = self._split.name
        if self._split.name != split:
            published = CATALOGUE['voc'].splits['trainaug'][0]
            print_log(
                f'{root}: no augmented labels (SegmentationClassAug with '
                f'aug.txt or trainaug.txt), so {split} is {self._split.name} '
                f'with {len(self._split.ids)} images; the papers trained on '
                f'{published}. See: python tools/data.py prepare voc --help',
                logger='current',
                level=logging.WARNING,
            )

    def load_data_list(self) -> list[dict]:
        """Return one record per image of the split."""
        root = self.data_root  # a Path for each file would take most time
        pairs = zip(self._split.ids, self._split.folders, strict=True)
        return [
            {
                'img_path': f'{root}/JPEGImages/{i}{self.img_suffix}',
                'seg_map_path': f'{root}/{folder}/{i}.png',
                'label_map': self.label_map,
                'reduce_zero_label': self.reduce_zero_label,
                'seg_fields': [],
            }
            for i, folder in pairs
        ]
