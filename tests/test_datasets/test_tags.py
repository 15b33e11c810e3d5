"""Tags of label maps, and crops that know nothing of labels."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.datasets import PackTags, RandomAreaCrop, TagsOfLabels


def tags_of(labels, **options):
    results = {
        'gt_seg_map': np.array(labels, np.uint8),
        'seg_fields': ['gt_seg_map'],
    }
    found = TagsOfLabels(num_classes=4, **options)(results)
    assert 'gt_seg_map' not in found
    assert found['seg_fields'] == []
    assert found['gt_tags'].dtype == np.float32
    return found['gt_tags'].tolist()


def test_a_single_pixel_is_enough_and_void_is_no_class():
    assert tags_of([[2, 2, 2], [255, 255, 0]]) == [1, 0, 1, 0]
    assert tags_of([[255, 255]]) == [0, 0, 0, 0]


def test_a_class_needs_its_share_of_the_known_pixels():
    labels = [[0, 0, 0, 1, 255, 255, 255, 255]]  # 1 has a quarter
    assert tags_of(labels, min_share=0.25) == [1, 1, 0, 0]
    assert tags_of(labels, min_share=0.26) == [1, 0, 0, 0]


def test_a_photograph_without_labels_passes():
    results = {'img': 1, 'seg_fields': []}
    assert TagsOfLabels(num_classes=4)(dict(results)) == results


def test_tags_are_packed_instead_of_labels():
    image = np.zeros((4, 5, 3), np.uint8)
    results = {'img': image, 'gt_tags': np.array([0, 1], np.float32)}
    sample = PackTags()(dict(results))['data_samples']
    assert sample.gt_tags.tolist() == [0, 1]
    assert 'gt_sem_seg' not in sample
    del results['gt_tags']
    assert 'gt_tags' not in PackTags()(results)['data_samples']


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'num_classes': 0}, 'at least 1, got 0'),
        ({'num_classes': 2, 'min_share': 1}, r'in \[0, 1\), got 1'),
        ({'num_classes': 2, 'min_share': -0.1}, r'got -0\.1'),
    ],
)
def test_tags_refuse_settings(options, words):
    with pytest.raises(ValueError, match=words):
        TagsOfLabels(**options)


def photo():
    """Return 40 x 60 pixels: red is the row, green the column."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = 4 * np.arange(40)[:, None]
    image[..., 1] = 4 * np.arange(60)
    return image


def test_the_whole_image_is_resized_as_pillow_does():
    results = RandomAreaCrop(size=16)({'img': photo()})
    small = Image.fromarray(photo()).resize(
        (16, 16), Image.Resampling.BILINEAR
    )
    difference = results['img'].astype(int) - np.asarray(small)
    assert np.abs(difference).max() <= 1  # Pillow rounds twice
    assert results['img'].dtype == np.uint8
    assert results['img_shape'] == (16, 16)


def test_crops_keep_half_of_the_area_or_more_everywhere(monkeypatch):
    taken = []

    def crops(image, boxes, *, size):
        taken.extend(boxes)
        return torch.zeros(1, 3, size, size)

    monkeypatch.setattr('zoo.datasets.random_area_crop.crops', crops)
    np.random.seed(0)  # noqa: NPY002  mmcv's steps draw from it
    step = RandomAreaCrop(size=8, min_area=0.5)
    for _ in range(2000):
        step({'img': photo()})
    left, top, right, bottom = np.array(taken).T
    tall, wide = (bottom - top) / 40, (right - left) / 60
    shares = tall * wide
    assert 0.48 < shares.min() < 0.52  # sides are whole pixels
    assert shares.max() > 0.98
    assert abs(shares.mean() - 0.75) < 0.01  # uniform
    assert abs(tall.mean() - wide.mean()) < 0.01
    assert tall.min() < 0.55
    assert wide.min() < 0.55
    for first, last, length in ((top, bottom, 40), (left, right, 60)):
        assert first.min() == 0
        assert last.max() == length
        # as much left over on either side
        assert abs(first.mean() - (length - last).mean()) < 0.5


def test_a_float_image_stays_one():
    image = np.random.default_rng(0).normal(size=(9, 9, 3))
    found = RandomAreaCrop(size=9)({'img': image.astype(np.float32)})['img']
    assert found.dtype == np.float32
    assert np.allclose(found, image, atol=1e-5)
    assert torch.from_numpy(found).is_contiguous()


def test_bytes_are_rounded():
    image = np.array([[[0] * 3, [7] * 3]], np.uint8)
    found = RandomAreaCrop(size=1)({'img': image})['img']
    assert found.tolist() == [[[4, 4, 4]]]


def test_a_label_map_is_cut_out_alike():
    rows, columns = np.mgrid[:40, :60]
    labels = (2 * rows + 2 * columns).astype(np.uint8)
    image = np.repeat(labels[..., None], 3, axis=2)
    shapes = set()
    for seed in range(8):
        np.random.seed(seed)  # noqa: NPY002  as mmcv's transforms
        found = RandomAreaCrop(size=2, min_area=0.1)(
            {'img': image, 'gt_seg_map': labels}
        )
        shapes.add(found['gt_seg_map'].shape)
        # a ramp's mean is the mean of the resized corners
        mean = found['img'].astype(float).mean()
        assert found['gt_seg_map'].mean() == pytest.approx(mean, abs=1)
    assert len(shapes) > 4


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'size': 0}, 'at least 1, got 0'),
        ({'size': 4, 'min_area': 0}, r'\(0, 1\], got 0'),
        ({'size': 4, 'min_area': 1.1}, r'got 1\.1'),
    ],
)
def test_crops_refuse_settings(options, words):
    with pytest.raises(ValueError, match=words):
        RandomAreaCrop(**options)
