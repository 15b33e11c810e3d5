"""VOC 2012: which images and labels each split has, and merging SBD."""

import io
import logging
import tarfile
from pathlib import Path

import numpy as np
import pytest
from mmengine.logging import MMLogger
from PIL import Image
from scipy.io import savemat

from zoo.datasets.loading import read_label_map
from zoo.datasets.prepare.voc import prepare_voc
from zoo.datasets.voc_aug import VOCAugDataset, read_ids
from zoo.errors import UserError

SAMPLE = Path(__file__).parents[2] / '../shared/data/coco_voc20'
LISTS = 'ImageSets/Segmentation'
OWN = {'train': ['a', 'b'], 'val': ['c']}
SBD = np.array([[1, 20, 0]], np.uint8)


def image(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def voc(root, *, aug=(), lists=None):
    """Write a VOC folder; ``aug`` are names in ``SegmentationClassAug``."""
    for name in 'abcde':
        image(root / f'JPEGImages/{name}.jpg', np.zeros((1, 3, 3), np.uint8))
    for name in (n for names in OWN.values() for n in names):
        own = np.array([[7, 7, 255]], np.uint8)
        image(root / f'SegmentationClass/{name}.png', own)
    for name in aug:
        image(root / f'SegmentationClassAug/{name}.png', SBD)
    (root / LISTS).mkdir(parents=True)
    for split, names in {**OWN, **(lists or {})}.items():
        text = ''.join(f'{name}\n' for name in names)
        (root / LISTS / f'{split}.txt').write_text(text)
    return root


def sbd(folder, names='abcde', struct='GTcls'):
    """Write ``dataset/cls`` as SBD has it."""
    cls = folder / 'dataset/cls'
    cls.mkdir(parents=True)
    for name in names:
        fields = {'Segmentation': SBD, 'CategoriesPresent': [1, 20]}
        savemat(cls / f'{name}.mat', {struct: fields})
    return folder


def benchmark(path, folder):
    with tarfile.open(path, 'w:gz') as archive:
        for file in sorted(folder.rglob('*.mat')):
            info = tarfile.TarInfo(
                f'benchmark_RELEASE/{file.relative_to(folder)}'
            )
            content = file.read_bytes()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def contents(dataset):
    """Return (image, label folder) of each record."""
    records = [dataset[i] for i in range(len(dataset))]
    return [
        (Path(r['img_path']).stem, Path(r['seg_map_path']).parent.name)
        for r in records
    ]


@pytest.fixture
def warnings_logged():
    """Collect what goes to mmengine's logger."""
    messages = []

    class Collector(logging.Handler):
        def emit(self, record):
            messages.append((record.levelname, record.getMessage()))

    logger, handler = MMLogger.get_current_instance(), Collector()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


OWN_LABELS, AUG_LABELS = 'SegmentationClass', 'SegmentationClassAug'


@pytest.mark.parametrize(
    'lists',
    [
        {'aug': ['d', 'e']},
        {'trainaug': ['a', 'b', 'd', 'e']},
        {'trainaug': [f'/JPEGImages/{n}.jpg /x/{n}.png' for n in 'abde']},
    ],
)
@pytest.mark.parametrize('aug', ['de', 'abcde'])
def test_trainaug_has_the_labels_of_voc_where_there_are_any(
    tmp_path, lists, aug, warnings_logged
):
    dataset = VOCAugDataset(data_root=str(voc(tmp_path, aug=aug, lists=lists)))
    assert contents(dataset) == [
        ('a', OWN_LABELS),
        ('b', OWN_LABELS),
        ('d', AUG_LABELS),
        ('e', AUG_LABELS),
    ]
    assert dataset.metainfo['split'] == 'trainaug'
    assert warnings_logged == []


@pytest.mark.parametrize(
    ('split', 'names'),
    [
        ('train', 'ab'),
        ('val', 'c'),
        ('trainval', 'abc'),
        ('trainval_aug', 'abdec'),
    ],
)
def test_other_splits(tmp_path, split, names):
    root = voc(tmp_path, aug='de', lists={'aug': ['d', 'e']})
    dataset = VOCAugDataset(split=split, data_root=str(root))
    assert [name for name, _ in contents(dataset)] == list(names)
    assert dataset.metainfo['split'] == split


def test_a_label_only_in_the_augmented_folder_is_found(tmp_path):
    root = voc(tmp_path, aug='abde', lists={'aug': ['d', 'e']})
    (root / 'SegmentationClass/a.png').unlink()
    dataset = VOCAugDataset(data_root=str(root))
    assert contents(dataset)[0] == ('a', AUG_LABELS)


@pytest.mark.parametrize(
    ('aug', 'lists'), [('', {'aug': ['d']}), ('de', {}), ('', {})]
)
@pytest.mark.parametrize(
    ('split', 'used', 'count'),
    [('trainaug', 'train', 2), ('trainval_aug', 'trainval', 3)],
)
def test_without_augmentation_warns_and_records_the_split(
    tmp_path, aug, lists, split, used, count, warnings_logged
):
    root = voc(tmp_path, aug=aug, lists=lists)
    dataset = VOCAugDataset(split=split, data_root=str(root))
    assert dataset.metainfo['split'] == used
    assert {folder for _, folder in contents(dataset)} == {OWN_LABELS}
    [(level, message)] = warnings_logged
    assert level == 'WARNING'
    assert str(root) in message
    assert f'{split} is {used} with {count} images' in message
    assert '10582' in message


def test_splits_that_need_no_augmentation_do_not_warn(
    tmp_path, warnings_logged
):
    VOCAugDataset(split='val', data_root=str(voc(tmp_path)))
    assert warnings_logged == []


def test_refuses_what_is_missing(tmp_path):
    with pytest.raises(
        UserError, match=r'PASCAL VOC 2012 not found in .*none'
    ):
        VOCAugDataset(data_root=str(tmp_path / 'none'))
    root = voc(tmp_path, aug='d', lists={'aug': ['d', 'e']})
    with pytest.raises(UserError, match=r'no label for 1 of 4 .* e\.png'):
        VOCAugDataset(data_root=str(root))
    with pytest.raises(ValueError, match="got 'test'"):
        VOCAugDataset(data_root=str(root), split='test')
    (root / LISTS / 'val.txt').write_text('\n')
    with pytest.raises(UserError, match=r'val.txt: names no image'):
        VOCAugDataset(data_root=str(root), split='val')


def test_a_list_that_is_not_utf8_is_named(tmp_path):
    root = voc(tmp_path)
    path = root / LISTS / 'train.txt'
    path.write_bytes('Grün\n'.encode('latin-1'))
    with pytest.raises(UserError) as told:
        VOCAugDataset(data_root=str(root))
    assert str(told.value) == (
        f'{path}: is not UTF-8 text. Get the list again, or write it as plain '
        'text, one name a line.'
    )


def test_a_list_is_utf8_whatever_the_system_prefers(tmp_path, monkeypatch):
    path = tmp_path / 'train.txt'
    path.write_text('Grün\n', encoding='utf-8')
    original = Path.read_text

    def as_windows(path, encoding='cp1252', errors=None):
        return original(path, encoding, errors)

    monkeypatch.setattr(Path, 'read_text', as_windows)
    assert read_ids(path) == ['Grün']


def test_a_list_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / 'train.txt').mkdir()  # as root one may read any file
    with pytest.raises(UserError) as told:
        read_ids(tmp_path / 'train.txt')
    assert str(told.value) == (
        f'{tmp_path}/train.txt: cannot be read (Is a directory). Correct its '
        'permissions, or get the list again.'
    )


