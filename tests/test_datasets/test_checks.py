"""Before training: is the data where the config says?"""

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from zoo.datasets import checks, msrc21, voc_aug  # noqa: F401  registers
from zoo.datasets.catalogue import CATALOGUE, entry_of_dataset, require
from zoo.errors import UserError


def write(path, text=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        Image.fromarray(np.zeros((2, 2), np.uint8)).save(path)
    else:
        path.write_text(text)


def voc(root):
    for split, names in {'train': 'ab', 'val': 'c'}.items():
        for name in names:
            write(root / f'JPEGImages/{name}.jpg')
            write(root / f'SegmentationClass/{name}.png')
        write(root / f'ImageSets/Segmentation/{split}.txt', '\n'.join(names))
    return root


def msrc(root):
    for name in ('1_1_s', '1_2_s'):
        write(root / f'Images/{name}.bmp')
        write(root / f'SegmentationClass21/{name}.png')
    for split in ('train', 'val', 'test'):
        write(root / f'splits/{split}.txt', '1_1_s\n1_2_s\n')
    return root


def generic(root):
    write(root / 'img/x.jpg')
    write(root / 'ann/x.png')
    write(root / 'list.txt', 'x\n')
    return root


def config(dataset, loader='train'):
    return Config({f'{loader}_dataloader': {'dataset': dataset}})


def pascal(root, **kwargs):
    return {
        'type': 'PascalVOCDataset',
        'data_root': str(root),
        'ann_file': 'ImageSets/Segmentation/train.txt',
        'data_prefix': {
            'img_path': 'JPEGImages',
            'seg_map_path': 'SegmentationClass',
        },
        **kwargs,
    }


def base(root, **kwargs):
    return {
        'type': 'mmseg.BaseSegDataset',
        'data_root': str(root),
        'ann_file': 'list.txt',
        'data_prefix': {'img_path': 'img', 'seg_map_path': 'ann'},
        **kwargs,
    }


def good(tmp_path):
    return [
        pascal(voc(tmp_path / 'voc')),
        {'type': 'VOCAugDataset', 'data_root': str(tmp_path / 'voc')},
        {'type': 'MSRC21Dataset', 'data_root': str(msrc(tmp_path / 'msrc'))},
        base(generic(tmp_path / 'base')),
        base(tmp_path / 'base', ann_file=''),
        {'type': 'MiniVOCDataset', 'data_root': str(tmp_path / 'later')},
    ]


def test_accepts_what_is_there(tmp_path):
    datasets = good(tmp_path)
    for dataset in datasets:
        checks.check_data(config(dataset))
    checks.check_data(config({'type': 'ConcatDataset', 'datasets': datasets}))
    checks.check_data({'train_dataloader': None})
    checks.check_data({})


@pytest.mark.parametrize(
    ('damage', 'index', 'message'),
    [
        (
            'voc/JPEGImages',
            0,
            'PASCAL VOC 2012 not found in .*JPEGImages.*Get',
        ),
        (
            'voc/ImageSets/Segmentation/val.txt',
            1,
            'missing ImageSets.*val.txt',
        ),
        ('voc/JPEGImages/b.jpg', 0, 'b.jpg: no such file'),
        ('voc/SegmentationClass/a.png', 0, 'a.png: no such file'),
        ('msrc/splits/test.txt', 2, 'prepare msrc21 --root'),
        ('msrc/Images/1_2_s.bmp', 2, '1_2_s.jpg: no such file'),
        ('msrc/Images', 2, 'MSRC-21 .*missing Images.*--data-root'),
        ('base', 3, 'base: no such folder'),
        ('base/list.txt', 3, 'list.txt: no such split file'),
        ('base/img', 3, 'img: no such folder'),
        ('base/ann', 4, 'ann: no such folder'),
        ('base/ann/x.png', 3, 'x.png: no such file.*Correct the list'),
        ('base/ann/x.png', 4, 'x.png: no such file, but its image is there'),
        ('base/img/x.jpg', 4, r'img: holds no \*.jpg'),
    ],
)
@pytest.mark.parametrize('wrapped', [False, True])
def test_names_what_is_missing(tmp_path, damage, index, message, wrapped):
    dataset = good(tmp_path)[index]
    (tmp_path / damage).rename(tmp_path / 'gone')
    if wrapped:
        inner = {'type': 'ConcatDataset', 'datasets': [dataset]}
        dataset = {'type': 'RepeatDataset', 'times': 2, 'dataset': inner}
    with pytest.raises(UserError, match=message) as caught:
        checks.check_data(config(dataset))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('index', [0, 2, 3])
def test_names_an_empty_list(tmp_path, index):
    dataset = good(tmp_path)[index]
    dataset.setdefault('ann_file', 'splits/train.txt')
    write(tmp_path / dataset['data_root'] / dataset['ann_file'], '\n\n')
    with pytest.raises(UserError, match='names no image'):
        checks.check_data(config(dataset))


def test_looks_at_the_chosen_loaders(tmp_path):
    broken = config(base(tmp_path / 'none'), loader='test')
    checks.check_data(broken)
    with pytest.raises(UserError, match='none: no such folder'):
        checks.check_data(broken, loaders=('test',))


def test_names_an_unknown_data_set(tmp_path):
    dataset = base(generic(tmp_path), type='NoSuchDataset')
    dataset.pop('ann_file')
    with pytest.raises(UserError, match=r'NoSuchDataset.*custom_imports'):
        checks.check_data(config(dataset))


def test_require_returns_the_folder(tmp_path):
    assert require('voc', voc(tmp_path)) == tmp_path


def test_every_entry_is_complete():
    for name, entry in CATALOGUE.items():
        assert entry.name == name
        assert entry_of_dataset(entry.dataset) is entry
        assert entry.parts
        assert entry.licence
        assert entry.command()
        assert not entry.command().endswith('.')
        assert set(entry.optional) <= set(entry.splits)
    assert entry_of_dataset('ADE20KDataset') is None


@pytest.mark.parametrize('kind', [pascal, 'VOCAugDataset'])
def test_missing_maps_of_instances_are_named(tmp_path, kind):
    root = voc(tmp_path)
    pipeline = [{'type': 'LoadImage'}, {'type': 'LoadInstances'}]
    dataset = (
        pascal(root, pipeline=pipeline)
        if kind is pascal
        else {
            'type': kind,
            'data_root': str(root),
            'split': 'train',
            'pipeline': pipeline,
        }
    )
    write(root / 'SegmentationObject/a.png')
    with pytest.raises(UserError, match=r'SegmentationObject/b\.png: no map'):
        checks.check_data(config(dataset))
    write(root / 'SegmentationObject/b.png')
    checks.check_data(config(dataset))
    pipeline[1]['folder'] = 'elsewhere'
    with pytest.raises(UserError, match=r'elsewhere/a\.png: no map'):
        checks.check_data(config(dataset))
