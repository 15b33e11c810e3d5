"""Of masks that overlap, keep the best one."""

import numpy as np

_ONES = np.array([number.bit_count() for number in range(256)])


def region_nms(masks: np.ndarray, *, mask_iou: float) -> list[int]:
    """Return which masks no better one suppresses.

    Going from the first to the last, a mask is kept unless it overlaps one
    that was kept before it by more than ``mask_iou``.

    Source: Wu et al., 2016, Sec. 2.1, step 6, after Hariharan et al., ECCV
        2014 (SDS), whose code suppresses at any overlap: ``mask_iou=0``.

    Args:
        masks: ``(M, P)`` bool, the best first; none of them empty.
        mask_iou: Intersection over union above which one is suppressed.

    Returns:
        Ascending indices of those that are kept.

    Example:
        >>> masks = np.array([[1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1]]) > 0
        >>> region_nms(masks, mask_iou=0.5)
        [0, 2]
    """
    if len(masks) < 2:
        return list(range(len(masks)))
    # Counted by bytes of eight pixels. A product of matrices may start
    # threads, which for such small ones can take longer than all the rest.
    packed = np.packbits(masks, axis=1)
    kept: list[int] = []
    sizes = _ONES[packed].sum(axis=1)
    for index, mask in enumerate(packed):
        shared = _ONES[packed & mask].sum(axis=1)
        near = shared / (sizes + sizes[index] - shared) > mask_iou
        if not any(near[better] for better in kept):
            kept.append(index)
    return kept
