"""Tiny archives in the very formats that owners of data sets publish."""

import io
import json

import numpy as np
from PIL import Image
from releases import cell, mat, tar_file, zip_file

SIZE = (40, 48)  # height, width
CODE = {'size': list(SIZE), 'counts': [0, 80, 40 * 48 - 80]}  # two columns


def photo(seed, kind='JPEG'):
    """Return a file of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), np.uint8)
    return image_file(pixels, kind)


def image_file(pixels, kind='PNG'):
    """Return pixels as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def ids(count, *, first=0, void=None):
    """Return a map of ``count`` ids, row after row, and rows of void."""
    values = np.arange(SIZE[0] * SIZE[1]) % count + first
    found = values.reshape(SIZE).astype(np.uint8)
    if void is not None:
        found[:4] = void
    return found


def lines(*names):
    """Return a list of names, one a line."""
    return ''.join(f'{name}\n' for name in names).encode()


def voc():
    """Return VOCtrainval_11-May-2012.tar: a, b train, c val, d unlabelled."""
    top = 'VOCdevkit/VOC2012'
    files = {f'{top}/Annotations/a.xml': b'<annotation/>'}
    for seed, name in enumerate('abcd'):
        files[f'{top}/JPEGImages/{name}.jpg'] = photo(seed)
    for name in 'abc':
        label = image_file(ids(21, void=255))
        files[f'{top}/SegmentationClass/{name}.png'] = label
        files[f'{top}/SegmentationObject/{name}.png'] = label
    for folder in ('Main', 'Segmentation'):
        lists = {'train': 'ab', 'val': 'c', 'trainval': 'abc'}
        for split, names in lists.items():
            path = f'{top}/ImageSets/{folder}/{split}.txt'
            more = 'd' if (folder, split) == ('Main', 'val') else ''
            files[path] = lines(*names, *more)
    files[f'{top}/ImageSets/Main/cow_train.txt'] = b'a -1\n'
    return tar_file(files, packed=False)


def sbd():
    """Return benchmark.tgz: b, which VOC labels too, and d."""
    top = 'benchmark_RELEASE'
    files = {f'{top}/README.txt': b'x', f'{top}/dataset/train.txt': b'b\nd\n'}
    edges = np.empty((20, 1), object)
    edges[:] = [[np.zeros(SIZE, bool)]]
    numbers = np.zeros(SIZE, np.uint8)
    numbers[5:20, 5:20], numbers[22:30, 8:12] = 1, 2
    for seed, name in ((1, 'b'), (3, 'd')):
        files[f'{top}/dataset/img/{name}.jpg'] = photo(seed)
        files[f'{top}/dataset/cls/{name}.mat'] = mat(
            GTcls={
                'Boundaries': edges,
                'Segmentation': ids(21),
                'CategoriesPresent': np.arange(1, 21, dtype=np.uint8),
            }
        )
        files[f'{top}/dataset/inst/{name}.mat'] = mat(
            GTinst={
                'Segmentation': numbers,
                'Boundaries': edges[:2],
                'Categories': np.array([[15], [3]], np.uint8),
            }
        )
    return tar_file(files)


COCO_NAMES = (
    'airplane bicycle bird boat bottle bus car cat chair cow|dining table|'
    'dog horse motorcycle person|potted plant|sheep couch train tv'
)


def coco_categories():
    """Return COCO's categories that VOC has, and one more."""
    parts = COCO_NAMES.split('|')
    names = [
        n for p in parts for n in ([p] if p in ('dining table', 'potted plant')
        else p.split())
    ]  # fmt: skip
    found = [{'id': 10 + i, 'name': n} for i, n in enumerate(names)]
    return [*found, {'id': 90, 'name': 'toothbrush'}]


def coco_annotations():
    """Return annotations_trainval2014.zip.

    Image 1: a person of 35 x 40 pixels, a car within it, a crowd of persons
    over the left two columns, a toothbrush. Image 2: a small cat. Image 3 of
    val: a sofa. Image 4 shows nothing.
    """
    kinds = {c['name']: c['id'] for c in coco_categories()}

    def box(image, kind, x, y, width, height):
        corners = [x, y, x + width, y, x + width, y + height, x, y + height]
        return {
            'image_id': image,
            'category_id': kinds[kind],
            'segmentation': [corners],
            'area': width * height,
            'iscrowd': 0,
            'bbox': [x, y, width, height],
        }

    crowd = {
        'image_id': 1,
        'category_id': kinds['person'],
        'segmentation': CODE,
        'area': 80,
        'iscrowd': 1,
    }
    known = {
        'train': (
            [1, 2, 4],
            [
                box(1, 'car', 20, 10, 10, 10),
                box(1, 'person', 5, 0, 40, 35),
                crowd,
                box(1, 'toothbrush', 0, 0, 48, 40),
                box(2, 'cat', 0, 0, 10, 10),
            ],
        ),
        'val': ([3], [box(3, 'couch', 0, 0, 48, 30)]),
    }
    files = {}
    for split, (images, annotations) in known.items():
        content = {
            'info': {'year': 2014},
            'images': [
                {
                    'id': i,
                    'file_name': f'COCO_{split}2014_{i:012}.jpg',
                    'height': SIZE[0],
                    'width': SIZE[1],
                }
                for i in images
            ],
            'annotations': annotations,
            'categories': coco_categories(),
        }
        text = json.dumps(content).encode()
        files[f'annotations/instances_{split}2014.json'] = text
        files[f'annotations/captions_{split}2014.json'] = b'{}'
    return zip_file(files)


