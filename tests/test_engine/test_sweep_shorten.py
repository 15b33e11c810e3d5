"""A schedule that is shortened as a whole."""

import pytest
from mmengine.config import Config

from zoo.engine.sweep.shorten import iterations, shorten
from zoo.errors import UserError


def config(*schedulers, last=1000):
    return Config(
        {
            'train_cfg': {'max_iters': last},
            'param_scheduler': list(schedulers),
        }
    )


def test_warm_up_and_decay_shrink_alike():
    changes = shorten(
        config(
            {'type': 'LinearLR', 'start_factor': 0.1, 'end': 50},
            {'type': 'PolyLR', 'begin': 50, 'end': 1000, 'eta_min': 0.0},
        ),
        0.3,
    )
    assert changes == [
        'train_cfg.max_iters=300',
        'train_cfg.val_interval=300',
        'param_scheduler.0.end=15',
        'param_scheduler.1.begin=15',
        'param_scheduler.1.end=300',
    ]


def test_steps_shrink_and_zero_stays():
    changes = shorten(
        config({'begin': 0, 'milestones': [2000, 4000]}, last=6000), 0.25
    )
    assert changes == [
        'train_cfg.max_iters=1500',
        'train_cfg.val_interval=1500',
        'param_scheduler.0.begin=0',
        'param_scheduler.0.milestones=[500,1000]',
    ]


def test_a_single_scheduler_and_none():
    one = Config(
        {'train_cfg': {'max_iters': 8}, 'param_scheduler': {'end': 8}}
    )
    assert shorten(one, 0.5)[2:] == ['param_scheduler.end=4']
    assert len(shorten(config(), 0.5)) == 2


def test_the_changes_do_what_they_say():
    from zoo.engine.config import parse_options

    whole = config({'milestones': [20, 40], 'end': 60}, last=60)
    whole.merge_from_dict(parse_options(shorten(whole, 0.5)))
    assert whole.train_cfg.max_iters == 30
    assert whole.param_scheduler[0].milestones == [10, 20]
    assert whole.param_scheduler[0].end == 30


def test_something_is_left_of_the_shortest():
    assert iterations(config(last=10), 0.001) == 1
    assert iterations(config(last=10)) == 10
    assert shorten(config({'end': 10}), 1.0) == []


@pytest.mark.parametrize('share', [0, -1, 1.5, float('nan')])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(UserError, match=r'--shorten .*: must be above 0'):
        shorten(config(), share)
