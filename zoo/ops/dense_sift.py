"""SIFT descriptors on a regular grid, of each channel of L*a*b."""

import cv2
import numpy as np

from .lab_colours import check_photo

LENGTH = 128
# OpenCV's descriptor has 4 x 4 cells, each 3 * size / 2 pixels wide for a key
# point of that size (its diameter): 6 * size pixels together.
PATCH_PER_SIZE = 6.0


def grid_points(height: int, width: int, *, step: int) -> np.ndarray:
    """Return the points at the middle of squares of ``step`` pixels.

    Args:
        height: Of the image, in pixels.
        width: Of the image, in pixels.
        step: Distance of neighbouring points, in pixels, at least 1.

    Returns:
        ``(P, 2)`` int64 pixel indices x, y, row by row; none if a side of the
        image is not longer than half a step.

    Raises:
        ValueError: If ``step`` is below 1.
    """
    if step < 1:
        raise ValueError(f'step must be at least 1, got {step}')
    y, x = np.mgrid[step // 2 : height : step, step // 2 : width : step]
    return np.stack([x.ravel(), y.ravel()], axis=1)


def dense_sift(
    image: np.ndarray, points: np.ndarray, *, patch: float
) -> np.ndarray:
    """Return upright SIFT descriptors at given points of each channel.

    The channels are L, a and b in OpenCV's 8 bits. Each is smoothed as SIFT
    smooths for a key point of that size, half its diameter: OpenCV's own 1.6
    pixels would leave little of a patch of 8. A patch without any gradient
    gives zeros; what a patch has beyond the image does not count.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.2.1, SIFT; OpenCV's SIFT.
    Differs: the smoothing is ours; the paper names no code for it.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        points: ``(P, 2)`` pixel indices x, y.
        patch: Side of the square of 4 x 4 cells, in pixels, above 0. Cells
            overlap by half, so that pixels count up to ``5 / 8 * patch``
            away in x or y, and a little more by the smoothing.

    Returns:
        ``(3, P, 128)`` float32 with norm about 512.

    Raises:
        ValueError: If ``image`` is no photograph or ``patch`` not above 0.
    """
    check_photo(image)
    if not patch > 0:
        raise ValueError(f'patch must be above 0, got {patch}')
    if not len(points):
        return np.zeros((3, 0, LENGTH), np.float32)
    size = patch / PATCH_PER_SIZE
    # octave 0, layer 0: neither doubled nor halved, smoothed once
    keys = [cv2.KeyPoint(float(x), float(y), size, 0.0) for x, y in points]
    sift = cv2.SIFT.create(nOctaveLayers=1, sigma=size / 2)
    channels = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2Lab))
    return np.stack([sift.compute(channel, keys)[1] for channel in channels])
