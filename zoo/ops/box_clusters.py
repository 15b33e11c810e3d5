"""Cluster pixels whose boxes overlap, from the best pixel downwards."""

import numpy as np

# Overlaps computed in one go: fewer cost as much, more leave the cache.
_LEAST, _MOST = 1 << 13, 1 << 16


def corner_boxes(
    boxes: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Return the corners of the boxes that pixels predict.

    Args:
        boxes: ``(4, P)`` in pixels: dy, dx from the centre of the pixel to
            that of its box, then height and width.
        rows: ``(P,)`` integers; the centre of row y is y + 0.5.
        columns: ``(P,)``, alike.

    Returns:
        ``(4, P)``: x0, y0, x1, y1 in pixels, half-open.
    """
    dy, dx, height, width = boxes
    with np.errstate(invalid='ignore', over='ignore'):
        y, x = rows + 0.5 + dy, columns + 0.5 + dx
        high, wide = height / 2, width / 2
        return np.stack([x - wide, y - high, x + wide, y + high])


def box_clusters(
    corners: np.ndarray, *, box_iou: float, min_pixels: int = 1
) -> list[np.ndarray]:
    """Return what non-maximum suppression keeps, with what it suppressed.

    The best pixel left survives; it and all pixels left whose boxes overlap
    its box by more than ``box_iou`` are a cluster and leave. A box that has
    no height or width, or is not finite, overlaps none: its pixel can but be
    a cluster alone.

    Source: Wu et al., 2016, Sec. 2.1, steps 4 and 5.

    Args:
        corners: ``(4, P)``: x0, y0, x1, y1 of each pixel's box, the best
            pixel first.
        box_iou: Intersection over union above which a box is suppressed,
            above 0.
        min_pixels: Clusters with fewer pixels are left out; no other cluster
            gets their pixels.

    Returns:
        Of each cluster, in the order of survival, the ascending indices of
        its pixels: the survivor is the first.

    Example:
        >>> boxes = [[0, 0, 9, 8], [9, 9, 19, 19], [0, 0, 9, 9]]
        >>> found = box_clusters(np.array(boxes).T, box_iou=0.5)
        >>> [cluster.tolist() for cluster in found]
        [[0, 2], [1]]
    """
    boxes = _with_bounds(corners, box_iou)
    left = np.arange(corners.shape[1])
    clusters: list[np.ndarray] = []
    block = 1
    while len(left) >= max(min_pixels, 1):
        # Many rows at once save calls where clusters are tiny, but those of
        # pixels that do not survive the rows before their own are wasted.
        rows = min(max(block, _LEAST // len(left)), _MOST // len(left))
        rows = max(1, min(rows, len(left)))
        near = _overlap(boxes[:, :rows, None], boxes[:, None])
        survivors = _survivors(near)
        near = near[survivors]
        owner = near.argmax(axis=0)  # the first of them that is near
        free = ~near.any(axis=0)
        owner[free] = len(survivors)
        sizes = np.bincount(owner)[: len(survivors)]
        clusters += [
            left[owner == survivor]
            for survivor in (sizes >= min_pixels).nonzero()[0]
        ]
        block = 2 * rows if 2 * len(survivors) > rows else rows // 2
        rest = free.nonzero()[0]
        left, boxes = left[rest], boxes.take(rest, axis=1)
    return clusters


def _with_bounds(corners: np.ndarray, box_iou: float) -> np.ndarray:
    """Return ``(5, P)``: corners, and the box's share of what is near.

    Intersection ``i`` over union exceeds ``t`` where ``i > t / (1 + t) *
    (a + b)``, with the areas ``a`` and ``b``: no union, no quotient. A box
    that is none meets none.
    """
    boxes = np.empty((5, corners.shape[1]))
    boxes[:4] = corners
    with np.errstate(invalid='ignore', over='ignore'):
        area = (corners[2] - corners[0]) * (corners[3] - corners[1])
    # Of two negative sides comes a positive area, but never an overlap.
    sound = (area > 0) & (area < np.inf)
    # a little more, so that rounding makes no equal exceed
    np.multiply(area, box_iou / (1 + box_iou) * (1 + 1e-12), out=boxes[4])
    if not sound.all():
        boxes[:4, ~sound], boxes[4, ~sound] = 0, 1
    return boxes


def _survivors(near: np.ndarray) -> list[int]:
    """Return the rows that no row before them suppresses; set them near.

    Row ``i`` of ``near`` is about pixel ``i`` of the columns; afterwards each
    is near to itself, whatever its box.
    """
    block = near[:, : len(near)]
    np.fill_diagonal(block, True)
    # Rows as integers, a bit for each pixel: only survivors cost a step.
    far = np.packbits(~block, axis=1, bitorder='little')
    content, width = far.tobytes(), far.shape[1]
    free = (1 << len(near)) - 1
    survivors = []
    while free:
        index = (free & -free).bit_length() - 1
        survivors.append(index)
        row = content[index * width : (index + 1) * width]
        free &= int.from_bytes(row, 'little')
    return survivors


def _overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return which boxes are near; see ``_with_bounds``."""
    # In place, for memory costs more here than arithmetic.
    shared = np.minimum(first[2], second[2])
    shared -= np.maximum(first[0], second[0])
    height = np.minimum(first[3], second[3])
    height -= np.maximum(first[1], second[1])
    np.maximum(shared, 0, out=shared)  # or two gaps would make an overlap
    shared *= height
    bound = np.add(first[4], second[4], out=height)
    return shared > bound
