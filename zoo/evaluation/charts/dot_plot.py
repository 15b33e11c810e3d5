"""A leaderboard as a picture: a line per method, the best one on top."""

from collections.abc import Sequence

from zoo.evaluation.summaries import Summary

from .axis import Axis, linear_axis
from .frame import MARGIN, WIDTH, heading, vertical_grid
from .looks import Look, looks, marker
from .rows import Board, Row, make_board
from .svg import (
    BAND,
    INK,
    MUTED,
    Drawing,
    cut,
    element,
    text,
    text_width,
    tooltip,
)

_LINE = 22.0
_NAMES = 330.0  # the widest that names may be
_VALUES = 64.0


def dot_plot(
    summaries: Sequence[Summary],
    *,
    metric: str | None = None,
    limit: int | None = None,
) -> str:
    """Return a picture of measured scores as SVG.

    A marker stands at the mean over seeds, a line covers the interval of 95
    per cent and ticks show single seeds, where there are several; interval
    and seeds are known of the metric that ranks. Published scores are not
    in it.

    Args:
        summaries: Of one data set, split and kind, the same classes in each.
        metric: A record's name of it; the one that ranks where None.
        limit: Number of methods to show; all where None. The picture says
            how many are left out.

    Raises:
        ValueError: If summaries do not belong together or are none, the
            metric is unknown, or ``limit`` is below 1.
    """
    return draw_dot_plot(summaries, metric=metric, limit=limit).svg() + '\n'


def draw_dot_plot(
    summaries: Sequence[Summary],
    *,
    metric: str | None = None,
    limit: int | None = None,
) -> Drawing:
    """Return the picture of ``dot_plot`` before it is text."""
    if limit is not None and limit < 1:
        raise ValueError(f'limit must be at least 1, got {limit}')
    board = make_board(summaries, metric)
    rows = board.rows[:limit]
    title = f'{board.title}: {board.column.header}, per cent'
    styles = looks(row.family for row in rows)
    body, top = heading(title, _notes(board, rows), styles)
    bottom = top + _LINE * len(rows)
    axis = _axis(rows)
    middles = [top + _LINE * (i + 0.5) for i in range(len(rows))]
    body += map(_stripe, middles[::2])
    body += vertical_grid(axis, top=top, bottom=bottom)
    body += [
        _line(board, row, styles[row.family], axis, y)
        for row, y in zip(rows, middles, strict=True)
    ]
    left_out = len(board.rows) - len(rows)
    if left_out:
        line = f'{left_out} more are not shown.'
        body.append(text(MARGIN, bottom + 46, line, fill=MUTED))
    return Drawing(
        title=title,
        description=f'Best first. {"; ".join(map(board.say, rows))}.',
        width=WIDTH,
        height=bottom + (60 if left_out else 40),
        body=body,
    )


def _notes(board: Board, rows: Sequence[Row]) -> list[str]:
    several = any(row.runs > 1 for row in rows)
    notes = ['Marker: mean over seeds.' if several else 'Marker: score.']
    if any(len(row.seeds) > 1 for row in rows):
        notes.append('Ticks: single seeds.')
    if any(row.interval for row in rows):
        notes.append('Line: 95 % interval over images and seeds.')
    if board.note:
        notes.append(f'Scored with: {board.note}.')
    return [' '.join(notes)]


def _axis(rows: Sequence[Row]) -> Axis:
    scores = [row.score for row in rows if row.score is not None]
    ends = [end for row in rows if row.interval for end in row.interval]
    seeds = [score for row in rows for score in row.seeds]
    names = max(text_width(row.name, 12) for row in rows)
    return linear_axis(
        [*scores, *ends, *seeds] or [0.0],
        start=MARGIN + min(names, _NAMES) + 16,
        end=WIDTH - MARGIN - _VALUES,
        least=5.0,
        bounds=(0.0, 100.0),
    )


def _stripe(y: float) -> str:
    """Return a band that leads the eye from a name to its marks."""
    return element(
        'rect',
        x=MARGIN / 2,
        y=y - _LINE / 2,
        width=WIDTH - MARGIN,
        height=_LINE,
        fill=BAND,
    )


def _line(board: Board, row: Row, look: Look, axis: Axis, y: float) -> str:
    """Return the line of a method: name, marks and score."""
    name = cut(row.name, _NAMES, 12)
    x = axis.start - 12
    parts = [
        tooltip(board.say(row)),
        text(x, y + 4, name, text_anchor='end'),
    ]
    if row.score is None:
        score = '—'
    else:
        score = f'{row.score:.{board.column.decimals}f}'
        parts += _marks(row, row.score, look, axis, y)
    parts.append(
        text(
            WIDTH - MARGIN,
            y + 4,
            score,
            text_anchor='end',
            font_weight=600,
        )
    )
    return element('g', *parts, class_='row', data_row=row.label)


def _marks(
    row: Row, score: float, look: Look, axis: Axis, y: float
) -> list[str]:
    parts = []
    if row.interval:
        low, high = map(axis.at, row.interval)
        parts.append(
            element(
                'line',
                class_='interval',
                x1=low,
                x2=high,
                y1=y,
                y2=y,
                stroke=look.colour,
                stroke_width=3,
                stroke_opacity=0.5,
            )
        )
    for single in row.seeds if len(row.seeds) > 1 else ():
        x = axis.at(single)
        place = {'x1': x, 'x2': x, 'y1': y - 8, 'y2': y + 8}
        parts.append(element('line', class_='seed', **place, stroke=INK))
    # Small, as many intervals are.
    return [*parts, marker(look, axis.at(score), y, radius=4.0)]
