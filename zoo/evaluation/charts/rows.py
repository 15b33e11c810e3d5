"""What a chart shows of summaries: one row for each, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.evaluation.kinds import KINDS, Column
from zoo.evaluation.sheets import best_first, by_table
from zoo.evaluation.summaries import Summary


@dataclass(frozen=True)
class Row:
    """One method; scores are in per cent.

    ``label`` is the summary's; ``name`` leaves out what all rows share.
    ``score`` is the mean over ``runs`` seeds, ``seeds`` are those of each:
    like ``interval``, they are there for the metric that ranks.
    """

    label: str
    name: str
    family: str
    score: float | None
    runs: int
    interval: tuple[float, float] | None
    seeds: tuple[float, ...]
    milliseconds: float | None
    hardware: str | None


@dataclass(frozen=True)
class Board:
    """Rows of one data set, split and kind, by the scores of one metric."""

    title: str
    column: Column
    note: str
    rows: tuple[Row, ...]

    def say(self, row: Row) -> str:
        """Return a row in words."""
        if row.score is None:
            return f'{row.label}: no {self.column.header}'
        places = self.column.decimals
        words = f'{row.label}: {self.column.header} {row.score:.{places}f}'
        if row.interval:
            low, high = (f'{end:.{places}f}' for end in row.interval)
            words += f', 95 % interval {low} to {high}'
        if len(row.seeds) > 1:
            scores = ', '.join(f'{s:.{places}f}' for s in row.seeds)
            words += f', single seeds {scores}'
        return words


def make_board(
    summaries: Sequence[Summary], metric: str | None = None
) -> Board:
    """Return the rows of a chart.

    Args:
        summaries: Of one data set, split and kind, the same classes in each.
        metric: A record's name of it; the one that ranks where None.

    Raises:
        ValueError: If there is no summary, they do not belong together, or
            their kind has no such metric.
    """
    if len(by_table(summaries)) != 1:
        got = sorted({(s.dataset, s.split, s.kind) for s in summaries})
        raise ValueError(
            'summaries must share data set, split, kind and classes, got '
            f'{got or "none"}'
        )
    first = summaries[0]
    kind = KINDS[first.kind]
    metric = kind.rank if metric is None else metric
    if metric not in kind.metrics:
        raise ValueError(
            f'metric must be one of {", ".join(kind.metrics)}, got {metric!r}'
        )
    rules = {s.rules for s in summaries}
    shared = _shared_ending(summaries)
    rows = [
        _row(s, metric, s.short_label if len(rules) == 1 else s.label, shared)
        for s in best_first(summaries, metric)
    ]
    return Board(
        title=f'{first.dataset} {first.split}{kind.suffix}',
        column=kind.metrics[metric],
        note=rules.pop() if len(rules) == 1 else '',
        rows=tuple(rows),
    )


def _row(summary: Summary, metric: str, label: str, shared: str) -> Row:
    rank = KINDS[summary.kind].rank
    ranks = metric == rank
    stat = summary.metrics[metric]
    config = summary.config
    return Row(
        label=summary.label,
        name=config.removesuffix(shared) + label.removeprefix(config),
        family=config.split('/')[0],
        score=None if stat is None else stat.mean,
        runs=0 if stat is None else stat.count,
        interval=summary.interval if ranks else None,
        seeds=tuple(
            run[rank]
            for run in summary.runs
            if ranks and run[rank] is not None
        ),
        milliseconds=summary.ms_per_image,
        hardware=summary.hardware,
    )


def _shared_ending(summaries: Sequence[Summary]) -> str:
    """Return '_minivoc' where the names of all leaves end in it."""
    endings = set()
    for summary in summaries:
        leaf = summary.config.rpartition('/')[2]
        start, mark, ending = leaf.rpartition('_')
        endings.add(mark + ending if start else '')
    return endings.pop() if len(endings) == 1 else ''
