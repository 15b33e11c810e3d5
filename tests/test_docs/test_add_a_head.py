"""The example of the page trains, from outside the package."""

import os
import subprocess
import sys

import pytest
import torch
from support import ROOT, SMALL

EXAMPLES = ROOT / 'docs' / 'examples'
LEAF = EXAMPLES / 'my_head' / 'my_leaf_minivoc.py'
SHORT = (*SMALL, 'train_cfg.max_iters=2', 'train_cfg.val_interval=2')


@pytest.fixture
def head_class(monkeypatch):
    """Import the example as a user does who has set PYTHONPATH."""
    monkeypatch.syspath_prepend(LEAF.parent)
    from my_head import MyHead

    return MyHead


def train(leaf, root, cwd, *, path=None):
    """Run tools/train.py as the pages do; return what it printed."""
    env = {**os.environ, 'PYTHONPATH': str(path or leaf.parent)}
    command = (sys.executable, str(ROOT / 'tools/train.py'), str(leaf))
    options = ('--data-root', str(root), '--cfg-options', *SHORT)
    return subprocess.run(
        [*command, *options], cwd=cwd, env=env, capture_output=True, text=True
    )


def test_head_is_registered_and_built_from_its_leaf(head_class):
    from mmseg.registry import MODELS

    from zoo.engine.config import load_config

    config = load_config(LEAF)
    head = MODELS.build(config.model.decode_head)
    assert type(head) is head_class
    assert 'kernel_size' not in config.model.decode_head  # the base's is gone
    assert len(LEAF.read_text().splitlines()) < 30


def test_an_output_cell_sees_the_taps_of_both_dilations(head_class):
    head = head_class(
        dilations=(2, 3), in_channels=4, channels=8, num_classes=3
    )
    head = head.double().eval()
    features = torch.randn(1, 4, 15, 17, dtype=torch.float64)
    features.requires_grad_()
    logits = head([features])
    assert logits.shape == (1, 3, 15, 17)
    logits[0, 0, 7, 8].backward()
    expected = torch.zeros(15, 17, dtype=torch.bool)
    for dilation in (2, 3):
        expected[7 - dilation : 8 + dilation : dilation, 8 - dilation] = True
        expected[7 - dilation : 8 + dilation : dilation, 8] = True
        expected[7 - dilation : 8 + dilation : dilation, 8 + dilation] = True
    assert torch.equal(features.grad[0].abs().sum(0) > 0, expected)


@pytest.mark.parametrize('dilations', [(), (6, 0)])
def test_refuses(head_class, dilations):
    with pytest.raises(ValueError, match='dilations must all be at least 1'):
        head_class(
            dilations=dilations, in_channels=4, channels=8, num_classes=3
        )


@pytest.mark.slow
def test_the_new_head_trains(mini_root, tmp_path):
    done = train(LEAF, mini_root, tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / 'work_dirs/my_head/my_leaf_minivoc/seed0'
    weights = torch.load(folder / 'iter_2.pth', weights_only=True)
    names = weights['state_dict']
    assert 'decode_head.views.1.conv.weight' in names
    assert not any('fc6' in name for name in names)


@pytest.mark.slow
def test_a_head_that_is_not_on_the_path_ends_in_one_line(mini_root, tmp_path):
    done = train(LEAF, mini_root, tmp_path, path=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert (
        "custom_imports cannot be imported (No module named 'my_head')" in line
    )
    assert 'PYTHONPATH' in line
