"""Settings that are tried, by hand."""

import pytest

from zoo.engine.refining.space import (
    NAMES,
    SPACES,
    Range,
    around,
    coarse,
    space_of,
)
from zoo.errors import UserError


def test_published_spaces():
    values = [[r.values() for r in SPACES[name].values()] for name in SPACES]
    assert values == [
        [
            [5, 6, 7, 8, 9, 10],
            [50, 60, 70, 80, 90, 100],
            [3, 4, 5, 6, 7, 8, 9, 10],
        ],
        [
            [3, 4, 5, 6],
            [30, 40, 50, 60, 70, 80, 90, 100],
            [3, 4, 5, 6],
        ],
    ]
    assert all(list(space) == list(NAMES) for space in SPACES.values())


@pytest.mark.parametrize(
    ('words', 'values'),
    [
        ((0.1, 0.7, 0.1), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ((5, 12, 5), [5, 10]),
        ((5, 5, 1), [5]),
    ],
)
def test_values_of_a_range(words, values):
    assert Range(*words).values() == values


def test_every_other_value_in_all_combinations():
    space = space_of(
        'v1',
        {
            'bilateral_weight': (3, 5),
            'bilateral_xy_std': (10, 25, 5),
            'bilateral_rgb_std': (7,),
        },
    )
    assert coarse(space) == [(3, 10, 7), (3, 20, 7), (5, 10, 7), (5, 20, 7)]


def test_own_ranges_replace_those_of_the_paper_alone():
    space = space_of('v2', {'bilateral_xy_std': (5, 40), NAMES[0]: None})
    assert space[NAMES[1]] == Range(5, 40, 10)  # the paper's step
    assert space[NAMES[0]] == SPACES['v2'][NAMES[0]]
    assert space_of('v2') == SPACES['v2']
    assert str(space[NAMES[1]]) == '5:10:40'


def test_neighbours_stay_in_the_space():
    space = space_of('v1')
    found = around(space, (5, 60, 10), 1)
    assert len(found) == 2 * 3 * 2
    assert {x[0] for x in found} == {5, 6}
    assert {x[1] for x in found} == {50, 60, 70}
    assert {x[2] for x in found} == {9, 10}


def test_half_a_step_around_and_a_fixed_value():
    space = space_of('v1', {'bilateral_weight': (4,)})
    found = around(space, (4, 60, 5), 0.5)
    assert sorted({x[1] for x in found}) == [55, 60, 65]
    assert sorted({x[2] for x in found}) == [4.5, 5, 5.5]
    assert {x[0] for x in found} == {4}
    assert len(found) == 9


@pytest.mark.parametrize(
    ('name', 'words', 'message'),
    [
        ('xy_std', (0, 5), '--bilateral-xy-std 0 5: must be above 0'),
        ('weight', (-1, 5), '--bilateral-weight -1 5: must be at least 0'),
        ('weight', (6, 3), 'needs LOW <= HIGH'),
        ('weight', (3, 6, 0), 'STEP above 0'),
        ('weight', (3, float('nan')), 'must be finite'),
        ('weight', (1, float('inf')), '--bilateral-weight 1 inf: must be fin'),
        ('weight', (float('nan'),), 'must be finite'),
        ('weight', (1, 2, float('inf')), 'must be finite'),
        ('weight', (0, 1000, 1), 'more than 1000 values, a step of 1 apart'),
        ('weight', (1, 1e300, 1e-300), 'more than 1000 values'),
        ('weight', (3, 4, 5, 6), 'give VALUE, or LOW HIGH'),
        ('xy_std', (5, 9), 'a step of 10 is more than the range'),
    ],
)
def test_refuses_ranges_that_make_no_sense(name, words, message):
    with pytest.raises(UserError, match=message):
        space_of('v1', {f'bilateral_{name}': words})


def test_a_thousand_values_are_not_too_many():
    space = space_of('v1', {'bilateral_weight': (1, 1000, 1)})
    assert len(space['bilateral_weight'].values()) == 1000


def test_a_weight_of_zero_is_a_setting():
    space = space_of('v1', {'bilateral_weight': (0, 2)})
    assert coarse(space)[0][0] == 0
