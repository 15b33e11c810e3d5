"""Cityscapes: mmseg's class, read from the folders of the release."""

import io
from pathlib import Path

import numpy as np
import pytest
from conftest import write_cityscapes
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS
from PIL import Image
from support import ROOT, SMALL

import zoo.datasets  # noqa: F401  registers
from zoo.datasets.catalogue import CATALOGUE, entry_of_dataset
from zoo.datasets.checking import audit
from zoo.datasets.checks import check_data
from zoo.datasets.prepare.cityscapes import prepare_cityscapes, train_ids_png
from zoo.engine.config import dataset_configs
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.testing import TestOptions, evaluate
from zoo.errors import UserError

BASE = ROOT / 'configs/_base_/datasets/cityscapes.py'
CITIES = {'train': ('aachen', 'bochum'), 'val': ('frankfurt', 'lindau')}
# train id: name and colour, as in labels.py of cityscapesScripts
CLASSES = [
    ('road', (128, 64, 128)),
    ('sidewalk', (244, 35, 232)),
    ('building', (70, 70, 70)),
    ('wall', (102, 102, 156)),
    ('fence', (190, 153, 153)),
    ('pole', (153, 153, 153)),
    ('traffic light', (250, 170, 30)),
    ('traffic sign', (220, 220, 0)),
    ('vegetation', (107, 142, 35)),
    ('terrain', (152, 251, 152)),
    ('sky', (70, 130, 180)),
    ('person', (220, 20, 60)),
    ('rider', (255, 0, 0)),
    ('car', (0, 0, 142)),
    ('truck', (0, 0, 70)),
    ('bus', (0, 60, 100)),
    ('train', (0, 80, 100)),
    ('motorcycle', (0, 0, 230)),
    ('bicycle', (119, 11, 32)),
]


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


@pytest.fixture
def copy(tmp_path):
    """A data set to damage."""
    return write_cityscapes(tmp_path / 'cityscapes')


def read(root):
    config = Config.fromfile(BASE)
    for _, dataset in dataset_configs(config):
        dataset.data_root = str(root)
    return config


def label(root, split, city):
    name = f'{city}_000001_000019_gtFine_labelTrainIds.png'
    return root / 'gtFine' / split / city / name


def built_twice(root, split):
    """Return the data set as the base and as the audit build it."""
    entry = CATALOGUE['cityscapes']
    kind = DATASETS.get(entry.dataset)
    yield DATASETS.build(read(root)[f'{split}_dataloader'].dataset)
    yield kind(data_root=str(root), **entry.arguments(split))


def test_classes_and_colours_are_those_of_the_train_ids():
    known = DATASETS.get('CityscapesDataset').METAINFO
    colours = [tuple(colour) for colour in known['palette']]
    assert list(zip(known['classes'], colours, strict=True)) == CLASSES


@pytest.mark.parametrize('split', CITIES)
def test_images_of_all_cities_meet_their_train_ids(tiny_cityscapes, split):
    folder = tiny_cityscapes / 'leftImg8bit' / split
    for dataset in built_twice(tiny_cityscapes, split):
        records = [dataset.get_data_info(i) for i in range(len(dataset))]
        assert [Path(r['img_path']) for r in records] == [
            folder / city / f'{city}_000001_000019_leftImg8bit.png'
            for city in CITIES[split]
        ]
        assert [Path(r['seg_map_path']) for r in records] == [
            label(tiny_cityscapes, split, city) for city in CITIES[split]
        ]


def test_labels_are_read_as_they_are(tiny_cityscapes):
    sample = DATASETS.build(read(tiny_cityscapes).val_dataloader.dataset)[1]
    path = label(tiny_cityscapes, 'val', 'lindau')
    np.testing.assert_array_equal(
        sample['data_samples'].gt_sem_seg.data[0], np.array(Image.open(path))
    )


def test_the_tiny_set_is_fit_for_use(tiny_cityscapes):
    check_data(read(tiny_cityscapes), ('train', 'val', 'test'))
    report = audit('cityscapes', tiny_cityscapes)
    assert report['splits'] == {'train': 2, 'val': 2}
    assert list(report['classes']) == [name for name, _ in CLASSES]
    assert all(seen['images'] == 4 for seen in report['classes'].values())
    assert [p['level'] for p in report['problems']] == ['warning'] * 2
    whats = ' '.join(p['what'] for p in report['problems'])
    for split, size in (('train', 2975), ('val', 500)):
        assert f'{split} has 2 images, Cityscapes has {size}' in whats


