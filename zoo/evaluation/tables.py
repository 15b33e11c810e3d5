"""Results tables for the terminal, for Markdown and as CSV."""

import csv
import io
import shutil
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .kinds import KINDS
from .published import find_published
from .sheets import Sheet, by_table, make_sheets
from .summaries import Stat, Summary

FORMATS = ('table', 'md', 'csv')
CSV_HEADER = (
    'kind',
    'method',
    'dataset',
    'split',
    'metric',
    'value',
    'std',
    'seeds',
    'source',
    'low',
    'high',
)
_PAGE_WIDTH = 120  # Markdown; wider tables scroll sideways on a web page


def render(
    summaries: Sequence[Summary],
    *,
    format: str = 'table',
    width: int | None = None,
    classes: bool = True,
) -> str:
    """Return measured results beside the published rows that they state.

    Args:
        summaries: See ``summarise``; one table for each data set, split and
            kind of record.
        format: 'table' for a terminal, 'md' for Markdown, or 'csv': one
            figure per line, metrics named as in published_results.csv; the
            source of a time is its hardware, and low and high are the 95 %
            interval, for the metric that ranks.
        width: Characters of a line; the terminal's, or 120 for Markdown,
            where None. CSV has no width.
        classes: Whether to show the classes one by one; CSV always does.

    Raises:
        ValueError: If the format is unknown.
        UserError: If a stated published row does not exist.
    """
    if format == 'csv':
        return _csv(summaries)
    width = width or _default_width(format)
    sheets = _sheets(summaries, width, classes)
    return render_sheets(sheets, format=format, width=width)


def render_sheets(
    sheets: Sequence[Sheet], *, format: str = 'table', width: int | None = None
) -> str:
    """Return tables that are laid out already.

    Args:
        sheets: In their order.
        format: See ``render``; CSV has a line per row, titles first.
        width: See there.

    Raises:
        ValueError: If the format is unknown.
    """
    width = width or _default_width(format)
    if format == 'csv':
        return _sheets_csv(sheets)
    if format == 'md':
        return '\n'.join(_markdown(sheet) for sheet in sheets)
    return '\n'.join(_text(sheet, width) for sheet in sheets)


def _default_width(format: str) -> int:
    if format not in FORMATS:
        raise ValueError(f'format must be one of {FORMATS}, got {format!r}')
    if format == 'md':
        return _PAGE_WIDTH
    return shutil.get_terminal_size((100, 24)).columns


def _sheets(
    summaries: Iterable[Summary], width: int, classes: bool
) -> list[Sheet]:
    return [
        sheet
        for table in by_table(summaries)
        for sheet in make_sheets(table, width=width, classes=classes)
    ]


def _markdown(sheet: Sheet) -> str:
    figures = len(sheet.header) - 1
    lines = [
        f'**{sheet.title}**',
        '',
        _markdown_row(sheet.header),
        f'| :-- |{" --: |" * figures}',
    ]
    for name, rows in sheet.sections:
        if name:
            lines.append(_markdown_row([f'*{name}*', *[''] * figures]))
        lines += map(_markdown_row, rows)
    if sheet.notes:
        lines += ['', *(f'- {note}' for note in sheet.notes)]
    return '\n'.join(lines) + '\n'


def _markdown_row(cells: Iterable[str]) -> str:
    escaped = (cell.replace('|', r'\|') for cell in cells)
    return f'| {" | ".join(escaped)} |'


def _text(sheet: Sheet, width: int) -> str:
    table = Table(
        title=sheet.title,
        title_justify='left',
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )
    for i, name in enumerate(sheet.header):
        if i == 0:
            table.add_column(name, overflow='fold')
        else:
            table.add_column(name, justify='right', no_wrap=True)
    # Only the first column folds: a figure cut short would be a wrong one.
    first, *figures = sheet.column_widths()
    others = sum(2 + figure for figure in figures) + 2
    width = max(width, min(first, 24) + others)
    for name, rows in sheet.sections:
        if name:
            table.add_row(f'{name}:')
        for row in rows if first + others > width else _stacked(rows):
            table.add_row(*row)
        table.add_section()
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().rstrip().splitlines()]
    return '\n'.join([*lines, '', *sheet.notes]).rstrip() + '\n'


def _stacked(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return one row with the lines of all: rich takes a third of the time.

    It looks the same where no cell folds.
    """
    columns = zip(*rows, strict=True)
    return [['\n'.join(cells) for cells in columns]] if rows else []


def _sheets_csv(sheets: Sequence[Sheet]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator='\n')
    for header in {tuple(sheet.header): None for sheet in sheets}:
        writer.writerow(['table', *header])
        for sheet in sheets:
            if tuple(sheet.header) == header:
                rows = [row for _, rows in sheet.sections for row in rows]
                writer.writerows([sheet.title, *row] for row in rows)
    return file.getvalue()


def _csv(summaries: Sequence[Summary]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator='\n')
    writer.writerow(CSV_HEADER)
    for summary in summaries:
        writer.writerows(_measured_lines(summary))
    stated = [row for summary in summaries for row in summary.published]
    for row in find_published(stated):
        place = (row.method, row.dataset, row.split, row.metric)
        cells = [*place, row.value, '', '', row.source, '', '']
        writer.writerow(['published', *cells])
    return file.getvalue()


def _measured_lines(summary: Summary) -> Iterable[list]:
    place = ['measured', summary.label, summary.dataset, summary.split]
    seeds = ' '.join(str(seed) for seed in summary.seeds if seed is not None)
    kind = KINDS[summary.kind]
    stats: dict[str, Stat | None] = {
        f'{kind.class_name}/{name}': stat
        for name, stat in summary.per_class[kind.per_class[0]].items()
    }
    stats |= {kind.metrics[m].name: s for m, s in summary.metrics.items()}
    rank = kind.metrics[kind.rank].name
    bounds = [round(bound, 4) for bound in summary.interval or ()]
    for metric, stat in stats.items():
        if stat is not None:
            std = '' if stat.std is None else round(stat.std, 4)
            ends = bounds if metric == rank and bounds else ['', '']
            yield [*place, metric, round(stat.mean, 4), std, seeds, '', *ends]
    for metric, value, source in _costs(summary):
        yield [*place, metric, value, '', seeds, source, '', '']


def _costs(summary: Summary) -> Iterable[tuple[str, float, str | None]]:
    if summary.parameters is not None:
        yield 'params_M', summary.parameters / 1e6, ''
    if summary.ms_per_image is not None:
        yield 'ms/image', round(summary.ms_per_image, 4), summary.hardware
    if summary.training_hours is not None:
        yield 'training_h', round(summary.training_hours, 4), ''
