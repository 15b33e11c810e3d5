"""Fixtures for every test: a fixed seed, and small data sets."""

import example_records
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from support import ROOT

SHARED_DATA = ROOT.parent / 'shared' / 'data'


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.fixture
def make_record():
    """Return a function: a kind, keys to replace -> a record of its own."""
    return example_records.make_record


@pytest.fixture
def shared_data():
    """Folder of real samples; the test is skipped, loudly, without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f'no real photographs at {SHARED_DATA}')
    return SHARED_DATA


@pytest.fixture(scope='session')
def mini_root(tmp_path_factory):
    """A minivoc of six images for training and three for validation."""
    from zoo.datasets.minivoc import ensure_minivoc

    root = tmp_path_factory.mktemp('data') / 'minivoc'
    return ensure_minivoc(root, train=6, val=3, workers=1)


@pytest.fixture(scope='session')
def tiny_voc(tmp_path_factory):
    """Two 40 x 48 images in the folders of VOC 2012; returns the root."""
    root = tmp_path_factory.mktemp('data') / 'VOC2012'
    rng = np.random.default_rng(0)
    for folder in ('JPEGImages', 'SegmentationClass', 'SegmentationClassAug'):
        (root / folder).mkdir(parents=True)
    lists = root / 'ImageSets' / 'Segmentation'
    lists.mkdir(parents=True)
    for name in ('a', 'b'):
        _save_pair(root, name, rng)
    for split in ('train', 'aug', 'trainaug', 'val', 'trainval'):
        (lists / f'{split}.txt').write_text('a\nb\n')
    return root


def _save_pair(root, name, rng):
    image = rng.integers(0, 256, (40, 48, 3), np.uint8)
    Image.fromarray(image).save(root / 'JPEGImages' / f'{name}.jpg')
    labels = rng.integers(0, 21, (40, 48), np.uint8)
    labels[:4] = 255  # ignored
    for folder in ('SegmentationClass', 'SegmentationClassAug'):
        Image.fromarray(labels).save(root / folder / f'{name}.png')


def write_tiny(root, *, images, labels, lists, splits, classes):
    """Write two 40 x 48 images, their labels and lists; returns the root.

    Every class is there, in the order of its id, and four rows of void.
    """
    rng = np.random.default_rng(0)
    for folder in (images, labels, lists):
        (root / folder).mkdir(parents=True)
    for name in ('a_1', 'b_2'):
        image = rng.integers(0, 256, (40, 48, 3), np.uint8)
        Image.fromarray(image).save(root / images / f'{name}.jpg')
        all_classes(classes).save(root / labels / f'{name}.png')
    for split in splits:
        (root / lists / f'{split}.txt').write_text('a_1\nb_2\n')
    return root


def all_classes(count):
    """Return a 40 x 48 label map of every id, and four rows of void."""
    ids = (np.arange(40 * 48) % count).reshape(40, 48).astype(np.uint8)
    ids[:4] = 255
    return Image.fromarray(ids)


def _prepared(tmp_path_factory, name, classes):
    return write_tiny(
        tmp_path_factory.mktemp('data') / name,
        images='Images',
        labels='Labels',
        lists='splits',
        splits=('train', 'test'),
        classes=classes,
    )


@pytest.fixture(scope='session')
def tiny_nyud40(tmp_path_factory):
    """Two images in the folders of NYUDv2 with 40 classes."""
    return _prepared(tmp_path_factory, 'nyud40', 40)


@pytest.fixture(scope='session')
def tiny_siftflow(tmp_path_factory):
    """Two images in the folders of SIFT-Flow."""
    return _prepared(tmp_path_factory, 'siftflow', 33)


@pytest.fixture(scope='session')
def tiny_context60(tmp_path_factory):
    """Two images in the folders of PASCAL Context."""
    return write_tiny(
        tmp_path_factory.mktemp('data') / 'VOC2010',
        images='JPEGImages',
        labels='SegmentationClassContext',
        lists='ImageSets/SegmentationContext',
        splits=('train', 'val'),
        classes=60,
    )


@pytest.fixture(scope='session')
def tiny_own(tmp_path_factory):
    """Two images of a user's own, in VOC's folders."""
    root = write_tiny(
        tmp_path_factory.mktemp('data') / 'mine',
        images='JPEGImages',
        labels='SegmentationClass',
        lists='ImageSets/Segmentation',
        splits=('train', 'val'),
        classes=3,
    )
    (root / 'class_names.txt').write_text('background\ncat\ndog\n')
    return root


@pytest.fixture(scope='session')
def tiny_stanford(tmp_path_factory):
    """Two images in the folders of Stanford Background, in every list."""
    folds = [f'fold{k}_{part}' for k in range(5) for part in ('train', 'test')]
    return write_tiny(
        tmp_path_factory.mktemp('data') / 'stanford',
        images='images',
        labels='SegmentationClass',
        lists='splits',
        splits=('all', *folds),
        classes=8,
    )


def write_cityscapes(root):
    """Write two 40 x 48 images for each split; returns the root.

    As in the release there are labels of three kinds; those of train ids are
    none of it.
    """
    rng = np.random.default_rng(0)
    for split, cities in {
        'train': ('aachen', 'bochum'),
        'val': ('frankfurt', 'lindau'),
    }.items():
        for city in cities:
            images = root / 'leftImg8bit' / split / city
            labels = root / 'gtFine' / split / city
            images.mkdir(parents=True)
            labels.mkdir(parents=True)
            name = f'{city}_000001_000019'
            image = Image.fromarray(
                rng.integers(0, 256, (40, 48, 3), np.uint8)
            )
            image.save(images / f'{name}_leftImg8bit.png')
            image.save(labels / f'{name}_gtFine_color.png')
            all_classes(19).save(labels / f'{name}_gtFine_labelTrainIds.png')
            ids = np.array(all_classes(34))
            ids[ids == 255] = 0  # unlabelled
            path = labels / f'{name}_gtFine_labelIds.png'
            Image.fromarray(ids).save(path)
    return root


@pytest.fixture(scope='session')
def tiny_cityscapes(tmp_path_factory):
    """Two images of two cities for each split of Cityscapes."""
    return write_cityscapes(tmp_path_factory.mktemp('data') / 'cityscapes')


@pytest.fixture(scope='session')
def tiny_msrc21(tmp_path_factory):
    """Two 40 x 48 images in the folders of MSRC-21; returns the root."""
    root = tmp_path_factory.mktemp('data') / 'msrc21'
    rng = np.random.default_rng(0)
    for folder in ('Images', 'SegmentationClass21', 'splits'):
        (root / folder).mkdir(parents=True)
    for name in ('1_1_s', '2_1_s'):
        image = rng.integers(0, 256, (40, 48, 3), np.uint8)
        Image.fromarray(image).save(root / 'Images' / f'{name}.jpg')
        labels = rng.integers(0, 21, (40, 48), np.uint8)
        path = root / 'SegmentationClass21' / f'{name}.png'
        Image.fromarray(labels).save(path)
    for split in ('train', 'val', 'test'):
        (root / 'splits' / f'{split}.txt').write_text('1_1_s\n2_1_s\n')
    return root


def scene():
    """Return 40 x 48 classes and numbers of instances, SBD's kind of truth.

    Two persons touch, the second one is in two parts; a cow; the number 4 is
    a bottle of one pixel.
    """
    labels, numbers = (np.zeros((40, 48), np.uint8) for _ in range(2))
    for number, kind, place in (
        (1, 15, np.s_[4:30, 3:12]),
        (2, 15, np.s_[6:30, 12:20]),
        (2, 15, np.s_[34:38, 12:20]),
        (3, 10, np.s_[20:33, 24:45]),
        (4, 5, np.s_[2:3, 40:41]),
    ):
        labels[place], numbers[place] = kind, number
    return labels, numbers


def write_sbd(root, names=('a', 'b')):
    """Write images with the scene as benchmark.tgz of SBD unpacks them.

    The structs have the owners' nesting; VOC's lists lie in the folder.
    """
    rng = np.random.default_rng(0)
    labels, numbers = scene()
    for folder in ('img', 'cls', 'inst', 'ImageSets/Main'):
        (root / folder).mkdir(parents=True)
    edges = np.empty((20, 1), object)
    edges[:] = [[np.zeros((40, 48), bool)]]
    for name in names:
        image = rng.integers(0, 256, (40, 48, 3), np.uint8)
        Image.fromarray(image).save(root / f'img/{name}.jpg')
        classes = {
            'Boundaries': edges,
            'Segmentation': labels,
            'CategoriesPresent': np.array([[5], [10], [15]], np.uint8),
        }
        savemat(root / f'cls/{name}.mat', {'GTcls': classes})
        instances = {
            'Segmentation': numbers,
            'Boundaries': edges[:4],
            'Categories': np.array([[15], [15], [10], [5]], np.uint8),
        }
        savemat(root / f'inst/{name}.mat', {'GTinst': instances})
    for split in ('train', 'val'):
        text = ''.join(f'{name}\n' for name in (*names, 'not_in_sbd'))
        (root / f'ImageSets/Main/{split}.txt').write_text(text)
    return root


@pytest.fixture(scope='session')
def tiny_instances(tmp_path_factory):
    """Two images with the scene in SBD's folders, and in VOC's as COCO is."""
    root = write_sbd(tmp_path_factory.mktemp('data') / 'dataset')
    labels, numbers = scene()
    lists = root / 'ImageSets/Segmentation'
    for folder in ('JPEGImages', 'SegmentationClass', 'SegmentationObject'):
        (root / folder).mkdir()
    lists.mkdir()
    for name in ('a', 'b'):
        image = (root / f'img/{name}.jpg').read_bytes()
        (root / f'JPEGImages/{name}.jpg').write_bytes(image)
        for folder, ids in (
            ('SegmentationClass', labels),
            ('SegmentationObject', numbers),
        ):
            crowded = ids.copy()
            crowded[-2:] = 255
            Image.fromarray(crowded).save(root / folder / f'{name}.png')
    for split in ('train', 'val', 'trainval'):
        (lists / f'{split}.txt').write_text('a\nb\n')
    return root
