"""The benchmark of the leaderboard times what a user calls."""

import importlib.util
import json

import pytest
from support import ROOT

from zoo.cli import run
from zoo.evaluation.reading import read_results

SMALL = ('--records', '3', '--images', '5', '--classes', '4')


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/leaderboard.py'
    spec = importlib.util.spec_from_file_location('leaderboard', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_records_are_whole_and_of_several_methods(tool, tmp_path):
    args = tool.build_parser().parse_args(SMALL)
    paths = tool.write_records(tmp_path, args)
    results = read_results(paths)
    assert results.problems == []
    configs = [record['config'] for record in results.records()]
    assert configs == [f'method{i}/leaf{i:04}' for i in range(3)]
    record = json.loads(paths[0].read_text())
    assert len(record['per_image']) == 5
    for rows in record['per_image'].values():
        assert 2 <= len(rows) <= 4
        assert sum(row[3] for row in rows) == tool.PIXELS
        assert sum(row[2] for row in rows) == tool.PIXELS
    scores = [r['metrics']['mIoU'] for r in results.records()]
    assert len(set(scores)) == 3


def test_prints_seconds_for_each_format(tool, capsys):
    argv = [*SMALL, '--formats', 'md', 'csv']
    assert run(tool.build_parser(), tool.main, argv) == 0
    out, err = capsys.readouterr()
    assert err == ''
    assert '3 records, 5 images, 4 classes' in out
    for text in ('json.loads alone', '--format md', '--format csv'):
        assert text in out
    assert '--format html' not in out
    assert 'demanded         <= 5 s' in out
