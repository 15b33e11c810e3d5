"""The benchmark of instances measures what it says it does."""

import importlib.util

import numpy as np
import pytest
from grouping_reference import reference
from support import ROOT

from zoo.cli import run

SMALL = ('--cells', '21', '23', '--classes', '3', '--instances', '4')
FEW = ('--images', '5', '--distinct', '2', '--detections', '4')


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/instances.py'
    spec = importlib.util.spec_from_file_location('instances', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_both_parts_are_printed_beside_what_is_demanded(tool, capsys):
    arguments = [*SMALL, *FEW, '--rounds', '1', '--size', '37', '50']
    code = run(tool.build_parser(), tool.main, arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    for text in (
        'grouping, 21 x 23 cells, 3 classes, 4 instances drawn',
        'demanded                     >= 20',
        'AP, 5 images x 4 detections of 37 x 50',
        'AP_vol',
        'demanded                     <= 30',
    ):
        assert text in out


def test_the_plain_loops_are_greedy_suppression(tool):
    """They find what an independent reference finds."""
    args = tool.build_parser().parse_args(SMALL)
    probs, boxes = tool.crowded_image(args)
    found = tool.plain_grouping(probs, boxes)
    expected = reference(
        probs,
        boxes,
        top_n=tool.TOP_N,
        box_iou=tool.BOX_IOU,
        mask_iou=tool.MASK_IOU,
        min_pixels=tool.MIN_PIXELS,
        max_per_class=1000,
    )
    assert len(found) == len(expected) > 1
    for (label, score, pixels), theirs in zip(found, expected, strict=True):
        assert label == theirs[0]
        assert score == pytest.approx(theirs[1])
        assert pixels == {23 * y + x for y, x in theirs[2]}


def test_another_result_ends_it(tool, monkeypatch):
    """A fast answer that is wrong must not be praised."""
    args = tool.build_parser().parse_args([*SMALL, '--rounds', '1'])
    plain = tool.plain_grouping
    monkeypatch.setattr(tool, 'plain_grouping', lambda *maps: plain(*maps)[1:])
    with pytest.raises(RuntimeError, match='found different'):
        tool.time_grouping(args)


def test_every_image_is_scored(tool, monkeypatch):
    import zoo.evaluation

    seen = []

    def spy(detections, truths):
        seen.append([len(image) for image in (*detections, *truths)])
        return {'AP_0.5': {'mean': 0.0}}

    monkeypatch.setattr(zoo.evaluation, 'region_ap', spy)
    args = tool.build_parser().parse_args(
        [*FEW, '--truths', '3', '--size', '37', '50']
    )
    tool.time_ap(args)
    assert seen == [[4] * 5 + [3] * 5]
    found, truths = tool.drawn_images(args)
    assert found[0][0]['mask'].shape == (37, 50)
    assert found[0][0]['mask'].dtype == truths[0][0]['mask'].dtype == bool
    assert not np.array_equal(truths[0][0]['mask'], truths[1][0]['mask'])
