"""PASCAL VOC and the data sets that label its images."""

from zoo.datasets.catalogue.entry import Archive, Entry

_ROOT = 'data/VOCdevkit/VOC2012'
_PAGE = 'http://host.robots.ox.ac.uk/pascal/VOC'
_LISTS = ('ImageSets/Main/train.txt', 'ImageSets/Main/val.txt')
VOC_PARTS = (
    'JPEGImages',
    'SegmentationClass',
    'ImageSets/Segmentation/train.txt',
    'ImageSets/Segmentation/val.txt',
)
_FLICKR = 'images: Flickr terms of use; labels: see its page'


def _voc2012(*gives: str, also_at: str | None = None) -> Archive:
    return Archive(
        file='VOCtrainval_11-May-2012.tar',
        gives=gives,
        url=f'{_PAGE}/voc2012/VOCtrainval_11-May-2012.tar',
        page=f'{_PAGE}/voc2012/',
        size=1999639040,
        checksum='md5:6cd6e144f989b92b3379bac3b3de84fd',  # as in torchvision
        also_at=also_at,
    )


def _sbd(*gives: str) -> Archive:
    folder = 'Research/Projects/CS/vision/grouping/semantic_contours'
    return Archive(
        file='benchmark.tgz',
        gives=gives,
        url=f'https://www2.eecs.berkeley.edu/{folder}/benchmark.tgz',
        page='http://home.bharathh.info/pubs/codes/SBD/download.html',
        size=1419539633,
        checksum='md5:82b4d87ceb2ed10f6038a1cba92111cb',  # as in torchvision
    )


VOC = Entry(
    name='voc',
    title='PASCAL VOC 2012',
    dataset='VOCAugDataset',
    split_key='split',
    split_value='{}',
    splits={'train': (1464,), 'val': (1449,), 'trainaug': (10582,)},
    root=_ROOT,
    parts=VOC_PARTS,
    licence='images: Flickr terms of use; SBD labels: see its page',
    page='datasets/voc.md',
    archives=(
        _voc2012(*VOC_PARTS, 'SegmentationObject', *_LISTS),
        _sbd('SegmentationClassAug', 'ImageSets/Segmentation/trainaug.txt'),
    ),
    optional=('trainaug',),
    also_read_by=('PascalVOCDataset',),
)

SBD = Entry(
    name='sbd',
    title="SBD on VOC 2012's detection split",
    dataset='SBDDataset',
    split_key='split',
    split_value='{}',
    splits={'train': (5623,), 'val': (5732,)},
    root='data/sbd/dataset',
    parts=('img', 'cls', 'inst'),
    licence=_FLICKR,
    page='datasets/sbd.md',
    archives=(
        _sbd('img', 'cls', 'inst'),
        _voc2012(*_LISTS, also_at=_ROOT),
    ),
    instances='inst',
)

_CONTEXT_LISTS = 'ImageSets/SegmentationContext/{}.txt'


def _context(classes: int, dataset: str) -> Entry:
    """One set of label maps, read with background as a class or without."""
    labels = 'SegmentationClassContext'
    lists = tuple(_CONTEXT_LISTS.format(x) for x in ('train', 'val'))
    return Entry(
        name=f'context{classes}',
        title=f'PASCAL Context, {classes} classes',
        dataset=dataset,
        split_key='ann_file',
        split_value=_CONTEXT_LISTS,
        splits={'train': (4998,), 'val': (5105,)},
        root='data/VOCdevkit/VOC2010',
        parts=('JPEGImages', labels, *lists),
        licence=_FLICKR,
        page='datasets/context60.md',
        archives=(
            Archive(
                file='VOCtrainval_03-May-2010.tar',
                gives=('JPEGImages', *_LISTS),
                url=f'{_PAGE}/voc2010/VOCtrainval_03-May-2010.tar',
                page=f'{_PAGE}/voc2010/',
                # as in torchvision
                checksum='md5:da459979d0c395079b5c75ee67908abb',
                about='1.3 GB',
            ),
            Archive(
                file='trainval.tar.gz',
                gives=(labels,),
                url='https://cs.stanford.edu/~roozbeh/pascal-context/'
                'trainval.tar.gz',
                page='https://cs.stanford.edu/~roozbeh/pascal-context/',
                # of a user's download: the owners state none
                checksum='md5:df034edb2c12aa7d33b42b20bb1796e3',
                about='31 MB',
            ),
        ),
        options={
            'data_prefix': {'img_path': 'JPEGImages', 'seg_map_path': labels}
        },
    )


CONTEXT59 = _context(59, 'PascalContextDataset59')
CONTEXT60 = _context(60, 'PascalContextDataset')
