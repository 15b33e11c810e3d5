"""The leaderboard as a picture, read back from its SVG."""

import pytest

from zoo.evaluation.charts import dot_plot

SHAPES = ('circle', 'polygon')


def lines(picture, method, kind):
    """Return the lines of a class in a method's group."""
    [group] = [
        g for g in picture.all('g', 'row') if g.get('data-row') == method
    ]
    return picture.all('line', kind, inside=group)


def dots(picture, centre):
    """Return the place of each method's marker."""
    return {
        group.get('data-row'): centre(group[-2])
        for group in picture.all('g', 'row')
    }


@pytest.fixture
def board(make_summary):
    return [
        make_summary('fcrn/low_minivoc', 40.0),
        make_summary(
            'fcrn/high_minivoc', 79.0, 81.0, 83.0, interval=(75.5, 86.25)
        ),
        make_summary('deeplab_crf/mid_minivoc', 60.0, 61.0),
    ]


def test_every_method_stands_in_it_once_best_first(board, read, centre):
    picture = read(dot_plot(board))
    order = [
        'fcrn/high_minivoc',
        'deeplab_crf/mid_minivoc',
        'fcrn/low_minivoc',
    ]
    assert picture.labels('row') == order
    heights = [y for _, y in dots(picture, centre).values()]
    steps = [heights[1] - heights[0], heights[2] - heights[1]]
    assert steps == pytest.approx([22, 22], abs=2)  # triangles sit lower
    for name in ('fcrn/high', 'deeplab_crf/mid', 'fcrn/low'):
        assert picture.texts().count(name) == 1
    for score in ('81.00', '60.50', '40.00'):
        assert picture.texts().count(score) == 1


def test_marks_stand_where_the_axis_says(board, read, centre):
    picture = read(dot_plot(board))
    at = picture.ruler('x')
    places = dots(picture, centre)
    for method, score in (('high', 81.0), ('low', 40.0)):
        x, _ = places[f'fcrn/{method}_minivoc']
        assert x == pytest.approx(at(score), abs=0.2)
    [whisker] = lines(picture, 'fcrn/high_minivoc', 'interval')
    assert float(whisker.get('x1')) == pytest.approx(at(75.5), abs=0.2)
    assert float(whisker.get('x2')) == pytest.approx(at(86.25), abs=0.2)
    assert whisker.get('y1') == whisker.get('y2')
    y = float(whisker.get('y1'))
    assert y == pytest.approx(places['fcrn/high_minivoc'][1], abs=1.1)
    seeds = lines(picture, 'fcrn/high_minivoc', 'seed')
    assert [float(s.get('x1')) for s in seeds] == pytest.approx(
        [at(79), at(81), at(83)], abs=0.2
    )
    assert all(s.get('x1') == s.get('x2') for s in seeds)
    assert all(float(s.get('y1')) < y < float(s.get('y2')) for s in seeds)
    assert at(40) < at(81)


@pytest.mark.parametrize(
    ('scores', 'interval'),
    [([60.0], (41.0, 92.0)), ([31.0, 60.0, 88.0], None)],
)
def test_the_axis_holds_every_mark(scores, interval, make_summary, read):
    picture = read(dot_plot([make_summary('a/b', *scores, interval=interval)]))
    ticks = [
        float(x.get('x'))
        for x in picture.all('text')
        if x.get('text-anchor') == 'middle'
    ]
    for mark in picture.all('line', 'interval') + picture.all('line', 'seed'):
        assert min(ticks) <= float(mark.get('x1'))
        assert float(mark.get('x2')) <= max(ticks)


def test_rows_stand_between_the_ends_of_the_grid(board, read, centre):
    picture = read(dot_plot(board))
    grid = next(x for x in picture.all('line') if x.get('class') is None)
    top, bottom = float(grid.get('y1')), float(grid.get('y2'))
    assert bottom - top == 3 * 22
    bands = [r for r in picture.all('rect') if r.get('height') == '22']
    assert [float(band.get('y')) for band in bands] == [top, top + 44]
    heights = [y for _, y in dots(picture, centre).values()]
    expected = [top + 11, top + 33, top + 55]
    assert heights == pytest.approx(expected, abs=1.1)


def test_what_is_not_known_is_not_drawn(board, read):
    picture = read(dot_plot(board))
    assert not lines(picture, 'deeplab_crf/mid_minivoc', 'interval')
    assert len(lines(picture, 'deeplab_crf/mid_minivoc', 'seed')) == 2
    assert not lines(picture, 'fcrn/low_minivoc', 'seed')  # its marker says it


@pytest.mark.parametrize(
    ('scores', 'interval', 'note'),
    [
        ([50.0], None, 'Marker: score.'),
        (
            [50.0],
            (48.0, 52.0),
            'Marker: score. Line: 95 % interval over images and seeds.',
        ),
        (
            [50.0, 51.0],
            None,
            'Marker: mean over seeds. Ticks: single seeds.',
        ),
        (
            [50.0, 51.0],
            (49.0, 52.0),
            'Marker: mean over seeds. Ticks: single seeds. '
            'Line: 95 % interval over images and seeds.',
        ),
    ],
)
def test_the_marks_that_are_there_are_explained(
    scores, interval, note, make_summary, read
):
    summary = make_summary('fcrn/a', *scores, interval=interval)
    assert note in read(dot_plot([summary])).texts()


