"""The front against its definition, pair by pair."""

import numpy as np
import pytest

from zoo.evaluation.charts.pareto import pareto_front


def beats(one, other):
    no_worse = one[0] <= other[0] and one[1] >= other[1]
    return no_worse and tuple(one) != tuple(other)


@pytest.mark.parametrize('seed', range(40))
def test_no_other_beats_them(seed):
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 6, (rng.integers(1, 12), 2)).tolist()
    front = pareto_front(places)
    expected = {
        i
        for i, place in enumerate(places)
        if not any(beats(other, place) for other in places)
    }
    assert set(front) == expected
    assert len(front) == len(expected)
    assert [places[i][0] for i in front] == sorted(places[i][0] for i in front)


def test_by_hand():
    #         slow, bad; fast, bad; slower, good; as slow, less good
    places = [(5, 10), (1, 10), (9, 30), (9, 20)]
    assert pareto_front(places) == [1, 2]
    assert pareto_front([]) == []
