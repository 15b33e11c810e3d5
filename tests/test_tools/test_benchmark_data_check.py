"""The benchmark of checking times what it says, on maps as VOC's."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import ROOT

from zoo.cli import run
from zoo.datasets.checking.plain_png import count_plain_png

SMALL = ('--maps', '6', '--size', '37', '50', '--rounds', '2')


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/data_check.py'
    spec = importlib.util.spec_from_file_location('data_check', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def in_threads(tool, monkeypatch):
    """A module loaded by its path cannot be pickled for processes."""
    monkeypatch.setattr(tool, 'ProcessPoolExecutor', tool.ThreadPoolExecutor)


def test_prints_times_and_the_ratio(tool, in_threads, capsys):
    assert run(tool.build_parser(), tool.main, SMALL) == 0
    out, err = capsys.readouterr()
    assert err == ''
    assert '6 label maps of 37 x 50' in out
    for text in ('decode, threads', 'decode, processes', 'us a map'):
        assert text in out
    assert 'check over decoding  median' in out
    assert 'demanded             <= 1.3' in out


def test_the_ratio_is_to_the_faster_way(tool, capsys):
    tool.print_times([[2.0, 4.0, 3.0], [8.0, 4.0, 5.0], [1.0, 2.0, 1.0]], 1000)
    out = capsys.readouterr().out
    assert 'check over decoding  median    1.250\n' in out
    assert 'of single rounds   1.000 to 1.500\n' in out
    assert 'decode, threads      median     2.00 s     2000 us a map' in out


def test_maps_are_as_vocs(tool, tmp_path):
    args = tool.build_parser().parse_args(['--maps', '4'])
    paths = tool.write_voc(tmp_path, args)
    assert len(paths) == 4
    seen = set()
    for path in map(Path, paths):
        picture = Image.open(path)
        assert (picture.mode, picture.size) == ('P', (500, 375))
        ids = np.array(picture)
        assert {0, 255} < set(np.unique(ids).tolist()) <= {*range(21), 255}
        changes = (ids[:, 1:] != ids[:, :-1]).mean()
        assert changes < 0.05  # regions, no noise
        assert 500 < path.stat().st_size < 10_000
        assert count_plain_png(path.read_bytes()) is not None
        seen.add(path.read_bytes())
    assert len(seen) == 4
    names = [path.stem for path in map(Path, paths)]
    lists = tmp_path / 'ImageSets/Segmentation'
    listed = [(lists / f'{x}.txt').read_text() for x in ('train', 'val')]
    assert ''.join(listed).split() == names


def test_a_check_that_leaves_out_maps_ends_it(tool, tmp_path):
    args = tool.build_parser().parse_args(SMALL)
    paths = tool.write_voc(tmp_path, args)
    tool.check_all(tmp_path, 6)
    with pytest.raises(RuntimeError, match='6 maps checked'):
        tool.check_all(tmp_path, 7)
    Path(paths[0]).write_bytes(b'')
    with pytest.raises(RuntimeError, match='cannot be read as a label map'):
        tool.check_all(tmp_path, 6)