def coco_images(split):
    """Return train2014.zip or val2014.zip."""
    numbers = {'train': (1, 2, 4), 'val': (3,)}[split]
    return zip_file(
        {
            f'{split}2014/COCO_{split}2014_{i:012}.jpg': photo(i)
            for i in numbers
        }
    )


CITIES = {'train': 'aachen', 'val': 'lindau', 'test': 'berlin'}


def cityscapes_images():
    """Return leftImg8bit_trainvaltest.zip."""
    files = {'README': b'x', 'license.txt': b'x'}
    for seed, (split, city) in enumerate(CITIES.items()):
        name = f'{city}_000000_000019_leftImg8bit.png'
        files[f'leftImg8bit/{split}/{city}/{name}'] = photo(seed, 'PNG')
    return zip_file(files)


def cityscapes_labels():
    """Return gtFine_trainvaltest.zip, with all 34 ids."""
    files = {'README': b'x'}
    for split, city in CITIES.items():
        stem = f'gtFine/{split}/{city}/{city}_000000_000019_gtFine'
        label = image_file(ids(34))
        files[f'{stem}_color.png'] = photo(1, 'PNG')
        files[f'{stem}_instanceIds.png'] = label
        files[f'{stem}_labelIds.png'] = label
        files[f'{stem}_polygons.json'] = b'{}'
    return zip_file(files)


def msrc():
    """Return msrc_objcategimagedatabase_v2.zip, its labels in colours."""
    top = 'MSRC_ObjCategImageDatabase_v2'
    files = {f'{top}/Thumbs.db': b'x'}
    colours = np.zeros((*SIZE, 3), np.uint8)
    colours[5:20], colours[20:] = (128, 0, 0), (192, 64, 0)
    for scene in (1, 2, 3):
        for i in range(1, 5):
            name = f'{scene}_{i}_s'
            files[f'{top}/Images/{name}.bmp'] = photo(10 * scene + i, 'BMP')
            label = image_file(colours, 'BMP')
            files[f'{top}/GroundTruth/{name}_GT.bmp'] = label
    return zip_file(files)


def stanford():
    """Return iccv09Data.tar.gz."""
    labels = ids(9).astype(int) - 1
    text = '\n'.join(' '.join(map(str, row)) for row in labels)
    files = {'iccv09Data/horizons.txt': b'0000000 48 40 1\n'}
    for i in range(10):
        files[f'iccv09Data/images/{i:07}.jpg'] = photo(i)
        for kind in ('regions', 'surfaces', 'layers'):
            path = f'iccv09Data/labels/{i:07}.{kind}.txt'
            files[path] = f'{text}\n'.encode()
    return tar_file(files)


def nyud40():
    """Return data.tgz of Gupta et al.: one image to train, one to test."""
    top, table = 'data/benchmarkData', np.arange(894) % 40 + 1
    files = {'data/pointCloud/img_5001.mat': b'x'}
    for number in (5001, 5002):
        name = f'img_{number}'
        files[f'data/colorImage/{name}.png'] = photo(number, 'PNG')
        truth = {
            'Boundaries': np.zeros((2, 2)),
            'Segmentation': np.ones((2, 2)),
            'SegmentationClass': ids(41).astype(float),
        }
        files[f'{top}/groundTruth/{name}.mat'] = mat(groundTruth=cell(truth))
    files[f'{top}/metadata/nyusplits.mat'] = mat(
        trainval=np.array([[5001.0]]), test=np.array([[5002.0]])
    )
    files[f'{top}/metadata/classMapping40.mat'] = mat(
        mapClass=table[None].astype(float)
    )
    return tar_file(files)


def siftflow():
    """Return SiftFlowDataset.zip, which names one test image."""
    folder = 'spatial_envelope_256x256_static_8outdoorcategories'
    top = 'SiftFlowDataset'
    files = {f'{top}/TestSet1.txt': f'{folder}\\b_2.jpg\r\n'.encode()}
    for seed, name in enumerate(('a_1', 'b_2')):
        files[f'{top}/Images/{folder}/{name}.jpg'] = photo(seed)
        for kind in ('SemanticLabels', 'GeoLabels'):
            content = mat(S=ids(34), names=cell('awning', 'balcony'))
            files[f'{top}/{kind}/{folder}/{name}.mat'] = content
    return zip_file(files)


CONTEXT = ('2008_000002', '2009_000001')


def voc2010():
    """Return VOCtrainval_03-May-2010.tar."""
    top = 'VOCdevkit/VOC2010'
    files = {f'{top}/Annotations/a.xml': b'<annotation/>'}
    for seed, name in enumerate(CONTEXT):
        files[f'{top}/JPEGImages/{name}.jpg'] = photo(seed)
    files[f'{top}/ImageSets/Main/train.txt'] = lines(CONTEXT[0])
    files[f'{top}/ImageSets/Main/val.txt'] = lines(CONTEXT[1])
    return tar_file(files, packed=False)


def context():
    """Return trainval.tar.gz, with all 459 ids."""
    found = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE) % 460
    content = mat(LabelMap=found.astype(np.uint16))
    return tar_file({f'trainval/{name}.mat': content for name in CONTEXT})
