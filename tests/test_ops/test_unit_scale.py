"""Maps brought to one scale, against hand-worked numbers and NumPy."""

import numpy as np
import pytest
import torch

from zoo.ops import unit_scale


def test_by_hand():
    """The mean square of 1, 7, 7, 1 is 25; that of 0, 0, 0, 8 is 16."""
    maps = torch.tensor([[[[1.0, -7.0]], [[7.0, 1.0]]], [[[0, 0]], [[0, 8]]]])
    expected = [[[[0.2, -1.4]], [[1.4, 0.2]]], [[[0, 0]], [[0, 2]]]]
    torch.testing.assert_close(unit_scale(maps), torch.tensor(expected))


@pytest.mark.parametrize('spread', [1e-3, 1.0, 1e4])
def test_each_image_is_divided_by_its_own_root_mean_square(spread):
    maps = spread * torch.rand(3, 5, 4, 7, dtype=torch.float64)
    maps[1] *= 100
    found = unit_scale(maps)
    assert found.dtype == torch.float64
    for before, after in zip(maps.numpy(), found.numpy(), strict=True):
        root = np.linalg.norm(before.ravel()) / np.sqrt(5 * 4 * 7)
        np.testing.assert_allclose(after, before / root)


def test_the_divisor_counts_as_a_constant():
    maps = torch.tensor([[[[3.0]], [[4.0]]]], requires_grad=True)
    unit_scale(maps)[0, 0].backward()
    root = 12.5**0.5
    torch.testing.assert_close(
        maps.grad, torch.tensor([[[[1 / root]], [[0.0]]]])
    )


def test_nothing_stays_nothing():
    assert not unit_scale(torch.zeros(1, 2, 3, 3)).any()
    tiny = torch.full((1, 1, 1, 1), 0.25)
    assert unit_scale(tiny, epsilon=0.5).item() == 0.5
    assert unit_scale(tiny, epsilon=0.125).item() == 1


@pytest.mark.parametrize('kind', [torch.float16, torch.bfloat16])
def test_squares_do_not_overflow_in_half_precision(kind):
    maps = torch.full((1, 2, 3, 3), 3000.0, dtype=kind)
    found = unit_scale(maps)
    assert found.dtype == kind
    assert (found == 1).all()


def test_refuses_a_single_image():
    with pytest.raises(ValueError, match=r'must be \(N, C, h, w\), got 3-D'):
        unit_scale(torch.zeros(2, 3, 3))
