"""SBD: outlines of the instances in 11 355 images of PASCAL VOC."""

from pathlib import Path

from mmseg.datasets import PascalVOCDataset
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import CATALOGUE, require
from zoo.datasets.voc_aug import read_ids
from zoo.errors import UserError

SPLITS = ('train', 'val')
_LISTS = 'ImageSets/Main'
_VOC_LISTS = f'data/VOCdevkit/VOC2012/{_LISTS}'


def find_list(root: Path, lists: str | Path | None, split: str) -> Path:
    """Return VOC's list of a split.

    Args:
        root: Folder with ``img``, ``cls`` and ``inst``.
        lists: See ``SBDDataset``.
        split: One of ``SPLITS``.

    Raises:
        ValueError: If ``split`` is none of them.
        UserError: If there is no such list.
    """
    if split not in SPLITS:
        raise ValueError(f'split must be one of {SPLITS}, got {split!r}')
    beside = root / _LISTS
    folder = Path(lists or (beside if beside.is_dir() else _VOC_LISTS))
    path = folder / f'{split}.txt'
    if not path.is_file():
        raise UserError(
            f'{path}: no such list. Copy {_LISTS} of VOC 2012 to {beside}, '
            f'or name its folder as lists of SBDDataset. {_remedy(root)}'
        )
    return path


def sbd_ids(root: Path, path: Path) -> list[str]:
    """Return the images of a list that SBD has annotated.

    Args:
        root: Folder with ``img``, ``cls`` and ``inst``.
        path: Of the list.

    Raises:
        UserError: If it names no image of SBD, or one of those images has no
            file of classes or of instances.
    """
    images = _stems(root / 'img', '.jpg')
    ids = [name for name in read_ids(path) if name in images]
    if not ids:
        raise UserError(
            f"{path}: names no image of {root / 'img'}. Take VOC 2012's "
            f'list, {_LISTS}/{path.name}. {_remedy(root)}'
        )
    for folder in ('cls', 'inst'):
        there = _stems(root / folder, '.mat')
        lost = [name for name in ids if name not in there]
        if lost:
            raise UserError(
                f'{root / folder}: no label for {len(lost)} of {len(ids)} '
                f'images, first {lost[0]}.mat. Unpack SBD again. '
                f'{_remedy(root)}'
            )
    return ids


def _remedy(root: Path) -> str:
    return f'Get it: {CATALOGUE["sbd"].command(root)}'


def _stems(folder: Path, suffix: str) -> set[str]:
    return {p.stem for p in folder.iterdir() if p.suffix == suffix}


@DATASETS.register_module()
class SBDDataset(PascalVOCDataset):
    """VOC 2012's detection split with the labels of SBD.

    Source: Hariharan et al., Semantic contours from inverse detectors, ICCV
    2011 (labels); Simultaneous detection and segmentation, ECCV 2014 (SDS),
    and Wu et al., 2016, Sec. 3.2 (split: 5623 images to train, 5732 to
    validate).

    ``metainfo['split']`` is ``sbd_train`` or ``sbd_val``: VOC's own lists for
    segmentation have the same names, and scores do not compare.

    Differs: SBD's own lists, ``train.txt`` and ``val.txt`` beside ``img``,
    are other splits and not read.

    Args:
        split: ``train`` or ``val``.
        data_root: Folder ``dataset`` of SBD, with ``img``, ``cls``, ``inst``.
        lists: Folder with VOC's ``train.txt`` and ``val.txt`` of the images
            for detection. Where ``None``, ``ImageSets/Main`` in
            ``data_root`` if it is there, else that of
            ``data/VOCdevkit/VOC2012``.
        **kwargs: Passed to ``PascalVOCDataset``.

    Raises:
        ValueError: If there is no such split.
        UserError: If the data set is not there or not complete.
    """

    def __init__(
        self,
        *,
        split: str = 'train',
        data_root: str = 'data/sbd/dataset',
        lists: str | None = None,
        **kwargs,
    ):
        root = require('sbd', data_root)
        path = find_list(root, lists, split)
        self._ids = sbd_ids(root, path)
        super().__init__(
            data_root=str(root),
            data_prefix={'img_path': 'img', 'seg_map_path': 'cls'},
            ann_file=str(path.resolve()),
            **kwargs,
        )
        # Not through the argument ``metainfo``: mmengine would look for a
        # file of this name.
        self._metainfo['split'] = f'sbd_{split}'

    def load_data_list(self) -> list[dict]:
        """Return one record per image of the split."""
        root = Path(self.data_root)
        return [
            {
                'img_path': str(root / f'img/{name}.jpg'),
                'seg_map_path': str(root / f'cls/{name}.mat'),
                'label_map': self.label_map,
                'reduce_zero_label': self.reduce_zero_label,
                'seg_fields': [],
            }
            for name in self._ids
        ]
