"""The files of minivoc: layout, repeatability, and all or nothing."""

import functools
import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS
from PIL import Image

from zoo.datasets import minivoc_dataset
from zoo.datasets.minivoc import (
    CLASSES,
    PALETTE,
    check_minivoc,
    ensure_minivoc,
    generate,
    read_marker,
)
from zoo.datasets.minivoc.labels import HEIGHT, VOID, WIDTH
from zoo.errors import UserError

small_minivoc = functools.partial(ensure_minivoc, train=3, val=2)


def digests(root):
    return {
        path.relative_to(root).as_posix(): hashlib.md5(
            path.read_bytes()
        ).hexdigest()
        for path in root.rglob('*.*')
    }


def test_files_are_the_same_bytes_for_any_number_of_workers(tmp_path):
    one = small_minivoc(tmp_path / 'one', workers=1)
    four = small_minivoc(tmp_path / 'four', workers=4)
    other = small_minivoc(tmp_path / 'other', seed=1)
    assert digests(one) == digests(four)
    assert digests(one).keys() == digests(other).keys()
    pictures = [p for p in digests(one) if p.endswith('.jpg')]
    assert len({digests(r)[p] for r in (one, other) for p in pictures}) == 10


def test_more_pictures_leave_the_first_ones_as_they_are(tmp_path):
    few = digests(small_minivoc(tmp_path / 'few'))
    more = digests(ensure_minivoc(tmp_path / 'more', train=4, val=2))
    stems = [name for name in few if name.endswith(('.jpg', '.png'))]
    assert stems
    assert all(few[name] == more[name] for name in stems)


def test_layout_is_that_of_voc(tmp_path):
    root = small_minivoc(tmp_path / 'mini')
    lists = root / 'ImageSets' / 'Segmentation'
    names = {p.stem: p.read_text().split() for p in lists.iterdir()}
    assert names['trainval'] == names['train'] + names['val']
    assert [len(names[s]) for s in ('train', 'val')] == [3, 2]
    for name in names['trainval']:
        with Image.open(root / 'JPEGImages' / f'{name}.jpg') as picture:
            assert (picture.format, picture.mode) == ('JPEG', 'RGB')
            assert picture.size == (WIDTH, HEIGHT) == (161, 121)
        for folder in ('SegmentationClass', 'SegmentationObject'):
            with Image.open(root / folder / f'{name}.png') as image:
                assert (image.mode, image.size) == ('P', (161, 121))
                assert (np.asarray(image) == VOID).any()
                palette = np.reshape(image.getpalette(), (-1, 3))
                assert palette[VOID].tolist() == [224, 224, 192]
                if folder == 'SegmentationClass':
                    assert palette[: len(PALETTE)].tolist() == PALETTE


def test_a_second_call_writes_nothing(tmp_path):
    calls = []
    root = tmp_path / 'mini'
    small_minivoc(root, progress=lambda *state: calls.append(state))
    assert calls == [(i, 5) for i in range(1, 6)]
    before = {p: p.stat().st_mtime_ns for p in root.rglob('*')}
    assert small_minivoc(root, progress=lambda *_: calls.clear()) == root
    assert {p: p.stat().st_mtime_ns for p in root.rglob('*')} == before
    assert calls


