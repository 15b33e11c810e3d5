"""Superpixels: SLIC's promises, neighbours against a breadth-first search."""

from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from zoo.ops.superpixels import (
    slic_superpixels,
    superpixel_neighbours,
    superpixel_sizes,
)


def scene(height, width, seed=0):
    """Return a smooth picture: of noise SLIC makes one single superpixel."""
    rng = np.random.default_rng(seed)
    colours = rng.integers(0, 256, (5, 6, 3)).astype(float)
    zoom = height / 5, width / 6, 1
    return ndimage.zoom(colours, zoom, order=1).astype(np.uint8)


def noise(height, width):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def two_colours():
    """Return a red and a blue half; the border is in column 13 of 40."""
    image = np.zeros((30, 40, 3), np.uint8)
    image[:, :13, 0], image[:, 13:, 2] = 255, 255
    return image


def touching(labels):
    """Return the set of those beside, left to right or above each other."""
    beside = {number: set() for number in range(labels.max() + 1)}
    for view in (labels, labels.T):
        for line in view.tolist():
            for first, second in pairwise(line):
                beside[first].add(second)
                beside[second].add(first)
    return beside


def steps_by_search(labels):
    """Return the number of steps between all superpixels; inf for none."""
    beside = touching(labels)
    steps = np.full((len(beside), len(beside)), np.inf)
    for start in beside:
        steps[start, start] = 0
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for there in beside[here]:
                if steps[start, there] == np.inf:
                    steps[start, there] = steps[start, here] + 1
                    queue.append(there)
    return steps


def random_map(height, width, count, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, count, (height, width))
    labels.ravel()[:count] = rng.permutation(count)  # each has a pixel
    return labels


@pytest.mark.parametrize('size', [(1, 1), (1, 2), (7, 1), (1, 300), (40, 48)])
@pytest.mark.parametrize('n_segments', [1, 5, 500, 10**6])
@pytest.mark.parametrize('uniform', [False, True])
def test_any_image_has_superpixels_without_holes(size, n_segments, uniform):
    image = np.full((*size, 3), 7, np.uint8) if uniform else noise(*size)
    labels = slic_superpixels(image, n_segments=n_segments)
    assert labels.shape == size
    assert labels.dtype == np.int64
    ids = np.unique(labels)
    assert ids.tolist() == list(range(len(ids)))


def test_superpixels_hold_together():
    labels = slic_superpixels(scene(60, 80), n_segments=40)
    assert labels.max() > 20
    for number in range(labels.max() + 1):
        assert ndimage.label(labels == number)[1] == 1


def test_a_uniform_image_has_a_grid():
    image = np.full((60, 80, 3), 99, np.uint8)
    labels = slic_superpixels(image, n_segments=48)
    squares = np.arange(48).reshape(6, 8)
    np.testing.assert_array_equal(labels[5::10, 5::10], squares)
    sizes = np.bincount(labels.ravel())
    assert sizes.min() >= 81  # a border of one pixel to either side
    assert sizes.max() <= 121


def test_small_compactness_follows_colours():
    image = two_colours()
    loose, tight = (
        slic_superpixels(image, n_segments=12, compactness=c)
        for c in (15, 1e4)
    )
    crossing = [
        set(labels[:, :13].ravel()) & set(labels[:, 13:].ravel())
        for labels in (loose, tight)
    ]
    assert not crossing[0]
    assert crossing[1]


def test_the_order_of_channels_counts():
    """L*a*b* of an RGB image: red and green differ in more than in name."""
    image = scene(60, 60)
    swapped = slic_superpixels(np.ascontiguousarray(image[..., ::-1]))
    assert (slic_superpixels(image) != swapped).any()


def test_the_defaults_are_the_papers():
    image = scene(90, 90)
    given = slic_superpixels(image, n_segments=500, compactness=15)
    np.testing.assert_array_equal(slic_superpixels(image), given)


def test_more_are_asked_more_are_found():
    image = scene(100, 120)
    found = [
        slic_superpixels(image, n_segments=n).max() + 1 for n in (20, 100, 400)
    ]
    for count, wanted in zip(found, (20, 100, 400), strict=True):
        assert 0.8 * wanted <= count <= 1.25 * wanted