@pytest.mark.parametrize('kind', ['folder', 'dataset', 'archive'])
def test_merges_sbd(tmp_path, kind):
    root = voc(tmp_path / 'voc')
    source = sbd(tmp_path / 'sbd')
    if kind == 'dataset':
        source = source / 'dataset'
    if kind == 'archive':
        source = benchmark(tmp_path / 'benchmark.tgz', source)
    prepare_voc(root, [source])
    assert (root / LISTS / 'aug.txt').read_text() == 'd\ne\n'
    assert (root / LISTS / 'trainaug.txt').read_text() == 'a\nb\nd\ne\n'
    labels = {
        p.stem: read_label_map(p).tolist()
        for p in (root / 'SegmentationClassAug').iterdir()
    }
    own = [[7, 7, 255]]
    assert labels == {
        'a': own,
        'b': own,
        'c': own,
        'd': SBD.tolist(),
        'e': SBD.tolist(),
    }
    dataset = VOCAugDataset(data_root=str(root))
    assert [name for name, _ in contents(dataset)] == ['a', 'b', 'd', 'e']


def test_merging_twice_writes_no_label_again(tmp_path):
    root, source = voc(tmp_path / 'voc'), sbd(tmp_path / 'sbd')
    prepare_voc(root, [source])
    folder = root / 'SegmentationClassAug'
    before = {p: p.stat().st_mtime_ns for p in folder.iterdir()}
    prepare_voc(root, [source])
    assert {p: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    assert not list(root.rglob('*.tmp'))


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda f: f, 'no such archive'),
        (lambda f: sbd(f, 'abc'), 'holds nothing of PASCAL VOC 2012 or SBD'),
        (lambda f: sbd(f, 'dx'), r'lacks 1 images .* x\.jpg'),
        (lambda f: sbd(f, 'd', 'other'), r'd\.mat: has no GTcls'),
    ],
)
def test_refuses_a_source(tmp_path, make, message):
    root = voc(tmp_path / 'voc')
    with pytest.raises(UserError, match=message):
        prepare_voc(root, [make(tmp_path / 'sbd')])
    assert not (root / LISTS / 'trainaug.txt').exists()


@pytest.mark.skipif(
    not SAMPLE.is_dir(), reason='no VOC layout in ../shared/data/coco_voc20'
)
def test_real_photographs_in_voc_layout(warnings_logged):
    dataset = VOCAugDataset(data_root=str(SAMPLE))
    assert (len(dataset), dataset.metainfo['split']) == (201, 'train')
    assert len(warnings_logged) == 1
    assert len(VOCAugDataset(split='val', data_root=str(SAMPLE))) == 105
