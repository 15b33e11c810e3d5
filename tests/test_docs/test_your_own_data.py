"""Five photographs become a leaf: checked, trained, scored, predicted."""

import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from mmseg.registry import DATASETS, MODELS
from PIL import Image
from support import ROOT, SMALL

from zoo.engine.config import load_config

ROOT_OF_PHOTOGRAPHS = ROOT / 'docs/examples/my_data'
LEAF = ROOT_OF_PHOTOGRAPHS / 'vgg16_mine.py'
PAGE = ROOT / 'docs/your_own_data.md'
SHORT = (*SMALL, 'train_cfg.max_iters=2', 'train_cfg.val_interval=2')
CLASSES = ('background', 'sky', 'ground', 'water', 'object')
OTHERS = re.findall(
    r'^\|.*\| `(\w+)\.py` \| `(\w+)\.py` \|$', PAGE.read_text(), re.M
)


def run(tool, *words, cwd):
    command = (
        sys.executable,
        str(ROOT / f'tools/{tool}.py'),
        *map(str, words),
    )
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def test_the_leaf_is_short_and_the_photographs_are_small():
    assert len(LEAF.read_text().splitlines()) < 15
    photographs = list(ROOT_OF_PHOTOGRAPHS.glob('JPEGImages/*.jpg'))
    assert len(photographs) == 5
    assert all(path.stat().st_size < 12_000 for path in photographs)


def test_the_photographs_are_fit_for_use(tmp_path):
    done = run(
        'data', 'check', 'own', '--root', ROOT_OF_PHOTOGRAPHS, cwd=tmp_path
    )
    assert 'verdict: fit for use (0 errors, 0 warnings)' in done.stdout
    assert 'train 3, val 2 images' in done.stdout


@pytest.mark.slow
def test_the_leaf_trains_is_scored_and_predicts(tmp_path):
    done = run(
        'train', LEAF, '--data-root', ROOT_OF_PHOTOGRAPHS,
        '--cfg-options', *SHORT, cwd=tmp_path,
    )  # fmt: skip
    assert 'iteration 2: mIoU' in done.stderr
    weights = tmp_path / 'work_dirs/my_data/vgg16_mine/seed0/iter_2.pth'
    content = torch.load(weights, weights_only=True)
    assert content['state_dict']['decode_head.conv_seg.bias'].shape == (5,)
    assert tuple(content['meta']['dataset_meta']['classes']) == CLASSES
    done = run(
        'test', LEAF, '--data-root', ROOT_OF_PHOTOGRAPHS,
        '--cfg-options', *SMALL, cwd=tmp_path,
    )  # fmt: skip
    assert all(name in done.stdout for name in CLASSES)
    run(
        'predict', ROOT_OF_PHOTOGRAPHS / 'JPEGImages/d.jpg', '--config', LEAF,
        '--checkpoint', weights, '--out', tmp_path / 'out',
        '--cfg-options', *SMALL, cwd=tmp_path,
    )  # fmt: skip
    mask = Image.open(tmp_path / 'out/d_mask.png')
    assert mask.size == (161, 121)
    assert np.array(mask).max() < len(CLASSES)


def test_the_page_offers_every_method_twice():
    assert len(OTHERS) == 6
    assert OTHERS[0][0] in LEAF.read_text()


@pytest.mark.parametrize(('model', 'schedule'), OTHERS)
def test_other_networks_fit_into_the_same_leaf(tmp_path, model, schedule):
    text = LEAF.read_text().replace('../../../configs', str(ROOT / 'configs'))
    for old, new in zip(OTHERS[0], (model, schedule), strict=True):
        text = text.replace(f'/{old}.py', f'/{new}.py')
    leaf = tmp_path / 'other_mine.py'
    leaf.write_text(text)
    config = load_config(leaf)
    with torch.device('meta'):
        network = MODELS.build(config.model).eval()
        image = torch.zeros(1, 3, 65, 97)
    logits = network.encode_decode(image, [{'img_shape': (65, 97)}])
    assert logits.shape == (1, 5, 65, 97)
    assert config.train_cfg.max_iters >= 1


def test_a_class_of_ones_own_reads_the_same(monkeypatch):
    monkeypatch.syspath_prepend(ROOT_OF_PHOTOGRAPHS)
    import my_dataset

    config = load_config(LEAF).val_dataloader.dataset
    ours = DATASETS.build({**config, 'data_root': str(ROOT_OF_PHOTOGRAPHS)})
    theirs = my_dataset.MyDataset(
        data_root=str(ROOT_OF_PHOTOGRAPHS),
        ann_file=config.ann_file,
        data_prefix={
            'img_path': 'JPEGImages',
            'seg_map_path': 'SegmentationClass',
        },
        pipeline=[
            {'type': 'LoadImage'},
            {'type': 'LoadLabels', 'num_classes': 5},
            {'type': 'PackSegInputs'},
        ],
    )
    assert theirs.metainfo['classes'] == ours.metainfo['classes'] == CLASSES
    for one, other in zip(ours, theirs, strict=True):
        labels, same = (
            x['data_samples'].gt_sem_seg.data for x in (one, other)
        )
        assert torch.equal(one['inputs'], other['inputs'])
        assert torch.equal(labels, same)
