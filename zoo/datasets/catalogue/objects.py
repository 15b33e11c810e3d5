"""Data sets of things: MSRC, COCO, and the generated one."""

from zoo.datasets.catalogue.entry import Archive, Entry
from zoo.datasets.catalogue.pascal import VOC_PARTS

_MSRC_MADE = (
    'SegmentationClass21',
    'splits/train.txt',
    'splits/val.txt',
    'splits/test.txt',
)

MSRC21 = Entry(
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
    page='datasets/msrc21.md',
    archives=(
        Archive(
            file='msrc_objcategimagedatabase_v2.zip',
            gives=('Images',),
            url='https://download.microsoft.com/download/3/3/9/'
            '339D8A24-47D7-412F-A1E8-1A415BC48A15/'
            'msrc_objcategimagedatabase_v2.zip',
            page='https://www.microsoft.com/en-us/research/project/'
            'image-understanding/',
            # of a user's download: the owner states none
            checksum='md5:8fcd292c7f1e69f91a2ef513746bd52c',
            about='100 MB',
        ),
    ),
)

COCO_VOC20 = Entry(
    name='coco_voc20',
    title="COCO with VOC's classes",
    dataset='COCOVOC20Dataset',
    split_key='ann_file',
    split_value='ImageSets/Segmentation/{}.txt',
    splits={'train': (), 'val': (), 'trainval': ()},
    root='data/coco_voc20',
    parts=(
        'JPEGImages',
        'SegmentationClass',
        'ImageSets/Segmentation/train.txt',
        'ImageSets/Segmentation/val.txt',
        'ImageSets/Segmentation/trainval.txt',
    ),
    licence='images: Flickr terms of use; outlines: CC BY 4.0',
    page='datasets/coco_voc20.md',
    archives=tuple(
        Archive(
            file=file,
            gives=gives,
            url=f'http://images.cocodataset.org/{folder}/{file}',
            page='https://cocodataset.org/#download',
            size=size,
            checksum=f'md5:{digest}',  # the server's ETag; in many projects
        )
        for folder, file, gives, size, digest in (
            (
                'annotations',
                'annotations_trainval2014.zip',
                (
                    'SegmentationClass',
                    'SegmentationObject',
                    'ImageSets/Segmentation/train.txt',
                    'ImageSets/Segmentation/val.txt',
                ),
                252872794,
                '0a379cfc70b0e71301e0f377548639bd',
            ),
            (
                'zips',
                'train2014.zip',
                ('JPEGImages/COCO_train2014_*.jpg',),
                13510573713,
                '0da8c0bd3d6becc4dcb32757491aca88',
            ),
            (
                'zips',
                'val2014.zip',
                ('JPEGImages/COCO_val2014_*.jpg',),
                6645013297,
                'a3d79f5ed8d289b7a7554ce06a5782b3',
            ),
        )
    ),
    elsewhere=(
        '--data-root DIR; where it joins VOC, --cfg-options '
        'train_dataloader.dataset.datasets.1.data_root=DIR'
    ),
)

MINIVOC = Entry(
    name='minivoc',
    title='minivoc',
    dataset='MiniVOCDataset',
    split_key='ann_file',
    split_value='ImageSets/Segmentation/{}.txt',
    splits={'train': (300,), 'val': (100,)},
    root='data/minivoc',
    parts=(*VOC_PARTS, 'SegmentationObject'),
    licence='as the code',
    page='datasets/minivoc.md',
    instances='SegmentationObject',
    where='python tools/data.py minivoc; training makes it on first use',
)
