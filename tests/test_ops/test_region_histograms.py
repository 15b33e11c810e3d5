"""Counts of regions and their unions, against loops over pixels."""

import math

import numpy as np
import pytest
from scipy.stats import entropy

from zoo.ops.region_histograms import (
    code_counts,
    entropies,
    normalised,
    union_counts,
)


def drawn(regions=5, bins=7, size=(9, 8)):
    rng = np.random.default_rng(0)
    return rng.integers(bins, size=size), rng.integers(regions, size=size)


def looped(codes, ids, regions, bins):
    counts = [[0] * bins for _ in range(regions)]
    for code, region in zip(codes.ravel(), ids.ravel(), strict=True):
        counts[region][code] += 1
    return counts


@pytest.mark.parametrize('kind', [np.uint8, np.int32, np.int64])
def test_counts_are_those_of_a_loop(kind):
    """Also of regions and codes that do not occur, and of small types."""
    codes, ids = drawn()
    found = code_counts(
        codes.astype(kind), ids.astype(kind), regions=60, bins=9
    )
    assert found.tolist() == looped(codes, ids, 60, 9)
    assert found.dtype == np.int64


def test_joint_codes_do_not_overflow_small_types():
    ids = np.array([199, 3], np.uint8)
    found = code_counts(np.array([299, 7]), ids, regions=200, bins=300)
    assert np.argwhere(found).tolist() == [[3, 7], [199, 299]]


def test_nothing_is_counted_where_nothing_is():
    none = np.zeros(0, int)
    assert not code_counts(none, none, regions=2, bins=3).any()


@pytest.mark.parametrize(
    ('codes', 'ids', 'message'),
    [
        ([0, 3], [0, 1], 'codes must be 0 to 2, got 0 to 3'),
        ([-1, 0], [0, 1], 'codes must be 0 to 2, got -1 to 0'),
        ([0, 0], [0, 2], 'ids must be 0 to 1, got 0 to 2'),
        ([0, 0], [0, -2], 'ids must be 0 to 1, got -2 to 0'),
        ([0, 0], [0], r'alike, got \(2,\) and \(1,\)'),
    ],
)
def test_refuses_codes(codes, ids, message):
    with pytest.raises(ValueError, match=message):
        code_counts(np.array(codes), np.array(ids), regions=2, bins=3)


def test_unions_count_the_pixels_of_all_their_members():
    codes, ids = drawn()
    members = np.random.default_rng(1).random((6, 5)) < 0.5
    members[0] = False
    counts = code_counts(codes, ids, regions=5, bins=7)
    found = union_counts(counts, members)
    for row, chosen in zip(found, members, strict=True):
        inside = np.isin(ids, np.flatnonzero(chosen))
        assert row.tolist() == [(codes[inside] == b).sum() for b in range(7)]
    assert found.dtype == np.float64


def test_unions_of_large_counts_are_exact():
    counts = np.array([[2**40 + 1], [2**30 + 1]])
    assert union_counts(counts, np.ones((1, 2), bool)).item() == (
        2**40 + 2**30 + 2
    )


@pytest.mark.parametrize('shape', [(3, 4), (5,)])
def test_refuses_members_of_another_number(shape):
    with pytest.raises(ValueError, match=r'must be \(R, 5\), got \('):
        union_counts(np.zeros((5, 2)), np.ones(shape, bool))


def test_shares_sum_to_1_and_nothing_stays_0():
    counts = np.array([[[1, 3], [0, 0]], [[0, 2], [5, 5]]])
    assert normalised(counts).tolist() == [
        [[0.25, 0.75], [0, 0]],
        [[0, 1], [0.5, 0.5]],
    ]


def test_entropy_in_nats():
    found = entropies(np.array([[0.5, 0.5, 0], [0, 1, 0], [0, 0, 0]]))
    assert found.tolist() == pytest.approx([math.log(2), 0, 0])
    assert not np.signbit(found).any()
    histograms = np.random.default_rng(0).dirichlet(np.ones(9), (4, 5))
    np.testing.assert_allclose(
        entropies(histograms), entropy(histograms, axis=-1)
    )
