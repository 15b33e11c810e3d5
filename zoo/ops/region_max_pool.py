"""The maximum of a feature map within boxes of the image."""

import torch
from torch import Tensor


def region_max_pool(
    features: Tensor, boxes: Tensor, *, stride: int, offset: float = 0.0
) -> Tensor:
    """Return the largest value of each channel inside each box.

    A box holds the cells whose pixel lies in it; one too small for any has
    the cell that is nearest to its centre. Gradients reach the largest cell.
    Of two that are equally near or large it is the first.

    Source: the authors' release of zoom-out, 2016: the maximum over the whole
        map as the feature of the image.
    Differs: boxes of any size are ours: so the network runs once for an
        image and not once for every box.

    Args:
        features: ``(C, h, w)``; fastest with the channels side by side.
        boxes: ``(R, 4)`` integers x0, y0, x1, y1 in pixels, half-open.
        stride: Pixels from one cell to the next, at least 1.
        offset: Pixel of cell 0, from the first pixel's centre.

    Returns:
        ``(R, C)``.

    Raises:
        ValueError: If a shape does not fit, ``stride`` is below 1, or a box
            is empty.

    Example:
        >>> features = torch.tensor([[[1.0, 5.0, 2.0, 9.0]]])
        >>> boxes = torch.tensor([[0, 0, 5, 1], [3, 0, 4, 1]])
        >>> region_max_pool(features, boxes, stride=2).tolist()
        [[5.0], [5.0]]
    """
    if features.ndim != 3 or not features[0].numel():
        raise ValueError(
            f'features must be (C, h, w), got {tuple(features.shape)}'
        )
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f'boxes must be (R, 4), got {tuple(boxes.shape)}')
    if (boxes[:, :2] >= boxes[:, 2:]).any():
        raise ValueError('a box is empty: x0 < x1 and y0 < y1 must hold')
    if stride < 1:
        raise ValueError(f'stride must be at least 1, got {stride}')
    height, width = features.shape[1:]
    columns = _cells_within(boxes[:, 0], boxes[:, 2], width, stride, offset)
    rows = _cells_within(boxes[:, 1], boxes[:, 3], height, stride, offset)
    # many boxes hold the same cells: superpixels are smaller than those
    places, which = torch.stack([*columns, *rows], 1).unique(
        dim=0, return_inverse=True
    )
    grid = features.permute(1, 2, 0)
    largest = _first_largest(grid.detach(), places.tolist())
    return grid.flatten(0, 1).gather(0, largest)[which]


def _cells_within(
    low: Tensor, high: Tensor, cells: int, stride: int, offset: float
) -> tuple[Tensor, Tensor]:
    """Return the first cell of each box and the one after its last."""
    low, high = low.double() - offset, high.double() - offset
    first = (low / stride).ceil().clamp(0, cells)
    stop = (high / stride).ceil().clamp(0, cells)  # its pixel is outside
    middle = (low + high - 1) / (2 * stride)
    centre = (middle - 0.5).ceil().clamp(0, cells - 1)
    none = first >= stop
    first = torch.where(none, centre, first)
    return first.long(), torch.where(none, centre + 1, stop).long()


def _first_largest(grid: Tensor, places: list[list[int]]) -> Tensor:
    """Return which cell of ``(h, w, C)`` is the largest in each place."""
    width, found = grid.shape[1], []
    for x0, x1, y0, y1 in places:
        inside = grid[y0:y1, x0:x1].flatten(0, 1).argmax(dim=0)
        rows = inside.div(x1 - x0, rounding_mode='floor')
        found.append((y0 + rows) * width + x0 + inside % (x1 - x0))
    return torch.stack(found)
