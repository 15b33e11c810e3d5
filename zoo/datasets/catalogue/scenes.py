"""Data sets of whole scenes: rooms, landscapes, streets."""

from zoo.datasets.catalogue.entry import Archive, Entry

_PREPARED_PARTS = ('Images', 'Labels', 'splits/train.txt', 'splits/test.txt')

NYUD40 = Entry(
    name='nyud40',
    title='NYUDv2, 40 classes',
    dataset='NYUD40Dataset',
    split_key='ann_file',
    split_value='splits/{}.txt',
    splits={'train': (795,), 'test': (654,)},
    root='data/nyud40',
    parts=_PREPARED_PARTS,
    licence='none stated that the zoo knows of: ask the owners',
    page='datasets/nyud40.md',
    archives=(
        Archive(
            file='data.tgz',
            gives=_PREPARED_PARTS,
            url='http://people.eecs.berkeley.edu/~sgupta/cvpr13/data.tgz',
            page='https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html',
        ),
    ),
)

SIFTFLOW = Entry(
    name='siftflow',
    title='SIFT-Flow',
    dataset='SIFTFlowDataset',
    split_key='ann_file',
    split_value='splits/{}.txt',
    # The papers' sizes, then without two images that lack labels.
    splits={'train': (2488, 2486), 'test': (200,)},
    root='data/siftflow',
    parts=_PREPARED_PARTS,
    licence='none stated that the zoo knows of: ask the owners',
    page='datasets/siftflow.md',
    archives=(
        Archive(
            file='SiftFlowDataset.zip',
            gives=_PREPARED_PARTS,
            url='http://www.cs.unc.edu/~jtighe/Papers/ECCV10/siftflow/'
            'SiftFlowDataset.zip',
            page='http://www.cs.unc.edu/~jtighe/Papers/ECCV10/',
            about='140 MB',
        ),
    ),
)

# Of the labels any kind will do: those of train ids are made of them.
_CITYSCAPES_ARCHIVES = {
    'leftImg8bit_trainvaltest.zip': (
        '11 GB',
        'leftImg8bit/{}/*/*_leftImg8bit.png',
    ),
    'gtFine_trainvaltest.zip': ('241 MB', 'gtFine/{}/*/*_gtFine_label*.png'),
}

CITYSCAPES = Entry(
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
    page='datasets/cityscapes.md',
    archives=tuple(
        Archive(
            file=file,
            gives=(pattern.format('train'), pattern.format('val')),
            url=None,
            page='https://www.cityscapes-dataset.com/downloads/',
            about=about,
        )
        for file, (about, pattern) in _CITYSCAPES_ARCHIVES.items()
    ),
)

_FOLDS = (
    'all',
    *(f'fold{k}_{part}' for k in range(5) for part in ('train', 'test')),
)
_STANFORD_PARTS = (
    'images',
    'SegmentationClass',
    *(f'splits/{name}.txt' for name in _FOLDS),
)

STANFORD = Entry(
    name='stanford',
    title='Stanford Background',
    dataset='StanfordBackgroundDataset',
    split_key='ann_file',
    split_value='splits/{}.txt',
    splits={'all': (715,), **dict.fromkeys(_FOLDS[1:], ())},
    root='data/stanford',
    parts=_STANFORD_PARTS,
    licence='none stated that the zoo knows of: ask the owners',
    page='datasets/stanford.md',
    archives=(
        Archive(
            file='iccv09Data.tar.gz',
            gives=('images',),
            url='http://dags.stanford.edu/data/iccv09Data.tar.gz',
            page='http://dags.stanford.edu/projects/scenedataset.html',
        ),
    ),
)
