"""L*a*b and its bins: known colours, and bins by hand."""

import itertools

import numpy as np
import pytest
from skimage.color import rgb2lab

from zoo.ops.lab_colours import (
    LAB_RANGES,
    adaptive_codes,
    even_codes,
    lab_image,
)


def row(*values):
    """Return an image of one row with the same three channels."""
    return np.array(values, np.float32)[None, :, None].repeat(3, 2)


def test_colours_are_those_of_another_library():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3))
    found = lab_image(image.astype(np.uint8))
    # OpenCV looks up and interpolates: off by less than eyes can tell
    np.testing.assert_allclose(found, rgb2lab(image / 255), atol=0.5)
    assert found.dtype == np.float32


def test_channels_are_red_green_blue():
    blue = lab_image(np.array([[[0, 0, 255]]], np.uint8))[0, 0]
    np.testing.assert_allclose(blue, [32.3, 79.2, -107.9], atol=0.1)


def test_no_colour_is_beyond_the_ranges_nor_are_they_too_wide():
    """Extremes lie on the faces of the cube of colours."""
    levels = [*range(0, 256, 15)]
    cube = np.array(list(itertools.product(levels, repeat=3)), np.uint8)
    found = lab_image(cube[None]).reshape(-1, 3)
    for values, (low, high) in zip(found.T, LAB_RANGES, strict=True):
        assert low - 1e-4 <= values.min() < low + 0.2
        assert high - 0.2 < values.max() <= high + 1e-4


def test_even_bins_are_those_of_numpy():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    lab = lab_image(image)
    for bins in (8, 32):
        for codes, values, ends in zip(
            even_codes(lab, bins=bins),
            lab.transpose(2, 0, 1),
            LAB_RANGES,
            strict=True,
        ):
            edges = np.linspace(*ends, bins + 1)
            expected = np.digitize(values, edges[1:-1])
            np.testing.assert_array_equal(codes, expected)


def test_even_bins_by_hand():
    """Edges go up; what is beyond the ends joins the outermost bins."""
    codes = even_codes(row(-9, 0, 24.9, 25, 99.9, 100, 300), bins=4)
    assert codes.shape == (3, 1, 7)
    assert codes.dtype == np.int64
    assert codes[0, 0].tolist() == [0, 0, 0, 1, 3, 3, 3]


def test_adaptive_bins_share_the_pixels_equally():
    values = np.random.default_rng(0).permutation(64)
    codes = adaptive_codes(row(*values), bins=8)
    assert codes.shape == (3, 1, 64)
    assert codes[1, 0].tolist() == [value // 8 for value in values]


@pytest.mark.parametrize(
    ('values', 'bins', 'expected'),
    [
        # quartiles of five: the 2nd, 3rd and 4th value
        ((1, 2, 3, 4, 5), 4, (0, 0, 1, 2, 3)),
        ((3, 1, 2), 2, (1, 0, 0)),
        # equals stay together; a bin may stay empty
        ((7, 7, 7, 7), 4, (0, 0, 0, 0)),
        ((0, 0, 0, 5), 4, (0, 0, 0, 3)),
        # more bins than pixels
        ((2, 9), 4, (0, 2)),
        ((4, 6), 1, (0, 0)),
    ],
)
def test_adaptive_bins_by_hand(values, bins, expected):
    codes = adaptive_codes(row(*values), bins=bins)
    assert codes.tolist() == [[list(expected)]] * 3


def test_each_channel_has_its_own_quantiles():
    lab = row(0, 1, 2, 3)
    lab[..., 1] = lab[..., 1] * 10
    lab[..., 2] = -lab[..., 2]
    codes = adaptive_codes(lab, bins=2)[:, 0].tolist()
    assert codes == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]]


def test_coarse_bins_hold_four_fine_ones():
    image = np.random.default_rng(3).integers(0, 256, (13, 17, 3))
    lab = lab_image(image.astype(np.uint8))
    for codes in (even_codes, adaptive_codes):
        fine, coarse = codes(lab, bins=32), codes(lab, bins=8)
        np.testing.assert_array_equal(fine // 4, coarse)


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (np.zeros((4, 5, 3)), r'must be \(H, W, 3\) uint8.* float64'),
        (np.zeros((4, 5), np.uint8), r'got \(4, 5\)'),
        (np.zeros((4, 5, 4), np.uint8), r'got \(4, 5, 4\)'),
        (np.zeros((0, 5, 3), np.uint8), 'must have pixels'),
    ],
)
def test_refuses(image, message):
    with pytest.raises(ValueError, match=message):
        lab_image(image)
