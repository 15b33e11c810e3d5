"""What a superpixel or a group of them covers: boxes and labels."""

import numpy as np

from zoo.ops.box_maps import instance_boxes
from zoo.ops.superpixels import superpixel_sizes


def superpixel_boxes(labels: np.ndarray) -> np.ndarray:
    """Return the smallest box around each superpixel.

    Args:
        labels: ``(H, W)`` integers: 0 to ``S - 1``, all of them in use.

    Returns:
        ``(S, 4)`` int64: x0, y0, x1, y1 in pixels, half-open.

    Raises:
        ValueError: If ``labels`` is no such map.

    Example:
        >>> superpixel_boxes(np.array([[0, 0, 1], [1, 1, 1]])).tolist()
        [[0, 0, 2, 1], [0, 0, 3, 2]]
    """
    count = len(superpixel_sizes(labels))
    numbers = labels.astype(np.int64) + 1  # a uint8 may hold 255
    return instance_boxes(numbers, count).astype(np.int64)


def union_boxes(boxes: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the smallest box around each group of boxes.

    Source: Mostajabi et al., CVPR 2015, arXiv:1412.0774, Sec. 4.1: the
        distant region surrounds all neighbours up to the third degree.

    Args:
        boxes: ``(S, 4)`` x0, y0, x1, y1.
        members: ``(R, S)`` bool: whether a box is in a group; each group has
            at least one.

    Returns:
        ``(R, 4)`` of the type of ``boxes``.

    Raises:
        ValueError: If the shapes or types do not fit or a group is empty.

    Example:
        >>> boxes = np.array([[0, 0, 2, 1], [5, 3, 6, 8]])
        >>> union_boxes(boxes, np.array([[True, True]])).tolist()
        [[0, 0, 6, 8]]
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f'boxes must be (S, 4), got {boxes.shape}')
    if members.dtype != bool or members.shape[1:] != boxes.shape[:1]:
        raise ValueError(
            f'members must be (R, {len(boxes)}) bool to match boxes, got '
            f'{members.shape} {members.dtype}'
        )
    empty = ~members.any(axis=1)
    if empty.any():
        raise ValueError(f'group {int(empty.argmax())} has no box')
    union = np.empty((len(members), 4), boxes.dtype)
    for side, of_group, outside in (
        (0, np.min, boxes.max(initial=0)),
        (1, np.min, boxes.max(initial=0)),
        (2, np.max, boxes.min(initial=0)),
        (3, np.max, boxes.min(initial=0)),
    ):
        edges = np.where(members, boxes[:, side], outside)
        union[:, side] = of_group(edges, axis=1)
    return union


def majority_labels(
    superpixels: np.ndarray,
    labels: np.ndarray,
    *,
    num_classes: int,
    ignore_index: int = 255,
) -> np.ndarray:
    """Return the class that most pixels of each superpixel have.

    Source: Mostajabi et al., CVPR 2015, arXiv:1412.0774, Sec. 4.3.
    Differs: nothing is printed of ties, here the lowest class, and of void
        pixels, which have no vote here.

    Args:
        superpixels: ``(H, W)`` integers: 0 to ``S - 1``, all in use.
        labels: ``(H, W)`` integers: 0 to ``num_classes - 1``, or
            ``ignore_index``.
        num_classes: ``K``, at least 1.
        ignore_index: Label of pixels that do not count.

    Returns:
        ``(S,)`` int64; ``ignore_index`` where no pixel counts.

    Raises:
        ValueError: If the shapes differ or a label is none of these.

    Example:
        >>> superpixels = np.array([[0, 0, 0, 1]])
        >>> labels = np.array([[2, 2, 1, 255]])
        >>> majority_labels(superpixels, labels, num_classes=3).tolist()
        [2, 255]
    """
    if num_classes < 1:
        raise ValueError(f'num_classes must be at least 1, got {num_classes}')
    if labels.shape != superpixels.shape or labels.dtype.kind not in 'iu':
        raise ValueError(
            f'labels must be {superpixels.shape} integers to match '
            f'superpixels, got {labels.shape} {labels.dtype}'
        )
    count = len(superpixel_sizes(superpixels))
    known = labels != ignore_index
    owners = superpixels[known].astype(np.int64)
    classes = labels[known].astype(np.int64)
    wrong = (classes < 0) | (classes >= num_classes)
    if wrong.any():
        raise ValueError(
            f'labels must be 0 to {num_classes - 1} or {ignore_index}, got '
            f'{int(classes[wrong.argmax()])}'
        )
    votes = np.bincount(
        owners * num_classes + classes, minlength=count * num_classes
    ).reshape(count, num_classes)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), ignore_index)
