"""A results table of the page: what sheets.py says, with keys to sort by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.evaluation.kinds import KINDS
from zoo.evaluation.sheets import NONE, Sheet
from zoo.evaluation.summaries import Summary

from .markup import Markup, element

_MARK = re.compile(r' \[(\d+)\]')
_NOTE = re.compile(r'\[(\d+)\] (.*)', re.DOTALL)
_NUMBER = re.compile(r'-?\d+(?:\.\d+)?')


@dataclass(frozen=True)
class _Column:
    """Where a figure stands in a sheet, and how the page shows it."""

    index: int
    header: str
    shaded: bool  # a class: shown short, on a colour that says how much
    high: bool  # more is better, and so sorted first


def family(summary: Summary) -> str:
    """Return the method that a config belongs to, its first part."""
    return summary.config.split('/')[0]


def render_table(sheet: Sheet, summaries: Sequence[Summary]) -> Markup:
    """Return a table, classes last, measured and published rows apart.

    Args:
        sheet: Of all methods with all classes in it, see ``make_sheets``.
        summaries: Of the measured rows, in their order.

    Returns:
        A ``table``. Rows that were measured carry ``data-row``, their label,
        and ``data-family``. A cell with a number carries it as ``data-key``.
        One of a class has a shade, ``h0`` (0 %) to ``h10`` (100 %), shows
        whole per cents, and all it knows in its title.
    """
    columns = _columns(sheet.header, summaries[0])
    rank = KINDS[summaries[0].kind].metrics
    ranking = next(iter(rank.values())).header
    heads = [_heading(sheet.header[0], first='ascending')]
    heads += [_column_head(column, ranking) for column in columns]
    notes = {m[1]: m[2] for m in map(_NOTE.fullmatch, sheet.notes) if m}
    bodies = []
    for name, lines in sheet.sections:
        measured = name == 'measured'
        known = summaries if measured else [None] * len(lines)
        rows = [
            _row(cells, columns, notes, summary)
            for cells, summary in zip(lines, known, strict=True)
        ]
        head = element('th', name, scope='rowgroup', colspan=len(columns) + 1)
        group = element('tr', head, class_='group')
        bodies.append(element('tbody', group, *rows, class_=name))
    caption = element('caption', sheet.title)
    return element(
        'table', caption, element('thead', element('tr', *heads)), *bodies
    )


def _columns(header: Sequence[str], summary: Summary) -> list[_Column]:
    """Return the figures of a sheet: its classes, which come first, last."""
    metrics = {c.header for c in KINDS[summary.kind].metrics.values()}
    last = len(summary.classes)
    columns = [
        _Column(i, text, shaded=i <= last, high=i <= last or text in metrics)
        for i, text in enumerate(header)
    ]
    return [*columns[last + 1 :], *columns[1 : last + 1]]


def _column_head(column: _Column, ranking: str) -> Markup:
    ranks = column.header == ranking and not column.shaded
    return _heading(
        column.header,
        first='descending' if column.high else 'ascending',
        class_='class' if column.shaded else None,
        aria_sort='descending' if ranks else None,
    )


def _heading(text: str, *, first: str, **attributes: str | None) -> Markup:
    button = element(
        'button', element('span', text), type='button', data_first=first
    )
    return element('th', button, scope='col', **attributes)


def _row(
    cells: Sequence[str],
    columns: Sequence[_Column],
    notes: Mapping[str, str],
    summary: Summary | None,
) -> Markup:
    """Return a row; one without a summary was published."""
    label, marks, says = _explained(cells[0], notes)
    head = element('th', label, *marks, scope='row')
    figures = [_cell(cells[c.index], c, notes) for c in columns]
    if summary is None:
        return element('tr', head, *figures, title=says)
    return element(
        'tr',
        head,
        *figures,
        title=summary.title,
        data_row=summary.label,
        data_family=family(summary),
    )


def _cell(text: str, column: _Column, notes: Mapping[str, str]) -> Markup:
    if text == NONE:
        return element('td', NONE)
    text, marks, says = _explained(text, notes)
    key = _sort_key(text, column)
    if column.shaded and key is not None:
        return element(
            'td',
            f'{key:.0f}',
            class_=f'h{min(max(round(key / 10), 0), 10)}',
            title=f'{column.header}: {text}',
            data_key=key,
        )
    return element('td', text, *marks, title=says or None, data_key=key)


def _sort_key(text: str, column: _Column) -> float | None:
    numbers = _NUMBER.findall(text)
    if column.header == 'seeds':  # listed: the more, the surer
        return len(numbers)
    return float(numbers[0]) if numbers else None


def _explained(
    text: str, notes: Mapping[str, str]
) -> tuple[str, list[Markup], str]:
    """Return a text without its footnote marks, these, and what they say."""
    numbers = [n for n in _MARK.findall(text) if n in notes]
    marks = [element('sup', f'[{n}]', title=notes[n]) for n in numbers]
    for number in numbers:
        text = text.replace(f' [{number}]', '')
    return text, marks, ' '.join(notes[n] for n in numbers)
