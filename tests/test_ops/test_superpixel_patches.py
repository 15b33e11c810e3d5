"""Patches against a loop over their pixels."""

import numpy as np
import pytest

from zoo.ops.superpixel_patches import superpixel_patches

BOXES = np.array([[0, 0, 17, 12], [3, 2, 8, 11], [16, 11, 17, 12]])


@pytest.fixture
def lab():
    rng = np.random.default_rng(0)
    image = rng.uniform(-80, 90, (12, 17, 3))
    image[..., 0] = rng.uniform(0, 100, (12, 17))
    return image.astype(np.float32)


def at(values, place):
    """Return the value between two cells; beyond the last it stays."""
    place = min(max(place, 0), len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def slow(lab, box, size):
    """Return a box resized pixel by pixel, scaled as documented."""
    left, top, right, bottom = box
    out = np.zeros((3, size, size))
    for channel, middle in enumerate((50, 0, 0)):
        part = (lab[top:bottom, left:right, channel] - middle) / 25
        for row in range(size):
            for column in range(size):
                y = (row + 0.5) * (bottom - top) / size - 0.5
                x = (column + 0.5) * (right - left) / size - 0.5
                out[channel, row, column] = at([at(r, x) for r in part], y)
    return out


def test_a_box_is_resized_scaled_and_surrounded_by_zeros(lab):
    found = superpixel_patches(lab, BOXES)
    assert found.shape == (3, 3, 35, 35)
    assert found.dtype == np.float32
    for box, patch in zip(BOXES.tolist(), found, strict=True):
        expected = np.zeros((3, 35, 35))
        expected[:, 5:30, 5:30] = slow(lab, box, 25)
        assert np.allclose(patch, expected, atol=1e-4)


def test_an_odd_pixel_of_the_margin_goes_right_and_below(lab):
    [patch] = superpixel_patches(lab, BOXES[:1], size=2, padded=5)
    rows, columns = np.nonzero(patch[0])
    assert (rows.min(), rows.max()) == (columns.min(), columns.max()) == (1, 2)


def test_without_a_margin_all_is_box(lab):
    [patch] = superpixel_patches(lab, BOXES[:1], size=4, padded=4)
    assert np.allclose(patch, slow(lab, BOXES[0], 4), atol=1e-4)


def test_no_superpixel_is_no_patch(lab):
    assert superpixel_patches(lab, BOXES[:0]).shape == (0, 3, 35, 35)


@pytest.mark.parametrize(
    'box',
    [
        [2, 2, 2, 5],
        [2, 5, 4, 5],
        [-1, 0, 4, 4],
        [0, -1, 4, 4],
        [0, 0, 18, 4],
        [0, 0, 4, 13],
    ],
)
def test_a_box_beyond_the_image_is_refused(lab, box):
    with pytest.raises(ValueError, match='not within 17x12 pixels'):
        superpixel_patches(lab, np.array([box]))


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'size': 0}, 'size must be 1 to 35, got 0'),
        ({'size': 36}, 'size must be 1 to 35, got 36'),
        ({'lab': np.zeros((4, 4, 3))}, 'float32, got .* float64'),
        ({'lab': np.zeros((4, 4), np.float32)}, 'must be'),
        ({'lab': np.zeros((4, 4, 4), np.float32)}, 'must be'),
    ],
)
def test_other_arguments_are_refused(lab, changes, words):
    with pytest.raises(ValueError, match=words):
        superpixel_patches(**{'lab': lab, 'boxes': BOXES, **changes})
