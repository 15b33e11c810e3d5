"""The pictures of this package as PNG, where SVG cannot be shown."""

import io
from collections.abc import Callable
from typing import Any, Literal
from xml.etree import ElementTree

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text

_SPACE = '{http://www.w3.org/2000/svg}'
_SCALE = 2  # dots per user unit
_ANCHORS: dict[str, Literal['left', 'center', 'right']] = {
    'start': 'left',
    'middle': 'center',
    'end': 'right',
}
_SILENT = ('title', 'desc')
_Element = ElementTree.Element
_Place = tuple[float, float]


def to_png(svg: str) -> bytes:
    """Paint a picture of ``zoo.evaluation.charts`` with matplotlib.

    Source: none.
    Differs: knows the elements that ``.svg`` and its callers make, not all
    of SVG; corners of the card are not rounded, text is DejaVu Sans.

    Args:
        svg: One of ``Drawing.svg`` or ``stack``.

    Returns:
        The file, two dots per user unit.

    Raises:
        ValueError: If there is an element that it cannot paint.
    """
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.attrib['viewBox'].split())
    # A user unit is a point, so that sizes of lines and text stay numbers.
    figure = Figure(figsize=(width / 72, height / 72), dpi=72 * _SCALE)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    _paint(axes, root, (0.0, 0.0))
    file = io.BytesIO()
    figure.savefig(file, format='png', metadata={'Software': None})
    return file.getvalue()


def _paint(axes: Axes, parent: _Element, origin: _Place) -> None:
    for child in parent:
        name = child.tag.removeprefix(_SPACE)
        if name in _SILENT:
            continue
        if name in ('svg', 'g'):
            x, y = _number(child, 'x'), _number(child, 'y')
            _paint(axes, child, (origin[0] + x, origin[1] + y))
        elif name in _PAINTERS:
            artist = _PAINTERS[name](child, origin)
            artist.set_zorder(1)  # all alike: painted as they come
            axes.add_artist(artist)
        else:
            raise ValueError(f'{name} is an element that to_png cannot paint')


def _rect(node: _Element, origin: _Place) -> Rectangle:
    corner = origin[0] + _number(node, 'x'), origin[1] + _number(node, 'y')
    size = _number(node, 'width'), _number(node, 'height')
    return Rectangle(corner, *size, **_area(node))


def _circle(node: _Element, origin: _Place) -> Circle:
    centre = origin[0] + _number(node, 'cx'), origin[1] + _number(node, 'cy')
    return Circle(centre, _number(node, 'r'), **_area(node))


def _polygon(node: _Element, origin: _Place) -> Polygon:
    return Polygon(_places(node, origin), closed=True, **_area(node))


def _polyline(node: _Element, origin: _Place) -> Line2D:
    xs, ys = zip(*_places(node, origin), strict=True)
    return Line2D(xs, ys, **_stroke(node))


def _line(node: _Element, origin: _Place) -> Line2D:
    xs = [origin[0] + _number(node, key) for key in ('x1', 'x2')]
    ys = [origin[1] + _number(node, key) for key in ('y1', 'y2')]
    return Line2D(xs, ys, **_stroke(node))


def _text(node: _Element, origin: _Place) -> Text:
    return Text(
        origin[0] + _number(node, 'x'),
        origin[1] + _number(node, 'y'),
        node.text or '',
        color=node.get('fill'),
        fontsize=_number(node, 'font-size'),
        # DejaVu Sans has no half-bold: it would say so on every call.
        fontweight='bold' if 'font-weight' in node.attrib else 'normal',
        horizontalalignment=_ANCHORS[node.get('text-anchor', 'start')],
        verticalalignment='baseline',
        parse_math=False,
    )


def _number(node: _Element, key: str, default: float = 0.0) -> float:
    return float(node.get(key, default))


def _places(node: _Element, origin: _Place) -> list[_Place]:
    pairs = (pair.split(',') for pair in node.attrib['points'].split())
    return [(origin[0] + float(x), origin[1] + float(y)) for x, y in pairs]


def _area(node: _Element) -> dict[str, Any]:
    return {
        'facecolor': (node.get('fill'), _number(node, 'fill-opacity', 1)),
        'edgecolor': node.get('stroke', 'none'),
        'linewidth': _number(node, 'stroke-width', 1),
    }


def _stroke(node: _Element) -> dict[str, Any]:
    width = _number(node, 'stroke-width', 1)
    # matplotlib counts dashes in widths of the line, SVG in user units.
    dashes = [float(d) / width for d in _dashes(node)]
    return {
        'color': node.get('stroke'),
        'alpha': _number(node, 'stroke-opacity', 1),
        'linewidth': width,
        'linestyle': (0, dashes) if dashes else 'solid',
        'solid_capstyle': 'butt',
        'dash_capstyle': 'butt',
    }


def _dashes(node: _Element) -> list[str]:
    return node.get('stroke-dasharray', '').split()


_PAINTERS: dict[str, Callable[[_Element, _Place], Any]] = {
    'rect': _rect,
    'circle': _circle,
    'polygon': _polygon,
    'polyline': _polyline,
    'line': _line,
    'text': _text,
}
