"""The bank of filters, and responses against direct convolution."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.signal import convolve2d

from zoo.ops.textons import texton_filters, texton_responses


def test_each_has_mean_0_and_absolute_sum_1():
    bank = texton_filters()
    assert bank.shape == (38, 49, 49)
    np.testing.assert_allclose(bank.sum((1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(bank).sum((1, 2)), 1)


def test_edges_are_odd_and_all_others_even():
    bank = texton_filters()
    turned = bank[:, ::-1, ::-1]
    np.testing.assert_allclose(turned[:18], -bank[:18], atol=1e-12)
    np.testing.assert_allclose(turned[18:], bank[18:], atol=1e-12)


def test_spots_are_round():
    spots = texton_filters()[36:]
    np.testing.assert_allclose(spots, spots.transpose(0, 2, 1))
    np.testing.assert_allclose(spots, spots[:, ::-1], atol=1e-12)
    gaussian, laplacian = spots
    assert gaussian[24, 24] == gaussian.max()
    assert laplacian[24, 24] == laplacian.min()
    # Gaussian: one sigma from the middle, less the mean that was taken away
    away = gaussian - gaussian.min()
    corner = np.exp(-(24**2) / 100)
    ratio = away[24, 34] / away[24, 24]
    assert ratio == pytest.approx(
        (np.exp(-0.5) - corner) / (1 - corner), rel=1e-6
    )
    y, x = np.mgrid[-30:31, -30:31]
    wide = np.exp(-(x**2 + y**2) / 200)
    expected = ndimage.laplace(wide)[6:-6, 6:-6]
    expected -= expected.mean()
    expected /= np.abs(expected).sum()
    np.testing.assert_allclose(
        laplacian, expected, atol=0.01 * np.abs(expected).max()
    )


@pytest.mark.parametrize('first', [0, 18])
@pytest.mark.parametrize(('group', 'scale'), [(0, 1), (1, 2), (2, 4)])
def test_orientations_turn_by_30_degrees(first, group, scale):
    """From along x to along y; three times as long as wide."""
    bank = np.abs(texton_filters()[first + 6 * group :][:6])
    y, x = np.mgrid[-24:25, -24:25]
    for index, one in enumerate(bank**2):
        one = one / one.sum()
        moments = np.array(
            [
                [(one * x * x).sum(), (one * x * y).sum()],
                [(one * x * y).sum(), (one * y * y).sum()],
            ]
        )
        spreads, axes = np.linalg.eigh(moments)
        angle = np.degrees(np.arctan2(axes[1, 1], axes[0, 1])) % 180
        assert abs(angle - 30 * index + 90) % 180 == pytest.approx(90, abs=2)
        # a Gaussian squared spreads by half the variance
        long = 2 * spreads[1] / (3 * scale) ** 2
        assert 0.7 < long < 1.1  # the window cuts the longest
    across = texton_filters()[first + 6 * group]  # lies along x
    profile = across[:, 24]
    if first == 0:  # its steepest derivative is one sigma away
        assert abs(np.abs(profile).argmax() - 24) == scale
    else:  # a bar is centred
        assert np.abs(profile).argmax() == 24


def test_bank_can_not_be_changed():
    with pytest.raises(ValueError, match='read-only'):
        texton_filters()[0] = 0


def mirrored_indices(side):
    """Return indices from 24 before an axis to 24 behind it."""
    places = np.arange(-24, side + 24) % (2 * side)
    return np.where(places < side, places, 2 * side - 1 - places)


@pytest.mark.parametrize('size', [(31, 64), (60, 45), (5, 3), (1, 1), (1, 80)])
def test_responses_are_direct_convolution(size):
    """Smaller than a filter, too: mirrored as often as it takes."""
    image = np.random.default_rng(0).uniform(0, 100, size).astype(np.float32)
    found = texton_responses(image)
    assert found.shape == (38, *size)
    assert found.dtype == np.float32
    y, x = (mirrored_indices(side) for side in size)
    around = image.astype(float)[np.ix_(y, x)]
    for index in range(0, 38, 5):
        expected = convolve2d(around, texton_filters()[index], mode='valid')
        np.testing.assert_allclose(found[index], expected, atol=3e-5)


def test_lightness_alone_gives_no_response():
    image = np.random.default_rng(0).uniform(0, 50, (40, 50))
    image = image.astype(np.float32)
    np.testing.assert_allclose(
        texton_responses(image), texton_responses(image + 50), atol=1e-4
    )
    assert not texton_responses(np.full((40, 50), 70, np.float32)).any()


def test_an_edge_is_found_where_it_is_and_as_it_lies():
    image = np.zeros((60, 60), np.float32)
    image[30:] = 100  # a horizontal edge
    strength = np.abs(texton_responses(image)[:6, 5:-5, 30])
    best, y = np.unravel_index(strength.argmax(), strength.shape)
    assert best == 0
    assert y + 5 in (29, 30)


@pytest.mark.parametrize('shape', [(0, 4), (4, 5, 3)])
def test_refuses(shape):
    with pytest.raises(ValueError, match='must be'):
        texton_responses(np.zeros(shape, np.float32))