@pytest.mark.parametrize(
    ('gone', 'named'),
    [
        ('leftImg8bit', 'leftImg8bit/train/*/*_leftImg8bit.png'),
        ('leftImg8bit/val', 'leftImg8bit/val/*/*_leftImg8bit.png'),
        ('gtFine', 'gtFine/train'),
        ('gtFine/val', 'gtFine/val'),
    ],
)
def test_absent_folders_name_the_download(copy, gone, named):
    (copy / gone).rename(copy / 'gone')
    message = f'Cityscapes not found in {copy}: missing {named}. Get it: '
    for look in (
        lambda: check_data(read(copy)),
        lambda: audit('cityscapes', copy),
    ):
        with pytest.raises(UserError) as told:
            look()
        assert str(told.value).startswith(message)
        archive = f'{named.split("/")[0]}_trainvaltest.zip'
        assert f'{archive}; or pass --data' in str(told.value)


@pytest.mark.parametrize('split', CITIES)
def test_label_ids_alone_name_the_command_that_makes_train_ids(copy, split):
    for city in CITIES[split]:
        label(copy, split, city).unlink()
    for look in (
        lambda: check_data(read(copy)),
        lambda: audit('cityscapes', copy),
    ):
        with pytest.raises(UserError) as told:
            look()
        assert str(told.value) == (
            f'Cityscapes not found in {copy}: missing '
            f'gtFine/{split}/*/*_gtFine_labelTrainIds.png. '
            f'Get it: python tools/data.py prepare cityscapes --root {copy}; '
            'or pass --data-root DIR.'
        )


def test_a_conversion_that_was_stopped_is_seen(copy):
    lost = label(copy, 'val', 'lindau')
    lost.unlink()
    with pytest.raises(UserError) as told:
        check_data(read(copy))
    command = f'Run: python tools/data.py prepare cityscapes --root {copy}'
    assert str(told.value).startswith(
        f'{lost}: no such file, but its image is there. {command}'
    )
    report = audit('cityscapes', copy)
    [problem] = [p for p in report['problems'] if p['level'] == 'error']
    assert problem['what'] == (
        f'1 label maps of val are not there, first {lost}'
    )
    assert problem['remedy'].startswith(command)
    assert report['splits'] == {'train': 2, 'val': 1}
    assert report['images'] == 3


def test_a_label_beyond_the_classes_is_named(copy):
    path = label(copy, 'train', 'bochum')
    ids = np.array(Image.open(path))
    ids[-1] = 18
    ids[-1, :2] = 19, 33
    Image.fromarray(ids).save(path)
    problems = audit('cityscapes', copy)['problems']
    [error] = [p['what'] for p in problems if p['level'] == 'error']
    assert error == (
        f'{path}: ids 19, 33 are beyond the 19 classes (only 255 may be: void)'
    )
    dataset = DATASETS.build(read(copy).train_dataloader.dataset)
    with pytest.raises(UserError, match=r'ids 19, 33 are beyond the 19'):
        dataset[1]


@pytest.mark.parametrize(
    ('pixels', 'message'),
    [
        (np.full((2, 3), 34, np.uint8), 'holds 34, ids go from 0 to 33'),
        (np.zeros((2, 3, 3), np.uint8), 'has 3 channels, a label'),
    ],
)
def test_what_is_no_map_of_ids_is_not_converted(pixels, message):
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, 'PNG')
    with pytest.raises(UserError, match=f'^a.png: {message}'):
        train_ids_png(content.getvalue(), 'a.png')


def test_train_ids_that_are_given_stay_as_they_are(copy, tmp_path):
    for path in copy.rglob('*_labelIds.png'):
        path.unlink()
    prepare_cityscapes(tmp_path / 'new', [copy])
    given = [label(copy, s, city) for s in CITIES for city in CITIES[s]]
    for path in given:
        made = tmp_path / 'new' / path.relative_to(copy)
        assert made.read_bytes() == path.read_bytes()


def test_the_entry_is_that_of_mmsegs_class():
    assert entry_of_dataset('CityscapesDataset') is CATALOGUE['cityscapes']


@pytest.mark.slow
def test_a_run_ends_in_a_record_of_the_split_and_masks(
    tiny_cityscapes, tmp_path
):
    bases = (
        'models/deeplab_narrow_vgg16.py',
        'datasets/cityscapes.py',
        'schedules/scratch_minivoc.py',
        'default_runtime.py',
    )
    leaf = tmp_path / 'narrow_cityscapes.py'
    paths = [str(BASE.parents[1] / base) for base in bases]
    leaf.write_text(
        f'# A small network.\n_base_ = {paths}\n'
        'model = dict(decode_head=dict(num_classes=19))\n'
    )
    options = (*SMALL, 'train_cfg.max_iters=1', 'train_cfg.val_interval=1')
    given = {'options': options, 'data_root': str(tiny_cityscapes)}
    weights = train(
        leaf, TrainOptions(work_dir=str(tmp_path / 'run'), **given)
    )
    masks = tmp_path / 'masks'
    record = evaluate(leaf, weights, TestOptions(masks=str(masks), **given))
    names = {f'{x}_000001_000019_leftImg8bit' for x in CITIES['val']}
    assert (record['dataset'], record['split']) == ('cityscapes', 'val')
    assert set(record['per_image']) == names
    assert {path.name for path in masks.iterdir()} == {
        f'{name}.png' for name in names
    }
