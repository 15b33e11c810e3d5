"""Names beside points: as many as have room, the important ones always."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .svg import text_width

SIZE = 11.0
_REACH = 8.0  # of a marker from its middle, with a little air
_ASCENT, _DESCENT = 9.0, 3.0
_ABOVE, _BELOW = -_REACH - _DESCENT, _REACH + _ASCENT
# Spots of a text around a point: which part of it stands there, how far to the
# right and how far down its baseline is; beside the point first.
_SPOTS = (
    ('start', _REACH, 4.0),
    ('end', -_REACH, 4.0),
    ('start', 4.0, _ABOVE),
    ('start', 4.0, _BELOW),
    ('middle', 0.0, _ABOVE),
    ('middle', 0.0, _BELOW),
    ('end', -4.0, _ABOVE),
    ('end', -4.0, _BELOW),
)
_LEFT_OF = {'start': 0.0, 'middle': 0.5, 'end': 1.0}


@dataclass(frozen=True)
class Box:
    """A rectangle; y points down."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: 'Box') -> bool:
        """Whether no part lies outside ``other``."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Point:
    """A marker at a place; ``named`` says that its name must be seen."""

    x: float
    y: float
    name: str
    named: bool


@dataclass(frozen=True)
class Place:
    """Where a name goes; ``anchor`` is the part of it that stands at ``x``.

    That keeps a name beside its point in fonts wider or narrower than ours.
    """

    x: float
    baseline: float
    anchor: str
    box: Box


def place_names(
    points: Sequence[Point], frame: Box, *, lines: Sequence[Box] = ()
) -> list[Place | None]:
    """Return the place of each name, None where it has no room.

    Names that must be seen come first, then the others in their order. Each
    takes the first spot around its point where it covers no point, line or
    name; one that must be seen, and has none, that where it covers least.

    Args:
        points: What to name.
        frame: Names stay within it.
        lines: What else should not be covered.
    """
    taken = _Taken([*map(_marker_box, points), *lines], more=len(points))
    places: list[Place | None] = [None] * len(points)
    order = sorted(range(len(points)), key=lambda i: not points[i].named)
    for i in order:
        place = _best_place(points[i], taken, frame)
        if place is not None:
            taken.add(place.box)
            places[i] = place
    return places


class _Taken:
    """What must not be covered, as an array: a thousand points are seen to."""

    def __init__(self, boxes: Sequence[Box], *, more: int) -> None:
        self._edges = np.zeros((4, len(boxes) + more))
        self._count = 0
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        """Take another box."""
        edges = (box.left, box.top, box.right, box.bottom)
        self._edges[:, self._count] = edges
        self._count += 1

    def covered(self, box: Box) -> float:
        """Return the area that a box shares with others, all in all."""
        left, top, right, bottom = self._edges[:, : self._count]
        wide = np.minimum(right, box.right) - np.maximum(left, box.left)
        high = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
        areas = np.maximum(wide, 0) * np.maximum(high, 0)
        # Rounded, as machines add in an order of their own.
        return round(float(np.sum(areas)), 3)


def _best_place(point: Point, taken: _Taken, frame: Box) -> Place | None:
    best, least = None, float('inf')
    for place in _places(point):
        if not place.box.within(frame):
            continue
        covered = taken.covered(place.box)
        if covered == 0:
            return place
        if covered < least:
            best, least = place, covered
    return best if point.named else None


def _places(point: Point) -> list[Place]:
    width = text_width(point.name, SIZE)
    places = []
    for anchor, right, down in _SPOTS:
        x, y = point.x + right, point.y + down
        left = x - _LEFT_OF[anchor] * width
        box = Box(left, y - _ASCENT, left + width, y + _DESCENT)
        places.append(Place(x, y, anchor, box))
    return places


def _marker_box(point: Point) -> Box:
    x, y, r = point.x, point.y, _REACH
    return Box(x - r, y - r, x + r, y + r)
