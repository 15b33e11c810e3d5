"""Scores against the width of the band around borders, as curves."""

from collections.abc import Iterable, Mapping, Sequence

from zoo.evaluation.summaries import Summary
from zoo.evaluation.trimap_curves import WITHOUT, Curve, trimap_groups

from .axis import Axis, linear_axis
from .frame import MARGIN, WIDTH, heading, horizontal_grid, vertical_grid
from .looks import Look, looks, marker
from .rows import Board, Row, make_board
from .svg import MUTED, Drawing, element, stack, text, tooltip

_LEFT = MARGIN + 34
_RIGHT = WIDTH - MARGIN - 10
_HEIGHT = 360.0
_Leaf = tuple[Row, list[Curve]]


def trimap_chart(records: Iterable[dict], *, metric: str = 'mIoU') -> str:
    """Return a picture of scores against the width of the band, as SVG.

    A line stands for the mean over the seeds of a leaf, a band for their
    standard deviation to either side. Dashed lines are of the labels before
    its post-processors. Data sets and splits have a picture each, on top of
    each other.

    Args:
        records: Each with a block 'trimap'.
        metric: 'mIoU' or 'aAcc'.

    Raises:
        UserError: If records of one leaf have other widths.
        ValueError: If there is no record.
    """
    groups = trimap_groups(records, metric)
    return stack([_draw(group, metric) for group in groups])


def _draw(
    group: Sequence[tuple[Summary, list[Curve]]], metric: str
) -> Drawing:
    board = make_board([summary for summary, _ in group], metric)
    curves = {summary.label: found for summary, found in group}
    leaves = [(row, curves[row.label]) for row in board.rows]
    styles = _styles(board.rows)
    header = board.column.header
    title = f'{board.title}: {header} around borders'
    body, end = heading(title, [_note(leaves)], styles)
    top = end + 26
    bottom = top + _HEIGHT
    across, up = _axes(leaves, top, bottom)
    middle = (_LEFT + _RIGHT) / 2
    unit = 'pixels from void, at most'
    body += [
        text(MARGIN, top - 12, f'{header}, per cent', fill=MUTED),
        *vertical_grid(across, top=top, bottom=bottom),
        *horizontal_grid(up, left=_LEFT, right=_RIGHT),
        text(middle, bottom + 36, unit, fill=MUTED, text_anchor='middle'),
        *_lines(board, leaves, styles, across, up),
    ]
    said = (_say(board, row, c) for row, found in leaves for c in found)
    return Drawing(
        title=title,
        description=f'Within so many pixels of void. {"; ".join(said)}.',
        width=WIDTH,
        height=bottom + 50,
        body=body,
    )


def _styles(rows: Sequence[Row]) -> dict[str, Look]:
    """Return a look by name: that of the method if it has only one leaf."""
    families = [row.family for row in rows]
    if len(set(families)) == len(families):
        known = looks(families)
        return {row.name: known[row.family] for row in rows}
    known = looks(row.name for row in rows)
    return {row.name: known[row.name] for row in rows}


def _note(leaves: Sequence[_Leaf]) -> str:
    curves = [curve for _, found in leaves for curve in found]
    several = any(curve.spreads for curve in curves)
    notes = ['Solid: as tested.']
    if any(curve.raw for curve in curves):
        notes.append(f'Dashed: {WITHOUT}.')
    if several:
        notes.append('Lines: means over seeds, bands: one deviation.')
    return ' '.join(notes)


def _axes(
    leaves: Sequence[_Leaf], top: float, bottom: float
) -> tuple[Axis, Axis]:
    curves = [curve for _, found in leaves for curve in found]
    widths = [width for curve in curves for width in curve.widths]
    scores = [end for curve in curves for ends in _ends(curve) for end in ends]
    return (
        linear_axis([0, *widths], start=_LEFT, end=_RIGHT),
        linear_axis(
            scores,
            start=bottom,
            end=top,
            intervals=6,
            least=5.0,
            bounds=(0.0, 100.0),
        ),
    )


def _ends(curve: Curve) -> list[tuple[float, float]]:
    """Return the lower and the upper end of the band at every width."""
    spreads = curve.spreads or [0.0] * len(curve.means)
    return [
        (mean - spread, mean + spread)
        for mean, spread in zip(curve.means, spreads, strict=True)
    ]


def _lines(
    board: Board,
    leaves: Sequence[_Leaf],
    styles: Mapping[str, Look],
    across: Axis,
    up: Axis,
) -> list[str]:
    """Return a group for each curve; the best leaf lies on top."""
    return [
        element(
            'g',
            tooltip(_say(board, row, curve)),
            *_marks(curve, styles[row.name], across, up),
            class_='raw' if curve.raw else 'curve',
            data_row=row.label,
        )
        for row, found in reversed(leaves)
        for curve in reversed(found)
    ]


def _marks(curve: Curve, look: Look, across: Axis, up: Axis) -> list[str]:
    xs = [across.at(width) for width in curve.widths]
    ys = [up.at(mean) for mean in curve.means]
    parts = []
    if curve.spreads:
        lows, highs = zip(*_ends(curve), strict=True)
        there = zip(xs, map(up.at, highs), strict=True)
        back = zip(xs[::-1], map(up.at, lows[::-1]), strict=True)
        parts.append(
            element(
                'polygon',
                class_='spread',
                points=_points([*there, *back]),
                fill=look.colour,
                fill_opacity='0.15',
            )
        )
    dashes = {'stroke_dasharray': '6 4'} if curve.raw else {}
    parts.append(
        element(
            'polyline',
            points=_points(zip(xs, ys, strict=True)),
            fill='none',
            stroke=look.colour,
            stroke_width=2,
            **dashes,
        )
    )
    places = [curve.widths.index(width) for width in curve.shown()]
    return parts + [marker(look, xs[i], ys[i], radius=4.0) for i in places]


def _points(places: Iterable[tuple[float, float]]) -> str:
    return ' '.join(f'{x:.1f},{y:.1f}' for x, y in places)


def _say(board: Board, row: Row, curve: Curve) -> str:
    """Return a curve in words."""
    places = board.column.decimals
    scores = ', '.join(
        f'{curve.at(width).mean:.{places}f} at {width}'
        for width in curve.shown()
    )
    which = f' {WITHOUT}' if curve.raw else ''
    return f'{row.label}{which}: {board.column.header} {scores}'
