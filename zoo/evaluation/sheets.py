"""What stands in which cell of a results table, before any formatting."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .published import Row, find_published
from .summaries import Stat, Summary

NONE = '—'
# A record's metrics under the names that the published table gives them.
NAMES = {'mIoU': 'mIoU', 'aAcc': 'pixel_acc', 'mAcc': 'mean_acc'}
_HEADERS = {
    'pixel_acc': 'pixel acc',
    'mean_acc': 'mean acc',
    'params_M': 'params (M)',
}
_AFTER_CLASSES = [*NAMES.values(), 'params_M', 'ms/image', 'seeds']


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


class _Notes:
    """Footnotes, numbered in the order in which they are first needed."""

    def __init__(self):
        self._numbers: dict[str, int] = {}

    def mark(self, text: str) -> str:
        number = self._numbers.setdefault(text, len(self._numbers) + 1)
        return f' [{number}]'

    def lines(self) -> list[str]:
        return [f'[{n}] {text}' for text, n in self._numbers.items()]


def make_sheets(
    summaries: Sequence[Summary], *, width: int, classes: bool = True
) -> list[Sheet]:
    """Lay out one data set and split.

    Args:
        summaries: Of one data set and split, the same classes in each.
        width: Characters of a line. Where one table with all classes is
            wider, the classes move into tables of their own, a class per
            row, as many methods side by side as fit.
        classes: Whether to show the classes one by one.

    Returns:
        The table of all methods, best mIoU first, measured ones and the
        published rows that they state apart; then the tables by class, if
        any. The notes stand under the last one.
    """
    notes = _Notes()
    measured = [_measured(s, notes) for s in _best_first(summaries)]
    stated = [row for s in summaries for row in s.published]
    published = _published(find_published(stated), notes)
    blocks = {'measured': measured, 'published': published}
    ious = [f'IoU/{name}' for name in summaries[0].classes]
    title = f'{summaries[0].dataset} {summaries[0].split}'
    extra = _other_metrics(published, {*ious, *_AFTER_CLASSES})
    columns = [*_AFTER_CLASSES[:3], *extra, *_AFTER_CLASSES[3:]]

    totals = _by_method(title, columns, blocks)
    sheets = [_by_method(title, [*ious, *columns], blocks)]
    if not classes:
        sheets = [totals]
    elif sheets[0].width() > width:
        sheets = [totals, *_by_class(title, [*ious, 'mIoU'], blocks, width)]
    sheets[-1].notes = notes.lines()
    return sheets


def _best_first(summaries: Sequence[Summary]) -> list[Summary]:
    def rank(summary: Summary) -> tuple[float, str]:
        score = summary.metrics['mIoU']
        return (-score.mean if score else 0.0, summary.label)

    return sorted(summaries, key=rank)


def _measured(summary: Summary, notes: _Notes) -> _Line:
    cells = {
        f'IoU/{name}': _figure(stat, 1)
        for name, stat in summary.per_class['IoU'].items()
    }
    for metric, name in NAMES.items():
        decimals = 2 if metric == 'mIoU' else 1
        cells[name] = _figure(summary.metrics[metric], decimals)
    if summary.parameters is not None:
        cells['params_M'] = f'{summary.parameters / 1e6:.2f}'
    if summary.ms_per_image is not None:
        where = notes.mark(f'Timed on {summary.hardware}.')
        cells['ms/image'] = f'{summary.ms_per_image:.1f}{where}'
    seeds = [str(seed) for seed in summary.seeds if seed is not None]
    cells['seeds'] = ', '.join(seeds) or NONE
    return _Line(summary.label, cells)


def _figure(stat: Stat | None, decimals: int) -> str:
    if stat is None:
        return NONE
    text = f'{stat.mean:.{decimals}f}'
    if stat.std is not None:
        text += f' ± {stat.std:.{decimals}f}'
    return text


def _published(rows: Sequence[Row], notes: _Notes) -> list[_Line]:
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
            if name not in known and not name.startswith('IoU/')
        )
    )


def _header(column: str) -> str:
    return _HEADERS.get(column, column.removeprefix('IoU/'))


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
    rows: Sequence[str],
    blocks: dict[str, list[_Line]],
    width: int,
) -> list[Sheet]:
    sheets = []
    for name, lines in blocks.items():
        known = [
            line
            for line in lines
            if any(row in line.cells for row in rows if row != 'mIoU')
        ]
        sheets += [
            _transposed(f'{title}, IoU per class, {name}', rows, part)
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
