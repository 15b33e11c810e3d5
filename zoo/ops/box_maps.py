"""A box for every pixel: that of the instance which the pixel belongs to.

A box map holds, along an axis of four, ``dy`` and ``dx`` from the centre of a
pixel to the centre of its instance's box, then height and width of the box.
"""

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor


def instance_boxes(numbers: np.ndarray, count: int) -> np.ndarray:
    """Return the smallest box around each instance, all its parts together.

    Args:
        numbers: ``(H, W)`` integers: 1 to ``count`` for the instances.
        count: Number of instances ``n``; each must have a pixel.

    Returns:
        ``(n, 4)`` float32: x0, y0, x1, y1 in pixels, half-open: the pixel in
        column x covers x to x + 1.

    Raises:
        ValueError: If an instance has no pixel.
    """
    boxes = np.zeros((count, 4), np.float32)
    inside = np.where(numbers <= count, numbers, 0)
    places = ndimage.find_objects(inside, max_label=count)
    for index, place in enumerate(places):
        if place is None:
            raise ValueError(f'instance {index + 1} of {count} has no pixel')
        rows, columns = place
        boxes[index] = columns.start, rows.start, columns.stop, rows.stop
    return boxes


def box_targets(
    numbers: Tensor, boxes: Tensor, *, stride: int = 1, offset: int = 0
) -> Tensor:
    """Return what a network should predict at each cell of a grid.

    Boxes are whole: where an image was cropped they may begin or end outside
    of it, and offsets point there.

    Source: Wu et al., 2016, Sec. 2.1: offsets to the centre of the box of
        the instance that the pixel belongs to, and the instance's height and
        width.
    Differs: whether boxes are clipped at a crop's border is not printed;
        that they are not is ours.

    Args:
        numbers: ``(h, w)`` int64: 1 to n for the instances at the cells;
            elsewhere any other number.
        boxes: ``(n, 4)`` x0, y0, x1, y1 in pixels, half-open.
        stride: Pixels from one cell to the next.
        offset: Row and column of the first cell's pixel.

    Returns:
        ``(4, h, w)`` float32 in pixels: dy, dx, height, width; 0 where there
        is no instance.
    """
    rows, columns = (
        torch.arange(cells, device=numbers.device) * stride + offset + 0.5
        for cells in numbers.shape
    )
    known = (numbers >= 1) & (numbers <= len(boxes))
    table = torch.cat([boxes.new_zeros(1, 4), boxes]).float()
    x0, y0, x1, y1 = table[torch.where(known, numbers, 0)].unbind(-1)
    maps = [
        (y0 + y1) / 2 - rows[:, None],
        (x0 + x1) / 2 - columns[None, :],
        y1 - y0,
        x1 - x0,
    ]
    return torch.where(known, torch.stack(maps), 0.0)


def box_map_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the overlap of two boxes at each pixel.

    Args:
        first: ``(N, 4, H, W)``: dy, dx, height, width.
        second: As ``first``, at the same pixels.

    Returns:
        ``(N, H, W)`` intersection over union, 0 to 1; 0 where either box has
        no positive height and width.
    """
    height, width = (
        torch.minimum(_high(first, axis), _high(second, axis))
        - torch.maximum(_low(first, axis), _low(second, axis))
        for axis in (0, 1)
    )
    overlap = height.clamp_min(0) * width.clamp_min(0)
    areas = [
        box[:, 2].clamp_min(0) * box[:, 3].clamp_min(0)
        for box in (first, second)
    ]
    union = areas[0] + areas[1] - overlap
    some = (areas[0] > 0) & (areas[1] > 0)
    return torch.where(some, overlap / union.clamp_min(1e-12), 0.0)


def _low(box: Tensor, axis: int) -> Tensor:
    return box[:, axis] - box[:, axis + 2] / 2


def _high(box: Tensor, axis: int) -> Tensor:
    return box[:, axis] + box[:, axis + 2] / 2
