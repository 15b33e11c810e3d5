"""An ablation step by step: what each row adds to the one above it."""

from collections.abc import Iterable, Sequence

from zoo.errors import UserError

from .comparison import Difference, compare
from .kinds import KINDS, Kind
from .sheets import (
    INTERVAL,
    NONE,
    Sheet,
    by_table,
    figure,
    interval_text,
    seeds_text,
)
from .summaries import Summary, summarise_rows

_NOTE = (
    'Difference to the row above, its spread over seeds, and its interval '
    'from 1000 paired draws of images and seeds.'
)
_Row = tuple[Summary, list[dict]]


def make_ladders(
    records: Iterable[dict], leaves: Sequence[str] | None = None
) -> list[Sheet]:
    """Lay out methods in a given order, with the difference of each step.

    Args:
        records: As ``read_results`` returns them, or with ``per_image``.
        leaves: Configs, or labels where a config has several rows, from the
            first step to the last; all rows as they come where None.

    Returns:
        A table for each data set, split and kind of record with at least two
        of the methods. It says 'better' or 'worse' only where the interval of
        the difference excludes zero.

    Raises:
        UserError: If a method has no record, or several rows, or stands
            alone; or if two that follow each other cannot be compared.
    """
    rows = summarise_rows(records)
    if leaves is not None:
        _require_known(rows, leaves)
    ladders = []
    for table in by_table(summary for summary, _ in rows):
        members = {id(summary) for summary in table}
        steps = [row for row in rows if id(row[0]) in members]
        if leaves is not None:
            steps = _in_order(steps, leaves)
        if len(steps) > 1:
            ladders.append(_ladder(steps))
    if not ladders:
        raise UserError(
            'a ladder needs two methods that were tested on one split, got '
            f'{", ".join(leaves or [summary.label for summary, _ in rows])}. '
            'Name another, or test them on the same split.'
        )
    return ladders


def _require_known(rows: Sequence[_Row], leaves: Sequence[str]) -> None:
    known = {name for row in rows for name in _names(row)}
    for leaf in leaves:
        if leaf not in known:
            raise UserError(
                f'{leaf}: there is no record of it for the ladder. Correct '
                'the name, or test it with tools/test.py --record.'
            )


def _names(row: _Row) -> tuple[str, str]:
    return row[0].config, row[0].label


def _in_order(rows: Sequence[_Row], leaves: Sequence[str]) -> list[_Row]:
    chosen = []
    for leaf in leaves:
        # A label may be the config of another row: the label counts then.
        found = [row for row in rows if row[0].label == leaf] or [
            row for row in rows if row[0].config == leaf
        ]
        if len(found) > 1:
            labels = ', '.join(repr(summary.label) for summary, _ in found)
            raise UserError(
                f'{leaf}: has several rows. Name one of them: {labels}.'
            )
        chosen += found
    return chosen


def _ladder(steps: Sequence[_Row]) -> Sheet:
    first = steps[0][0]
    kind = KINDS[first.kind]
    differences: list[Difference | None] = [None]
    for (_, below), (_, above) in zip(steps[1:], steps, strict=False):
        differences.append(compare(below, above, kind.rank))
    headers = [column.header for column in kind.metrics.values()]
    return Sheet(
        title=f'{first.dataset} {first.split}{kind.suffix}, step by step',
        header=['method', *headers, 'difference', INTERVAL, 'step', 'seeds'],
        sections=[
            (
                '',
                [
                    _cells(summary, kind, difference)
                    for (summary, _), difference in zip(
                        steps, differences, strict=True
                    )
                ],
            )
        ],
        notes=[_NOTE],
    )


def _cells(
    summary: Summary, kind: Kind, difference: Difference | None
) -> list[str]:
    scores = [
        figure(summary.metrics[metric], column.decimals)
        for metric, column in kind.metrics.items()
    ]
    step = [NONE] * 3
    if difference is not None:
        decimals = kind.metrics[kind.rank].decimals
        text = f'{difference.mean:+.{decimals}f}'
        if difference.spread is not None:
            text += f' ± {difference.spread:.{decimals}f}'
        bounds = (difference.low, difference.high)
        step = [text, interval_text(bounds, decimals), difference.verdict]
    return [summary.label, *scores, *step, seeds_text(summary)]
