"""Masks of the most probable classes, and masks grown from cells."""

import re

import numpy as np
import pytest
from grouping_reference import among_highest

from zoo.ops.class_masks import lift_clusters, top_n_masks


def places(*probs, n):
    """Return the best rank of each class of one pixel; 0 if none."""
    masks = top_n_masks(np.array(probs).reshape(-1, 1, 1), n)
    return [n - m + 1 if m else 0 for m in masks[:, :, 0, 0].sum(axis=0)]


@pytest.mark.parametrize(
    ('probs', 'ranks'),
    [
        ((0.5, 0.25, 0.125), [1, 2, 3]),
        ((0.125, 0.25, 0.5), [3, 2, 1]),
        ((0.25, 0.125, 0.125), [2, 3, 3]),  # the background leads
        ((0.5, 0.5, 0.0), [1, 1, 0]),  # equals share their place
        ((0.25, 0.5, 0.25), [2, 1, 2]),
        ((0.25, 0.25, 0.25), [1, 1, 1]),  # the background, too
        ((1.0, 0.0, 0.0), [1, 0, 0]),  # nothing is no second
        ((0.0, 0.0, 0.0), [0, 0, 0]),
        ((0.75, 0.75, 0.5), [1, 1, 3]),  # more than 1: none is left over
    ],
)
def test_ranks_by_hand(probs, ranks):
    assert places(*probs, n=3) == ranks
    assert places(*probs, n=7) == ranks
    assert places(*probs, n=1) == [int(rank == 1) for rank in ranks]


@pytest.mark.parametrize('levels', [4, 1024])
def test_counts_who_is_higher(levels):
    rng = np.random.default_rng(levels)
    probs = rng.dirichlet(np.ones(6), (5, 7)).transpose(2, 0, 1)[1:]
    probs = np.floor(probs * levels) / levels
    masks = top_n_masks(probs, 6)
    plain = probs.tolist()
    for rank, label, y, x in np.ndindex(masks.shape):
        expected = among_highest(plain, label, y, x, rank + 1)
        assert masks[rank, label, y, x] == expected


def test_growing_by_hand():
    """Stride 4, 18 columns: cells at 0, 4, 8, 12, 16; 0 and 16 are clusters.

    The cell at 4 is left out; those at 8 and 12 are not of the class, so that
    pixels beside them look further.
    """
    cells = np.array([[1, 0, 0, 0, 2]])
    within = np.ones((1, 18), bool)
    within[0, [1, 8, 12]] = False
    found = lift_clusters(cells, within, stride=4)[0].tolist()
    assert found[:2] == [1, 0]
    assert found[2] in (0, 1)  # half way
    assert found[3:] == [0] * 10 + [2, 2, 2, 2, 2]


def test_a_stride_away_is_too_far():
    """Three rows and four columns from the only cell: 5 pixels."""
    found = lift_clusters(np.array([[1]]), np.ones((5, 5), bool), stride=5)
    rows, columns = np.mgrid[:5, :5]
    assert np.array_equal(found, (rows**2 + columns**2 < 25).astype(int))


@pytest.mark.parametrize('size', [(1, 1), (8, 9), (15, 16), (17, 24)])
@pytest.mark.parametrize('stride', [1, 2, 3, 8])
def test_each_pixel_joins_the_nearest_cell_in_a_cluster(size, stride):
    rng = np.random.default_rng(stride)
    rows, columns = (range(0, side, stride) for side in size)
    cells = rng.integers(0, 4, (len(rows), len(columns)))
    cells[rng.random(cells.shape) < 0.5] = 0
    within = rng.random(size) < 0.8
    found = lift_clusters(cells, within, stride=stride)
    for y, x in np.ndindex(size):
        near = {}
        for (i, j), cluster in np.ndenumerate(cells):
            away = (rows[i] - y) ** 2 + (columns[j] - x) ** 2
            of_class = cluster or within[rows[i], columns[j]]
            if of_class and away < stride**2:
                near.setdefault(away, set()).add(cluster)
        # of two equally near either will do
        expected = near[min(near)] if near and within[y, x] else {0}
        assert found[y, x] in expected


def test_refuses():
    with pytest.raises(ValueError, match=re.escape('(K, H, W), got (2, 3)')):
        top_n_masks(np.zeros((2, 3)), 1)
    with pytest.raises(ValueError, match='n must be at least 1, got 0'):
        top_n_masks(np.zeros((1, 2, 3)), 0)
    within = np.ones((9, 8), bool)
    with pytest.raises(ValueError, match='stride must be at least 1, got 0'):
        lift_clusters(np.ones((2, 1), int), within, stride=0)
    message = r'cells must be \(2, 1\) for \(9, 8\) pixels at stride 8, got'
    with pytest.raises(ValueError, match=message):
        lift_clusters(np.ones((1, 1), int), within, stride=8)
