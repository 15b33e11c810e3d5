"""The page in a real browser: mouse, keyboard, phone, no network.

Debian's chromium, driven by Playwright. Where either lacks the tests are
skipped; with SEGZOO_REQUIRE_BROWSER=1 they fail instead.
"""

import importlib.util
import os
import re
import shutil

import numpy as np
import pytest

from zoo.evaluation import summarise
from zoo.evaluation.page import Picture, render_page

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
PHONE = {'width': 375, 'height': 700}
VOC_ROW = {
    'method': 'DeepLab-CRF-LargeFOV',
    'dataset': 'VOC2012',
    'split': 'val',
    'metric': 'mIoU',
}
FCRN_ROW = {**VOC_ROW, 'method': 'FCRN-101 stride8 k5 d12'}
MARKER = 'polygon, circle'  # of a point
EVIL = 'm/<img src=x onerror="window.evil=1">'
#        config    mIoU  aAcc  ms    cat
ROWS = [
    ('a/one', 70.0, 91.0, 30.0, 10.0),
    ('a/two', 60.0, 93.0, 9.0, None),
    ('b/ten', 50.0, 92.0, 100.0, 90.0),
    ('b/last', 40.0, 95.0, None, 100.0),
]
BEST_FIRST = [row[0] for row in ROWS]


def no_browser():
    """Return why the tests cannot run, or None."""
    if importlib.util.find_spec('playwright') is None:
        return "playwright is not installed: pip install -e '.[dev]'"
    if not any(map(shutil.which, NAMES)):
        return 'no chromium: run `make browser`, or apt-get install chromium'
    return None


@pytest.fixture(scope='module')
def chromium():
    """A browser without a window."""
    if reason := no_browser():
        if os.environ.get('SEGZOO_REQUIRE_BROWSER') == '1':
            pytest.fail(f'the page is to be tested in a browser: {reason}')
        pytest.skip(f'THE PAGE IS NOT TESTED IN A BROWSER: {reason}')
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=['--no-sandbox']
        )
        yield browser
        browser.close()


@pytest.fixture
def html(make_record, tmp_path):
    """The page of four methods of two families, and of other data."""
    records = [record(make_record, *row) for row in ROWS]
    records[0]['published'] = [VOC_ROW, FCRN_ROW]
    records.append(make_record(config='a/one_msrc21', dataset='msrc21'))
    pictures = [a_picture(name) for name in ('first', 'second', 'third')]
    path = tmp_path / 'page.html'
    path.write_text(render_page(summarise(records), pictures=pictures))
    return path


def record(make_record, config, mean, pixels, time, cat):
    scores = {'cat': cat, 'dog': 50.0, **dict.fromkeys(MORE_CLASSES, 75.0)}
    timing = {'hardware': 'Abacus', 'device': 'cpu', 'threads': 2}
    return make_record(
        config=config,
        metrics={'mIoU': mean, 'aAcc': pixels, 'mAcc': 75.0},
        classes=list(scores),
        per_class={'IoU': scores, 'Acc': scores},
        timing=None if time is None else {'ms_per_image': time, **timing},
    )


MORE_CLASSES = [f'another class {i}' for i in range(19)]


def a_picture(name):
    labels = [f'a/{i}' for i in range(6)]
    return Picture(
        name=name,
        image=np.full((60, 80, 3), 128, np.uint8),
        truth=np.zeros((60, 80), np.uint8),
        predictions={x: np.eye(60, 80, dtype=np.uint8) for x in labels},
        classes=('cat', 'dog'),
        palette=[[255, 0, 0], [0, 255, 0]],
        dataset='minivoc val',
    )


