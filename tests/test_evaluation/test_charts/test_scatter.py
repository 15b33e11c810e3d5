"""Accuracy against time, read back from its SVG."""

import pytest

from zoo.evaluation.charts import scatter

ABACUS, SLIDE_RULE = 'Abacus (cpu, 1 thread)', 'Slide rule (cpu, 1 thread)'


@pytest.fixture
def timed(make_summary):
    """Return a function: name, score, milliseconds -> a summary."""

    def make(name, score, milliseconds, hardware=ABACUS, **changes):
        return make_summary(
            f'fcrn/{name}_minivoc',
            score,
            ms_per_image=milliseconds,
            hardware=None if milliseconds is None else hardware,
            **changes,
        )

    return make


@pytest.fixture
def draw(read):
    """Return a function: summaries -> the only picture."""

    def make(*summaries):
        [(_, text)] = scatter(summaries)
        return read(text)

    return make


def markers(picture, centre):
    return {
        group.get('data-row'): centre(
            next(
                x
                for x in group
                if x.tag.rpartition('}')[2] in ('circle', 'polygon')
            )
        )
        for group in picture.all('g', 'point')
    }


def test_points_stand_where_the_axes_say(timed, draw, centre):
    picture = draw(
        timed('a', 40.0, 10.0),
        timed('b', 70.0, 35.0, interval=(65.5, 74.0)),
        timed('c', 55.0, 60.0),
    )
    across, up = picture.ruler('x'), picture.ruler('y')
    places = markers(picture, centre)
    assert set(places) == {f'fcrn/{n}_minivoc' for n in 'abc'}
    for name, score, time in (('a', 40, 10), ('b', 70, 35), ('c', 55, 60)):
        x, y = places[f'fcrn/{name}_minivoc']
        assert x == pytest.approx(across(time), abs=0.2)
        assert y == pytest.approx(up(score), abs=1.1)  # a triangle sits lower
    assert up(70) < up(40)
    assert across(10) < across(60)
    [whisker] = picture.all('line', 'interval')
    ends = {float(whisker.get(key)) for key in ('y1', 'y2')}
    assert sorted(ends) == pytest.approx([up(74), up(65.5)], abs=0.2)
    x = places['fcrn/b_minivoc'][0]
    assert float(whisker.get('x1')) == pytest.approx(x, abs=0.1)
    assert whisker.get('x1') == whisker.get('x2')


@pytest.mark.parametrize(
    ('longest', 'log'), [(100.0, False), (101.0, True), (9000.0, True)]
)
def test_far_apart_times_stand_on_a_logarithmic_axis(
    longest, log, timed, draw
):
    picture = draw(timed('a', 40.0, 10.0), timed('b', 70.0, longest))
    said = 'ms per image, log scale' if log else 'ms per image'
    assert said in picture.texts()
    assert ('0' in picture.texts()) is not log


def test_other_times_stand_on_an_axis_from_zero(timed, draw):
    picture = draw(timed('a', 40.0, 50.0), timed('b', 70.0, 60.0))
    assert '0' in picture.texts()


def test_a_tenfold_time_is_as_far_everywhere(timed, draw, centre):
    times = {'a': 2.0, 'b': 20.0, 'c': 200.0}
    picture = draw(*(timed(n, 50.0, t) for n, t in times.items()))
    places = markers(picture, centre)
    a, b, c = (places[f'fcrn/{n}_minivoc'][0] for n in 'abc')
    assert b - a == pytest.approx(c - b, abs=0.3)
    assert b - a > 100


def test_the_front_joins_those_that_no_other_beats(timed, draw):
    picture = draw(
        timed('fast', 40.0, 10.0),
        timed('beaten', 35.0, 20.0),
        timed('good', 70.0, 50.0),
    )
    [front] = picture.all('polyline', 'front')
    across, up = picture.ruler('x'), picture.ruler('y')
    corners = [
        tuple(map(float, pair.split(',')))
        for pair in front.get('points').split()
    ]
    expected = [
        (across(10), up(40)),
        (across(50), up(40)),
        (across(50), up(70)),
    ]
    assert len(corners) == 3
    for corner, place in zip(corners, expected, strict=True):
        assert corner == pytest.approx(place, abs=0.2)
    for name in ('fast', 'good', 'beaten'):
        assert picture.texts().count(f'fcrn/{name}') == 1


def test_a_name_does_not_stand_on_the_front(timed, draw):
    picture = draw(timed('fast', 47.0, 10.0), timed('good', 68.0, 50.0))
    [name] = [t for t in picture.all('text') if t.text == 'fcrn/fast']
    # To the right of the point the step runs at its height.
    assert name.get('text-anchor') == 'end'


