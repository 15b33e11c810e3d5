"""Scaling: by how much, and the label map with the image."""

import cv2
import numpy as np
import pytest

from zoo.datasets.random_rescale import RandomRescale
from zoo.engine.sampling import seed_everything


def record(height, width):
    """An image whose pixels are its label map, in blocks of 5 x 5."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 2, (height // 5, width // 5), np.uint8) * 40
    labels = np.kron(blocks, np.ones((5, 5), np.uint8))
    image = np.repeat(labels[..., None], 3, axis=2)
    return {'img': image, 'gt_seg_map': labels, 'seg_fields': ['gt_seg_map']}


@pytest.mark.parametrize(
    ('ratio', 'shape'),
    [(0.7, (28, 35)), (1.0, (40, 50)), (1.2, (48, 60)), (1.33, (53, 66))],
)
def test_ratio_is_of_the_images_own_size(ratio, shape):
    results = RandomRescale(ratio_range=(ratio, ratio))(record(40, 50))
    assert results['img'].shape == (*shape, 3)
    assert results['gt_seg_map'].shape == shape
    assert results['img_shape'] == shape


def test_labels_are_not_mixed_but_pixels_are():
    results = RandomRescale(ratio_range=(1.7, 1.7))(record(40, 50))
    assert set(np.unique(results['gt_seg_map'])) == {0, 40}
    assert len(np.unique(results['img'])) > 2


def test_labels_stay_on_their_pixels():
    results = RandomRescale(ratio_range=(2.0, 2.0))(record(40, 50))
    expected = np.kron(record(40, 50)['gt_seg_map'], np.ones((2, 2), np.uint8))
    np.testing.assert_array_equal(results['gt_seg_map'], expected)
    image = cv2.resize(
        record(40, 50)['img'], (100, 80), interpolation=cv2.INTER_LINEAR
    )
    np.testing.assert_array_equal(results['img'], image)


def test_ratios_fill_their_range():
    transform = RandomRescale(ratio_range=(0.7, 1.2))
    sizes = [transform(record(100, 100))['img'].shape[0] for _ in range(300)]
    assert 70 <= min(sizes) < 73
    assert 117 < max(sizes) <= 120
    assert abs(np.mean(sizes) - 95) < 4  # uniform: six standard errors


def test_a_seed_fixes_the_ratio():
    sizes = []
    for seed in (1, 1, 2):
        seed_everything(seed)
        transform = RandomRescale(ratio_range=(0.7, 1.2))
        sizes.append(transform(record(500, 500))['img'].shape)
    assert sizes[0] == sizes[1] != sizes[2]


def test_a_thin_image_keeps_a_pixel():
    results = RandomRescale(ratio_range=(0.05, 0.05))(record(5, 50))
    assert results['img'].shape == (1, 2, 3)


@pytest.mark.parametrize('ratio_range', [(0.0, 1.0), (1.2, 0.7), (-1.0, 1.0)])
def test_refuses_ratios(ratio_range):
    with pytest.raises(ValueError, match=r'in order, got \('):
        RandomRescale(ratio_range=ratio_range)
