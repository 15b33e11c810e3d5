"""Boxes of instances, and of each pixel: against loops over pixels."""

import numpy as np
import pytest
import torch

from zoo.ops.box_maps import box_map_iou, box_targets, instance_boxes


def boxes_by_loops(numbers, count):
    """Look at every pixel and widen the box of its instance."""
    boxes = [[np.inf, np.inf, -np.inf, -np.inf] for _ in range(count)]
    for (y, x), number in np.ndenumerate(numbers):
        if 1 <= number <= count:
            x0, y0, x1, y1 = boxes[number - 1]
            boxes[number - 1] = [
                min(x0, x),
                min(y0, y),
                max(x1, x + 1),
                max(y1, y + 1),
            ]
    return np.array(boxes, np.float32).reshape(-1, 4)


def targets_by_loops(numbers, boxes, stride=1, offset=0):
    """Walk from the pixel's centre to the centre of its instance's box."""
    maps = torch.zeros(4, *numbers.shape)
    for i in range(numbers.shape[0]):
        for j in range(numbers.shape[1]):
            number = int(numbers[i, j])
            if not 1 <= number <= len(boxes):
                continue
            x0, y0, x1, y1 = boxes[number - 1].tolist()
            y, x = offset + stride * i + 0.5, offset + stride * j + 0.5
            centre_y, centre_x = y0 + (y1 - y0) / 2, x0 + (x1 - x0) / 2
            maps[:, i, j] = torch.tensor(
                [centre_y - y, centre_x - x, y1 - y0, x1 - x0]
            )
    return maps


def iou_by_counting(first, second, y, x):
    """Count the tenths of pixels that are in one box, in both."""
    grid = np.arange(-40, 60, 0.1) + 0.05
    inside = []
    for dy, dx, height, width in (first, second):
        rows = abs(grid - (y + dy)) < height / 2
        columns = abs(grid - (x + dx)) < width / 2
        inside.append(rows[:, None] & columns)
    union = (inside[0] | inside[1]).sum()
    return (inside[0] & inside[1]).sum() / union if union else 0.0


def random_numbers(count, shape=(13, 17)):
    rng = np.random.default_rng(count)
    numbers = rng.integers(0, count + 1, shape).astype(np.uint8)
    numbers[rng.random(shape) < 0.2] = 255
    numbers.ravel()[: count + 1] = range(count + 1)  # each has a pixel
    return numbers


def test_boxes_are_the_smallest_around_all_parts():
    numbers = np.zeros((6, 9), np.uint8)
    numbers[1:3, 2:4] = numbers[4, 7] = 1
    numbers[0, 0] = 2
    numbers[5] = 255
    boxes = instance_boxes(numbers, 2)
    assert boxes.dtype == np.float32
    assert boxes.tolist() == [[2, 1, 8, 5], [0, 0, 1, 1]]


@pytest.mark.parametrize('count', [0, 1, 5, 30])
def test_boxes_are_those_of_a_search(count):
    numbers = random_numbers(count)
    expected = boxes_by_loops(numbers, count)
    np.testing.assert_array_equal(instance_boxes(numbers, count), expected)


def test_an_instance_without_a_pixel_is_refused():
    with pytest.raises(ValueError, match='instance 2 of 2 has no pixel'):
        instance_boxes(np.ones((3, 3), np.uint8), 2)


def test_targets_by_hand():
    numbers = torch.tensor([[1, 0, 255, 2]])
    boxes = torch.tensor([[0.0, -3.0, 4.0, 7.0], [3.0, 0.0, 4.0, 1.0]])
    found = box_targets(numbers, boxes)
    assert found.dtype == torch.float32
    assert found[:, 0].T.tolist() == [
        [1.5, 1.5, 10, 4],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 1],
    ]


@pytest.mark.parametrize(
    ('stride', 'offset'), [(1, 0), (8, 0), (8, 4), (3, 1)]
)
def test_targets_are_those_of_a_walk(stride, offset):
    numbers = torch.from_numpy(random_numbers(6)).long()
    # boxes may begin before the image and end behind it
    boxes = 200 * torch.rand(6, 4) - 50
    boxes[:, 2:] += boxes[:, :2]
    found = box_targets(numbers, boxes, stride=stride, offset=offset)
    expected = targets_by_loops(numbers, boxes, stride, offset)
    torch.testing.assert_close(found, expected)


def test_no_instance_has_no_target():
    numbers = torch.tensor([[0, 1, 255]])
    assert not box_targets(numbers, torch.zeros(0, 4)).any()


def test_a_pixel_and_its_target_lead_to_the_box():
    numbers = torch.from_numpy(random_numbers(4)).long()
    boxes = torch.from_numpy(instance_boxes(numbers.numpy(), 4))
    dy, dx, height, width = box_targets(numbers, boxes, stride=1)
    for i, j in torch.nonzero((numbers >= 1) & (numbers <= 4)).tolist():
        y, x = i + 0.5 + dy[i, j], j + 0.5 + dx[i, j]
        h, w = height[i, j] / 2, width[i, j] / 2
        corners = torch.stack([x - w, y - h, x + w, y + h])
        torch.testing.assert_close(corners, boxes[numbers[i, j] - 1])


def test_overlap_by_hand():
    # 4 x 2 and 2 x 4, centres equal: 4 of 12; then moved apart
    first = torch.tensor([0.0, 0.0, 4.0, 2.0]).view(1, 4, 1, 1)
    second = torch.tensor([0.0, 0.0, 2.0, 4.0]).view(1, 4, 1, 1)
    assert box_map_iou(first, second).item() == pytest.approx(4 / 12)
    second[:, 1] = 3.0
    assert box_map_iou(first, second).item() == 0
    second[:, 1] = 2.0  # a column of one pixel in both
    assert box_map_iou(first, second).item() == pytest.approx(2 / 14)
    assert box_map_iou(first, first).item() == 1


@pytest.mark.parametrize(('dy', 'dx'), [(9, 9), (-9, 9), (9, -9), (-9, -9)])
def test_boxes_apart_in_both_directions_do_not_meet(dy, dx):
    """Two gaps, each negative, make no overlap."""
    first = torch.tensor([0.0, 0.0, 6.0, 6.0]).view(1, 4, 1, 1)
    second = torch.tensor([dy, dx, 6.0, 6.0]).view(1, 4, 1, 1)
    assert box_map_iou(first, second).item() == 0


def test_overlap_is_that_of_counting():
    rng = np.random.default_rng(0)
    first, second = (
        np.concatenate(
            [rng.integers(-30, 31, (2, 2, 3, 4)),
             rng.integers(1, 120, (2, 2, 3, 4))], axis=1
        ) / 10
        for _ in range(2)
    )  # fmt: skip
    found = box_map_iou(torch.from_numpy(first), torch.from_numpy(second))
    assert found.shape == (2, 3, 4)
    assert (found > 0.05).sum() > 8
    for n, i, j in np.ndindex(2, 3, 4):
        expected = iou_by_counting(
            first[n, :, i, j], second[n, :, i, j], i + 0.5, j + 0.5
        )
        assert found[n, i, j].item() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize('size', [(0.0, 5.0), (5.0, 0.0), (-3.0, -3.0)])
def test_what_is_no_box_overlaps_nothing(size):
    whole = torch.tensor([0.0, 0.0, 6.0, 6.0]).view(1, 4, 1, 1)
    flat = torch.tensor([0.0, 0.0, *size]).view(1, 4, 1, 1)
    assert box_map_iou(whole, flat).item() == 0
    assert box_map_iou(flat, whole).item() == 0
    assert box_map_iou(flat, flat).item() == 0
