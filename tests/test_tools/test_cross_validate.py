"""The command line of a cross-validation."""

import importlib.util

import pytest
from support import ROOT

from zoo.engine import cross_validation
from zoo.evaluation import fold_table


@pytest.fixture
def tool():
    path = ROOT / 'tools/cross_validate.py'
    spec = importlib.util.spec_from_file_location('cross_validate', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ('words', 'keep'),
    [((), None), (('--record',), 'docs/results'), (('--record', 'x'), 'x')],
)
def test_everything_reaches_the_function(
    tool, monkeypatch, capsys, words, keep
):
    seen = {}

    def instead(paths, options, *, keep):
        seen.update(paths=paths, options=options, keep=keep)
        return {'a': 'record'}

    monkeypatch.setattr(cross_validation, 'cross_validate', instead)
    monkeypatch.setattr(fold_table, 'fold_table', str)
    args = 'a.py b.py --folds 3 --seed 4 --data-root d --cfg-options k=1 l=2'
    tool.main(tool.build_parser().parse_args([*args.split(), *words]))
    assert seen['paths'] == ['a.py', 'b.py']
    assert seen['keep'] == keep
    options = seen['options']
    assert (options.folds, options.seed, options.data_root) == (3, 4, 'd')
    assert options.options == ['k=1', 'l=2']
    assert "{'a': 'record'}" in capsys.readouterr().out
