"""The benchmark of superpixels measures what it says it does."""

import importlib.util

import numpy as np
import pytest
from support import ROOT

from zoo.cli import run

SMALL = (
    *('--size', '40', '50', '--superpixels', '20', '--textons', '5'),
    *('--words', '6', '--rounds', '1', '--repeats', '1'),
    *('--model', str(ROOT / 'configs/_base_/models/zoom_out_narrow_vgg16.py')),
    *('--crops', '5', '--batch', '2'),
)


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/zoom_out.py'
    spec = importlib.util.spec_from_file_location('zoom_out', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_parts_are_printed_beside_what_is_demanded(tool, capsys):
    code = run(tool.build_parser(), tool.main, SMALL)
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    for text in (
        'pooling, 40 x 50, ',
        'demanded                    >= 20',
        'image, 40 x 50, superpixels included',
        'demanded                    < 1.5',
        'distant, 5 regions at 64 x 64, batch 2',
        'demanded                    >= 0.9',
    ):
        assert text in out


def test_different_features_are_not_timed(tool, monkeypatch, capsys):
    """A loop that returns something else is no reference."""
    plain = tool.plain_pooling

    def wrong(*given):
        local, proximal = plain(*given)
        return local, proximal + np.float32(1e-3)

    monkeypatch.setattr(tool, 'plain_pooling', wrong)
    args = tool.build_parser().parse_args([*SMALL, '--parts', 'pooling'])
    with pytest.raises(RuntimeError, match='pooling and masks differ by'):
        tool.main(args)