@pytest.fixture
def visit(chromium, html):
    """Return a function that opens the page; nothing may go wrong in it."""
    contexts, problems = [], []

    def visit(part='#minivoc-val', path=html, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on('pageerror', lambda error: problems.append(str(error)))
        page.on('console', lambda said: problems.append(said.text))
        page.on('request', lambda request: asked(request.url))
        page.goto(f'file://{path}{part}')
        return page

    def asked(url):
        if not url.startswith((f'file://{html.parent}/', 'data:image/')):
            problems.append(f'asked for {url}')

    yield visit
    for context in contexts:
        context.close()
    assert problems == []


def rows(page, body='measured'):
    """Return the methods that are seen, in their order."""
    shown = page.locator(f'.{body} tr:not(.group):visible th')
    return [re.sub(r'\[\d+\]$', '', text) for text in shown.all_inner_texts()]


def heading(page, text):
    return page.locator('section:visible thead th').filter(
        has=page.get_by_role('button', name=text, exact=True)
    )


def sort(page, text):
    heading(page, text).get_by_role('button').click()


def focused(page):
    return page.evaluate(
        """() => document.activeElement.dataset.row
                 ?? document.activeElement.textContent.trim()"""
    )


def test_a_click_sorts_by_a_figure_one_way_then_the_other(visit):
    page = visit()
    assert rows(page) == BEST_FIRST
    sort(page, 'pixel acc')
    assert rows(page) == ['b/last', 'a/two', 'b/ten', 'a/one']
    assert heading(page, 'pixel acc').get_attribute('aria-sort') == (
        'descending'
    )
    assert heading(page, 'mIoU').get_attribute('aria-sort') is None
    sort(page, 'pixel acc')
    assert rows(page) == ['a/one', 'b/ten', 'a/two', 'b/last']
    assert heading(page, 'pixel acc').get_attribute('aria-sort') == 'ascending'
    sort(page, 'mIoU')
    assert rows(page) == BEST_FIRST


def test_the_ranking_that_is_shown_first_can_be_turned_round(visit):
    page = visit()
    sort(page, 'mIoU')
    assert rows(page) == BEST_FIRST[::-1]


def test_what_was_not_measured_comes_last_both_ways(visit):
    page = visit()
    sort(page, 'ms/image')
    assert rows(page) == ['a/two', 'a/one', 'b/ten', 'b/last']
    sort(page, 'ms/image')
    assert rows(page) == ['b/ten', 'a/one', 'a/two', 'b/last']
    sort(page, 'cat')  # 100, 90, 10: by number, not by text
    assert rows(page) == ['b/last', 'b/ten', 'a/one', 'a/two']


def test_names_are_sorted_too(visit):
    page = visit()
    sort(page, 'method')
    assert rows(page) == ['a/one', 'a/two', 'b/last', 'b/ten']


def test_every_column_can_be_sorted_by(visit):
    page = visit()
    buttons = page.locator('section:visible thead button')
    assert buttons.count() == len(
        page.locator('thead').first.all()[0].locator('th').all()
    )
    for index in range(buttons.count()):
        buttons.nth(index).click()
        order = page.locator('section:visible thead th').nth(index)
        assert order.get_attribute('aria-sort') in ('ascending', 'descending')
        assert sorted(rows(page)) == sorted(BEST_FIRST)


def test_published_rows_stay_below_whatever_is_sorted(visit):
    page = visit()
    for _ in range(2):
        sort(page, 'mIoU')
        assert sorted(rows(page)) == sorted(BEST_FIRST)
        assert len(rows(page, 'published')) == 2
    assert rows(page, 'published') == [
        'FCRN-101 stride8 k5 d12',
        'DeepLab-CRF-LargeFOV',
    ]
    bodies = page.locator('section:visible tbody')
    first = [bodies.nth(i).locator('tr').first.inner_text() for i in (0, 1)]
    assert first == ['measured', 'published']


def test_the_keyboard_sorts(visit):
    page = visit()
    heading(page, 'pixel acc').get_by_role('button').focus()
    page.keyboard.press('Enter')
    assert rows(page) == ['b/last', 'a/two', 'b/ten', 'a/one']
    page.keyboard.press('Space')
    assert rows(page) == ['a/one', 'b/ten', 'a/two', 'b/last']


def test_text_filters_rows_and_points(visit):
    page = visit()
    status = page.locator('section:visible [role=status]')
    assert status.inner_text() == '6 of 6 methods'
    box = page.get_by_role('searchbox')
    box.fill('B/ E')  # all words, in any case
    assert rows(page) == ['b/ten']
    assert rows(page, 'published') == []
    assert not page.locator('tbody.published').first.is_visible()
    assert status.inner_text() == '1 of 6 methods'
    points = page.locator('section:visible .point:visible')
    assert [p.get_attribute('data-row') for p in points.all()] == ['b/ten']
    assert not page.locator('section:visible .front').is_visible()
    box.fill('')
    assert rows(page) == BEST_FIRST
    assert points.count() == 3
    assert page.locator('section:visible .front').is_visible()


def test_families_and_published_rows_can_be_left_out(visit):
    page = visit()
    boxes = {
        name: page.get_by_role('checkbox', name=name, exact=True)
        for name in ('a', 'b', 'published')
    }
    boxes['a'].uncheck()
    assert rows(page) == ['b/ten', 'b/last']
    assert len(rows(page, 'published')) == 2
    boxes['published'].uncheck()
    assert rows(page, 'published') == []
    boxes['b'].uncheck()
    boxes['a'].check()
    assert rows(page) == ['a/one', 'a/two']


def test_a_filter_is_that_of_one_table(visit):
    page = visit()
    page.get_by_role('searchbox').fill('nothing')
    page.get_by_role('tab', name='msrc21 val').click()
    assert rows(page) == ['a/one_msrc21']


def test_rows_and_points_light_up_together(visit):
    page = visit()
    point = page.locator('.point[data-row="a/two"]')
    row = page.locator('tr[data-row="a/two"]')
    chosen = page.locator('section:visible .chosen')
    assert chosen.count() == 0
    for one, other in ((row, point), (point, row)):
        one.locator(f'th, {MARKER}').first.hover()
        assert 'chosen' in other.get_attribute('class').split()
        assert chosen.count() == 2
        page.get_by_role('heading', level=1).hover()
        assert chosen.count() == 0
        one.focus()
        assert 'chosen' in other.get_attribute('class').split()
        one.blur()
        assert chosen.count() == 0


def test_enter_leads_from_a_point_to_its_row_and_back(visit):
    page = visit()
    page.locator('.point[data-row="a/two"]').focus()
    page.keyboard.press('Enter')
    assert page.evaluate('document.activeElement.tagName') == 'TR'
    assert focused(page) == 'a/two'
    page.keyboard.press('Enter')
    assert page.evaluate('document.activeElement.tagName') == 'g'
    assert focused(page) == 'a/two'
    page.locator('.point[data-row="b/ten"]').locator(MARKER).click()
    assert page.evaluate('document.activeElement.tagName') == 'TR'
    assert focused(page) == 'b/ten'


def test_arrow_keys_walk_through_the_rows_that_are_seen(visit):
    page = visit()
    reached = page.locator('section:visible tr[tabindex="0"]')
    assert reached.get_attribute('data-row') == 'a/one'
    page.get_by_role('searchbox').fill('t')
    assert reached.get_attribute('data-row') == 'a/two'
    reached.focus()
    walked = []
    for key in ('ArrowDown', 'ArrowDown', 'ArrowUp', 'Home', 'ArrowUp', 'End'):
        page.keyboard.press(key)
        walked.append(focused(page))
    assert walked[:-1] == ['b/ten', 'b/last', 'b/ten', 'a/two', 'a/two']
    assert walked[-1].startswith('FCRN-101 stride8')  # the last published one
    assert reached.count() == 1


def test_one_section_is_shown_and_tabs_lead_to_the_others(visit):
    page = visit()
    shown = page.locator('section:visible')
    assert shown.count() == 1
    page.get_by_role('tab', name='msrc21 val').click()
    assert shown.get_attribute('id') == 'msrc21-val'
    assert page.url.endswith('#msrc21-val')
    order = ['minivoc-val-pictures', 'minivoc-val', 'minivoc-val-pictures']
    for key, name in zip(('ArrowRight', 'Home', 'End'), order, strict=True):
        page.keyboard.press(key)
        assert shown.get_attribute('id') == name
    page.keyboard.press('ArrowRight')  # on from the last: the first
    assert shown.get_attribute('id') == 'minivoc-val'
    page.keyboard.press('ArrowLeft')
    assert shown.get_attribute('id') == 'minivoc-val-pictures'
    tab = page.get_by_role('tab', selected=True)
    assert tab.count() == 1
    assert tab.get_attribute('aria-controls') == 'minivoc-val-pictures'
    assert page.locator('[role=tab][tabindex="0"]').count() == 1


def test_the_address_chooses_the_section(visit):
    for part, shown in (
        ('', 'minivoc-val'),
        ('#msrc21-val', 'msrc21-val'),
        ('#none', 'minivoc-val'),
    ):
        section = visit(part).locator('section:visible')
        assert section.get_attribute('id') == shown
    page = visit()
    page.evaluate("location.hash = '#msrc21-val'")
    page.locator('#msrc21-val').wait_for()
    assert page.locator('section:visible').count() == 1


def test_tab_reaches_all_that_can_be_used_and_shows_where_it_is(visit):
    page = visit()
    seen = []
    for _ in range(200):
        page.keyboard.press('Tab')
        if page.evaluate('document.activeElement === document.body'):
            break
        seen.append(
            page.evaluate(
                """() => {
                  const e = document.activeElement;
                  const style = getComputedStyle(e);
                  const seen = style.outlineStyle !== 'none'
                    && parseFloat(style.outlineWidth) >= 2;
                  return [e.tagName.toLowerCase(), e.type ?? '', seen];
                }"""
            )
        )
    kinds = [(tag, kind) for tag, kind, _ in seen]
    for wanted in (
        ('input', 'search'),
        ('input', 'checkbox'),
        ('button', 'button'),
        ('tr', ''),
        ('g', ''),
        ('div', ''),
    ):
        assert wanted in kinds
    assert kinds.count(('tr', '')) == 1  # not each of a thousand
    assert all(visible for *_, visible in seen)


def test_images_are_chosen_by_list_buttons_and_arrow_keys(visit):
    page = visit('#minivoc-val-pictures')
    title = page.locator('article:visible h3')
    assert title.inner_text() == 'first'
    page.get_by_role('combobox').select_option('third')
    assert title.inner_text() == 'third'
    page.get_by_role('button', name='Next').click()
    assert title.inner_text() == 'first'
    page.get_by_role('button', name='Previous').click()
    assert title.inner_text() == 'third'
    page.locator('.stage').focus()
    page.keyboard.press('ArrowLeft')
    assert title.inner_text() == 'second'
    assert page.get_by_role('combobox').input_value() == '1'
    page.keyboard.press('ArrowRight')
    page.keyboard.press('ArrowRight')
    assert title.inner_text() == 'first'


def test_methods_are_chosen_by_their_boxes(visit):
    page = visit('#minivoc-val-pictures')
    figures = page.locator('figure[data-method]:visible')

    def shown():
        return [f.get_attribute('data-method') for f in figures.all()]

    assert shown() == ['a/0', 'a/1', 'a/2', 'a/3']
    page.get_by_label('a/1').uncheck()
    page.get_by_label('a/5').focus()
    page.keyboard.press('Space')
    assert shown() == ['a/0', 'a/2', 'a/3', 'a/5']
    page.get_by_role('button', name='Next').click()  # they stay chosen
    assert shown() == ['a/0', 'a/2', 'a/3', 'a/5']
    page.get_by_role('button', name='None').click()
    assert shown() == []
    assert page.locator('article:visible img').count() >= 2
    page.get_by_role('button', name='All').click()
    assert shown() == [f'a/{i}' for i in range(6)]


def test_images_are_images(visit):
    page = visit('#minivoc-val-pictures')
    page.wait_for_function(
        '[...document.images].every((image) => image.complete)'
    )
    sizes = page.evaluate(
        '[...document.images].map((x) => [x.naturalWidth, x.naturalHeight])'
    )
    assert sizes == [[80, 60]] * 3 * (2 + 2 * 6)


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize(
    'part', ['minivoc-val', 'msrc21-val', 'minivoc-val-pictures']
)
def test_a_phone_never_scrolls_sideways(visit, part, scheme):
    page = visit(f'#{part}', viewport=PHONE, color_scheme=scheme)
    width = page.evaluate('document.documentElement.scrollWidth')
    assert width <= page.evaluate('window.innerWidth') == 375
    if part == 'minivoc-val':  # but the table does, in its box
        box = page.locator('section:visible .scroll').first
        inside, outside = box.evaluate('x => [x.scrollWidth, x.clientWidth]')
        assert inside > outside
        name = page.locator('tr[data-row="a/one"] th')
        left = name.bounding_box()['x']
        box.evaluate('x => { x.scrollLeft = 300; }')
        assert name.bounding_box()['x'] == left  # the method stays in sight


def luminance(colour):
    """Return the relative luminance of WCAG 2 of 'rgb(..)' or 'color(..)'."""
    parts = [float(n) for n in re.findall(r'[\d.]+', colour)[:3]]
    whole = 255 if colour.startswith('rgb') else 1
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (part / whole for part in parts)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_words_stand_out_from_what_is_behind_them(visit, scheme):
    page = visit(color_scheme=scheme)
    for place in ('.h1', '.h8', '.h9', '.h10', 'td:not([class])', 'thead th'):
        cell = page.locator(f'section:visible {place}').first
        colours = cell.evaluate(
            """(cell) => {
              const style = getComputedStyle(cell);
              const body = getComputedStyle(document.body);
              const behind = style.backgroundColor;
              return [style.color, behind === 'rgba(0, 0, 0, 0)'
                ? body.backgroundColor : behind];
            }"""
        )
        dark, light = sorted(map(luminance, colours))
        assert (light + 0.05) / (dark + 0.05) > 4.5, (place, colours)


def test_higher_scores_have_stronger_shades(visit):
    page = visit()
    shades = [
        page.locator(f'section:visible .{name}').first.evaluate(
            'cell => getComputedStyle(cell).backgroundColor'
        )
        for name in ('h1', 'h8', 'h9', 'h10')
    ]
    assert sorted(shades, key=luminance, reverse=True) == shades
    assert len(set(shades)) == 4


def test_all_is_seen_without_a_script(visit):
    page = visit(java_script_enabled=False)
    assert page.locator('section:visible').count() == 3
    assert page.locator('article:visible').count() == 3
    assert page.locator('figure[data-method]:visible').count() == 18
    assert not page.locator('.filters').first.is_visible()
    assert not page.locator('.choice').first.is_visible()


def test_nothing_from_outside_runs(visit, make_record, html):
    scores = {EVIL: 1.0, 'dog': 2.0}
    evil = make_record(
        config=EVIL,
        title=EVIL,
        dataset=EVIL,
        classes=[EVIL, 'dog'],
        per_class={'IoU': scores, 'Acc': scores},
    )
    path = html.with_name('evil.html')
    path.write_text(render_page(summarise([evil]), title=EVIL))
    page = visit('', path)
    assert page.evaluate('window.evil') is None
    assert rows(page) == [EVIL]
    assert page.locator('.point').get_attribute('data-row') == EVIL
