"""What ``tools/test.py --ladder`` prints below its table."""

import copy

import pytest

from zoo.engine.leaderboard import show


@pytest.fixture
def records():
    record = {
        'kind': 'semantic',
        'config_hash': 'c',
        'title': 'A leaf.',
        'checkpoint': None,
        'dataset': 'minivoc',
        'split': 'val',
        'images': 1,
        'classes': ['cat'],
        'per_image': {'a': [[0, 40, 40, 100]]},
        'metrics': {'mIoU': 40.0, 'aAcc': 40.0, 'mAcc': 40.0},
        'per_class': {'IoU': {'cat': 40.0}, 'Acc': {'cat': 40.0}},
        'parameters': None,
        'timing': None,
        'training': None,
        'seed': 0,
        'commit': None,
        'date': '2026',
        'published': [],
        'views': 1,
    }
    better = copy.deepcopy(record)
    better['per_image'] = {'a': [[0, 55, 55, 100]]}
    better['metrics']['mIoU'] = 55.0
    return [record | {'config': 'a/one'}, better | {'config': 'a/two'}]


def test_the_order_is_that_of_the_command(records):
    table = show(records)
    text = show(records, ladder=True)
    assert text.startswith(table)
    ladder = text.removeprefix(table)
    assert ladder.index('a/one') < ladder.index('a/two')
    assert '+15.00  15.00 .. 15.00  better' in ladder
    assert 'step by step' not in table
    turned = show(records[::-1], ladder=True).removeprefix(table)
    assert turned.index('a/two') < turned.index('a/one')
    assert '-15.00' in turned
