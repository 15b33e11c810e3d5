"""The command line that draws scores around borders."""

import copy
import importlib.util

import pytest
from example_records import TRIMAP
from support import ROOT

from zoo.cli import run
from zoo.evaluation import write_record
from zoo.evaluation.charts import trimap_chart


@pytest.fixture
def call(monkeypatch, tmp_path, capsys):
    """Return a function: arguments -> code, what was printed, and errors."""
    path = ROOT / 'tools/trimap.py'
    spec = importlib.util.spec_from_file_location('trimap', path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.chdir(tmp_path)

    def call(*args):
        code = run(tool.build_parser(), tool.main, list(map(str, args)))
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def records(make_record, tmp_path):
    """Three seeds of a leaf, in files."""
    made = []
    for seed in range(3):
        block = copy.deepcopy(TRIMAP)
        block['final']['mIoU'][0] += seed
        made.append(make_record(seed=seed, trimap=block))
        write_record(tmp_path / f'{seed}.json', made[-1])
    return made


def test_draws_svg_and_prints_the_table(call, records, tmp_path):
    code, out, err = call('0.json', '1.json', '2.json', '--out', 'n/a.svg')
    assert (code, err) == (0, '')
    assert (tmp_path / 'n/a.svg').read_text() == trimap_chart(records)
    assert '41.0 ± 1.0' in out
    assert out.count('without post-processors') == 2
    assert out.endswith('\nwrote n/a.svg\n')


def test_draws_the_other_metric(call, records, tmp_path):
    assert call('0.json', '--out', 'a.svg', '--metric', 'aAcc')[0] == 0
    drawn = (tmp_path / 'a.svg').read_text()
    assert drawn == trimap_chart(records[:1], metric='aAcc')


@pytest.mark.parametrize('name', ['a.png', 'svg', 'a.svg.gz'])
def test_refuses_another_kind_of_picture(call, records, tmp_path, name):
    code, out, err = call('0.json', '--out', name)
    assert (code, out) == (2, '')
    assert err == (
        f'error: --out {name}: has no name that ends in .svg. Give it one\n'
    )
    assert not (tmp_path / name).exists()


def test_names_the_record_without_these_scores(
    call, records, make_record, tmp_path
):
    write_record(tmp_path / 'old.json', make_record())
    code, out, err = call('0.json', 'old.json', '--out', 'a.svg')
    assert (code, out) == (2, '')
    assert err == (
        'error: old.json: has no scores around borders. Write it again: '
        'python tools/test.py configs/deeplab_crf/vgg16_minivoc.py --trimap\n'
    )
    assert not (tmp_path / 'a.svg').exists()


def test_names_the_file_that_is_no_record(call, tmp_path):
    (tmp_path / 'no.json').write_text('{}')
    code, _, err = call('no.json', '--out', 'a.svg')
    assert (code, err.count('\n')) == (2, 1)
    assert err.startswith('error: no.json: not a run record')
