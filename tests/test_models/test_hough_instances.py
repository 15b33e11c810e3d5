"""The registered grouper: cells and pixels, class ids, what comes out."""

import re

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmseg.registry import MODELS

import zoo.models  # noqa: F401  registers
from zoo.models.post_processors import HoughInstances
from zoo.ops import group_instances

WITHOUT_20 = [column for column in range(50) if column != 20]


def scene(size=(37, 50), classes=7):
    """Return maps of two blocks of class 5 and one of class 2.

    Blocks are x0, y0, x1, y1; every pixel predicts its own exactly. Things
    are 5 and 2, in this order.
    """
    blocks = [(5, 0.875, (3, 5, 20, 33)), (5, 0.75, (20, 5, 47, 33))]
    blocks.append((2, 0.625, (0, 33, 50, 37)))
    probs = torch.zeros(classes, *size)
    boxes = torch.zeros(2, 4, *size)
    y = torch.arange(size[0])[:, None] + 0.5
    x = torch.arange(size[1]) + 0.5
    for label, score, (x0, y0, x1, y1) in blocks:
        place = slice(y0, y1), slice(x0, x1)
        probs[label][place] = score
        planes = boxes[[5, 2].index(label)]
        planes[0][place] = ((y0 + y1) / 2 - y).expand(size)[place]
        planes[1][place] = ((x0 + x1) / 2 - x).expand(size)[place]
        planes[2][place], planes[3][place] = y1 - y0, x1 - x0
    probs[0] = 1 - probs.sum(0)
    return probs, boxes.flatten(0, 1), blocks


@pytest.mark.parametrize('top_n', [1, 2])
def test_blocks_come_back_pixel_by_pixel(top_n):
    probs, boxes, blocks = scene()
    grouper = MODELS.build(
        {'type': 'HoughInstances', 'things': [5, 2], 'stride': 1}
        | {'top_n': top_n}
    )
    found = grouper(probs, boxes)
    assert isinstance(found, InstanceData)
    assert found.labels.tolist() == [5, 5, 2]
    assert found.scores.tolist() == [0.875, 0.75, 0.625]
    assert found.bboxes.tolist() == [list(box) for _, _, box in blocks]
    for mask, (label, score, _) in zip(found.masks, blocks, strict=True):
        assert torch.equal(mask, probs[label] == score)


def test_types_and_shapes():
    probs, boxes, _ = scene()
    grouper = HoughInstances(things=[5, 2], min_pixels=4)
    for found, count in (
        (grouper(probs, boxes), 2),
        (grouper(torch.zeros_like(probs), boxes), 0),
    ):
        assert found.labels.shape == found.scores.shape == (count,)
        assert found.masks.shape == (count, 37, 50)
        assert found.bboxes.shape == (count, 4)
        assert found.labels.dtype == torch.int64
        assert found.scores.dtype == found.bboxes.dtype == torch.float32
        assert found.masks.dtype == torch.bool


def test_masks_grow_from_cells_by_hand():
    """Stride 8, 37 x 50: cells at rows 0 to 32 and columns 0 to 48.

    The first block has the cells at columns 8 and 16, the second those at
    24, 32 and 40; the rims whose nearest cells, 0 and 48, are of no block
    join theirs. Column 20 is half way between both blocks' cells: either
    will do.
    """
    probs, boxes, blocks = scene()
    found = HoughInstances(things=[5, 2], min_pixels=4)(probs, boxes)
    assert found.labels.tolist() == [5, 5]  # no cell lies in rows 33 to 36
    assert found.bboxes.tolist() == [list(box) for _, _, box in blocks[:2]]
    for mask, columns in zip(found.masks, ((3, 20), (21, 47)), strict=True):
        expected = torch.zeros(37, 50, dtype=torch.bool)
        expected[5:33, slice(*columns)] = True
        assert torch.equal(mask[:, WITHOUT_20], expected[:, WITHOUT_20])
    assert found.masks[:, 5:33, 20].any(0).all()


def test_cells_are_counted_not_pixels():
    """The first block has 4 x 2 cells, the second 4 x 3."""
    probs, boxes, _ = scene()
    counts = [
        len(HoughInstances(things=[5, 2], min_pixels=n)(probs, boxes))
        for n in (8, 9, 12, 13)
    ]
    assert counts == [2, 1, 1, 0]


