"""Superpixels as small squares of pixels, input of the local networks."""

import cv2
import numpy as np

LIGHTNESS = 50.0  # the middle of L; that of a and b is 0
SPREAD = 25.0  # about one standard deviation of L in photographs


def superpixel_patches(
    lab: np.ndarray, boxes: np.ndarray, *, size: int = 25, padded: int = 35
) -> np.ndarray:
    """Return the bounding box of each superpixel as a square with a margin.

    The box is resized linearly, whatever its proportions, and surrounded by
    zeros, which are a medium grey.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1, local convnet: resized to
        25 x 25 and padded to 35 x 35.
    Differs: the paper prints neither scale nor padding. Here ``L - 50``, a
        and b are divided by 25.

    Args:
        lab: ``(H, W, 3)`` float32 as from ``lab_image``: L from 0 to 100.
        boxes: ``(S, 4)`` integers: x0, y0, x1, y1 in pixels, half-open.
        size: Side that boxes are resized to, in pixels.
        padded: Side with the margin; an odd pixel goes right and below.

    Returns:
        ``(S, 3, padded, padded)`` float32, about -4 to 4.

    Raises:
        ValueError: If ``size`` is not in 1 .. ``padded``, ``lab`` is no such
            image, or a box is empty or reaches beyond it.
    """
    if not 1 <= size <= padded:
        raise ValueError(f'size must be 1 to {padded}, got {size}')
    if lab.ndim != 3 or lab.shape[2] != 3 or lab.dtype != np.float32:
        raise ValueError(
            f'lab must be (H, W, 3) float32, got {lab.shape} {lab.dtype}'
        )
    height, width = lab.shape[:2]
    scaled = (lab - np.array([LIGHTNESS, 0, 0], np.float32)) / SPREAD
    patches = np.zeros((len(boxes), 3, padded, padded), np.float32)
    first = (padded - size) // 2
    inside = slice(first, first + size)
    for patch, box in zip(patches, boxes.tolist(), strict=True):
        left, top, right, bottom = box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise ValueError(
                f'box {box} is empty or not within {width}x{height} pixels'
            )
        pixels = scaled[top:bottom, left:right]
        resized = cv2.resize(
            pixels, (size, size), interpolation=cv2.INTER_LINEAR
        )
        patch[:, inside, inside] = resized.transpose(2, 0, 1)
    return patches
