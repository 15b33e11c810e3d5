"""A section of the page: one table, its filters, notes and charts."""

import sys
from collections.abc import Sequence

from zoo.evaluation.charts import scatter
from zoo.evaluation.kinds import KINDS
from zoo.evaluation.sheets import Sheet, best_first, make_sheets
from zoo.evaluation.summaries import Summary

from .markup import Markup, element
from .table import family, render_table


def results_title(summaries: Sequence[Summary]) -> str:
    """Return the data set, split and, but for the usual one, the kind."""
    first = summaries[0]
    return f'{first.dataset} {first.split}{KINDS[first.kind].suffix}'


def render_results(summaries: Sequence[Summary], *, id: str) -> Markup:
    """Return the section of what shares a table.

    Args:
        summaries: Of one data set, split and kind, the same classes in each.
        id: Of the section, unique on the page.

    Raises:
        UserError: If a stated published row does not exist.
    """
    summaries = best_first(summaries, KINDS[summaries[0].kind].rank)
    sheet = make_sheets(summaries, width=sys.maxsize)[0]
    notes = [element('li', note) for note in sheet.notes]
    return element(
        'section',
        element('h2', results_title(summaries), id=f'{id}-title'),
        _filters(sheet, summaries),
        element(
            'div',
            render_table(sheet, summaries),
            class_='scroll',
            tabindex=0,
            role='region',
            aria_label=f'Table: {sheet.title}',
        ),
        element('ul', *notes, class_='notes'),
        *_charts(summaries),
        id=id,
        class_='results',
        aria_labelledby=f'{id}-title',
    )


def _filters(sheet: Sheet, summaries: Sequence[Summary]) -> Markup:
    """Return what chooses rows: a text, method families, published ones."""
    families = dict.fromkeys(sorted(map(family, summaries)))
    boxes = [_box(name, name) for name in families]
    if any(name == 'published' for name, _ in sheet.sections):
        boxes.append(_box('published', ''))
    text = element('input', type='search', name='text')
    return element(
        'div',
        element('p', element('label', 'Only methods with ', text)),
        element('fieldset', element('legend', 'Methods'), *boxes),
        element('p', role='status'),
        class_='filters',
        role='search',
        hidden=True,
    )


def _box(text: str, value: str) -> Markup:
    box = element('input', type='checkbox', value=value, checked=True)
    return element('label', box, f' {text}')


def _charts(summaries: Sequence[Summary]) -> list[Markup]:
    return [
        element(
            'figure',
            element('div', Markup(svg), class_='scroll', tabindex=0),
            element('figcaption', f'Timed on {hardware}.'),
            class_='chart',
        )
        for hardware, svg in scatter(summaries)
    ]
