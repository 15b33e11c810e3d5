"""The points of a scatter plot: front, markers, intervals and names."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .axis import Axis
from .labels import SIZE, Box, Place, Point, place_names
from .looks import Look, looks, marker
from .pareto import pareto_front
from .rows import Board, Row
from .svg import INK, MUTED, PAPER, cut, element, text, tooltip

_Spot = tuple[float, float]
_NAMES = 300.0  # the widest that a name may be: it fits on one side


@dataclass(frozen=True)
class Timed:
    """A row that has a score, in per cent, and a time per image."""

    row: Row
    score: float
    milliseconds: float


def draw_points(
    board: Board, group: Sequence[Timed], across: Axis, up: Axis
) -> list[str]:
    """Return the front, then a group of marks for each row.

    Args:
        board: Says rows in words.
        group: Best first.
        across: Axis of times.
        up: Axis of scores.
    """
    spots = [(across.at(t.milliseconds), up.at(t.score)) for t in group]
    front = pareto_front([(t.milliseconds, t.score) for t in group])
    corners = _corners([spots[i] for i in front])
    points = [
        Point(x, y, cut(timed.row.name, _NAMES, SIZE), named=i in front)
        for i, (timed, (x, y)) in enumerate(zip(group, spots, strict=True))
    ]
    frame = Box(across.start, up.end - 10, across.end + 20, up.start)
    places = place_names(points, frame, lines=_boxes(corners))
    styles = looks(timed.row.family for timed in group)
    parts = [_front(corners)]
    for timed, point, place in zip(group, points, places, strict=True):
        says = f'{board.say(timed.row)}; {timed.milliseconds:.1f} ms per image'
        marks = _marks(timed.row, point, place, styles[timed.row.family], up)
        parts.append(
            element(
                'g',
                tooltip(says),
                *marks,
                class_='point',
                data_row=timed.row.label,
                tabindex='0',
                role='img',
            )
        )
    return parts


def _marks(
    row: Row, point: Point, place: Place | None, look: Look, up: Axis
) -> list[str]:
    parts = []
    if row.interval:
        low, high = map(up.at, row.interval)
        parts.append(
            element(
                'line',
                class_='interval',
                x1=point.x,
                x2=point.x,
                y1=low,
                y2=high,
                stroke=look.colour,
                stroke_width=2,
                stroke_opacity=0.5,
            )
        )
    parts.append(marker(look, point.x, point.y))
    if place is not None:
        parts.append(
            text(
                place.x,
                place.baseline,
                point.name,
                size=SIZE,
                fill=INK if point.named else MUTED,
                text_anchor=place.anchor,
                stroke=PAPER,  # a halo, where a line passes below
                stroke_width=3,
                paint_order='stroke',
            )
        )
    return parts


def _corners(spots: Sequence[_Spot]) -> list[_Spot]:
    """Return the steps of a front: between two points the faster one holds."""
    corners = [spots[0]]
    for x, y in spots[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return corners


def _boxes(corners: Sequence[_Spot]) -> list[Box]:
    """Return the lines between corners as boxes two units wide."""
    boxes = []
    for (x1, y1), (x2, y2) in pairwise(corners):
        left, right = sorted((x1, x2))
        top, bottom = sorted((y1, y2))
        boxes.append(Box(left - 1, top - 1, right + 1, bottom + 1))
    return boxes


def _front(corners: Sequence[_Spot]) -> str:
    return element(
        'polyline',
        class_='front',
        points=' '.join(f'{x:.1f},{y:.1f}' for x, y in corners),
        fill='none',
        stroke=MUTED,
        stroke_dasharray='3 3',
    )
