"""The page as a whole: a section for each table, and for pictures."""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from zoo.evaluation.kinds import KINDS
from zoo.evaluation.sheets import best_first, by_table
from zoo.evaluation.summaries import Summary

from .browser import render_browser
from .markup import Markup, element
from .pictures import Picture
from .results import render_results, results_title

TITLE = 'Segmentation zoo: leaderboard'
_ABOUT = (
    'Scores in per cent, ± their spread over seeds; intervals are of the '
    'mean, images and seeds drawn anew. Published rows stand below the '
    'measured ones, as their sources state them.'
)
_SCRIPTS = ('tabs.js', 'table.js', 'points.js', 'pictures.js')


def render_page(
    summaries: Sequence[Summary],
    *,
    title: str = '',
    pictures: Sequence[Picture] = (),
) -> str:
    """Return a page of HTML with style, scripts and images inside.

    It reads nothing from anywhere, and forbids browsers to. Without scripts
    all of it is shown; these add tabs, sorting, filters and choices.

    Args:
        summaries: See ``summarise``; each data set, split and kind of record
            has a section with a table, and charts of what was timed.
        title: Of the page; ``TITLE`` where empty.
        pictures: Of any data sets, each with a section; methods stand in the
            order of the tables.

    Raises:
        UserError: If a stated published row does not exist.
    """
    title = title or TITLE
    sections = _sections(summaries, pictures)
    links = [
        element('li', element('a', name, href=f'#{id}'))
        for id, (name, _) in sections.items()
    ]
    body = element(
        'body',
        element('a', 'Skip to the results', href='#main', class_='skip'),
        element('header', element('h1', title), element('p', _ABOUT)),
        element('nav', element('ul', *links), aria_label='Sections'),
        element('main', *(part for _, part in sections.values()), id='main'),
    )
    page = element('html', _head(title), body, lang='en')
    return f'<!doctype html>\n{page}\n'


def _sections(
    summaries: Sequence[Summary], pictures: Sequence[Picture]
) -> dict[str, tuple[str, Markup]]:
    """Return title and content of each section by its id."""
    sections: dict[str, tuple[str, Markup]] = {}
    order: list[str] = []
    for table in by_table(summaries):
        title = results_title(table)
        id = _new_id(title, sections)
        sections[id] = title, render_results(table, id=id)
        rank = KINDS[table[0].kind].rank
        order += [summary.config for summary in best_first(table, rank)]
    groups = defaultdict(list)
    for picture in pictures:
        groups[picture.dataset].append(picture)
    for dataset, group in groups.items():
        title = f'{dataset} pictures'.strip()
        id = _new_id(title, sections)
        sections[id] = title, render_browser(title, group, order, id=id)
    return sections


def _new_id(title: str, known: dict[str, tuple[str, Markup]]) -> str:
    """Return the title as a word of a link, numbered where it is taken."""
    word = re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')
    ids = (f'{word}-{n}' if n > 1 else word for n in range(1, len(known) + 2))
    return next(id for id in ids if id not in known)


def _head(title: str) -> Markup:
    """Return what stands before the body; only our own script may run."""
    script = '\n'.join(map(_read, _SCRIPTS))
    digest = hashlib.sha256(script.encode()).digest()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{base64.b64encode(digest).decode()}'"
    )
    size = 'width=device-width, initial-scale=1'
    return element(
        'head',
        element('meta', charset='utf-8'),
        element('meta', http_equiv='Content-Security-Policy', content=policy),
        element('meta', name='viewport', content=size),
        element('title', title),
        element('style', Markup(_read('page.css'))),
        element('script', Markup(script), type='module'),
    )


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding='utf-8')
