"""Crops against Pillow's resampling of the same part of the image."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.ops.crop_and_resize import crops

BOXES = [[0, 0, 30, 20], [3, 5, 11, 19], [29, 0, 30, 1], [4, 2, 9, 7]]


def by_pillow(image, box, size):
    """Return a box resized channel by channel, with antialiasing."""
    channels = []
    for channel in image.numpy():
        part = Image.fromarray(channel).crop(box)
        small = part.resize((size, size), Image.Resampling.BILINEAR)
        channels.append(np.asarray(small))
    return torch.from_numpy(np.stack(channels))


@pytest.mark.parametrize('size', [5, 8, 40])
def test_crops_are_those_of_pillow(size):
    image = torch.rand(3, 20, 30) * 255
    found = crops(image, torch.tensor(BOXES), size=size)
    assert found.shape == (4, 3, size, size)
    for box, got in zip(BOXES, found, strict=True):
        expected = by_pillow(image, box, size)
        assert torch.allclose(got, expected, atol=1e-3)


def test_a_box_of_the_same_size_is_copied():
    image = torch.rand(3, 9, 12)
    [found] = crops(image, [[2, 1, 7, 6]], size=5)
    assert torch.allclose(found, image[:, 1:6, 2:7])


def test_what_lies_outside_has_no_part():
    image = torch.rand(3, 12, 16)
    other = torch.rand(3, 12, 16)
    other[:, 3:9, 4:14] = image[:, 3:9, 4:14]
    box = [[4, 3, 14, 9]]
    assert torch.equal(crops(image, box, size=4), crops(other, box, size=4))


def test_type_and_number_of_boxes_are_kept():
    image = torch.rand(1, 6, 6, dtype=torch.float64)
    assert crops(image, [[0, 0, 6, 6]], size=3).dtype == torch.float64
    none = torch.zeros(0, 4, dtype=torch.int64)
    assert crops(image, none, size=3).shape == (0, 1, 3, 3)


@pytest.mark.parametrize(
    'box',
    [
        [2, 2, 2, 5],
        [2, 5, 4, 5],
        [-1, 0, 4, 4],
        [0, -1, 4, 4],
        [0, 0, 9, 4],
        [0, 0, 4, 7],
    ],
)
def test_a_box_beyond_the_image_is_refused(box):
    words = 'is empty or not within an image of 8x6 pixels'
    with pytest.raises(ValueError, match=words):
        crops(torch.zeros(3, 6, 8), [box], size=2)


def test_a_size_of_nothing_is_refused():
    with pytest.raises(ValueError, match='size must be at least 1, got 0'):
        crops(torch.zeros(3, 6, 8), [[0, 0, 1, 1]], size=0)