def test_one_method_has_an_axis_around_it(make_summary, read, centre):
    picture = read(dot_plot([make_summary('fcrn/a_minivoc', 48.4)]))
    at = picture.ruler('x')
    x, _ = dots(picture, centre)['fcrn/a_minivoc']
    assert x == pytest.approx(at(48.4), abs=0.2)
    assert at(46) < x < at(51)


def test_a_method_without_a_score_comes_last(make_summary, read):
    board = [make_summary('fcrn/none', None), make_summary('fcrn/a', 1.0)]
    picture = read(dot_plot(board))
    assert picture.labels('row') == ['fcrn/a', 'fcrn/none']
    assert '—' in picture.texts()
    assert 'fcrn/none: no mIoU' in picture.says('desc')
    alone = read(dot_plot(board[:1]))
    assert alone.labels('row') == ['fcrn/none']


def test_it_can_be_read_without_being_seen(board, read):
    picture = read(dot_plot(board))
    assert picture.root.get('role') == 'img'
    assert picture.says('title') == 'minivoc val: mIoU, per cent'
    best = (
        'fcrn/high_minivoc: mIoU 81.00, 95 % interval 75.50 to 86.25, '
        'single seeds 79.00, 81.00, 83.00'
    )
    assert picture.says('desc') == (
        f'Best first. {best}; deeplab_crf/mid_minivoc: mIoU 60.50, single '
        'seeds 60.00, 61.00; fcrn/low_minivoc: mIoU 40.00.'
    )
    assert picture.says('title', picture.all('g', 'row')[0]) == best


def test_the_best_can_be_shown_alone(board, read):
    picture = read(dot_plot(board, limit=2))
    assert picture.labels('row') == [
        'fcrn/high_minivoc',
        'deeplab_crf/mid_minivoc',
    ]
    assert '1 more are not shown.' in picture.texts()
    assert dot_plot(board, limit=3) == dot_plot(board)


def test_another_metric_has_its_own_order_and_no_seeds(make_summary, read):
    board = [
        make_summary('fcrn/a', 50.0, 60.0, kind='instance'),
        make_summary('fcrn/b', 70.0, interval=(60, 80), kind='instance'),
    ]
    picture = read(dot_plot(board, metric='AP_0.7'))
    # 30.25 each by the record: in the order of their names.
    assert picture.labels('row') == ['fcrn/a', 'fcrn/b']
    assert picture.texts().count('30.2') == 2
    assert not picture.all('line', 'interval')
    assert not picture.all('line', 'seed')
    assert picture.says('title') == (
        'minivoc val, instances: AP^r 0.7, per cent'
    )
    assert read(dot_plot(board)).labels('row') == ['fcrn/b', 'fcrn/a']


def test_published_numbers_are_not_in_it(make_summary):
    stated = {
        'method': 'DeepLab',
        'dataset': 'VOC 2012',
        'split': 'val',
        'metric': 'mIoU',
    }
    with_it = make_summary('fcrn/a', 50.0, published=[stated])
    assert dot_plot([with_it]) == dot_plot([make_summary('fcrn/a', 50.0)])


def test_it_is_the_same_text_whatever_the_order(board):
    text = dot_plot(board)
    assert dot_plot(board[::-1]) == text
    assert text.endswith('</svg>\n')


def test_everything_is_escaped(make_summary, read):
    name = 'a<script>&/"b"'
    text = dot_plot([make_summary(name, 50.0, split='<v&l>')])
    assert '<script' not in text
    picture = read(text)
    assert picture.labels('row') == [name]
    assert picture.says('title').startswith('minivoc <v&l>')


@pytest.mark.parametrize(('count', 'limit'), [(1, None), (12, 5), (40, None)])
def test_no_text_leaves_the_picture(count, limit, make_summary, read):
    long = 'a_very_long_variant_of_a_method_that_no_one_should_write' * 2
    board = [
        make_summary(f'm{i % 13}_with_a_name/{long * (i % 3)}-{i}', 2.4 * i)
        for i in range(count)
    ]
    picture = read(dot_plot(board, limit=limit))
    assert picture.cut_off() == []


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'limit': 0}, 'limit must be at least 1, got 0'),
        ({'metric': 'AP_vol'}, "one of mIoU, aAcc, mAcc, got 'AP_vol'"),
    ],
)
def test_refuses_an_option(options, message, board):
    with pytest.raises(ValueError, match=message):
        dot_plot(board, **options)


@pytest.mark.parametrize(
    ('other', 'message'),
    [
        ({'dataset': 'msrc21'}, 'msrc21'),
        ({'split': 'test'}, 'test'),
        ({'classes': ['cow']}, 'classes'),
    ],
)
def test_refuses_to_mix(other, message, make_summary):
    board = [make_summary('a/b', 1.0), make_summary('a/c', 2.0, **other)]
    with pytest.raises(ValueError, match=f'must share .*{message}'):
        dot_plot(board)


def test_refuses_nothing():
    with pytest.raises(ValueError, match=r'must share .* got none'):
        dot_plot([])