def test_a_moved_box_moves_by_pixels():
    """What the network says of the box is said in pixels at any stride."""
    probs, boxes, _ = scene()
    moved = boxes.clone()
    moved[0] += 2.5  # dy of class 5
    moved[3] += 6.0  # its width
    for stride in (1, 4, 8):
        grouper = HoughInstances(things=[5, 2], stride=stride, min_pixels=4)
        before, after = grouper(probs, boxes), grouper(probs, moved)
        own = before.labels == 5
        change = after.bboxes[own] - before.bboxes[own]
        assert change.tolist() == [[-3.0, 2.5, 3.0, 2.5]] * 2


def test_a_second_place_grows_within_the_second_mask():
    """Class 2 is second everywhere in a block, class 5 leads."""
    probs, boxes, _ = scene()
    probs[2, 5:33, 20:47] = 0.125
    probs[0, 5:33, 20:47] = 0.125 - 2**-5
    probs[2, 33:] = 0
    probs[2, :, 30:] = 0
    boxes[4:] = boxes[:4]
    found = HoughInstances(things=[5, 2], min_pixels=4)(probs, boxes)
    assert found.labels.tolist() == [5, 5, 2]
    # cells at columns 24 only, but all of its pixels are near these
    expected = torch.zeros(37, 50, dtype=torch.bool)
    expected[5:33, 20:30] = True
    assert torch.equal(found.masks[2], expected)


def test_a_first_place_grows_within_the_first_mask():
    """Between the cells there is a column in which class 5 is second."""
    probs, boxes, _ = scene()
    probs[5, :, 13], probs[0, :, 13] = 0.25, 0.75
    found = HoughInstances(things=[5, 2], min_pixels=4)(probs, boxes)
    expected = torch.zeros(37, 50, dtype=torch.bool)
    expected[5:33, 3:20] = True
    expected[:, 13] = False
    mask = found.masks[0]
    assert torch.equal(mask[:, WITHOUT_20], expected[:, WITHOUT_20])


@pytest.mark.parametrize('second', [False, True])
def test_an_instance_does_not_grow_into_its_neighbour(second):
    """Two blocks of one class touch at column 30, between two cells.

    The right one is too small to be kept, or has the second place only: a
    pixel near its cells is not the left one's.
    """
    size = 32, 64
    probs, boxes = torch.zeros(2, *size), torch.zeros(4, *size)
    rows, columns = torch.arange(32.0)[:, None], torch.arange(64.0)
    for x0, x1, score in ((0, 30, 0.75), (30, 40, 0.625)):
        probs[1, :, x0:x1] = score
        boxes[0, :, x0:x1] = (16 - rows - 0.5).expand(32, x1 - x0)
        boxes[1, :, x0:x1] = (x0 + x1) / 2 - columns[x0:x1] - 0.5
        boxes[2, :, x0:x1], boxes[3, :, x0:x1] = 32, x1 - x0
    probs[0] = 1 - probs[1]
    if second:
        probs[1, :, 30:40], probs[0, :, 30:40] = 0.375, 0.625
    options = {'min_pixels': 2} if second else {'min_pixels': 5}
    found = HoughInstances(things=[1], **options)(probs, boxes)
    assert len(found) == 1 + second
    left = found.masks[0].any(0).nonzero().flatten()
    # the left block's last cell is at 24, the right one's first at 32
    last = 29 if second else 28
    assert left.tolist()[0] == 0
    assert left.tolist()[-1] in (last, last - 1)
    if second:
        right = found.masks[1].any(0).nonzero().flatten().tolist()
        assert right[0] in (30, 28, 29)
        assert not (found.masks[0] & found.masks[1])[:, 30:].any()


def test_things_are_all_that_is_no_background():
    """Classes 1 and 3 together beat class 2, neither does alone."""
    probs = torch.zeros(4, 4, 4)
    probs[1], probs[2], probs[3] = 0.3125, 0.375, 0.3125
    boxes = torch.zeros(4, 4, 4)
    boxes[0] = 1.5 - torch.arange(4.0)[:, None]
    boxes[1] = 1.5 - torch.arange(4.0)
    boxes[2:] = 4.0
    options = {'things': [2], 'stride': 1}
    assert len(HoughInstances(**options, top_n=1)(probs, boxes)) == 0
    assert len(HoughInstances(**options, top_n=2)(probs, boxes)) == 1


