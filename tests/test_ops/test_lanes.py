"""Eight numbers at a time, against numpy."""

import numpy as np
from numba import njit

from zoo.ops import lanes


@njit
def through_lanes(table, top):
    first, second = lanes.load(table, 0, 0), lanes.load(table, 1, 8)
    lanes.store(table, 2, 0, lanes.add(first, second))
    lanes.store(table, 2, 8, lanes.scale(top, first))
    lanes.store(table, 3, 0, lanes.maximum(first, second))
    lanes.store(table, 3, 8, lanes.zeros())
    return lanes.highest(first), lanes.total(first)


@njit
def exponentials(table, top):
    for row in range(len(table)):
        found = lanes.exp_below(lanes.load(table, row, 0), top)
        lanes.store(table, row, 0, found)


def test_operations_equal_those_of_numpy():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(4, 16)).astype(np.float32)
    first, second = table[0, :8].copy(), table[1, 8:].copy()
    top = np.float32(0.3)
    highest, total = through_lanes(table, top)
    np.testing.assert_array_equal(table[2, :8], first + second)
    np.testing.assert_array_equal(table[2, 8:], top * first)
    np.testing.assert_array_equal(table[3, :8], np.maximum(first, second))
    np.testing.assert_array_equal(table[3, 8:], 0)
    assert highest == first.max()
    np.testing.assert_allclose(total, first.sum(), rtol=1e-6)


def test_exp_is_right_to_the_rounding_of_float32():
    """Measured: 2.2e-7 of the value; the limit is 3e-7."""
    table = np.linspace(-79, 0, 8 * 4000, dtype=np.float32).reshape(-1, 8)
    expected = np.exp(table.astype(float))
    exponentials(table, np.float32(0))
    np.testing.assert_allclose(table, expected, rtol=3e-7)


def test_exp_subtracts_the_top():
    table = np.arange(-8, 0, dtype=np.float32)[None]
    expected = np.exp(table - 2.5)
    exponentials(table, np.float32(2.5))
    np.testing.assert_allclose(table, expected, rtol=3e-7)


def test_exp_of_very_little_is_zero():
    table = np.full((1, 8), -1e4, np.float32)
    table[0, 4:] = -81, -80.5, -79.5, 0
    exponentials(table, np.float32(0))
    np.testing.assert_array_equal(table[0, :6], 0)
    assert 0 < table[0, 6] < 1e-34
    assert table[0, 7] == 1
