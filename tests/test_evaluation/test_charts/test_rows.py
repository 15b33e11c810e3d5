"""What a chart shows of summaries."""

import pytest

from zoo.evaluation.charts.rows import make_board


def names(*summaries):
    return [row.name for row in make_board(summaries).rows]


def test_names_leave_out_the_data_set_where_all_end_in_it(make_summary):
    one = make_summary('fcrn/r18-k3_minivoc', 50.0)
    two = make_summary('zoom_out/vgg16_minivoc', 40.0)
    assert names(one, two) == ['fcrn/r18-k3', 'zoom_out/vgg16']
    other = make_summary('zoom_out/vgg16_voc', 30.0)
    assert names(one, other) == ['fcrn/r18-k3_minivoc', 'zoom_out/vgg16_voc']
    # The underscore of a method is none of a leaf.
    assert names(make_summary('zoom_out/vgg16', 1.0)) == ['zoom_out/vgg16']
    assert names(make_summary('a/_b', 1.0)) == ['a/_b']


def test_names_keep_what_sets_rows_apart(make_summary):
    one = make_summary('fcrn/a_minivoc', 50.0)
    two = make_summary('fcrn/a_minivoc', 40.0, views='2 views')
    assert names(one, two) == ['fcrn/a', 'fcrn/a (2 views)']
    assert [row.label for row in make_board([one, two]).rows] == [
        'fcrn/a_minivoc',
        'fcrn/a_minivoc (2 views)',
    ]


def test_rules_that_all_share_are_said_once(make_summary):
    rules = {'rules': 'void pixels removed', 'kind': 'instance'}
    one = make_summary('fcrn/a', 50.0, **rules)
    two = make_summary('fcrn/b', 40.0, **rules)
    board = make_board([one, two])
    assert board.note == 'void pixels removed'
    assert [row.name for row in board.rows] == ['fcrn/a', 'fcrn/b']
    mixed = make_board([one, make_summary('fcrn/b', 40.0, kind='instance')])
    assert mixed.note == ''
    assert mixed.rows[0].name == 'fcrn/a (void pixels removed)'


def test_a_seed_without_a_score_is_left_out(make_summary):
    [row] = make_board([make_summary('fcrn/a', 50.0, None, 60.0)]).rows
    assert row.seeds == (50.0, 60.0)
    assert (row.score, row.runs, row.family) == (55.0, 2, 'fcrn')


@pytest.mark.parametrize('kind', ['boxes', 'tags', 'instance'])
def test_every_kind_has_a_board(kind, make_summary):
    board = make_board([make_summary('fcrn/a', 50.0, kind=kind)])
    assert board.title.startswith('minivoc val, ')
    assert '50.00' in board.say(board.rows[0])
