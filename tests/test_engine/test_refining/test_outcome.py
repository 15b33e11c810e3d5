"""Table, preset and picture of a search."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from zoo.engine.refining.outcome import show, write_outcome
from zoo.engine.refining.search import Result
from zoo.engine.refining.space import SPACES
from zoo.engine.refining.surface import draw_surface, table_of
from zoo.models.post_processors import DenseCRF

SCORES = {
    (5.0, 50.0, 3.0): 60.0,
    (5.0, 60.0, 4.5): 61.234,
    (7.0, 50.0, 3.0): 1,
}
STATED = ((4.0, 121.0, 5.0), 5.0)


@pytest.fixture
def result():
    best = (5.0, 60.0, 4.5)
    options = {
        **DenseCRF(
            bilateral_weight=5.0, bilateral_xy_std=60.0, bilateral_rgb_std=4.5
        ).options
    }
    return Result(
        scores=SCORES,
        without=55.5,
        stated=((4.0, 121.0, 5.0), 59.0),
        best=best,
        options=options,
        images=['a', 'b'],
    )


def test_the_table_begins_with_the_best(result):
    lines = show(result).splitlines()
    assert lines[1].split() == ['61.23', '5', '60', '4.5']
    assert lines[2].split() == ['60.00', '5', '50', '3']
    assert lines[-3].split()[:4] == ['59.00', '4', '121', '5']
    assert lines[-3].endswith('as in the leaf')
    assert lines[-2].split() == ['55.50', 'without', 'CRF']
    assert lines[-1] == '3 settings, 2 images'


def test_a_long_table_is_cut(result):
    many = {(float(i), 1.0, 1.0): float(i) for i in range(40)}
    changed = {'scores': many, 'best': (39.0, 1.0, 1.0), 'without': 5.0}
    text = show(Result(**{**vars(result), **changed, 'stated': STATED}))
    assert len(text.splitlines()) == 1 + 10 + 3
    assert '40 settings' in text


@pytest.mark.parametrize(
    ('without', 'stated', 'line'),
    [
        (61.234, 50, 'none is better than no CRF'),
        (70, 80, 'none is better than no CRF'),
        (50, 61.234, "none is better than the leaf's own numbers"),
        (61.2, 61.2, '3 settings, 2 images'),
    ],
)
def test_says_where_nothing_was_gained(result, without, stated, line):
    setting = result.stated[0]
    changed = {'without': without, 'stated': (setting, stated)}
    text = show(Result(**{**vars(result), **changed}))
    assert text.splitlines()[-1] == line


def test_the_preset_is_read_by_the_post_processor(result, tmp_path):
    search = SimpleNamespace(
        out=tmp_path, name='m/leaf', space=SPACES['v1'], seed=3
    )
    path = write_outcome(search, result)
    assert path == tmp_path / 'preset.json'
    found = DenseCRF(preset=str(path)).options
    assert found == result.options
    how = json.loads(path.read_text())['found']
    assert how['config'] == 'm/leaf'
    assert how['images'] == ['a', 'b']
    assert (how['mIoU'], how['mIoU_without']) == (61.234, 55.5)
    assert (how['seed'], how['iterations']) == (3, 10)
    assert how['space']['bilateral_xy_std'] == '50:10:100'
    assert 'torch' in how['versions']
    assert how['date'].startswith('20')
    assert Image.open(tmp_path / 'surface.png').format == 'PNG'


def test_rows_of_the_surface_are_positions_and_columns_colours():
    table = table_of(SCORES, 5.0, [50.0, 60.0], [3.0, 4.5])
    assert table[0, 0] == 60
    assert table[1, 1] == 61.234
    assert np.isnan(table[0, 1])
    assert np.isnan(table[1, 0])


def test_only_the_best_has_a_frame(tmp_path):
    """Its colour is nowhere else; its place is that of the best."""
    scores = {(5, 50, 3): 60, (5, 60, 3): 61, (5, 50, 4.5): 62}
    found = []
    for best in scores:
        path = tmp_path / 'surface.png'
        draw_surface(scores, best, path)
        pixels = np.asarray(Image.open(path).convert('RGB')).astype(int)
        orange = np.abs(pixels - (0xD5, 0x5E, 0)).sum(2) < 9
        found.append(np.argwhere(orange).mean(0))
    corner, higher, further = found
    assert higher[0] < corner[0] - 20  # greater stds of the place are on top
    assert higher[1] == pytest.approx(corner[1], abs=1)
    assert further[1] > corner[1] + 20
    assert further[0] == pytest.approx(corner[0], abs=1)
