"""The page, parsed: every row and picture once, nothing from outside."""

import base64
import hashlib
import re

import numpy as np
import pytest
from html_tree import parse

from zoo.evaluation import summarise
from zoo.evaluation.page import Picture, render_page

VOC_ROW = {
    'method': 'DeepLab-CRF-LargeFOV',
    'dataset': 'VOC2012',
    'split': 'val',
    'metric': 'mIoU',
}
EVIL = 'm/<script>alert(1)</script>"\'&'


@pytest.fixture
def render(make_record):
    """Return a function: changes of records -> the parsed page."""

    def render(*changes, **options):
        records = [make_record(**change) for change in changes]
        return parse(render_page(summarise(records), **options))

    return render


def scored(config, mean, **changes):
    scores = {'mIoU': mean, 'aAcc': 66.6, 'mAcc': 75.0}
    return {'config': config, 'metrics': scores, **changes}


def a_picture(**changes):
    known = {
        'name': 'a',
        'image': np.zeros((4, 5, 3), np.uint8),
        'truth': np.zeros((4, 5), np.uint8),
        'predictions': {'m/low': np.eye(4, 5, dtype=np.uint8)},
        'classes': ('cat', 'dog', 'yak'),
        'palette': [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        'dataset': 'minivoc val',
    }
    return Picture(**{**known, **changes})


def body(page, name):
    """Return the rows of a section of the only table, without its heading."""
    heading, *rows = page.one('tbody', class_=name).all('tr')
    assert heading['class'] == 'group'
    assert heading.text == name
    return rows


def cells(row):
    return [part.text for part in row.parts]


def test_measured_rows_stand_best_first_with_their_figures(render):
    page = render(scored('m/low', 50.0), scored('n/high', 61.25))
    high, low = body(page, 'measured')
    heads = [th.text for th in page.one('thead').all('th')]
    shown = dict(zip(heads, cells(high), strict=True))
    assert shown['method'] == 'n/high'
    assert shown['mIoU'] == '61.25'
    assert shown['ms/image'] == '12.3[1]'
    assert (shown['cat'], shown['dog']) == ('50', '50')
    assert heads[-2:] == ['cat', 'dog']
    assert heads[:2] == ['method', 'mIoU']
    assert cells(low)[:2] == ['m/low', '50.00']
    assert (high['data-row'], high['data-family']) == ('n/high', 'n')
    assert high['title'] == 'DeepLab on minivoc.'
    assert not page.all('tbody', class_='published')


def test_a_figure_carries_the_key_to_sort_it_by(render):
    change = scored('m/low', 50.0)
    runs = [{**change, 'seed': seed} for seed in (3, 4)]
    runs[1] = {**runs[1], **scored('m/low', 53.0)}
    page = render(*runs)
    (row,) = body(page, 'measured')
    heads = [th.text for th in page.one('thead').all('th')]
    keys = {
        head: cell.get('data-key')
        for head, cell in zip(heads, row.parts, strict=True)
    }
    assert keys['mIoU'] == '51.5'  # of '51.50 ± 2.12'
    assert keys['seeds'] == '2'  # how many, of '3, 4'
    assert keys['params (M)'] == '1.23'
    assert keys['ms/image'] == '12.3'  # not the number of its note
    assert keys['method'] is None


def test_what_was_not_measured_has_no_key_and_no_shade(render):
    scores = {'cat': None, 'dog': 50.0}
    page = render(
        {'timing': None, 'per_class': {'IoU': scores, 'Acc': scores}}
    )
    (row,) = body(page, 'measured')
    cat, dog = row.parts[-2:]
    assert (cat.text, cat.attributes) == ('—', {})
    assert dog['class'] == 'h5'
    time = [th.text for th in page.one('thead').all('th')].index('ms/image')
    assert row.parts[time].attributes == {}


@pytest.mark.parametrize(
    ('score', 'shade', 'shown'),
    [
        (0.0, 'h0', '0'),
        (4.94, 'h0', '5'),
        (5.1, 'h1', '5'),
        (74.9, 'h7', '75'),
        (95.1, 'h10', '95'),
        (100.0, 'h10', '100'),
    ],
)
def test_a_class_is_shaded_by_its_score(render, score, shade, shown):
    scores = {'cat': score, 'dog': 0.0}
    page = render({'per_class': {'IoU': scores, 'Acc': scores}})
    cat = body(page, 'measured')[0].parts[-2]
    assert cat['class'] == shade
    assert cat.text == shown
    assert cat['title'] == f'cat: {score:.1f}'


def test_published_rows_stand_apart_with_their_source(render):
    low = scored('m/low', 50.0, published=[VOC_ROW])
    page = render(low, scored('n/high', 61.25))
    (row,) = body(page, 'published')
    source = 'VOC2012 val: arXiv 1412.7062 Table 1.'
    assert row['title'] == source
    assert row.get('data-row') is None
    assert cells(row)[:2] == ['DeepLab-CRF-LargeFOV[2]', '67.64']
    assert row.one('sup')['title'] == source
    assert len(body(page, 'measured')) == 2
    order = [b['class'] for b in page.all('tbody')]
    assert order == ['measured', 'published']
    notes = [li.text for li in page.one('ul', class_='notes').all('li')]
    assert notes[1] == f'[2] {source}'


def test_headings_say_how_they_are_sorted(render):
    heads = render({}).one('thead').all('th')
    assert {th['scope'] for th in heads} == {'col'}
    assert [th.text for th in heads if th.get('aria-sort')] == ['mIoU']
    first = {th.text: th.one('button')['data-first'] for th in heads}
    assert first['mIoU'] == first['cat'] == 'descending'
    assert first['method'] == first['ms/image'] == 'ascending'
    assert first['params (M)'] == 'ascending'


def test_a_class_with_the_name_of_the_metric_does_not_rank(render):
    scores = {'mIoU': 1.0, 'dog': 2.0}
    page = render(
        {
            'classes': ['mIoU', 'dog'],
            'per_class': {'IoU': scores, 'Acc': scores},
        }
    )
    heads = page.one('thead').all('th')
    ranking = [th for th in heads if th.get('aria-sort')]
    assert [heads.index(th) for th in ranking] == [1]


def test_each_data_set_split_and_kind_has_a_section_and_a_link(render):
    page = render(
        {},
        {'split': 'test'},
        {'kind': 'instance'},
        {'dataset': 'msrc21'},
        {
            'classes': ['cat'],
            'per_class': {'IoU': {'cat': 1.0}, 'Acc': {'cat': 1.0}},
            'per_image': {},
            'config': 'm/one',
            'split': 'Test!',
        },
    )
    titles = {
        'minivoc-test': 'minivoc Test!',
        'minivoc-test-2': 'minivoc test',
        'minivoc-val': 'minivoc val',
        'minivoc-val-instances': 'minivoc val, instances',
        'msrc21-val': 'msrc21 val',
    }
    sections = {s['id']: s for s in page.one('main').all('section')}
    assert {id: s.one('h2').text for id, s in sections.items()} == titles
    links = {a['href']: a.text for a in page.one('nav').all('a')}
    assert links == {f'#{id}': title for id, title in titles.items()}
    for id, section in sections.items():
        assert section['aria-labelledby'] == section.one('h2')['id']
        assert len(section.all('tr', data_family='deeplab_crf')) <= 1, id


def test_filters_name_each_family_once(render):
    page = render(
        scored('b/x', 1.0),
        scored('a/x', 2.0, published=[VOC_ROW]),
        scored('a/y', 3.0),
    )
    filters = page.one('div', class_='filters')
    boxes = filters.all('input', type='checkbox')
    assert [box['value'] for box in boxes] == ['a', 'b', '']
    labels = [label.text.strip() for label in filters.all('label')][1:]
    assert labels == ['a', 'b', 'published']
    assert 'hidden' in filters.attributes  # without a script it does nothing


def test_each_hardware_has_a_chart_with_a_point_for_each_row(render):
    timing = {
        'ms_per_image': 9.0,
        'hardware': 'X',
        'device': 'cpu',
        'threads': 1,
    }
    page = render(
        scored('m/a', 1.0),
        scored('m/b', 2.0, timing=timing),
        scored('m/c', 3.0, timing=None),
    )
    charts = page.all('figure', class_='chart')
    points = [
        [p['data-row'] for p in c.all('g', class_='point')] for c in charts
    ]
    assert points == [['m/a'], ['m/b']]
    captions = [c.one('figcaption').text for c in charts]
    assert captions == [
        'Timed on Abacus (cpu, 2 threads).',
        'Timed on X (cpu, 1 thread).',
    ]


def test_the_page_is_whole_and_asks_for_nothing(make_record):
    text = render_page(
        summarise([make_record(published=[VOC_ROW])]),
        title='Zoo & more',
        pictures=[a_picture()],
    )
    page = parse(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert page.one('head').one('title').text == 'Zoo & more'
    for tag in ('h1', 'header', 'nav', 'main'):
        page.one(tag)
    assert page.all('caption')
    for node in page.walk():
        assert not [key for key in node.attributes if key.startswith('on')]
        for key in ('src', 'href', 'xlink:href', 'action', 'data'):
            assert re.match('data:image/|#|$', node.get(key) or ''), node.tag
    assert not page.all('link')
    style = page.one('style').text
    assert 'url(' not in style
    assert '@import' not in style


def test_only_its_own_script_may_run(render):
    page = render({})
    script = page.one('script').text
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
    policy = page.one('meta', http_equiv='Content-Security-Policy')['content']
    assert f"script-src 'sha256-{digest.decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")


def test_words_from_outside_are_text(render):
    scores = {EVIL: 1.0, 'dog': 2.0}
    page = render(
        {
            'config': EVIL,
            'title': EVIL,
            'dataset': EVIL,
            'split': EVIL,
            'classes': [EVIL, 'dog'],
            'per_class': {'IoU': scores, 'Acc': scores},
            'timing': {
                'ms_per_image': 1.0,
                'hardware': EVIL,
                'device': EVIL,
                'threads': 1,
            },
        },
        title=EVIL,
        pictures=[
            a_picture(
                name=EVIL,
                predictions={EVIL: np.ones((4, 5), int)},
                classes=(EVIL, EVIL, EVIL),
                dataset=EVIL,
            )
        ],
    )
    assert len(page.all('script')) == 1
    (row,) = body(page, 'measured')
    assert row['data-row'] == EVIL
    assert row.parts[0].text == EVIL
    assert page.one('h1').text == EVIL
    assert page.one('article').one('h3').text == EVIL


def test_pictures_have_a_section_for_each_data_set(render):
    pictures = [
        a_picture(),
        a_picture(name='b'),
        a_picture(name='c', dataset='msrc21 test'),
    ]
    page = render({}, pictures=pictures)
    sections = page.all('section', class_='pictures')
    assert [s['id'] for s in sections] == [
        'minivoc-val-pictures',
        'msrc21-test-pictures',
    ]
    names = [[o.text for o in s.all('option')] for s in sections]
    assert names == [['a', 'b'], ['c']]
    heads = [[h.text for h in s.all('h3')] for s in sections]
    assert heads == names


def test_methods_stand_in_the_order_of_the_table(render):
    labels = ('m/low (seed0)', 'm/low (seed1)', 'n/high', 'z/unknown')
    maps = {label: np.zeros((4, 5), int) for label in reversed(labels)}
    page = render(
        scored('m/low', 50.0),
        scored('n/high', 61.25),
        pictures=[a_picture(predictions=maps)],
    )
    wanted = ['n/high', 'm/low (seed0)', 'm/low (seed1)', 'z/unknown']
    section = page.one('section', class_='pictures')
    boxes = section.all('input', type='checkbox')
    assert [box['value'] for box in boxes] == wanted
    figures = section.one('article').all('figure')
    assert [f.get('data-method') for f in figures] == [None, None, *wanted]


def test_only_the_first_methods_are_ticked(render):
    maps = {f'm/{i}': np.zeros((4, 5), int) for i in range(6)}
    page = render({}, pictures=[a_picture(predictions=maps)])
    boxes = page.one('section', class_='pictures').all(
        'input', type='checkbox'
    )
    ticked = ['checked' in box.attributes for box in boxes]
    assert ticked == [True] * 4 + [False] * 2


def test_a_picture_shows_its_errors_and_legend(render):
    article = render({}, pictures=[a_picture()]).one('article')
    captions = [f.one('figcaption').text for f in article.all('figure')]
    # Four of 4 x 5 pixels are of the class that they should not be.
    assert captions == ['photograph', 'truth', 'm/low: 20.0 % wrong']
    texts = [img['alt'] for img in article.all('img')]
    assert texts == [
        'a, photograph',
        'a, true classes',
        'a, classes predicted by m/low',
        'a, errors of m/low: 20.0 % wrong',
    ]
    entries = {
        li.text.strip(): li.one('span')['style'] for li in article.all('li')
    }
    assert entries == {
        'cat': 'background:#010203',
        'dog': 'background:#040506',
        'void': 'background:#888888',
        'right': 'background:#ffffff',
        'wrong': 'background:#cc0022',
    }


def test_a_page_without_results_is_a_page():
    page = parse(render_page([]))
    assert page.one('main').parts == []
