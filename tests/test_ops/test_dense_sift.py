"""Where SIFT's patches lie, what they see, and that channels are apart."""

import cv2
import numpy as np
import pytest

from zoo.ops.dense_sift import dense_sift, grid_points


def photo(height=64, width=72, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)


def grey(values):
    return values.astype(np.uint8)[..., None].repeat(3, 2)


def test_points_by_hand():
    assert grid_points(9, 20, step=8).tolist() == [[4, 4], [12, 4]]
    assert grid_points(3, 4, step=2).tolist() == [[1, 1], [3, 1]]
    assert grid_points(1, 2, step=1).tolist() == [[0, 0], [1, 0]]
    assert grid_points(4, 500, step=8).shape == (0, 2)
    assert len(grid_points(375, 500, step=8)) == 47 * 62


@pytest.mark.parametrize('patch', [8, 18])
def test_a_patch_sees_its_square_and_half_a_cell_more(patch):
    """Change what is beyond, then what is within: each on all four sides.

    Smoothing reaches some further: four deviations of a twelfth of the patch.
    """
    image, point = photo(), np.array([[33, 31]])
    before = dense_sift(image, point, patch=patch)
    reach = int(np.ceil(patch * 5 / 8 + 4 * patch / 12 + 1))
    changed = photo(seed=1)
    x, y = point[0]
    inside = np.s_[y - reach : y + reach + 1, x - reach : x + reach + 1]
    changed[inside] = image[inside]
    after = dense_sift(changed, point, patch=patch)
    np.testing.assert_array_equal(before, after)
    half = patch // 2
    for dy, dx in ((-half, 0), (half, 0), (0, -half), (0, half)):
        changed = image.copy()
        changed[y + dy, x + dx] = 255 - changed[y + dy, x + dx]
        after = dense_sift(changed, point, patch=patch)
        assert (before != after).any()


@pytest.mark.parametrize('patch', [8, 18, 30])
def test_one_dot_falls_into_the_cell_that_covers_it(patch):
    """4 x 4 cells, row by row, each a quarter of the patch wide."""
    cell = patch / 4
    for row in range(4):
        for column in range(4):
            image = np.full((80, 80), 100.0)
            y = round(40 + (row - 1.5) * cell)
            x = round(40 + (column - 1.5) * cell)
            image[y, x] = 140
            found = dense_sift(grey(image), np.array([[40, 40]]), patch=patch)
            energy = found[0, 0].reshape(16, 8).sum(1)
            assert energy.argmax() == 4 * row + column


def test_patches_are_upright():
    """A ramp along x has all of its gradient in the direction of x."""
    ramp = np.tile(np.arange(60.0) * 4, (60, 1))
    point = np.array([[30, 30]])
    along_x = dense_sift(grey(ramp), point, patch=18)[0, 0].reshape(16, 8)
    assert (along_x.argmax(1) == 0).all()
    along_y = dense_sift(grey(ramp.T), point, patch=18)[0, 0].reshape(16, 8)
    assert len(set(along_y.argmax(1))) == 1
    assert along_y.argmax(1)[0] in (2, 6)


def test_channels_are_l_a_b():
    """Only what changes in a channel shows in it."""
    point = np.array([[20, 20]])
    ramp = np.tile(np.arange(40.0) * 6, (40, 1))
    lightness, a, b = dense_sift(grey(ramp), point, patch=18)
    assert lightness.any()
    assert not a.any()
    assert not b.any()
    lab = np.full((40, 40, 3), 128, np.uint8)
    lab[..., 2] = ramp[:, ::-1] / 4 + 100
    colours = cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)
    found = dense_sift(colours, point, patch=18).reshape(3, 16, 8)
    assert (found[2].argmax(1) == 4).all()  # b falls with x


def test_a_uniform_image_gives_zeros():
    image = np.full((30, 40, 3), 90, np.uint8)
    found = dense_sift(image, grid_points(30, 40, step=8), patch=8)
    assert found.shape == (3, 20, 128)
    assert found.dtype == np.float32
    assert not found.any()


def test_each_point_has_its_own_row():
    """In any order, and at the border."""
    image = photo(30, 40)
    points = grid_points(30, 40, step=5)
    together = dense_sift(image, points, patch=8)
    assert together.shape == (3, len(points), 128)
    again = dense_sift(image, points[::-1], patch=8)
    np.testing.assert_array_equal(again[:, ::-1], together)
    for index in (0, 7, len(points) - 1):
        alone = dense_sift(image, points[index : index + 1], patch=8)
        np.testing.assert_array_equal(alone[:, 0], together[:, index])


def test_fine_structure_survives_in_a_small_patch():
    """Stripes of two pixels along y, and a gentle ramp along y.

    SIFT's own smoothing would leave a twentieth of the stripes.
    """
    x, y = np.meshgrid(np.arange(40), np.arange(40))
    image = grey(60 + 15 * (x // 2 % 2) + 2 * y)
    found = dense_sift(image, np.array([[20, 20]]), patch=8)[0, 0]
    directions = found.reshape(16, 8).sum(0)
    assert directions[[0, 4]].sum() > 3 * directions[[2, 6]].sum()


def test_no_points_no_rows():
    found = dense_sift(photo(2, 2), grid_points(2, 2, step=8), patch=8)
    assert found.shape == (3, 0, 128)


@pytest.mark.parametrize('patch', [0, -3, float('nan')])
def test_refuses_a_patch(patch):
    with pytest.raises(ValueError, match=f'above 0, got {patch}'):
        dense_sift(photo(), np.array([[9, 9]]), patch=patch)


def test_refuses_a_step_and_an_image():
    with pytest.raises(ValueError, match='at least 1, got 0'):
        grid_points(9, 9, step=0)
    with pytest.raises(ValueError, match='uint8'):
        dense_sift(np.zeros((9, 9, 3)), np.array([[4, 4]]), patch=8)
