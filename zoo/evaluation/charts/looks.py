"""How methods look in every picture: a colour and a marker each."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .svg import INK, PAPER, element, text, text_width

# Methods of the zoo look the same whatever else is in the picture.
METHODS = ('compare', 'context_crf', 'deeplab_crf', 'fcrn', 'zoom_out')
# After Okabe and Ito, Color Universal Design, 2008: hues that those who see
# two colours can tell apart, dark enough to stand out from white.
COLOURS = ('#2f3640', '#0072b2', '#d55e00', '#00856a', '#db7094', '#8a3b1e')
# Corners of each marker around (0, 0); a circle has none. As many as 7
# markers and 6 colours have no common factor: 42 methods look different.
_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    'diamond': ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    'circle': (),
    'square': ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
    'triangle': ((0, -1.3), (1.25, 0.9), (-1.25, 0.9)),
    'wedge': ((0, 1.3), (1.25, -0.9), (-1.25, -0.9)),
    'bar': ((-0.55, -1.35), (0.55, -1.35), (0.55, 1.35), (-0.55, 1.35)),
    'hexagon': tuple(
        (1.15 * math.sin(a * math.pi / 3), -1.15 * math.cos(a * math.pi / 3))
        for a in range(6)
    ),
}
MARKERS = tuple(_CORNERS)
_GAP = 22.0  # between entries of a legend
_LINE = 20.0


@dataclass(frozen=True)
class Look:
    """A colour as ``#rrggbb`` and the name of a marker."""

    colour: str
    marker: str


def looks(families: Iterable[str]) -> dict[str, Look]:
    """Return the look of each method family, in alphabetical order.

    The zoo's own have a fixed one; others follow in their order.
    """
    known = sorted(set(families))
    order = [*METHODS, *(f for f in known if f not in METHODS)]
    return {
        family: Look(
            COLOURS[order.index(family) % len(COLOURS)],
            MARKERS[order.index(family) % len(MARKERS)],
        )
        for family in known
    }


def marker(look: Look, x: float, y: float, *, radius: float = 5.0) -> str:
    """Return a marker at a place, with an edge that parts it from others."""
    paint: dict[str, str | float] = {
        'fill': look.colour,
        'stroke': PAPER,
        'stroke_width': 1.2,
    }
    corners = _CORNERS[look.marker]
    if not corners:
        return element('circle', cx=x, cy=y, r=radius, **paint)
    points = ' '.join(
        f'{x + radius * dx:.1f},{y + radius * dy:.1f}' for dx, dy in corners
    )
    return element('polygon', points=points, **paint)


def legend(
    styles: Mapping[str, Look], *, x: float, y: float, width: float
) -> tuple[list[str], float]:
    """Return a legend on as many lines as it needs, and the end of the last.

    Args:
        styles: Looks by what to call them.
        x: Left end.
        y: Upper end.
        width: Room for a line.
    """
    parts, left = [], x
    for name, look in styles.items():
        needed = 12 + text_width(name, 12)
        if left > x and left + needed > x + width:
            left, y = x, y + _LINE
        parts.append(marker(look, left + 5, y + 10))
        parts.append(text(left + 15, y + 14, name, fill=INK))
        left += needed + _GAP
    return parts, y + _LINE
