"""FCRN's learning rate: constant, then half of it and down to nothing."""

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope
from support import ROOT
from torch import nn

SCHEDULE = ROOT / 'configs/_base_/schedules/fcrn_linear.py'
BASE = 1.6e-3


def built(model):
    """Return the schedule's config and its optimiser for a model."""
    import zoo.engine.optimiser  # noqa: F401  registers the constructor

    init_default_scope('mmseg')
    config = Config.fromfile(SCHEDULE)
    return config, build_optim_wrapper(model, config.optim_wrapper)


@pytest.fixture(scope='module')
def rates():
    """Return the weight's rate of every iteration, stepped through."""
    config, wrapper = built(nn.Linear(1, 1, bias=False))
    schedulers = [
        PARAM_SCHEDULERS.build(dict(each), default_args={'optimizer': wrapper})
        for each in config.param_scheduler
    ]
    found = []
    for _ in range(config.train_cfg.max_iters):
        found.append(wrapper.param_groups[0]['lr'])
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    return found


@pytest.mark.parametrize(
    ('iteration', 'factor'),
    [
        (0, 1.0),
        (1, 1.0),
        (27_499, 1.0),
        (27_500, 0.5),
        (27_501, 0.5 * 12_498 / 12_499),
        (33_750, 0.5 * 6_249 / 12_499),
        (39_998, 0.5 / 12_499),
        (39_999, 0.0),
    ],
)
def test_rate_of_an_iteration(rates, iteration, factor):
    assert rates[iteration] == pytest.approx(
        BASE * factor, rel=1e-6, abs=1e-12
    )


def test_the_rate_falls_in_a_line_after_two_constant_thirds(rates):
    assert len(rates) == 40_000
    assert set(rates[:27_500]) == {BASE}
    steps = torch.tensor(rates[27_500:], dtype=torch.float64).diff()
    expected = torch.full_like(steps, -BASE / 2 / 12_499)
    torch.testing.assert_close(steps, expected, rtol=1e-6, atol=0)
    # 140 epochs and 64, in the authors' code
    assert rates.count(BASE) / 40_000 == pytest.approx(140 / 204, abs=0.002)


def test_biases_learn_twice_as_fast_and_do_not_decay():
    """Of convolutions and of normalisations, in backbone and head."""
    from zoo.models.backbones import DilatedResNet
    from zoo.models.decode_heads import FCRNHead

    sizes = {'stem_channels': 4, 'base_channels': 4}
    head = {'in_channels': 128, 'channels': 4, 'num_classes': 3}
    model = nn.ModuleDict(
        {
            'backbone': DilatedResNet(depth=50, **sizes),
            'decode_head': FCRNHead(
                hidden_layers=1, norm_cfg={'type': 'BN'}, **head
            ),
        }
    )
    _, wrapper = built(model)
    names = {id(p): name for name, p in model.named_parameters()}
    found = {
        names[id(p)]: (group['lr'], group['weight_decay'], group['momentum'])
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }
    assert set(found) == set(names.values())
    for name, settings in found.items():
        bias = name.endswith('.bias')
        expected = (2 * BASE, 0.0) if bias else (BASE, 5e-4)
        assert settings == (*expected, 0.9), name
