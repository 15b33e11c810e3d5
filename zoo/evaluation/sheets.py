"""What stands in which cell of a results table, before any formatting."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .kinds import CLASS_PREFIXES, KINDS, Kind
from .published import Row, find_published
from .summaries import Stat, Summary

NONE = '—'
_HEADERS = {
    **{c.name: c.header for k in KINDS.values() for c in k.metrics.values()},
    'params_M': 'params (M)',
    'training_h': 'training (h)',
}
INTERVAL = '95 % interval'
_COSTS = ['params_M', 'ms/image', 'training_h', 'seeds']


@dataclass
class Sheet:
    """A table: first column text, the others figures; notes below it."""

    title: str
    header: list[str]
    sections: list[tuple[str, list[list[str]]]]
    notes: list[str] = field(default_factory=list)

    def column_widths(self) -> list[int]:
        """Return the characters that each column needs on one line."""
        rows = [self.header, *(r for _, rows in self.sections for r in rows)]
        return [max(map(len, cells)) for cells in zip(*rows, strict=True)]

    def width(self) -> int:
        """Return the characters that a line needs, borders included."""
        widths = self.column_widths()
        return sum(widths) + 3 * len(widths) + 1


@dataclass
class _Line:
    """One method: its cells by metric name, as in published_results.csv."""

    label: str
    cells: dict[str, str]


class Notes:
    """Footnotes, numbered in the order in which they are first needed."""

    def __init__(self):
        self._numbers: dict[str, int] = {}

    def mark(self, text: str) -> str:
        """Return the mark of a note, which is new or stands already."""
        number = self._numbers.setdefault(text, len(self._numbers) + 1)
        return f' [{number}]'

    def lines(self) -> list[str]:
        """Return the notes, each behind its mark."""
        return [f'[{n}] {text}' for text, n in self._numbers.items()]


def make_sheets(
    summaries: Sequence[Summary], *, width: int, classes: bool = True
) -> list[Sheet]:
    """Lay out one kind of record, data set and split.

    Args:
        summaries: Of one kind, data set and split, the same classes in each.
        width: Characters of a line. Where one table with all classes is
            wider, the classes move into tables of their own, a class per
            row, as many methods side by side as fit.
        classes: Whether to show the classes one by one.

    Returns:
        The table of all methods, best first by the metric that ranks,
        measured ones and the published rows that they state apart; then the
        tables by class, if any. The notes stand under the last one.
    """
    kind = KINDS[summaries[0].kind]
    notes = Notes()
    measured = [
        _measured(s, kind, notes) for s in best_first(summaries, kind.rank)
    ]
    stated = [row for s in summaries for row in s.published]
    published = _published(find_published(stated), notes)
    blocks = {'measured': measured, 'published': published}
    by_class = [f'{kind.class_name}/{name}' for name in summaries[0].classes]
    title = f'{summaries[0].dataset} {summaries[0].split}{kind.suffix}'
    mean, *others = [column.name for column in kind.metrics.values()]
    means = [mean, INTERVAL, *others]
    extra = _other_metrics(published, {*by_class, *means, *_COSTS})
    columns = [*means, *extra, *_COSTS]

    totals = _by_method(title, columns, blocks)
    sheets = [_by_method(title, [*by_class, *columns], blocks)]
    if not classes:
        sheets = [totals]
    elif sheets[0].width() > width:
        title = f'{title}, {kind.class_header} per class'
        sheets = [totals, *_by_class(title, by_class, mean, blocks, width)]
    sheets[-1].notes = notes.lines()
    return sheets


def by_table(summaries: Iterable[Summary]) -> list[list[Summary]]:
    """Part what shares no table: data sets, splits, kinds and classes."""
    tables = defaultdict(list)
    for summary in summaries:
        kind = list(KINDS).index(summary.kind)
        place = (summary.dataset, summary.split, kind)
        key = (*place, tuple(summary.classes))
        tables[key].append(summary)
    return [table for _, table in sorted(tables.items())]


def best_first(summaries: Sequence[Summary], metric: str) -> list[Summary]:
    """Return summaries by a metric, as a record names it."""

    def rank(summary: Summary) -> tuple[float, str]:
        score = summary.metrics[metric]
        return (-score.mean if score else 0.0, summary.label)

    return sorted(summaries, key=rank)


def _measured(summary: Summary, kind: Kind, notes: Notes) -> _Line:
    cells = {
        f'{kind.class_name}/{name}': figure(stat, 1)
        for name, stat in summary.per_class[kind.per_class[0]].items()
    }
    for metric, column in kind.metrics.items():
        cells[column.name] = figure(summary.metrics[metric], column.decimals)
    if summary.interval is not None:
        decimals = kind.metrics[kind.rank].decimals
        cells[INTERVAL] = interval_text(summary.interval, decimals)
    if summary.parameters is not None:
        cells['params_M'] = f'{summary.parameters / 1e6:.2f}'
    if summary.ms_per_image is not None:
        where = notes.mark(f'Timed on {summary.hardware}.')
        cells['ms/image'] = f'{summary.ms_per_image:.1f}{where}'
    if summary.training_hours is not None:
        hours = summary.training_hours
        cells['training_h'] = f'{hours:.2f}' if hours >= 1 else f'{hours:.3f}'
    cells['seeds'] = seeds_text(summary)
    label = summary.short_label
    if summary.rules:
        label += notes.mark(f'Scored with: {summary.rules}.')
    return _Line(label, cells)


def seeds_text(summary: Summary) -> str:
    """Return the seeds, or a dash where there are none."""
    seeds = [str(seed) for seed in summary.seeds if seed is not None]
    return ', '.join(seeds) or NONE


def interval_text(interval: tuple[float, float], decimals: int) -> str:
    """Return both ends, like '78.94 .. 79.82'."""
    low, high = interval
    return f'{low:.{decimals}f} .. {high:.{decimals}f}'


def figure(stat: Stat | None, decimals: int) -> str:
    """Return mean and deviation, like '78.94 ± 0.31', or a dash."""
    if stat is None:
        return NONE
    text = f'{stat.mean:.{decimals}f}'
    if stat.std is not None:
        text += f' ± {stat.std:.{decimals}f}'
    return text


def _published(rows: Sequence[Row], notes: Notes) -> list[_Line]:
    """Return a line per method, data set and split, figures as printed."""
    lines: dict[tuple[str, str, str], _Line] = {}
    for row in rows:
        key = (row.method, row.dataset, row.split)
        line = lines.setdefault(key, _Line(row.method, {}))
        mark = notes.mark(f'{row.dataset} {row.split}: {row.source}.')
        if mark not in line.label:
            line.label += mark
        line.cells[row.metric] = str(row.value)
    return list(lines.values())


def _other_metrics(lines: Sequence[_Line], known: set[str]) -> list[str]:
    """Return further metrics, so that no figure that is stated is dropped.

    Classes that the data set lacks come along unasked; they get no column.
    """
    return list(
        dict.fromkeys(
            name
            for line in lines
            for name in line.cells
            if name not in known and not name.startswith(CLASS_PREFIXES)
        )
    )


def _header(column: str) -> str:
    if column.startswith(CLASS_PREFIXES):
        return column.partition('/')[2]
    return _HEADERS.get(column, column)


def _by_method(
    title: str, columns: Sequence[str], blocks: dict[str, list[_Line]]
) -> Sheet:
    sections = [
        (
            name,
            [
                [line.label, *(line.cells.get(c, NONE) for c in columns)]
                for line in lines
            ],
        )
        for name, lines in blocks.items()
        if lines
    ]
    return Sheet(title, ['method', *map(_header, columns)], sections)


def _by_class(
    title: str,
    classes: Sequence[str],
    mean: str,
    blocks: dict[str, list[_Line]],
    width: int,
) -> list[Sheet]:
    rows = [*classes, mean]
    sheets = []
    for name, lines in blocks.items():
        known = [x for x in lines if any(row in x.cells for row in classes)]
        sheets += [
            _transposed(f'{title}, {name}', rows, part)
            for part in _fitting(rows, known, width)
        ]
    return sheets


def _fitting(
    rows: Sequence[str], lines: Sequence[_Line], width: int
) -> list[list[_Line]]:
    """Split lines, in order, into tables not wider than ``width``."""
    parts: list[list[_Line]] = []
    for line in lines:
        if (
            parts
            and _transposed('', rows, [*parts[-1], line]).width() <= width
        ):
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts


def _transposed(
    title: str, rows: Sequence[str], lines: Sequence[_Line]
) -> Sheet:
    cells = [
        [_header(row), *(line.cells.get(row, NONE) for line in lines)]
        for row in rows
    ]
    return Sheet(title, ['class', *(x.label for x in lines)], [('', cells)])
