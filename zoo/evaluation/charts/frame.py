"""What surrounds the marks of a chart: heading, grid lines, ticks."""

from collections.abc import Mapping, Sequence

from .axis import Axis
from .looks import Look, legend
from .svg import GRID, MUTED, cut, element, text

WIDTH = 820.0
MARGIN = 20.0


def heading(
    title: str, notes: Sequence[str], styles: Mapping[str, Look]
) -> tuple[list[str], float]:
    """Return title, lines of notes and legend, and where they end."""
    room = WIDTH - 2 * MARGIN
    parts = [text(MARGIN, 32, cut(title, room, 17), size=17, font_weight=600)]
    y = 32.0
    for note in notes:
        y += 19
        parts.append(text(MARGIN, y, cut(note, room, 12), fill=MUTED))
    entries, y = legend(styles, x=MARGIN, y=y + 10, width=room)
    return parts + entries, y + 8


def vertical_grid(axis: Axis, *, top: float, bottom: float) -> list[str]:
    """Return a line for each tick of a horizontal axis, its value below."""
    parts = []
    for value, label in axis.ticks:
        x = axis.at(value)
        parts.append(_line(x, top, x, bottom))
        parts.append(_value(x, bottom + 16, label, 'middle'))
    return parts


def horizontal_grid(axis: Axis, *, left: float, right: float) -> list[str]:
    """Return a line for each tick of a vertical axis, its value before it."""
    parts = []
    for value, label in axis.ticks:
        y = axis.at(value)
        parts.append(_line(left, y, right, y))
        parts.append(_value(left - 8, y + 4, label, 'end'))
    return parts


def _value(x: float, y: float, label: str, anchor: str) -> str:
    return text(x, y, label, size=11, fill=MUTED, text_anchor=anchor)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return element('line', x1=x1, y1=y1, x2=x2, y2=y2, stroke=GRID)
