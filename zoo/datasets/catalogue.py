"""What is known of each data set: where it is, what it holds, its terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from zoo.errors import UserError


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        name: As in names of leaves and on command lines.
        title: As people call it.
        dataset: Registered class that reads it.
        split_key: Argument of the class that chooses the split.
        split_value: Its value, with ``{}`` for the name of the split; a
            mapping has one in each of its values.
        splits: Name of each split to its known sizes in images; several
            where several lists are in use, none where any will do.
        root: Where it is looked for, relative to the repository.
        parts: Files and folders that must be under ``root``; a pattern with
            ``*`` stands for at least one.
        licence: Terms, in a few words.
        size: Of the download.
        where: How to get it; a sentence without full stop.
        optional: Splits that a usable copy may lack.
        also_read_by: Further registered classes that read the same files.
        options: What the class needs besides the folder and the split.
        elsewhere: Option of a tool that names another folder.
        instances: Folder of the maps of instances, if all images have one.
        made: What no download holds, as patterns below ``root``, each to
            the sentence that says how to make it, ``{}`` for the folder.
    """

    name: str
    title: str
    dataset: str
    split_key: str
    split_value: str | Mapping[str, str]
    splits: Mapping[str, tuple[int, ...]]
    root: str
    parts: tuple[str, ...]
    licence: str
    size: str
    where: str
    optional: tuple[str, ...] = ()
    also_read_by: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: str = '--data-root DIR'
    instances: str | None = None
    made: Mapping[str, str] = field(default_factory=dict)

    def missing(self, root: str | Path) -> list[str]:
        """Return the required files and folders that are not there."""
        return [part for part in self.parts if not any(Path(root).glob(part))]

    def how_to_make(self, path: str | Path, root: str | Path) -> str | None:
        """Return how a missing file is made; ``None`` if it is downloaded."""
        for pattern, how in self.made.items():
            if PurePath(path).match(pattern):
                return how.format(root)
        return None

    def arguments(self, split: str) -> dict[str, Any]:
        """Return what the registered class needs to read ``split``."""
        value = self.split_value
        chosen = (
            value.format(split)
            if isinstance(value, str)
            else {key: part.format(split) for key, part in value.items()}
        )
        return {**self.options, self.split_key: chosen}


_VOC_PARTS = (
    'JPEGImages',
    'SegmentationClass',
    'ImageSets/Segmentation/train.txt',
    'ImageSets/Segmentation/val.txt',
)

_MSRC_MADE = (
    'SegmentationClass21',
    'splits/train.txt',
    'splits/val.txt',
    'splits/test.txt',
)

_STANFORD_LISTS = (
    'all',
    *(f'fold{k}_{part}' for k in range(5) for part in ('train', 'test')),
)
_STANFORD_MADE = (
    'SegmentationClass',
    *(f'splits/{name}.txt' for name in _STANFORD_LISTS),
)

_PREPARED_PARTS = ('Images', 'Labels', 'splits/train.txt', 'splits/test.txt')

