"""SBD: its own folder as users have it, and what may be wrong with it."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import scene, write_sbd
from mmengine.config import Config
from scipy.io import savemat

from zoo.datasets import LoadImage, LoadInstances, LoadLabels, SBDDataset
from zoo.datasets.catalogue import CATALOGUE, entry_of_dataset
from zoo.datasets.checking import audit
from zoo.datasets.checks import check_data
from zoo.datasets.loading import read_label_map
from zoo.errors import UserError

PIPELINE = [
    LoadImage(),
    LoadLabels(num_classes=21),
    LoadInstances(things=range(1, 21), folder='inst'),
]


@pytest.fixture
def root(tmp_path):
    return write_sbd(tmp_path / 'dataset')


def one_line(make):
    with pytest.raises(UserError) as told:
        make()
    assert '\n' not in str(told.value)
    return str(told.value)


def names(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [Path(info['img_path']).stem for info in infos]


def check(**dataset):
    dataset = {'type': 'SBDDataset', **dataset}
    check_data(Config({'train_dataloader': {'dataset': dataset}}))


@pytest.mark.parametrize('split', ['train', 'val'])
def test_images_of_vocs_list_that_sbd_has(root, split):
    (root / f'ImageSets/Main/{split}.txt').write_text('b\n2007_000000\n')
    dataset = SBDDataset(split=split, data_root=str(root))
    assert names(dataset) == ['b']
    assert dataset.metainfo['split'] == f'sbd_{split}'
    assert len(dataset.metainfo['classes']) == 21


def test_a_sample_has_the_maps_of_its_files(root):
    sample = SBDDataset(data_root=str(root), pipeline=PIPELINE)[0]
    labels, numbers = scene()
    np.testing.assert_array_equal(sample['gt_seg_map'], labels)
    np.testing.assert_array_equal(sample['gt_instance_map'], numbers)
    assert sample['gt_bboxes_labels'].tolist() == [15, 15, 10, 5]
    assert sample['gt_areas'].tolist() == [
        (numbers == i).sum() for i in range(1, 5)
    ]
    assert sample['gt_seg_map'].dtype == np.uint8


def test_lists_may_lie_elsewhere(root, tmp_path, monkeypatch):
    shutil.move(root / 'ImageSets/Main', tmp_path / 'lists')
    (root / 'ImageSets').rmdir()
    (root / 'train.txt').write_text('a\n')  # SBD's own, of another split
    named = SBDDataset(data_root=str(root), lists=str(tmp_path / 'lists'))
    assert names(named) == ['a', 'b']
    monkeypatch.chdir(tmp_path)
    message = one_line(lambda: SBDDataset(data_root=str(root)))
    assert message.startswith(
        'data/VOCdevkit/VOC2012/ImageSets/Main/train.txt: no such list. Copy '
        f'ImageSets/Main of VOC 2012 to {root}/ImageSets/Main, or'
    )
    get = f'Get it: python tools/data.py prepare sbd --root {root}'
    assert message.endswith(f'. {get}')
    assert one_line(lambda: check(data_root=str(root))) == message
    usual = tmp_path / 'data/VOCdevkit/VOC2012/ImageSets/Main'
    usual.parent.mkdir(parents=True)
    (tmp_path / 'lists').rename(usual)
    assert names(SBDDataset(data_root=str(root))) == ['a', 'b']


def test_an_unknown_split_is_refused(root):
    with pytest.raises(ValueError, match=r"split must be .* got 'test'"):
        SBDDataset(data_root=str(root), split='test')


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda r: shutil.rmtree(r / 'img'), 'not found in .*missing img'),
        (lambda r: shutil.rmtree(r / 'inst'), 'not found in .*missing inst'),
        (
            lambda r: (r / 'inst/b.mat').unlink(),
            'inst: no label for 1 of 2 images, first b.mat. Unpack SBD again. '
            'Get it: python tools/data.py prepare sbd --root ',
        ),
        (
            lambda r: (r / 'cls/a.mat').unlink(),
            'cls: no label for 1 of 2 images, first a.mat. Unpack SBD again',
        ),
        (
            lambda r: (r / 'ImageSets/Main/train.txt').unlink(),
            'train.txt: no such list',
        ),
        (
            lambda r: (r / 'ImageSets/Main/train.txt').write_text('x\ny\n'),
            "train.txt: names no image of .*img. Take VOC 2012's list.*"
            'Get it: python tools/data.py prepare sbd --root ',
        ),
        (
            lambda r: (r / 'ImageSets/Main/train.txt').write_text('\n'),
            'train.txt: names no image. Get the list again',
        ),
    ],
)
def test_what_is_missing_is_named(root, damage, message):
    check(data_root=str(root))
    damage(root)
    told = one_line(lambda: SBDDataset(data_root=str(root)))
    assert re.search(message, told)
    assert one_line(lambda: check(data_root=str(root))) == told


def instances(numbers, categories):
    return {'GTinst': {'Segmentation': numbers, 'Categories': categories}}


@pytest.mark.parametrize(
    ('folder', 'content', 'message'),
    [
        ('cls', {'GTinst': 1}, 'has no GTcls.Segmentation'),
        ('cls', {'GTcls': {'Boundaries': 1}}, 'has no GTcls.Segmentation'),
        ('cls', {'GTcls': 5}, 'has no GTcls.Segmentation'),
        (
            'cls',
            {'GTcls': {'Segmentation': np.zeros((4, 5), np.uint8)}},
            'label map of 5x4 pixels for an image of 48x40 pixels',
        ),
        (
            'cls',
            {'GTcls': {'Segmentation': np.full((40, 48), 21, np.uint8)}},
            'ids 21 are beyond the 21 classes',
        ),
        (
            'cls',
            {'GTcls': {'Segmentation': np.full((40, 48), 1.5)}},
            'GTcls.Segmentation holds no whole numbers',
        ),
        (
            'cls',
            {'GTcls': {'Segmentation': np.full((40, 48), np.nan)}},
            'GTcls.Segmentation holds no whole numbers. Download SBD again',
        ),
        (
            'cls',
            {'GTcls': {'Segmentation': 'a text'}},
            'GTcls.Segmentation holds no whole numbers',
        ),
        (
            'cls',
            {'GTcls': {'Segmentation': np.zeros((4, 5, 3), np.uint8)}},
            'GTcls.Segmentation has 3 dimensions, not 2',
        ),
        (
            'inst',
            {'GTinst': {'Segmentation': np.zeros((40, 48), np.uint8)}},
            'has no GTinst.Categories',
        ),
        (
            'inst',
            instances(scene()[1], np.array([[15], [15], [10]], np.uint8)),
            'instance 4 has no category, there are 3 in GTinst.Categories',
        ),
        (
            'inst',
            instances(np.zeros((4, 5), np.uint8), [[15]]),
            'map of instances of 5x4 pixels for labels of 48x40 pixels',
        ),
    ],
)
def test_a_wrong_file_ends_in_one_line(root, folder, content, message):
    path = root / folder / 'a.mat'
    savemat(path, content)
    dataset = SBDDataset(data_root=str(root), pipeline=PIPELINE)
    told = one_line(lambda: dataset[0])
    assert told.startswith(f'{path}: ')
    assert message in told
    errors = [x['what'] for x in audit('sbd', root)['problems']]
    assert any(str(path) in what for what in errors)


@pytest.mark.parametrize('folder', ['cls', 'inst'])
@pytest.mark.parametrize('damage', ['empty', 'cut', 'html', 'v7.3'])
def test_a_damaged_file_ends_in_one_line(root, folder, damage):
    path = root / folder / 'a.mat'
    content = {
        'empty': b'',
        'cut': path.read_bytes()[:-200],
        'html': b'<html>not found</html>' * 20,
        'v7.3': b'MATLAB 7.3 MAT-file'.ljust(124) + b'\x00\x02IM' + b'\x89HDF',
    }
    path.write_bytes(content[damage])
    dataset = SBDDataset(data_root=str(root), pipeline=PIPELINE)
    told = one_line(lambda: dataset[0])
    assert told.startswith(f'{path}: cannot be read as a MATLAB file')


def test_an_absent_file_ends_in_one_line(tmp_path):
    told = one_line(lambda: read_label_map(tmp_path / 'a.mat'))
    assert told.startswith(f'{tmp_path}/a.mat: cannot be read (No such file')


def test_compressed_files_and_doubles_are_read(root):
    _, numbers = scene()
    content = instances(numbers, np.array([[15.0], [15.0], [10.0], [5.0]]))
    savemat(root / 'inst/a.mat', content, do_compression=True)
    sample = SBDDataset(data_root=str(root), pipeline=PIPELINE)[0]
    assert sample['gt_bboxes_labels'].tolist() == [15, 15, 10, 5]
    np.testing.assert_array_equal(sample['gt_instance_map'], numbers)


def test_it_is_in_the_catalogue(root):
    entry = CATALOGUE['sbd']
    assert entry.splits == {'train': (5623,), 'val': (5732,)}
    assert entry_of_dataset('SBDDataset') is entry
    report = json.loads(json.dumps(audit('sbd', root)))
    assert report['splits'] == {'train': 2, 'val': 2}
    assert report['classes']['person']['images'] == 2
    whats = [problem['what'] for problem in report['problems']]
    assert (
        "train has 2 images, SBD on VOC 2012's detection split has 5623"
        in (whats[0])
    )
    assert any('2 images of train are also in val' in what for what in whats)
