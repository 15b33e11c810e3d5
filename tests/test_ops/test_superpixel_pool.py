"""Means of superpixels against loops over pixels, on every kind of grid."""

import math

import pytest
import torch

from zoo.ops.superpixel_pool import pooling_weights, superpixel_pool

GRIDS = [(1, 0.0), (2, 0.0), (2, 0.5), (4, 1.5), (8, 3.5), (3, -1.0)]


def blocks(height=11, width=13, count=7):
    """Return a map of all of 0 to ``count - 1``, in pieces."""
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randint(count, (height, width), generator=generator)
    drawn.flatten()[:count] = torch.arange(count)
    return drawn


def value_at(features, row, column, stride, offset):
    """Interpolate one pixel by hand: rows first, then columns."""
    corners = []
    for place, cells in zip(
        (row, column), (len(features[0]), len(features[0][0])), strict=True
    ):
        cell = min(max((place - offset) / stride, 0), cells - 1)
        low = math.floor(cell)
        corners.append((low, min(low + 1, cells - 1), cell - low))
    (top, bottom, down), (left, right, along) = corners
    upper = features[:, top, left] * (1 - along)
    upper = upper + features[:, top, right] * along
    lower = features[:, bottom, left] * (1 - along)
    lower = lower + features[:, bottom, right] * along
    return upper * (1 - down) + lower * down


@pytest.mark.parametrize(('stride', 'offset'), GRIDS)
def test_is_the_mean_of_the_pixels_one_by_one(stride, offset):
    superpixels = blocks()
    size = tuple(-(-n // stride) for n in superpixels.shape)
    features = torch.randn(3, *size, dtype=torch.float64)
    weights = pooling_weights(
        superpixels, size=size, stride=stride, offset=offset
    )
    found = superpixel_pool(features, weights)
    assert found.shape == (7, 3)
    for number in range(7):
        values = [
            value_at(features, *place, stride, offset)
            for place in (superpixels == number).nonzero().tolist()
        ]
        expected = torch.stack(values).mean(dim=0)
        torch.testing.assert_close(found[number], expected, atol=1e-6, rtol=0)


def test_a_plane_keeps_its_values_where_two_by_two_pools_put_the_cells():
    """Two 2 x 2 means of the pixels' own columns, then read again."""
    columns = torch.arange(16.0).expand(1, 1, 16, 16)
    pooled = torch.nn.functional.avg_pool2d(columns, 4)[0]
    superpixels = torch.arange(16).repeat(16, 1)
    weights = pooling_weights(superpixels, size=(4, 4), stride=4, offset=1.5)
    found = superpixel_pool(pooled, weights)[:, 0]
    expected = torch.arange(16.0).clamp(1.5, 13.5)  # repeated beyond cells
    torch.testing.assert_close(found, expected)


def test_beyond_the_cells_the_outermost_are_repeated():
    """Nine pixels, cells at 0 and 2; pixel 1 has half of each."""
    one = torch.zeros(1, 9, dtype=torch.int64)
    weights = pooling_weights(one, size=(1, 2), stride=2).to_dense()
    torch.testing.assert_close(9 * weights, torch.tensor([[1.5, 7.5]]))


def test_rows_of_weights_sum_up_to_one_and_each_cell_stands_once():
    weights = pooling_weights(blocks(), size=(3, 4), stride=4, offset=1.5)
    assert weights.is_coalesced()
    assert weights.indices().unique(dim=1).shape == weights.indices().shape
    sums = weights.to_dense().sum(dim=1)
    torch.testing.assert_close(sums, torch.ones(7))


def test_a_full_map_takes_one_weight_for_a_pixel():
    weights = pooling_weights(blocks(), size=(11, 13), stride=1)
    assert weights.values().numel() == 11 * 13


def test_ids_exchanged_exchange_rows():
    superpixels, order = blocks(), torch.randperm(7)
    features = torch.randn(3, 6, 7)
    rows, others = (
        superpixel_pool(
            features, pooling_weights(ids, size=(6, 7), stride=2, offset=0.5)
        )
        for ids in (superpixels, order[superpixels])
    )
    torch.testing.assert_close(others[order], rows)


def test_gradients_reach_the_map():
    features = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    weights = pooling_weights(
        blocks(), size=(3, 4), stride=4, offset=1.5, dtype=torch.float64
    )
    assert torch.autograd.gradcheck(
        lambda x: superpixel_pool(x, weights), features
    )


def test_half_precision_is_summed_up_in_single():
    superpixels = torch.zeros(64, 64, dtype=torch.int64)
    weights = pooling_weights(superpixels, size=(64, 64), stride=1)
    features = torch.full((1, 64, 64), 1000.0, dtype=torch.float16)
    found = superpixel_pool(features, weights)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(1000)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'superpixels': torch.zeros(3, 3)}, r'must be \(H, W\) int64'),
        ({'superpixels': torch.tensor([[0, 2]])}, 'without holes'),
        ({'superpixels': torch.zeros(0, 0).long()}, 'without holes'),
        ({'stride': 0}, 'at least 1, got 0'),
        ({'size': (0, 2)}, r'at least 1, got 2 and \(0, 2\)'),
    ],
)
def test_refuses(change, message):
    options = {'superpixels': blocks(), 'size': (6, 7), 'stride': 2, **change}
    with pytest.raises(ValueError, match=message):
        pooling_weights(**options)


def test_refuses_a_map_of_another_size():
    weights = pooling_weights(blocks(), size=(6, 7), stride=2)
    with pytest.raises(ValueError, match=r'with 42 cells, got \(3, 6, 6\)'):
        superpixel_pool(torch.zeros(3, 6, 6), weights)