def test_where_it_is_crowded_the_front_is_named(timed, draw):
    crowd = [
        timed(f'n{i:02}', 50 - 0.01 * i, 50 + 0.01 * i) for i in range(40)
    ]
    picture = draw(*crowd)
    assert 'fcrn/n00' in picture.texts()
    named = [t for t in picture.texts() if t.startswith('fcrn/n')]
    assert len(named) == len(set(named)) < 20
    assert len(picture.labels('point')) == 40
    # The worse ones are the faster ones: none beats another.
    front = [
        timed(f'n{i:02}', 50 - 0.01 * i, 50 - 0.01 * i) for i in range(40)
    ]
    named = [t for t in draw(*front).texts() if t.startswith('fcrn/n')]
    assert len(set(named)) == 40


def test_a_name_is_seen_however_long_it_is(timed, draw):
    for score, time in ((99.9, 1.0), (0.1, 100.0), (50.0, 50.0)):
        corner = timed('long' * 60, score, time)
        picture = draw(
            corner, timed('best', 100.0, 0.5), timed('x', 0.0, 100.0)
        )
        assert any(t.startswith('fcrn/best') for t in picture.texts())
        alone = draw(corner)
        assert any(t.startswith('fcrn/longlong') for t in alone.texts())


def test_every_point_says_what_it_is_and_can_be_reached(timed, draw):
    picture = draw(timed('a', 40.0, 12.34, interval=(38.0, 42.5)))
    [point] = picture.all('g', 'point')
    assert point.get('data-row') == 'fcrn/a_minivoc'
    assert point.get('tabindex') == '0'
    assert picture.says('title', point) == (
        'fcrn/a_minivoc: mIoU 40.00, 95 % interval 38.00 to 42.50; '
        '12.3 ms per image'
    )
    # An image may not hold what can be focused; each point is one.
    assert picture.root.get('role') == 'group'
    assert point.get('role') == 'img'


def test_hardware_is_never_mixed(timed, read, centre):
    pictures = scatter(
        [
            timed('a', 40.0, 10.0, SLIDE_RULE),
            timed('b', 70.0, 20.0),
            timed('c', 50.0, 900.0),
        ]
    )
    assert [name for name, _ in pictures] == [ABACUS, SLIDE_RULE]
    first, second = (read(text) for _, text in pictures)
    assert first.labels('point') == ['fcrn/b_minivoc', 'fcrn/c_minivoc']
    assert second.labels('point') == ['fcrn/a_minivoc']
    assert any(ABACUS in text for text in first.texts())
    assert any(SLIDE_RULE in text for text in second.texts())
    up, other = first.ruler('y'), second.ruler('y')
    for score in (40.0, 70.0):
        assert up(score) == pytest.approx(other(score), abs=0.2)
    _, lowest = markers(second, centre)['fcrn/a_minivoc']
    grid = max(float(x.get('y2')) for x in second.all('line'))
    assert lowest <= grid + 1.1


def test_what_was_not_timed_is_said(timed, draw):
    picture = draw(
        timed('slow', 40.0, 30.0),
        timed('fast', 50.0, 20.0),
        timed('x', 60.0, None),
        timed('y', 70.0, None),
    )
    assert picture.says('desc') == (
        f'Timed on {ABACUS}, fastest first: fcrn/fast_minivoc 50.00 in '
        '20.0 ms; fcrn/slow_minivoc 40.00 in 30.0 ms. Not timed: '
        'fcrn/y_minivoc, fcrn/x_minivoc.'
    )
    assert picture.says('title') == 'minivoc val: mIoU against time'
    all_timed = draw(timed('a', 40.0, 10.0))
    assert 'Not timed' not in all_timed.says('desc')


def test_without_times_or_scores_there_is_no_picture(timed, make_summary):
    assert scatter([timed('a', 40.0, None)]) == []
    none = make_summary('fcrn/b', None, ms_per_image=3.0, hardware=ABACUS)
    assert scatter([none]) == []
    with pytest.raises(ValueError, match='must share'):
        scatter([])


def test_one_point_has_axes_around_it(timed, draw, centre):
    picture = draw(timed('a', 100.0, 0.4))
    x, y = markers(picture, centre)['fcrn/a_minivoc']
    assert x == pytest.approx(picture.ruler('x')(0.4), abs=0.2)
    assert y == pytest.approx(picture.ruler('y')(100), abs=1.1)


def test_it_is_the_same_text_whatever_the_order(timed):
    board = [timed(f'n{i}', 40.0 + i % 3, 10.0 + i) for i in range(9)]
    assert scatter(board) == scatter(board[::-1])


def test_everything_is_escaped(timed, draw):
    board = timed('<b>"&', 40.0, 10.0, 'A<b>& Co')
    [(hardware, text)] = scatter([board])
    assert hardware == 'A<b>& Co'
    assert '<b>' not in text
    assert draw(board).labels('point') == ['fcrn/<b>"&_minivoc']


def test_no_text_leaves_the_picture(timed, draw):
    board = [
        timed(f'{"long-" * (i % 9)}{i}', 2.5 * (i * 7 % 40), 1.3**i)
        for i in range(40)
    ]
    picture = draw(*board)
    assert picture.cut_off() == []
