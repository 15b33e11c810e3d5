"""A part of a model takes its weights from another leaf's run."""

from pathlib import Path

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import WEIGHT_INITIALIZERS, init_default_scope
from torch import nn

import zoo.engine  # noqa: F401  registers
from zoo.errors import UserError

LEAF = 'm/part_minivoc'


@pytest.fixture(autouse=True)
def there(tmp_path, monkeypatch):
    init_default_scope('mmseg')
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Child(BaseModule):
    """Fills itself, as ConvModule and VGG-16 with ImageNet's weights do."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def init_weights(self):
        super().init_weights()
        nn.init.constant_(self.linear.weight, 7)


class Part(BaseModule):
    """What the leaf trains."""

    def __init__(self, **options):
        cfg = {'type': 'LeafWeights', 'leaf': LEAF, 'prefix': 'part.'}
        super().__init__({**cfg, **options})
        self.child = Child()
        self.score = nn.Linear(2, 1)


class Whole(BaseModule):
    """What takes it."""

    def __init__(self, **options):
        super().__init__()
        self.part = Part(**options)
        self.other = Child()


def write_run(value, seed=0, iteration=9, **changes):
    """Write a run of the leaf whose weights are all one number."""
    state = {f'part.{k}': v for k, v in Part().state_dict().items()}
    state |= {'rest.weight': torch.zeros(1), 'a.part.b': torch.zeros(1)}
    state = {k: torch.full_like(v, value) for k, v in state.items()}
    folder = f'work_dirs/{LEAF}/seed{seed}'
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f'iter_{iteration}.pth'
    meta = {'iter': iteration, 'seed': seed}
    torch.save({'meta': meta, 'state_dict': {**state, **changes}}, path)
    return path


def values(module):
    return {x for p in module.parameters() for x in p.flatten().tolist()}


def test_all_weights_of_the_part_come_from_the_newest_run(capsys):
    write_run(1.0, iteration=8)
    newest = write_run(2.0, iteration=10)
    whole = Whole()
    whole.init_weights()
    assert values(whole.part) == {2.0}  # the child's sevens are not there
    assert values(whole.other) >= {7.0}  # but elsewhere
    said = f'Part: takes its weights from {newest}\n'
    assert said in capsys.readouterr().out


def test_the_seed_decides(capsys):
    write_run(1.0, seed=0)
    write_run(2.0, seed=1)
    for seed in (1, 0):
        whole = Whole(seed=seed)
        whole.init_weights()
        assert values(whole.part) == {seed + 1.0}
    assert 'no run' not in capsys.readouterr().out


def test_any_seed_is_better_than_none(capsys):
    write_run(3.0, seed=4)
    whole = Whole(seed=2)
    whole.init_weights()
    assert values(whole.part) == {3.0}
    out = capsys.readouterr().out
    assert f'{LEAF}: has no run of seed 2' in out
    assert 'seed4/iter_9.pth' in out


def test_without_a_run_the_command_is_named():
    words = rf'python tools/train\.py configs/{LEAF}\.py --seed 3'
    with pytest.raises(UserError, match=words):
        Whole(seed=3).init_weights()


@pytest.mark.parametrize(
    ('options', 'changes', 'words'),
    [
        ({}, {'part.score.weight': torch.zeros(3, 2)}, r'score\.weight is'),
        ({}, {'part.more': torch.zeros(1)}, 'more is left over'),
        ({'prefix': 'nothing.'}, {}, 'no weight has a name'),
        ({'prefix': ''}, {}, 'no weight has a name'),
        ({'prefix': 'part.child.'}, {}, 'no weight has a name'),
    ],
)
def test_weights_that_do_not_fit_are_refused(options, changes, words):
    write_run(1.0, **changes)
    with pytest.raises(UserError, match=f'does not fit.*{words}') as error:
        Whole(**options).init_weights()
    assert f'Train {LEAF} again' in str(error.value)


def test_a_missing_weight_is_refused():
    path = write_run(1.0)
    content = torch.load(path)
    del content['state_dict']['part.score.bias']
    torch.save(content, path)
    with pytest.raises(UserError, match=r'score\.bias is missing'):
        Whole().init_weights()


def test_an_unfinished_run_is_named(there, capsys):
    write_run(1.0)
    config = there / f'configs/{LEAF}.py'
    config.parent.mkdir(parents=True)
    config.write_text('train_cfg = dict(max_iters=20)\n')
    Whole().init_weights()
    assert f'part {LEAF}: iteration 9 of 20' in capsys.readouterr().out


def test_it_is_registered():
    assert WEIGHT_INITIALIZERS.get('LeafWeights') is not None
