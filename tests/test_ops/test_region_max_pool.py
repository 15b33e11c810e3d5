"""Maxima within boxes against a loop over cells."""

import pytest
import torch

from zoo.ops.region_max_pool import region_max_pool

GRIDS = [(1, 0.0), (2, 0.5), (4, 0.0), (4, 1.5), (8, 3.5)]


def random_boxes(height, width, count=40):
    generator = torch.Generator().manual_seed(2)
    sides = []
    for length in (width, height):
        drawn = torch.randint(length, (2, count), generator=generator)
        low, high = drawn.sort(dim=0).values
        sides.append((low, high + 1))
    (x0, x1), (y0, y1) = sides
    return torch.stack([x0, y0, x1, y1], dim=1)


def cells_inside(low, high, cells, stride, offset):
    places = [offset + stride * i for i in range(cells)]
    inside = [i for i, at in enumerate(places) if low <= at < high]
    if inside:
        return inside
    centre = (low + high - 1) / 2
    return [min(range(cells), key=lambda i: abs(places[i] - centre))]


@pytest.mark.parametrize(('stride', 'offset'), GRIDS)
def test_is_the_largest_of_the_cells_one_by_one(stride, offset):
    height, width = 23, 31
    size = (-(-height // stride), -(-width // stride))
    features, boxes = torch.randn(5, *size), random_boxes(height, width)
    found = region_max_pool(features, boxes, stride=stride, offset=offset)
    assert found.shape == (40, 5)
    for row, (x0, y0, x1, y1) in zip(found, boxes.tolist(), strict=True):
        rows = cells_inside(y0, y1, size[0], stride, offset)
        columns = cells_inside(x0, x1, size[1], stride, offset)
        inside = features[:, rows][:, :, columns]
        assert row.tolist() == inside.amax(dim=(1, 2)).tolist()


def test_padding_beyond_the_box_of_the_image_is_not_seen():
    features = torch.tensor([[[1.0, 2.0, 9.0]]])
    box = torch.tensor([[0, 0, 4, 2]])
    assert region_max_pool(features, box, stride=2).item() == 2


def test_gradients_reach_the_largest_cell_alone():
    features = torch.tensor([[[1.0, 4.0], [4.0, 3.0]]], requires_grad=True)
    boxes = torch.tensor([[0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 1, 1]])
    region_max_pool(features, boxes, stride=1).sum().backward()
    assert features.grad.tolist() == [[[1.0, 2.0], [0.0, 0.0]]]


def test_gradients_are_those_of_differences():
    features = torch.randn(2, 4, 5, dtype=torch.float64, requires_grad=True)
    boxes = random_boxes(8, 10, count=6)
    assert torch.autograd.gradcheck(
        lambda x: region_max_pool(x, boxes, stride=2, offset=0.5), features
    )


@pytest.mark.parametrize(
    ('features', 'boxes', 'stride', 'message'),
    [
        (torch.zeros(3, 4), [[0, 0, 1, 1]], 1, r'must be \(C, h, w\)'),
        (torch.zeros(3, 0, 4), [[0, 0, 1, 1]], 1, r'must be \(C, h, w\)'),
        (torch.zeros(1, 2, 2), [[0, 0, 1]], 1, r'must be \(R, 4\)'),
        (torch.zeros(1, 2, 2), [[1, 0, 1, 1]], 1, 'a box is empty'),
        (torch.zeros(1, 2, 2), [[0, 2, 1, 1]], 1, 'a box is empty'),
        (torch.zeros(1, 2, 2), [[0, 0, 1, 1]], 0, 'at least 1, got 0'),
    ],
)
def test_refuses(features, boxes, stride, message):
    with pytest.raises(ValueError, match=message):
        region_max_pool(features, torch.tensor(boxes), stride=stride)