def test_passes_every_option_on(monkeypatch):
    options = {
        'top_n': 3,
        'box_iou': 0.4,
        'mask_iou': 0.2,
        'min_pixels': 5,
        'max_per_class': 7,
    }
    seen = []

    def spy(probs, boxes, **given):
        seen.append(given)
        return group_instances(probs, boxes, **given)

    name = 'zoo.models.post_processors.hough_instances.group_instances'
    monkeypatch.setattr(name, spy)
    probs, boxes, _ = scene()
    HoughInstances(things=[5, 2], **options)(probs, boxes)
    assert seen == [options]


def test_leaves_its_input_alone_and_takes_half_precision():
    probs, boxes, _ = scene()
    copies = probs.clone(), boxes.clone()
    probs.requires_grad_()
    grouper = HoughInstances(things=[5, 2], min_pixels=4)
    whole = grouper(probs, boxes)
    assert torch.equal(probs, copies[0])
    assert torch.equal(boxes, copies[1])
    halves = grouper(probs.bfloat16(), boxes.bfloat16())
    assert torch.equal(halves.masks, whole.masks)
    assert torch.equal(halves.bboxes, whole.bboxes)
    assert not any(p.requires_grad for p in whole.values())


def test_says_how_it_was_built():
    text = repr(HoughInstances(things=(1, 2), top_n=1))
    assert 'things=[1, 2], stride=8' in text
    assert 'top_n=1, box_iou=0.5, mask_iou=0.3, min_pixels=16' in text


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'things': []}, 'things must be different class ids from 0, got []'),
        ({'things': [1, 1]}, 'class ids from 0, got [1, 1]'),
        ({'things': [-1]}, 'class ids from 0, got [-1]'),
        ({'stride': 0}, 'stride must be at least 1, got 0'),
        ({'box_iou': 2.0}, 'box_iou must be in (0, 1), got 2.0'),
        ({'top_n': 0}, 'top_n must be a whole number, at least 1, got 0'),
    ],
)
def test_refuses_settings(settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        HoughInstances(**{'things': [1], **settings})


@pytest.mark.parametrize(
    ('probs', 'boxes', 'message'),
    [
        ((4, 6), (8, 4, 6), 'boxes (8, H, W) for 2 things, got (4, 6)'),
        ((4, 5, 6), (4, 5, 6), 'got (4, 5, 6) and (4, 5, 6)'),
        ((4, 5, 6), (8, 6, 5), 'got (4, 5, 6) and (8, 6, 5)'),
        ((3, 5, 6), (8, 5, 6), 'name class 3, but probs has 3 classes'),
    ],
)
def test_refuses_shapes(probs, boxes, message):
    grouper = HoughInstances(things=[3, 1])
    with pytest.raises(ValueError, match=re.escape(message)):
        grouper(torch.zeros(probs), torch.zeros(boxes))


def test_real_sizes_lose_little():
    """Discs of 375 x 500 pixels: what cells lose is at the rim."""
    size = (375, 500)
    y, x = np.mgrid[: size[0], : size[1]]
    probs, boxes = np.zeros((2, *size)), np.zeros((4, *size))
    for cy, cx, radius in ((100, 90, 70), (210, 300, 110)):
        inside = (y - cy) ** 2 + (x - cx) ** 2 <= radius**2
        probs[1][inside] = 0.9
        values = cy - y, cx - x, 2 * radius + 1, 2 * radius + 1
        for plane, value in zip(boxes, values, strict=True):
            plane[inside] = np.broadcast_to(value, size)[inside]
    probs[0] = 1 - probs[1]
    found = HoughInstances(things=[1])(
        torch.from_numpy(probs), torch.from_numpy(boxes)
    )
    assert len(found) == 2
    for mask, box in zip(found.masks, found.bboxes, strict=True):
        x0, y0, x1, y1 = box.int().tolist()
        truth = torch.zeros_like(mask)
        truth[y0:y1, x0:x1] = torch.from_numpy(probs[1] > 0)[y0:y1, x0:x1]
        assert not (mask & ~truth).any()
        assert mask.sum() > 0.93 * truth.sum()