_ENTRIES = (
    Entry(
        name='voc',
        title='PASCAL VOC 2012',
        dataset='VOCAugDataset',
        split_key='split',
        split_value='{}',
        splits={'train': (1464,), 'val': (1449,), 'trainaug': (10582,)},
        root='data/VOCdevkit/VOC2012',
        parts=_VOC_PARTS,
        licence='images: Flickr terms of use; SBD labels: see its page',
        size='2 GB, with SBD 3.4 GB',
        where=(
            'http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ '
            '(VOCtrainval_11-May-2012.tar); augmented labels: '
            'https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/'
            'grouping/semantic_contours/benchmark.tgz'
        ),
        optional=('trainaug',),
        also_read_by=('PascalVOCDataset',),
    ),
    Entry(
        name='sbd',
        title="SBD on VOC 2012's detection split",
        dataset='SBDDataset',
        split_key='split',
        split_value='{}',
        splits={'train': (5623,), 'val': (5732,)},
        root='data/sbd/dataset',
        parts=('img', 'cls', 'inst'),
        licence='images: Flickr terms of use; labels: see its page',
        size='1.4 GB; lists: with VOC, 2 GB',
        where=(
            'https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/'
            'grouping/semantic_contours/benchmark.tgz; lists: '
            'http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ '
            '(VOCtrainval_11-May-2012.tar, ImageSets/Main)'
        ),
        instances='inst',
    ),
    Entry(
        name='coco_voc20',
        title="COCO with VOC's classes",
        dataset='COCOVOC20Dataset',
        split_key='ann_file',
        split_value='ImageSets/Segmentation/{}.txt',
        splits={'train': ()},
        root='data/coco_voc20',
        parts=(
            'JPEGImages',
            'SegmentationClass',
            'ImageSets/Segmentation/train.txt',
        ),
        licence='images: Flickr terms of use; outlines: CC BY 4.0',
        size='2014: 19 GB',
        where=(
            'https://cocodataset.org/#download, into the layout of '
            'docs/datasets/coco_voc20.md'
        ),
        elsewhere=(
            '--data-root DIR; where it joins VOC, --cfg-options '
            'train_dataloader.dataset.datasets.1.data_root=DIR'
        ),
    ),
    Entry(
        name='context60',
        title='PASCAL Context, 60 classes',
        dataset='PascalContextDataset',
        split_key='ann_file',
        split_value='ImageSets/SegmentationContext/{}.txt',
        splits={'train': (4998,), 'val': (5105,)},
        root='data/VOCdevkit/VOC2010',
        parts=(
            'JPEGImages',
            'SegmentationClassContext',
            'ImageSets/SegmentationContext/train.txt',
            'ImageSets/SegmentationContext/val.txt',
        ),
        licence='images: Flickr terms of use; labels: see its page',
        size='VOC 2010: 1.3 GB; labels: 31 MB',
        where=(
            'http://host.robots.ox.ac.uk/pascal/VOC/voc2010/ '
            '(VOCtrainval_03-May-2010.tar); labels: '
            'https://cs.stanford.edu/~roozbeh/pascal-context/, into the '
            'layout of docs/datasets/context60.md'
        ),
        options={
            'data_prefix': {
                'img_path': 'JPEGImages',
                'seg_map_path': 'SegmentationClassContext',
            }
        },
    ),
    Entry(
        name='nyud40',
        title='NYUDv2, 40 classes',
        dataset='NYUD40Dataset',
        split_key='ann_file',
        split_value='splits/{}.txt',
        splits={'train': (795,), 'test': (654,)},
        root='data/nyud40',
        parts=_PREPARED_PARTS,
        licence='see its page',
        size='2.8 GB',
        where=(
            'https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html; labels: '
            'http://people.eecs.berkeley.edu/~sgupta/cvpr13/data.tgz, into '
            'the layout of docs/datasets/nyud40.md'
        ),
    ),
    Entry(
        name='siftflow',
        title='SIFT-Flow',
        dataset='SIFTFlowDataset',
        split_key='ann_file',
        split_value='splits/{}.txt',
        # The papers' sizes, then without two images that lack labels.
        splits={'train': (2488, 2486), 'test': (200,)},
        root='data/siftflow',
        parts=_PREPARED_PARTS,
        licence='see its page',
        size='2688 images of 256x256 pixels',
        where=(
            'http://www.cs.unc.edu/~jtighe/Papers/ECCV10/siftflow/'
            'SiftFlowDataset.zip, into the layout of '
            'docs/datasets/siftflow.md'
        ),
    ),
    Entry(
        name='cityscapes',
        title='Cityscapes',
        dataset='CityscapesDataset',
        # Without lists: a split is all that lies in its two folders.
        split_key='data_prefix',
        split_value={
            'img_path': 'leftImg8bit/{}',
            'seg_map_path': 'gtFine/{}',
        },
        splits={'train': (2975,), 'val': (500,)},
        root='data/cityscapes',
        parts=(
            'leftImg8bit/train/*/*_leftImg8bit.png',
            'leftImg8bit/val/*/*_leftImg8bit.png',
            'gtFine/train',
            'gtFine/val',
            'gtFine/train/*/*_gtFine_labelTrainIds.png',
            'gtFine/val/*/*_gtFine_labelTrainIds.png',
        ),
        licence='non-commercial use, after registration',
        size='images: 11 GB; labels: 241 MB',
        where=(
            'https://www.cityscapes-dataset.com (registration needed): '
            'leftImg8bit_trainvaltest.zip, gtFine_trainvaltest.zip'
        ),
        made={
            '*_gtFine_labelTrainIds.png': (
                'Run: CITYSCAPES_DATASET={} csCreateTrainIdLabelImgs (it '
                'comes with pip install cityscapesscripts)'
            ),
        },
    ),
    Entry(
        name='msrc21',
        title='MSRC-21 (MSRC v2)',
        dataset='MSRC21Dataset',
        split_key='ann_file',
        split_value='splits/{}.txt',
        # The zoo's own split, then the sizes of TextonBoost's lists.
        splits={'train': (276,), 'val': (58, 59), 'test': (257, 256)},
        root='data/msrc21',
        parts=('Images', *_MSRC_MADE),
        licence='research use (Microsoft Research Cambridge)',
        size='100 MB',
        where=(
            'https://www.microsoft.com/en-us/research/project/'
            'image-understanding/ (msrc_objcategimagedatabase_v2.zip); '
            'cleaned labels: http://www.cs.cmu.edu/~tmalisie/projects/bmvc07/'
        ),
        made=dict.fromkeys(
            _MSRC_MADE,
            'Run: python tools/data.py prepare msrc21 --root {}',
        ),
    ),
    Entry(
        name='stanford',
        title='Stanford Background',
        dataset='StanfordBackgroundDataset',
        split_key='ann_file',
        split_value='splits/{}.txt',
        splits={'all': (715,), **dict.fromkeys(_STANFORD_LISTS[1:], ())},
        root='data/stanford',
        parts=('images', *_STANFORD_MADE),
        licence='see its page',
        size='715 photographs of about 320x240 pixels',
        where=(
            'http://dags.stanford.edu/projects/scenedataset.html '
            '(iccv09Data.tar.gz)'
        ),
        made=dict.fromkeys(
            _STANFORD_MADE,
            'Run: python tools/data.py prepare stanford --root {}',
        ),
    ),
    Entry(
        name='minivoc',
        title='minivoc',
        dataset='MiniVOCDataset',
        split_key='ann_file',
        split_value='ImageSets/Segmentation/{}.txt',
        splits={'train': (300,), 'val': (100,)},
        root='data/minivoc',
        parts=(*_VOC_PARTS, 'SegmentationObject'),
        licence='as the code',
        size='generated',
        where='python tools/data.py minivoc; training makes it on first use',
        instances='SegmentationObject',
    ),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}
PREPARABLE = ('msrc21', 'stanford', 'voc')


def entry_of_dataset(dataset: str) -> Entry | None:
    """Return the entry that a registered class reads, if there is one."""
    for entry in _ENTRIES:
        if dataset == entry.dataset or dataset in entry.also_read_by:
            return entry
    return None


def require(name: str, root: str | Path | None = None) -> Path:
    """Return the folder of a data set, or say what to do about it.

    Args:
        name: Key of ``CATALOGUE``.
        root: Folder to look at; the usual one where ``None``.

    Raises:
        UserError: If a required file or folder is not there.
    """
    entry = CATALOGUE[name]
    folder = Path(root or entry.root)
    missing = entry.missing(folder)
    if not missing:
        return folder
    remedy = entry.how_to_make(missing[0], folder)
    if remedy is None:
        remedy = f'Get it: {entry.where}; or pass {entry.elsewhere}.'
    raise UserError(
        f'{entry.title} not found in {folder}: missing {missing[0]}. {remedy}'
    )
