"""Axes: places worked out by hand, ticks that a person would choose."""

import math

import numpy as np
import pytest

from zoo.evaluation.charts.axis import linear_axis, log_axis


def values(axis):
    return [value for value, _ in axis.ticks]


def labels(axis):
    return [label for _, label in axis.ticks]


def test_a_quarter_of_the_values_is_a_quarter_of_the_way():
    axis = linear_axis([0, 100], start=10, end=110, intervals=10)
    assert labels(axis) == [str(10 * i) for i in range(11)]
    assert axis.at(25) == 35
    upwards = linear_axis([0, 100], start=200, end=100, intervals=10)
    assert [upwards.at(v) for v in (0, 25, 100)] == [200, 175, 100]


@pytest.mark.parametrize(
    ('given', 'intervals', 'expected'),
    [
        ([28.8, 86.9], 8, ['20', '30', '40', '50', '60', '70', '80', '90']),
        ([84, 86, 91], 4, ['84', '86', '88', '90', '92']),
        ([0.3, 0.7], 4, ['0.3', '0.4', '0.5', '0.6', '0.7']),
        ([0.31, 0.34], 3, ['0.31', '0.32', '0.33', '0.34']),
        ([-3, 4], 2, ['-5', '0', '5']),
        ([0, 1800], 5, ['0', '500', '1000', '1500', '2000']),
    ],
)
def test_ticks_are_round_and_hold_all_values(given, intervals, expected):
    axis = linear_axis(given, start=0, end=1, intervals=intervals)
    assert labels(axis) == expected
    assert values(axis) == [float(label) for label in expected]


def test_small_differences_are_not_blown_up():
    axis = linear_axis([50.0, 50.1], start=0, end=1, least=5.0)
    assert labels(axis) == ['47', '48', '49', '50', '51', '52', '53']
    wide = linear_axis([40.0, 60.0], start=0, end=1, intervals=4, least=5.0)
    assert labels(wide) == ['40', '45', '50', '55', '60']


def test_no_tick_lies_beyond_what_a_score_can_be():
    limits = {'start': 0, 'end': 1, 'least': 5.0, 'bounds': (0, 100)}
    assert values(linear_axis([99.5], **limits))[-1] == 100
    assert values(linear_axis([0.0], **limits))[0] == 0
    assert values(linear_axis([103.0], **limits))[-1] >= 103


@pytest.mark.parametrize('seed', range(30))
def test_any_values_fit_with_few_ticks(seed):
    rng = np.random.default_rng(seed)
    given = rng.normal(0, 10.0 ** rng.integers(-3, 4), 5)
    intervals = int(rng.integers(3, 10))
    axis = linear_axis(given, start=7, end=90, intervals=intervals)
    ticks = values(axis)
    steps = np.diff(ticks)
    np.testing.assert_allclose(steps, steps[0])
    digits = f'{steps[0]:.6e}'
    assert digits[:8] in ('1.000000', '2.000000', '5.000000')
    assert ticks[0] <= min(given) < ticks[1]
    assert ticks[-2] < max(given) <= ticks[-1]
    assert len(ticks) <= intervals + 2
    assert len(set(labels(axis))) == len(ticks)
    assert (axis.at(ticks[0]), axis.at(ticks[-1])) == (7, 90)


def test_logarithms_put_a_tenfold_at_the_same_distance_everywhere():
    axis = log_axis([6.3, 117.7], start=0, end=160)
    assert labels(axis) == ['5', '10', '20', '50', '100', '200']
    assert (axis.at(5), axis.at(200)) == (0, 160)
    assert axis.at(math.sqrt(5 * 200)) == pytest.approx(80)
    assert axis.at(60) - axis.at(6) == pytest.approx(
        axis.at(150) - axis.at(15)
    )


@pytest.mark.parametrize(
    ('given', 'expected'),
    [
        ([10, 1000], ['10', '20', '50', '100', '200', '500', '1000']),
        ([0.5, 700], ['0.1', '1', '10', '100', '1000']),
        ([0.03, 0.04], ['0.02', '0.05']),
        ([1000], ['1000', '2000']),
        ([51, 99], ['50', '100']),
    ],
)
def test_logarithmic_ticks(given, expected):
    assert labels(log_axis(given, start=0, end=1)) == expected


@pytest.mark.parametrize(
    ('make', 'given', 'message'),
    [
        (linear_axis, [], 'an axis needs a value'),
        (linear_axis, [3.0], r'least must be above 0 where all are 3\.0'),
        (log_axis, [], 'an axis needs a value'),
        (log_axis, [0.0, 1.0], r'values must be above 0, got 0\.0'),
    ],
)
def test_refuses(make, given, message):
    with pytest.raises(ValueError, match=message):
        make(given, start=0, end=1)
