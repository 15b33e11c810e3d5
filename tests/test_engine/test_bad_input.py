"""What users get wrong ends in one line and loses nothing."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from support import LEAF, SMALL

from zoo.engine.checkpoint import load_plain
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.testing import TestOptions, evaluate
from zoo.errors import UserError


@pytest.fixture
def broken_root(mini_root, tmp_path):
    """A copy of the data set, to be broken by the test."""
    return shutil.copytree(mini_root, tmp_path / 'broken')


def run(root, folder, *extra, leaf=LEAF):
    """Train one pass over the data set and return the error's line."""
    options = (*SMALL, 'train_cfg.max_iters=3', 'train_cfg.val_interval=3')
    with pytest.raises(UserError) as caught:
        train(
            leaf,
            TrainOptions(
                work_dir=str(folder),
                data_root=str(root),
                options=(*options, *extra),
            ),
        )
    line = caught.value.line
    assert '\n' not in line
    assert not list(folder.glob('*.tmp')) if folder.is_dir() else True
    return line


def first(root, folder):
    return sorted((root / folder).iterdir())[0]


@pytest.mark.parametrize('workers', [0, 1])
@pytest.mark.parametrize('content', [b'no image', None])
def test_unreadable_or_truncated_image(
    broken_root, tmp_path, content, workers
):
    path = first(broken_root, 'JPEGImages')
    path.write_bytes(content or path.read_bytes()[:-900])
    extra = f'train_dataloader.num_workers={workers}'
    line = run(broken_root, tmp_path / 'run', extra)
    assert str(path) in line
    assert 'split file' in line


def test_label_map_of_another_size(broken_root, tmp_path):
    path = first(broken_root, 'SegmentationClass')
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(path)
    line = run(broken_root, tmp_path / 'run')
    assert str(path) in line
    assert '9' in line


def test_label_beyond_the_classes(broken_root, tmp_path):
    path = first(broken_root, 'SegmentationClass')
    labels = np.array(Image.open(path))
    labels[3, 4] = 77
    Image.fromarray(labels).save(path)
    line = run(broken_root, tmp_path / 'run')
    assert str(path) in line
    assert '77' in line


def test_empty_split_file(broken_root, tmp_path):
    path = broken_root / 'ImageSets/Segmentation/train.txt'
    path.write_text('\n')
    assert str(path) in run(broken_root, tmp_path / 'run')


def test_image_named_in_the_split_but_missing(broken_root, tmp_path):
    path = first(broken_root, 'JPEGImages')
    path.unlink()
    assert path.name in run(broken_root, tmp_path / 'run')


def test_missing_data_set_says_where_and_how(tmp_path):
    leaf = LEAF.with_name('vgg16_voc.py')
    with pytest.raises(UserError) as caught:
        train(leaf, TrainOptions(work_dir=str(tmp_path), data_root='nowhere'))
    line = caught.value.line
    for part in ('VOC 2012', 'nowhere', '--data-root'):
        assert part in line


def test_loss_that_is_no_number_stops_and_keeps_the_last_checkpoint(
    mini_root, tmp_path
):
    """The rate explodes at iteration 4."""
    leaf = tmp_path / 'explodes_minivoc.py'
    leaf.write_text(
        f'_base_ = {str(LEAF)!r}\n'
        "param_scheduler = [dict(type='MultiStepLR', milestones=[4], "
        'gamma=1e30, by_epoch=False)]\n'
    )
    line = run(
        mini_root,
        tmp_path / 'run',
        'train_cfg.max_iters=12',
        'default_hooks.checkpoint.interval=1',
        leaf=leaf,
    )
    assert 'the loss is no number' in line
    assert 'in iteration' in line
    kept = sorted((tmp_path / 'run').glob('iter_*.pth'))
    assert kept
    assert str(kept[-1]) in line
    iteration = int(line.split('in iteration ')[1].split('.')[0])
    # the weights right before are those that made it so: set aside
    assert load_plain(kept[-1])['meta']['iter'] == iteration - 2
    suspect = tmp_path / f'run/iter_{iteration - 1}.pth.suspect'
    assert suspect.is_file()


def test_work_dir_that_cannot_be_written(mini_root, tmp_path):
    file = tmp_path / 'a_file'
    file.write_text('x')
    line = run(mini_root, file / 'below')
    assert str(file) in line
    assert '--work-dir' in line


def test_checkpoint_of_another_architecture(train_small, mini_root, tmp_path):
    checkpoint = train_small('run', 2)
    options = [*SMALL, 'model.decode_head.channels=5']
    with pytest.raises(UserError, match='does not fit the model') as caught:
        evaluate(
            LEAF,
            checkpoint,
            TestOptions(options=options, data_root=str(mini_root)),
        )
    assert str(checkpoint) in caught.value.line


def test_checkpoint_that_lacks_a_weight_is_not_tested_at_random(
    train_small, mini_root
):
    checkpoint = train_small('run', 2)
    content = load_plain(checkpoint)
    del content['state_dict']['decode_head.fc7.weight']
    torch.save(content, checkpoint)
    with pytest.raises(
        UserError, match=r'decode_head\.fc7\.weight is missing'
    ):
        evaluate(
            LEAF,
            checkpoint,
            TestOptions(options=SMALL, data_root=str(mini_root)),
        )


def test_leaf_without_a_run_names_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leaf = LEAF.with_name('vgg16-nocrf_minivoc.py')
    with pytest.raises(UserError) as caught:
        evaluate(leaf, None, TestOptions())
    command = 'python tools/train.py configs/deeplab_crf/vgg16_minivoc.py'
    assert command in caught.value.line


def test_leaf_that_starts_from_another_names_the_command(
    tiny_voc, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    leaf = LEAF.with_name('vgg16-msc_voc.py')
    with pytest.raises(UserError, match=r'deeplab_crf/vgg16_voc\.py'):
        train(leaf, TrainOptions(data_root=str(tiny_voc)))
