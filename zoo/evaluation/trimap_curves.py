"""Scores against the width of the band around borders, over seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.errors import UserError

from .kinds import KINDS
from .records import read_record
from .sheets import Sheet, by_table, figure
from .summaries import Stat, Summary, summarise_rows
from .trimap_block import CURVES, FINAL, RAW

SHOWN = (1, 2, 5, 10, 20, 40)  # widths of which a table has room
WITHOUT = 'without post-processors'


@dataclass(frozen=True)
class Curve:
    """Mean scores of several seeds, in per cent, by width in pixels.

    ``raw`` says that they are of the labels before post-processors;
    ``spreads`` are standard deviations that divide by n - 1, None for one
    seed.
    """

    raw: bool
    widths: tuple[int, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...] | None

    def at(self, width: int) -> Stat:
        """Return the score in the band of a width."""
        index = self.widths.index(width)
        spread = None if self.spreads is None else self.spreads[index]
        return Stat(self.means[index], spread, 0)

    def shown(self) -> list[int]:
        """Return the widths that stand for all; all where none is usual."""
        usual = [width for width in self.widths if width in SHOWN]
        return usual or list(self.widths)


def read_trimap(path: str | Path) -> dict:
    """Read a record that has scores around borders, without its images.

    Raises:
        UserError: If it is no record, or one without these scores.
    """
    record = read_record(path, lists=False)
    if 'trimap' not in record:
        raise UserError(
            f'{path}: has no scores around borders. Write it again: python '
            f'tools/test.py configs/{record["config"]}.py --trimap'
        )
    del record['per_image']
    return record


def trimap_groups(
    records: Iterable[dict], metric: str
) -> list[list[tuple[Summary, list[Curve]]]]:
    """Return the curves of all leaves: final labels, then those before.

    Args:
        records: Each with a block 'trimap'.
        metric: 'mIoU' or 'aAcc'.

    Returns:
        A list for each data set and split.

    Raises:
        UserError: If records of one leaf have other widths.
    """
    rows = summarise_rows(records)
    runs = {id(summary): part for summary, part in rows}
    return [
        [(summary, _curves(runs[id(summary)], metric)) for summary in table]
        for table in by_table(summary for summary, _ in rows)
    ]


def _curves(records: Sequence[dict], metric: str) -> list[Curve]:
    blocks = [record['trimap'] for record in records]
    widths = blocks[0]['widths']
    if any(block['widths'] != widths for block in blocks):
        raise UserError(
            f'{records[0]["config"]}: its records have bands of different '
            'widths. Test it again: python tools/test.py '
            f'configs/{records[0]["config"]}.py --trimap'
        )
    curves = []
    for key in (FINAL, RAW):
        if all(block[key] is not None for block in blocks):
            scores = np.array([block[key][metric] for block in blocks])
            several = len(scores) > 1
            curves.append(
                Curve(
                    raw=key == RAW,
                    widths=tuple(widths),
                    means=tuple(scores.mean(axis=0).tolist()),
                    spreads=tuple(scores.std(axis=0, ddof=1).tolist())
                    if several
                    else None,
                )
            )
    return curves


def trimap_sheets(records: Sequence[dict]) -> list[Sheet]:
    """Lay out a few widths, with and without post-processors.

    Args:
        records: Each with a block 'trimap'.

    Returns:
        A table for each data set and split.

    Raises:
        UserError: If records of one leaf have other widths.
    """
    by_metric = [trimap_groups(records, metric) for metric in CURVES]
    return [_sheet(groups) for groups in zip(*by_metric, strict=True)]


def _sheet(groups: Sequence[list[tuple[Summary, list[Curve]]]]) -> Sheet:
    first, curves = groups[0][0]
    widths = curves[0].shown()
    columns = KINDS[first.kind].metrics
    return Sheet(
        title=f'{first.dataset} {first.split}, within so many pixels of void',
        header=['method', *map(str, widths)],
        sections=[
            (columns[metric].header, _rows(group, widths))
            for metric, group in zip(CURVES, groups, strict=True)
        ],
    )


def _rows(
    group: Sequence[tuple[Summary, list[Curve]]], widths: Sequence[int]
) -> list[list[str]]:
    return [
        [
            WITHOUT if curve.raw else summary.label,
            *(figure(_known(curve, width), 1) for width in widths),
        ]
        for summary, curves in group
        for curve in curves
    ]


def _known(curve: Curve, width: int) -> Stat | None:
    """Return a score; none where another leaf's widths are shown."""
    return curve.at(width) if width in curve.widths else None
