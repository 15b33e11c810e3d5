"""Grids of nodes that span an image from corner to corner.

A network that looks at an image in several sizes has maps of several sizes.
Each image is resized so that the first and the last cell of its map lie on
the first and the last pixel; then maps of all scales fit on one another,
and on the image, by plain corner-aligned interpolation.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def spanning_size(
    size: tuple[int, int], *, scale: float, stride: int
) -> tuple[int, int]:
    """Return the size nearest to a scaled one that cells span exactly.

    That is ``stride * n + 1`` pixels a side, which a network of this stride
    maps to ``n + 1`` cells, ``n`` at least 1. No side is off by more than
    half a stride unless it would have a single cell.

    Args:
        size: ``(H, W)`` of the image, in pixels.
        scale: Factor, above 0.
        stride: Pixels from one cell to the next, at least 1.

    Raises:
        ValueError: If a value is out of range.
    """
    if scale <= 0 or stride < 1 or min(size) < 1:
        raise ValueError(
            'scale must be above 0, stride and size at least 1, got '
            f'{scale}, {stride} and {tuple(size)}'
        )
    height, width = (
        stride * max(1, round(scale * (side - 1) / stride)) + 1
        for side in size
    )
    return height, width


def resize_map(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Resize ``(N, C, h, w)`` bilinearly, corners on corners.

    Args:
        maps: What to resize; returned as it is where the size is the same.
        size: ``(H, W)`` of the result.
    """
    if tuple(maps.shape[2:]) == tuple(size):
        return maps
    return functional.interpolate(
        maps, size=tuple(size), mode='bilinear', align_corners=True
    )


def labels_at_nodes(labels: Tensor, size: Sequence[int]) -> Tensor:
    """Return the label of the pixel nearest to each node of a grid.

    Node ``i`` of ``n`` lies at pixel ``i (H - 1) / (n - 1)``; halfway
    between two pixels the lower number counts. A single node lies in the
    middle.

    Source: nearest sampling is our choice where Lin et al., CVPR 2016,
    Sec. 6.1, say nothing.

    Args:
        labels: ``(N, H, W)``.
        size: ``(h, w)`` of the grid.

    Returns:
        ``(N, h, w)``.

    Raises:
        ValueError: If ``labels`` is not 3-D or the grid has no node.
    """
    if labels.ndim != 3:
        raise ValueError(f'labels must be (N, H, W), got {labels.ndim}-D')
    if min(size) < 1:
        raise ValueError(f'size must be two numbers from 1, got {size}')
    rows, cols = (
        _pixels(side, nodes).to(labels.device)
        for side, nodes in zip(labels.shape[1:], size, strict=True)
    )
    return labels[:, rows[:, None], cols[None, :]]


def _pixels(side: int, nodes: int) -> Tensor:
    """Return the pixel of each node along an axis, in exact arithmetic."""
    if nodes == 1:
        return torch.tensor([(side - 1) // 2])
    steps = nodes - 1
    # the nearest integer to i (side - 1) / steps, halves down
    doubled = 2 * torch.arange(nodes) * (side - 1)
    return (doubled + steps - 1) // (2 * steps)
