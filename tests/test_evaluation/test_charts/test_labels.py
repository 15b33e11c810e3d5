"""Names beside points."""

import dataclasses

import numpy as np
import pytest

from zoo.evaluation.charts.labels import Box, Point, place_names
from zoo.evaluation.charts.svg import text_width

FRAME = Box(0, 0, 400, 200)


def boxes_meet(a, b):
    apart = (
        a.right <= b.left
        or b.right <= a.left
        or a.bottom <= b.top
        or b.bottom <= a.top
    )
    return not apart


def around(point):
    return Box(point.x - 7, point.y - 7, point.x + 7, point.y + 7)


def test_a_name_stands_to_the_right_of_its_point():
    [place] = place_names([Point(100, 80, 'name', False)], FRAME)
    assert (place.x, place.baseline, place.anchor) == (108, 84, 'start')
    width = text_width('name', 11)
    assert place.box == Box(108, 75, 108 + width, 87)


def test_a_name_turns_away_from_the_edge_and_from_others():
    right = Point(396, 80, 'edge', False)
    [place] = place_names([right], FRAME)
    assert (place.x, place.anchor) == (388, 'end')
    left = Point(100, 80, 'left', False)
    near = Point(120, 80, 'near', False)
    first, second = place_names([left, near], FRAME)
    assert (first.x, first.anchor) == (92, 'end')
    assert (second.x, second.anchor) == (128, 'start')


def test_a_name_leaves_a_line_free():
    line = Box(100, 79, 300, 81)
    [place] = place_names([Point(100, 80, 'n', True)], FRAME, lines=[line])
    assert place.anchor == 'end'
    both = Box(0, 79, 400, 81)
    [place] = place_names([Point(100, 80, 'n', True)], FRAME, lines=[both])
    assert (place.x, place.baseline, place.anchor) == (104, 69, 'start')


def crowd(named):
    return [Point(200, 100, f'name {i}', i in named) for i in range(12)]


def test_where_there_is_no_room_only_the_important_are_named():
    places = place_names(crowd(named={10, 11}), FRAME)
    assert all(places[10:])
    assert places[10].anchor == 'start'  # the first to choose
    assert 2 <= sum(place is not None for place in places) < 12
    everyone = place_names(crowd(named=range(12)), FRAME)
    assert None not in everyone


def test_a_name_that_must_be_seen_covers_as_little_as_it_can():
    tall = Box(0, 0, 400, 100)  # above and beside
    wall = Box(204, 100, 400, 200)  # below, to the right
    point = Point(200, 100, 'name', True)
    [place] = place_names([point], FRAME, lines=[tall, wall])
    assert (place.anchor, place.x) == ('end', 196)
    assert place.baseline > 100


@pytest.mark.parametrize('seed', range(20))
def test_names_meet_neither_points_nor_names_nor_edges(seed):
    rng = np.random.default_rng(seed)
    points = [
        Point(x, y, 'n' * int(rng.integers(1, 20)), False)
        for x, y in rng.uniform((0, 0), (400, 200), (15, 2))
    ]
    places = place_names(points, FRAME)
    boxes = [place.box for place in places if place is not None]
    assert len(boxes) > 5
    for i, box in enumerate(boxes):
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= 400
        assert box.bottom <= 200
        assert not any(boxes_meet(box, other) for other in boxes[:i])
        assert not any(boxes_meet(box, around(point)) for point in points)


@pytest.mark.parametrize('side', ['left', 'top', 'right', 'bottom'])
def test_a_frame_holds_on_each_side(side):
    inner = Box(10, 10, 20, 20)
    assert inner.within(inner)
    shift = 1 if side in ('left', 'top') else -1
    tight = dataclasses.replace(inner, **{side: getattr(inner, side) + shift})
    assert not inner.within(tight)
