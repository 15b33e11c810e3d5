"""Colours as L*a*b, and the bins that histograms of them count."""

import cv2
import numpy as np

# L is from 0 to 100; a and b are as far as colours of sRGB reach, under the
# white point D65, rounded outwards: blue has the largest a*, green the least,
# yellow the largest b*, blue the least.
LAB_RANGES = ((0.0, 100.0), (-86.2, 98.3), (-107.9, 94.5))


def lab_image(image: np.ndarray) -> np.ndarray:
    """Return a photograph in CIE L*a*b.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.

    Returns:
        ``(H, W, 3)`` float32: L from 0 to 100, a and b about -108 to 99.

    Raises:
        ValueError: If ``image`` is no such photograph.
    """
    check_photo(image)
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)


def check_photo(image: np.ndarray) -> None:
    """Refuse what is not an ``(H, W, 3)`` uint8 image of a pixel or more.

    Raises:
        ValueError: Naming shape and type.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f'image must be (H, W, 3) uint8, got {image.shape} {image.dtype}'
        )
    if not image.size:
        raise ValueError(f'image must have pixels, got {image.shape}')


def even_codes(lab: np.ndarray, *, bins: int) -> np.ndarray:
    """Return the bin of each value among equally wide ones.

    The bins of a channel divide ``LAB_RANGES``; a value on an edge belongs to
    the bin above, and one outside of the range to the nearest bin.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.2.1, colour.
    Differs: the paper does not say which range its bins divide.

    Args:
        lab: ``(H, W, 3)`` as from ``lab_image``.
        bins: Number of bins of each channel, at least 1.

    Returns:
        ``(3, H, W)`` int64, 0 to ``bins - 1``.
    """
    lows, highs = np.array(LAB_RANGES, np.float32).T
    codes = np.floor((lab - lows) * (bins / (highs - lows)))
    return codes.clip(0, bins - 1).astype(np.int64).transpose(2, 0, 1)


def adaptive_codes(lab: np.ndarray, *, bins: int) -> np.ndarray:
    """Return the bin of each value among ones that the image itself sets.

    The edges of a channel are its quantiles in this image, so that each bin
    holds an equal share of the pixels as far as equal values allow: these
    are never parted. An edge is a value of the image and closes its bin.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.2.1, colour.

    Args:
        lab: ``(H, W, 3)`` as from ``lab_image``.
        bins: Number of bins of each channel, at least 1.

    Returns:
        ``(3, H, W)`` int64, 0 to ``bins - 1``.
    """
    channels = lab.transpose(2, 0, 1).reshape(3, -1)
    ranked = np.sort(channels, axis=1)
    pixels = channels.shape[1]
    # the first value that at least k / bins of the pixels do not exceed
    places = -(-np.arange(1, bins) * pixels // bins) - 1
    codes = [
        np.searchsorted(values[places], channel)
        for values, channel in zip(ranked, channels, strict=True)
    ]
    return np.stack(codes).reshape(3, *lab.shape[:2])
