"""Superpixels as steps of a pipeline."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import TRANSFORMS
from scipy import ndimage

from zoo.datasets import AddSuperpixels, PackSuperpixels
from zoo.errors import UserError
from zoo.ops.superpixels import slic_superpixels


def image():
    """Return a smooth BGR image of 40 x 60 pixels."""
    colours = np.random.default_rng(0).integers(0, 256, (4, 6, 3))
    zoomed = ndimage.zoom(colours.astype(float), (10, 10, 1), order=1)
    return zoomed.astype(np.uint8)


def loaded():
    size = (40, 60)
    return {
        'img': image(),
        'img_path': 'a.jpg',
        'img_shape': size,
        'ori_shape': size,
        'gt_seg_map': np.zeros(size, np.uint8),
        'seg_fields': ['gt_seg_map'],
    }


def test_superpixels_are_those_of_the_rgb_image():
    step = AddSuperpixels(n_segments=30, compactness=8)
    results = step(loaded())
    rgb = np.ascontiguousarray(image()[:, :, [2, 1, 0]])
    expected = slic_superpixels(rgb, n_segments=30, compactness=8)
    assert expected.max() > 10
    found = results['superpixels']
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(results['img'], image())
    assert 'superpixels' not in results['seg_fields']  # nothing moves them


def test_configs_build_both_steps():
    init_default_scope('mmseg')
    step = TRANSFORMS.build({'type': 'AddSuperpixels'})
    assert repr(step) == 'AddSuperpixels(n_segments=500, compactness=15)'
    pack = TRANSFORMS.build({'type': 'PackSuperpixels'})
    assert isinstance(pack, PackSuperpixels)


def test_a_packed_sample_has_superpixels():
    results = AddSuperpixels(n_segments=30)(loaded())
    packed = PackSuperpixels()(results)
    assert packed['inputs'].shape == (3, 40, 60)
    sample = packed['data_samples']
    assert sample.superpixels.shape == (40, 60)
    data = sample.superpixels.data
    assert data.dtype == torch.int64
    np.testing.assert_array_equal(data.numpy(), results['superpixels'][None])
    assert sample.gt_sem_seg.data.shape == (1, 40, 60)
    assert sample.img_path == 'a.jpg'


def test_images_of_floats_end_in_one_line():
    results = {'img': image().astype(np.float32)}
    with pytest.raises(UserError, match=r'uint8, got float32\. Take to_float'):
        AddSuperpixels()(results)


def test_packing_needs_superpixels():
    with pytest.raises(UserError, match=r'has no superpixels\. Put AddSuper'):
        PackSuperpixels()(loaded())


def test_an_image_that_changed_size_since_is_refused():
    results = AddSuperpixels(n_segments=30)(loaded())
    results['img'] = results['img'][:, :50]
    message = r'superpixels of \(40, 60\) for an image of \(40, 50\)'
    with pytest.raises(UserError, match=message):
        PackSuperpixels()(results)


@pytest.mark.parametrize('options', [{'n_segments': 0}, {'compactness': -1}])
def test_other_options_are_refused_at_once(options):
    with pytest.raises(ValueError, match='got'):
        AddSuperpixels(**options)