def test_real_photographs_have_about_what_others_found(shared_data):
    """Another SLIC, 512 asked, cut the same photographs: as many, as big."""
    folder = shared_data / 'stanford_bg'
    if not folder.is_dir():
        pytest.skip(f'no Stanford Background at {folder}')
    sizes, others = [], []
    for path in sorted((folder / 'superpixels_slic512').iterdir())[:12]:
        name = f'{path.stem}.jpg'
        image = np.array(Image.open(folder / 'images' / name).convert('RGB'))
        labels = slic_superpixels(image, n_segments=512)
        other = np.array(Image.open(path))
        assert labels.shape == other.shape
        assert 256 <= labels.max() + 1 <= 640
        sizes.append(labels.size / (labels.max() + 1))
        others.append(other.size / len(np.unique(other)))
    assert np.mean(sizes) == pytest.approx(np.mean(others), rel=0.2)


def test_an_image_stays_as_it_was():
    image = scene(20, 20)
    before = image.copy()
    slic_superpixels(image)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (np.zeros((4, 4), np.uint8), r'must be .* got \(4, 4\) uint8'),
        (np.zeros((4, 4, 4), np.uint8), r'got \(4, 4, 4\)'),
        (np.zeros((4, 4, 3), np.float32), 'uint8, got .* float32'),
        (np.zeros((0, 4, 3), np.uint8), r'must have a pixel, got \(0, 4, 3\)'),
    ],
)
def test_other_images_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        slic_superpixels(image)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'n_segments': 0}, 'n_segments must be at least 1, got 0'),
        ({'compactness': 0}, 'compactness .* above 0, got 0'),
        ({'compactness': float('nan')}, 'compactness .* got nan'),
        ({'compactness': float('inf')}, 'compactness must be finite .* inf'),
    ],
)
def test_other_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        slic_superpixels(noise(4, 4), **options)


def test_sizes_by_hand():
    sizes = superpixel_sizes(np.array([[2, 0, 0], [2, 1, 0]], np.uint8))
    assert sizes.dtype == np.int64
    assert sizes.tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ('labels', 'message'),
    [
        (np.zeros(3, int), r'must be \(H, W\) integers, got \(3,\)'),
        (np.zeros((3, 3)), 'integers, got .* float64'),
        (np.zeros((0, 3), int), r'got \(0, 3\)'),
        (np.array([[0, -1]]), 'got -1 to 0 on 2 pixels'),
        (np.array([[0, 2]]), 'got 0 to 2 on 2 pixels'),
        (np.array([[0, 2, 2]]), 'no pixel of 1 of 0 to 2'),
    ],
)
def test_maps_with_holes_are_refused(labels, message):
    for function in (
        superpixel_sizes,
        lambda labels: superpixel_neighbours(labels, radius=1),
    ):
        with pytest.raises(ValueError, match=message):
            function(labels)


@pytest.mark.parametrize('radius', [0, 1, 2, 3, 50])
@pytest.mark.parametrize(('size', 'count'), [((9, 14), 100), ((1, 30), 30)])
def test_neighbours_are_those_of_a_search(size, count, radius):
    labels = random_map(*size, count)
    found = superpixel_neighbours(labels, radius=radius)
    assert found.dtype == bool
    expected = steps_by_search(labels) <= radius
    np.testing.assert_array_equal(found, expected)


def test_neighbours_on_slic_are_those_of_a_search():
    labels = slic_superpixels(scene(50, 60), n_segments=60)
    assert labels.max() > 40
    steps = steps_by_search(labels)
    for radius in (1, 2, 3):
        found = superpixel_neighbours(labels, radius=radius)
        np.testing.assert_array_equal(found, steps <= radius)


def test_a_corner_makes_no_neighbours():
    labels = np.array([[0, 1], [2, 0]])
    found = superpixel_neighbours(labels, radius=1)
    assert found.astype(int).tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 1]]


def test_maps_of_bytes_have_the_same_neighbours():
    labels = random_map(20, 20, 256)
    np.testing.assert_array_equal(
        superpixel_neighbours(labels.astype(np.uint8), radius=2),
        superpixel_neighbours(labels, radius=2),
    )


def test_a_radius_below_zero_is_refused():
    with pytest.raises(ValueError, match=r'radius must be .* got -1'):
        superpixel_neighbours(np.zeros((2, 2), int), radius=-1)
