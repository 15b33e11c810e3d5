"""Accuracy against time: which method is worth its milliseconds."""

from collections import defaultdict
from collections.abc import Sequence

from zoo.evaluation.summaries import Summary

from .axis import Axis, linear_axis, log_axis
from .frame import MARGIN, WIDTH, heading, horizontal_grid, vertical_grid
from .looks import looks
from .points import Timed, draw_points
from .rows import Board, make_board
from .svg import MUTED, Drawing, text

_LEFT = MARGIN + 34
_RIGHT = WIDTH - MARGIN - 10
_HEIGHT = 320.0
_LOG_FROM = 10.0  # ratio of the longest to the shortest time


def scatter(summaries: Sequence[Summary]) -> list[tuple[str, str]]:
    """Return pairs of hardware and a picture of what was timed on it, as SVG.

    Times on other hardware, or with other threads, never share a picture; the
    axis of scores is the same in all of them. Steps join the methods that no
    other beats in both: these are always named, others where there is room.
    Each method is a group of class 'point' that can be focused; its
    ``data-row`` is the summary's label, its title says what it scores.

    Args:
        summaries: Of one data set, split and kind, the same classes in each.
            The descriptions name those without a time; there is no picture
            where all are.

    Raises:
        ValueError: If summaries do not belong together or are none.
    """
    drawings = draw_scatters(summaries)
    return [(name, f'{drawing.svg()}\n') for name, drawing in drawings]


def draw_scatters(
    summaries: Sequence[Summary], *, least: int = 1
) -> list[tuple[str, Drawing]]:
    """Return the pictures of ``scatter`` before they are text.

    Args:
        summaries: See ``scatter``.
        least: Number of methods below which a picture is left out.
    """
    board = make_board(summaries)
    groups = defaultdict(list)
    for row in board.rows:
        if row.score is not None and row.milliseconds is not None:
            timed = Timed(row, row.score, row.milliseconds)
            groups[row.hardware or 'unknown hardware'].append(timed)
    shown = {k: v for k, v in groups.items() if len(v) >= least}
    scores = [end for group in shown.values() for end in _scores(group)]
    return [
        (hardware, _draw(board, hardware, group, scores))
        for hardware, group in sorted(shown.items())
    ]


def _scores(group: Sequence[Timed]) -> list[float]:
    ends = [end for t in group if t.row.interval for end in t.row.interval]
    return [*(t.score for t in group), *ends]


def _draw(
    board: Board,
    hardware: str,
    group: Sequence[Timed],
    scores: Sequence[float],
) -> Drawing:
    title = f'{board.title}: {board.column.header} against time'
    note = f'Timed on {hardware}. Up and to the left is better.'
    styles = looks(timed.row.family for timed in group)
    body, end = heading(title, [note], styles)
    top = end + 26
    bottom = top + _HEIGHT
    across = _time_axis(group)
    up = linear_axis(
        scores,
        start=bottom,
        end=top,
        intervals=6,
        least=5.0,
        bounds=(0.0, 100.0),
    )
    header = f'{board.column.header}, per cent'
    unit = 'ms per image' + (', log scale' if across.log else '')
    middle = (_LEFT + _RIGHT) / 2
    body += [
        text(MARGIN, top - 12, header, fill=MUTED),
        *vertical_grid(across, top=top, bottom=bottom),
        *horizontal_grid(up, left=_LEFT, right=_RIGHT),
        text(middle, bottom + 36, unit, fill=MUTED, text_anchor='middle'),
        *draw_points(board, group, across, up),
    ]
    return Drawing(
        title=title,
        description=_description(board, hardware, group),
        width=WIDTH,
        height=bottom + 50,
        body=body,
        role='group',
    )


def _time_axis(group: Sequence[Timed]) -> Axis:
    times = [timed.milliseconds for timed in group]
    if 0 < min(times) * _LOG_FROM < max(times):
        return log_axis(times, start=_LEFT, end=_RIGHT)
    return linear_axis([0.0, *times], start=_LEFT, end=_RIGHT, least=1.0)


def _description(board: Board, hardware: str, group: Sequence[Timed]) -> str:
    places = board.column.decimals
    words = [
        f'{t.row.label} {t.score:.{places}f} in {t.milliseconds:.1f} ms'
        for t in sorted(group, key=lambda t: (t.milliseconds, t.row.label))
    ]
    says = f'Timed on {hardware}, fastest first: {"; ".join(words)}.'
    untimed = [r.label for r in board.rows if r.milliseconds is None]
    return says + f' Not timed: {", ".join(untimed)}.' * bool(untimed)