def test_an_interrupt_leaves_nothing(tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small_minivoc(tmp_path / 'mini', progress=interrupt)
    assert not list(tmp_path.iterdir())
    check_minivoc(small_minivoc(tmp_path / 'mini'))


def test_what_a_kill_left_is_cleared_later(tmp_path):
    half = tmp_path / f'.mini-{"a" * 32}'
    running = tmp_path / f'.mini-{"b" * 32}'
    for folder in (half, running):
        (folder / 'JPEGImages').mkdir(parents=True)
    long_ago = time.time() - 86400
    os.utime(half, (long_ago, long_ago))
    check_minivoc(small_minivoc(tmp_path / 'mini'))
    assert {p.name for p in tmp_path.iterdir()} == {'mini', running.name}


def test_two_at_once_both_succeed(tmp_path):
    root = tmp_path / 'mini'
    with ThreadPoolExecutor(3) as pool:
        roots = list(pool.map(small_minivoc, [root] * 3))
    assert roots == [root] * 3
    assert [p.name for p in tmp_path.iterdir()] == ['mini']
    check_minivoc(root)


def test_a_faster_process_wins(tmp_path):
    root = tmp_path / 'mini'

    def overtake(done, total):
        if done == total:
            small_minivoc(root)

    small_minivoc(root, progress=overtake)
    assert [p.name for p in tmp_path.iterdir()] == ['mini']
    check_minivoc(root)


def test_an_empty_or_linked_folder_is_filled(tmp_path):
    (tmp_path / 'there').mkdir()
    (tmp_path / 'link').symlink_to(tmp_path / 'there')
    check_minivoc(small_minivoc(tmp_path / 'link'))
    assert (tmp_path / 'link').is_symlink()


def test_an_older_version_is_replaced(tmp_path, monkeypatch):
    root = small_minivoc(tmp_path / 'mini')
    old = read_marker(root)
    monkeypatch.setattr(generate, 'VERSION', old['version'] + 1)
    new = read_marker(small_minivoc(root))
    assert new['version'] == old['version'] + 1
    assert new['sha256'] != old['sha256']
    assert [p.name for p in tmp_path.iterdir()] == ['mini']
    monkeypatch.setattr(generate, 'VERSION', old['version'])
    with pytest.raises(UserError, match='mini: holds version'):
        small_minivoc(root)


def test_refuses_to_replace_what_it_did_not_write(tmp_path):
    root = small_minivoc(tmp_path / 'mini')
    with pytest.raises(UserError, match=r'mini: holds .*seed 0.*seed 3'):
        small_minivoc(root, seed=3)
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / 'thesis.txt').write_text('precious')
    with pytest.raises(UserError, match='mine: exists and is not minivoc'):
        small_minivoc(tmp_path / 'mine')
    with pytest.raises(UserError, match=r'thesis.txt: exists and is not'):
        small_minivoc(tmp_path / 'mine' / 'thesis.txt')
    with pytest.raises(UserError, match='cannot be written there'):
        small_minivoc(tmp_path / 'mine' / 'thesis.txt' / 'below')


def test_damage_is_named(tmp_path):
    root = small_minivoc(tmp_path / 'mini')
    next((root / 'SegmentationClass').iterdir()).unlink()
    with pytest.raises(UserError, match='mini: files were changed or lost'):
        check_minivoc(root)
    for text in ('{', '[]', '{"version": 1}'):
        (root / 'minivoc.json').write_text(text)
        with pytest.raises(UserError, match=r'minivoc.json: damaged'):
            small_minivoc(root)
    with pytest.raises(UserError, match='holds no minivoc'):
        check_minivoc(tmp_path)


@pytest.mark.parametrize('wrong', ['seed', 'train', 'val', 'workers'])
def test_refuses_numbers_out_of_range(tmp_path, wrong):
    with pytest.raises(ValueError, match=f'{wrong} must be .* got -1'):
        ensure_minivoc(tmp_path / 'mini', **{wrong: -1})


def test_dataset_generates_itself_and_loads(tmp_path, monkeypatch):
    monkeypatch.setattr(minivoc_dataset, 'ensure_minivoc', small_minivoc)
    init_default_scope('mmseg')
    dataset = DATASETS.build(
        {
            'type': 'MiniVOCDataset',
            'data_root': str(tmp_path / 'mini'),
            'ann_file': 'ImageSets/Segmentation/val.txt',
            'pipeline': [
                {'type': 'LoadImageFromFile'},
                {'type': 'LoadAnnotations'},
            ],
        }
    )
    check_minivoc(tmp_path / 'mini')
    assert len(dataset) == 2
    assert dataset.metainfo['classes'] == CLASSES
    sample = dataset[1]
    assert sample['img'].shape == (121, 161, 3)
    path = tmp_path / 'mini' / 'SegmentationClass' / 'val_0001.png'
    with Image.open(path) as image:
        assert np.array_equal(sample['gt_seg_map'], np.asarray(image))


def test_dataset_takes_any_minivoc_that_is_there(tmp_path, monkeypatch):
    ensure_minivoc(tmp_path / 'mini', seed=5, train=2, val=0)
    dataset = minivoc_dataset.MiniVOCDataset(str(tmp_path / 'mini'))
    assert len(dataset) == 2
    monkeypatch.setattr(generate, 'VERSION', generate.VERSION + 1)
    minivoc_dataset.MiniVOCDataset(str(tmp_path / 'mini'))
    marker = read_marker(tmp_path / 'mini')
    assert marker['version'] == generate.VERSION
    assert [marker[k] for k in ('seed', 'train', 'val')] == [5, 2, 0]


def test_dataset_refuses_unknown_lists_and_no_folder(tmp_path):
    root = str(small_minivoc(tmp_path / 'mini'))
    with pytest.raises(UserError, match=r'test.txt: no such list'):
        minivoc_dataset.MiniVOCDataset(root, 'test.txt')
    with pytest.raises(ValueError, match=r"data_root must be .* got ''"):
        minivoc_dataset.MiniVOCDataset('')
