"""NYUDv2, SIFT-Flow, PASCAL Context, COCO: classes and files."""

import re
from pathlib import Path

import numpy as np
import pytest
from mmseg.registry import DATASETS
from PIL import Image

import zoo.datasets  # noqa: F401  registers
from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.checks import check_data
from zoo.datasets.loading import LoadLabels, read_label_map
from zoo.datasets.msrc21 import MSRC21Dataset
from zoo.datasets.nyud40 import NYUD40Dataset
from zoo.datasets.siftflow import SIFTFlowDataset
from zoo.errors import UserError

# published id: name
NYUD40 = {
    1: 'wall',
    2: 'floor',
    3: 'cabinet',
    10: 'bookshelf',
    13: 'blinds',
    20: 'floor mat',
    22: 'ceiling',
    24: 'refridgerator',
    30: 'whiteboard',
    32: 'night stand',
    37: 'bag',
    38: 'otherstructure',
    39: 'otherfurniture',
    40: 'otherprop',
}
SIFTFLOW = {
    1: 'awning',
    2: 'balcony',
    6: 'building',
    9: 'cow',
    11: 'desert',
    16: 'moon',
    17: 'mountain',
    22: 'road',
    25: 'sea',
    28: 'sky',
    30: 'streetlight',
    32: 'tree',
    33: 'window',
}
OURS = [
    (NYUD40Dataset, NYUD40, 40),
    (SIFTFlowDataset, SIFTFLOW, 33),
]
TINY = {
    'nyud40': ('tiny_nyud40', 40),
    'siftflow': ('tiny_siftflow', 33),
    'context60': ('tiny_context60', 60),
    'coco_voc20': ('tiny_voc', 21),
}


def build(name, root, split='train', **kwargs):
    """Build the data set of an entry, as the audit does."""
    entry = CATALOGUE[name]
    kind = DATASETS.get(entry.dataset)
    return kind(data_root=str(root), **{**entry.arguments(split), **kwargs})


@pytest.mark.parametrize(('kind', 'named', 'count'), OURS)
def test_classes_are_in_the_order_of_the_published_ids(kind, named, count):
    classes = kind.METAINFO['classes']
    assert len(classes) == len(set(classes)) == count
    assert {i: classes[i - 1] for i in named} == named
    colours = kind.METAINFO['palette']
    assert len({tuple(colour) for colour in colours}) == count


def test_siftflows_classes_are_in_alphabetical_order():
    classes = SIFTFlowDataset.METAINFO['classes']
    assert list(classes) == sorted(classes)


@pytest.mark.parametrize(('name', 'tiny'), TINY.items())
def test_labels_are_read_as_they_are(request, name, tiny):
    root, count = request.getfixturevalue(tiny[0]), tiny[1]
    dataset = build(name, root, pipeline=[LoadLabels(num_classes=count)])
    assert len(dataset) == 2
    assert len(dataset.metainfo['classes']) == count
    for item in (dataset[0], dataset[1]):
        image, label = Path(item['img_path']), Path(item['seg_map_path'])
        assert image.is_file()
        assert image.stem == label.stem
        np.testing.assert_array_equal(
            item['gt_seg_map'], np.array(Image.open(label))
        )
        assert (item['gt_seg_map'][:4] == 255).all()


@pytest.mark.parametrize('name', TINY)
def test_every_split_of_the_catalogue_is_found(request, name):
    root = request.getfixturevalue(TINY[name][0])
    for split in CATALOGUE[name].splits:
        assert len(build(name, root, split)) == 2


@pytest.mark.parametrize('suffix', ['.png', '.bmp'])
def test_images_of_other_kinds_are_found(tmp_path, tiny_nyud40, suffix):
    for path in tiny_nyud40.rglob('*.*'):
        copy = tmp_path / path.relative_to(tiny_nyud40)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for path in (tmp_path / 'Images').iterdir():
        path.rename(path.with_suffix(suffix))
    dataset = build('nyud40', tmp_path)
    assert Path(dataset[1]['img_path']).name == f'b_2{suffix}'


def test_a_suffix_in_capitals_is_named(tmp_path, tiny_nyud40):
    for path in tiny_nyud40.rglob('*.*'):
        copy = tmp_path / path.relative_to(tiny_nyud40)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for path in (tmp_path / 'Images').iterdir():
        path.rename(path.with_suffix('.JPG'))
    with pytest.raises(UserError) as told:
        build('nyud40', tmp_path)
    assert str(told.value) == (
        f'{tmp_path}/Images/a_1: no such image (.jpg, .bmp, .png), though '
        f'{tmp_path}/splits/train.txt names it. There is a_1.JPG: convert it, '
        'or rename its suffix.'
    )


@pytest.mark.parametrize('name', ['nyud40', 'siftflow', 'coco_voc20'])
def test_absent_data_set_names_its_source_in_one_line(tmp_path, name):
    entry = CATALOGUE[name]
    message = re.escape(
        f'{entry.title} not found in {tmp_path}: missing {entry.parts[0]}. '
        f'Get it: python tools/data.py prepare {name} --root {tmp_path}; or '
        'pass --'
    )
    with pytest.raises(UserError, match=f'^{message}.*[^\n]$'):
        build(name, tmp_path)


@pytest.mark.parametrize('name', TINY)
def test_absent_data_set_is_seen_before_training(monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    entry = CATALOGUE[name]
    dataset = {'type': entry.dataset, **entry.arguments('train')}
    with pytest.raises(UserError, match=f'not found in {entry.root}') as told:
        check_data({'train_dataloader': {'dataset': dataset}})
    assert '\n' not in str(told.value)


@pytest.mark.parametrize('name', TINY)
def test_present_data_set_is_accepted_before_training(request, name):
    entry, root = CATALOGUE[name], request.getfixturevalue(TINY[name][0])
    dataset = {'type': entry.dataset, **entry.arguments('train')}
    dataset['data_root'] = str(root)
    check_data({'train_dataloader': {'dataset': dataset}})


def test_default_folders_are_the_catalogues(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for kind, name in (
        (NYUD40Dataset, 'nyud40'),
        (SIFTFlowDataset, 'siftflow'),
        (MSRC21Dataset, 'msrc21'),
    ):
        with pytest.raises(UserError, match=f'not found in data/{name}'):
            kind()


def test_real_labels_of_nyud40_fit_the_layout(shared_data):
    """Ceilings lie above floors, which holds only in the right order."""
    names = NYUD40Dataset.METAINFO['classes']
    rows = {'ceiling': [], 'floor': []}
    for path in (shared_data / 'voc_samples/drsleep/NYU').glob('*_mask.png'):
        labels = read_label_map(path)
        assert set(np.unique(labels)) <= {*range(40), 255}
        for name, found in rows.items():
            found += np.nonzero(labels == names.index(name))[0].tolist()
    assert rows['ceiling']
    assert max(rows['ceiling']) < min(rows['floor'])
