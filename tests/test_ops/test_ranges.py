"""Threads that share a loop."""

import threading

import numpy as np
import pytest
import torch

from zoo.ops.ranges import Ranges


@pytest.mark.parametrize('threads', [1, 2, 5])
@pytest.mark.parametrize('count', [0, 1, 3, 100])
def test_each_index_is_treated_once(threads, count):
    seen = np.zeros(count, int)

    def mark(start, stop, step):
        seen[start:stop] += step

    with Ranges(threads) as ranges:
        for _ in range(3):
            ranges.run(mark, ranges.even(count), 2)
    np.testing.assert_array_equal(seen, 6)


def test_no_more_threads_than_torch_may_use():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with Ranges() as ranges:
            names = set()
            barrier = threading.Barrier(3, timeout=20)

            def meet(start, stop):
                names.add(threading.get_ident())
                barrier.wait()

            ranges.run(meet, range(4))
    finally:
        torch.set_num_threads(before)
    assert ranges.threads == len(names) == 3


def test_an_error_in_any_thread_is_raised():
    def fail(start, stop):
        raise ArithmeticError(start)

    with Ranges(2) as ranges, pytest.raises(ArithmeticError):
        ranges.run(fail, ranges.even(10))


def test_refuses_no_threads():
    with pytest.raises(ValueError, match='at least 1, got 0'):
        Ranges(0)
