"""Between the grid of a score map and the pixels of its image.

A network of stride ``s`` scores every ``s``-th pixel. Both functions keep
cell ``(i, j)`` on one pixel, whatever the size of the image: nothing is
stretched to fit, as resizing to the image size would do.
"""

import torch
from torch import Tensor
from torch.nn import functional


def upsample_scores(
    scores: Tensor, *, stride: int, size: tuple[int, int], offset: int = 0
) -> Tensor:
    """Return one score per pixel: bilinear between cells, cell values kept.

    Cell ``(i, j)`` lies at pixel ``(stride * i - offset, stride * j -
    offset)``. Of ``n`` cells come ``stride * (n - 1) + 1`` pixels; those
    outside the image are cropped. Where the image reaches beyond the first
    or last cell, that cell's value is repeated.

    Source: Chen et al., ICLR 2015, Sec. 3.1 (bilinear upsampling by 8); the
        release's corner-aligned "interp" layer.

    Args:
        scores: ``(N, C, h, w)``.
        stride: Pixels from one cell to the next, at least 1.
        size: ``(H, W)`` of the image in pixels.
        offset: Pixels by which the first cell lies above and left of the
            image's first pixel; a negative one lies inside.

    Returns:
        ``(N, C, H, W)``.

    Raises:
        ValueError: If ``scores`` is not 4-D, ``stride`` or ``size`` is below
            1, or no cell touches the image.
    """
    if scores.ndim != 4 or 0 in scores.shape:
        raise ValueError(
            f'scores must be (N, C, h, w), got {tuple(scores.shape)}'
        )
    _check_grid(stride, size)
    full = [stride * (cells - 1) + 1 for cells in scores.shape[2:]]
    pixels = functional.interpolate(
        scores, size=full, mode='bilinear', align_corners=True
    )
    pads: list[int] = []
    for axis, (have, want) in enumerate(zip(full, size, strict=True), 2):
        start, stop = max(offset, 0), min(offset + want, have)
        if start >= stop:
            raise ValueError(
                f'no cell touches the image: offset {offset}, size {size}, '
                f'{tuple(full)} pixels between the outermost cells'
            )
        pixels = pixels.narrow(axis, start, stop - start)
        # F.pad counts from the last axis to the first.
        pads = [start - offset, offset + want - stop, *pads]
    if any(pads):
        pixels = functional.pad(pixels, pads, mode='replicate')
    return pixels


def subsample_labels(
    labels: Tensor,
    *,
    stride: int,
    size: tuple[int, int],
    offset: int = 0,
    ignore_index: int = 255,
) -> Tensor:
    """Return the label of the pixel on which each cell of a score map lies.

    Cell ``(i, j)`` takes the label at pixel ``(offset + stride * i, offset +
    stride * j)``, or ``ignore_index`` where that is outside the image. It
    undoes ``upsample_scores`` of the opposite ``offset``.

    Source: Chen et al., ICLR 2015, Sec. 3.1 (labels subsampled by 8); the
        release's first configuration drops the first row and column, which
        is ``offset=1``.

    Args:
        labels: ``(N, H, W)`` int64.
        stride: Pixels from one cell to the next, at least 1.
        size: ``(h, w)`` of the score map in cells.
        offset: Row and column of the first cell's pixel; may be negative.
        ignore_index: Label of cells outside the image.

    Returns:
        ``(N, h, w)`` int64.

    Raises:
        ValueError: If ``labels`` is not 3-D int64, or ``stride`` or ``size``
            is below 1.
    """
    if labels.ndim != 3 or labels.dtype != torch.int64:
        raise ValueError(
            'labels must be (N, H, W) int64, '
            f'got {tuple(labels.shape)} {labels.dtype}'
        )
    _check_grid(stride, size)
    cells = labels.new_full((labels.shape[0], *size), ignore_index)
    # The first cell at or after pixel 0, and as many as the image holds.
    first = max(0, -(offset // stride))
    inside = labels[
        :, offset + stride * first :: stride, offset + stride * first :: stride
    ][:, : max(0, size[0] - first), : max(0, size[1] - first)]
    rows, cols = inside.shape[1:]
    cells[:, first : first + rows, first : first + cols] = inside
    return cells


def _check_grid(stride: int, size: tuple[int, int]) -> None:
    if stride < 1:
        raise ValueError(f'stride must be at least 1, got {stride}')
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f'size must be two numbers from 1, got {size}')
