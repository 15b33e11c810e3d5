"""Grids of nodes: spanning sizes, labels at nodes, corner-aligned maps."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

from zoo.ops import labels_at_nodes, resize_map, spanning_size


@pytest.mark.parametrize(
    ('size', 'scale', 'expected'),
    [
        ((161, 81), 1.0, (161, 81)),
        ((375, 500), 1.2, (449, 593)),  # 448.8 and 598.8 above pixel 0
        ((375, 500), 0.8, (305, 401)),  # 299.2 and 399.2
        ((375, 500), 0.4, (145, 193)),  # 149.6 and 199.6
        ((1, 24), 0.4, (17, 17)),  # two cells at least
    ],
)
def test_spanning_size_by_hand(size, scale, expected):
    assert spanning_size(size, scale=scale, stride=16) == expected


@pytest.mark.parametrize(('stride', 'scale'), [(16, 0.4), (8, 1.2), (1, 0.7)])
def test_spanning_size_is_the_nearest_that_cells_span(stride, scale):
    for side in range(1, 200, 7):
        wanted = scale * (side - 1) + 1
        sizes = [stride * n + 1 for n in range(1, 400)]
        best = min(abs(size - wanted) for size in sizes)
        height, width = spanning_size((side, 99), scale=scale, stride=stride)
        assert height in sizes
        assert abs(height - wanted) == pytest.approx(best)
        assert width == spanning_size((99, 1), scale=scale, stride=stride)[0]


@pytest.mark.parametrize('value', [0.0, -0.4])
def test_spanning_size_refuses(value):
    with pytest.raises(ValueError, match=rf'scale .* {value}, 16 and'):
        spanning_size((9, 9), scale=value, stride=16)
    with pytest.raises(ValueError, match=r'at least 1, got 1\.0, 0 and'):
        spanning_size((9, 9), scale=1.0, stride=0)
    with pytest.raises(ValueError, match=r'16 and \(9, 0\)'):
        spanning_size((9, 0), scale=1.0, stride=16)


def nearest(side, nodes):
    """Return each node's pixel: the nearest, of two the lower."""
    pixels = []
    for node in range(nodes):
        place = Fraction(side - 1, 2)
        if nodes > 1:
            place = Fraction(node * (side - 1), nodes - 1)
        pixels.append(min(range(side), key=lambda p: (abs(p - place), p)))
    return pixels


@pytest.mark.parametrize(
    ('side', 'nodes'),
    [(17, 2), (10, 4), (6, 3), (8, 15), (7, 1), (4, 1), (1, 3), (33, 33)],
)
def test_labels_are_those_of_the_nearest_pixels(side, nodes):
    labels = torch.arange(2 * side * 5).view(2, side, 5)
    found = labels_at_nodes(labels, (nodes, 3))
    assert found.shape == (2, nodes, 3)
    rows, cols = nearest(side, nodes), nearest(5, 3)
    for image, i, j in product(range(2), range(nodes), range(3)):
        expected = labels[image, rows[i], cols[j]]
        assert found[image, i, j] == expected, (image, i, j)


def test_labels_of_the_other_axis_are_as_near():
    labels = torch.arange(10).view(1, 1, 10)
    assert labels_at_nodes(labels, (1, 4)).tolist() == [[[0, 3, 6, 9]]]
    # nodes at 0, 1.5, 3, 4.5, 6, 7.5 and 9
    assert labels_at_nodes(labels, (1, 7)).tolist() == [
        [[0, 1, 3, 4, 6, 7, 9]]
    ]


@pytest.mark.parametrize(
    ('shape', 'size', 'message'),
    [
        ((5, 5), (2, 2), r'labels must be \(N, H, W\), got 2-D'),
        ((1, 5, 5), (0, 2), r'size must be two numbers from 1, got \(0, 2\)'),
    ],
)
def test_labels_at_nodes_refuses(shape, size, message):
    with pytest.raises(ValueError, match=message):
        labels_at_nodes(torch.zeros(shape, dtype=torch.long), size)


def bilinear(plane, size):
    """Read a plane ``(H, W)`` at evenly spaced points, corners included."""
    out = np.zeros(size)
    for i, j in np.ndindex(*size):
        y, x = (
            Fraction(k * (side - 1), n - 1)
            for k, side, n in zip((i, j), plane.shape, size, strict=True)
        )
        for v, u in np.ndindex(*plane.shape):
            share = max(0, 1 - abs(v - y)) * max(0, 1 - abs(u - x))
            out[i, j] += float(share) * plane[v, u]
    return out


@pytest.mark.parametrize('size', [(9, 13), (5, 7), (8, 7)])
def test_enlarging_is_corner_aligned_and_bilinear(size):
    maps = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    found = resize_map(maps, size)
    assert found.shape == (2, 3, *size)
    for image, channel in product(range(2), range(3)):
        expected = bilinear(maps[image, channel].numpy(), size)
        np.testing.assert_allclose(found[image, channel], expected, atol=1e-12)


def test_shrinking_reads_points():
    maps = torch.randn(1, 1, 9, 13, dtype=torch.float64)
    expected = bilinear(maps[0, 0].numpy(), (4, 6))
    found = resize_map(maps, [4, 6])[0, 0]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_map_that_fits_is_left_alone():
    maps = torch.randn(1, 2, 4, 5)
    assert resize_map(maps, [4, 5]) is maps
