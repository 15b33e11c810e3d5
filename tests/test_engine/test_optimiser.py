"""Learning rates and decays of the released solver (paper_details A.4)."""

import torch
from mmengine.optim import build_optim_wrapper
from mmseg.registry import MODELS
from support import ROOT

from zoo.engine.config import load_config


def groups(leaf):
    config = load_config(ROOT / f'configs/deeplab_crf/{leaf}.py')
    with torch.device('meta'):
        model = MODELS.build(config.model)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    names = {id(p): name for name, p in model.named_parameters()}
    return {
        names[id(p)]: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }


def test_multipliers_are_1_2_and_10_20_and_biases_do_not_decay():
    found = groups('vgg16_voc')
    assert len(found) == 2 * 13 + 2 * 3
    for name, (rate, decay) in found.items():
        is_bias, is_last = name.endswith('bias'), 'conv_seg' in name
        multiplier = (10 if is_last else 1) * (2 if is_bias else 1)
        assert rate == 1e-3 * multiplier, name
        assert decay == (0 if is_bias else 5e-4), name


def test_parameters_of_the_same_options_share_a_group():
    config = load_config(ROOT / 'configs/deeplab_crf/vgg16_voc.py')
    with torch.device('meta'):
        model = MODELS.build(config.model)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    sizes = [len(g['params']) for g in wrapper.optimizer.param_groups]
    assert sorted(sizes) == [1, 1, 15, 15]  # fc8 twice, weights, biases


def test_side_branches_learn_at_1_and_2():
    found = groups('vgg16-msc_voc')
    branches = {k: v for k, v in found.items() if 'branches' in k}
    assert len(branches) == 5 * 3 * 2
    assert {v[0] for k, v in branches.items() if 'weight' in k} == {1e-3}
    assert {v[0] for k, v in branches.items() if 'bias' in k} == {2e-3}
