"""Responses to a bank of edge, bar and spot filters, the stuff of textons."""

from functools import lru_cache

import numpy as np
from scipy import fft

SIDE = 49  # of a filter, in pixels
SCALES = (1.0, 2.0, 4.0)  # across an edge or a bar, in pixels
ELONGATION = 3.0  # along it, in scales
ORIENTATIONS = 6
SPOT_SCALE = 10.0
FILTERS = 2 * len(SCALES) * ORIENTATIONS + 2


@lru_cache(maxsize=1)
def texton_filters() -> np.ndarray:
    """Return the 38 filters: 18 edges, 18 bars, a Gaussian and its Laplacian.

    Edges and bars are the first and second derivative of a Gaussian three
    times as long as wide, at 3 scales and in 6 orientations; orientation
    varies fastest, from lying along x towards lying along y. Each filter has
    mean 0, so that no response depends on how light the image is, and
    absolute values that sum to 1, so that the responses are comparable.

    Source: Varma and Zisserman, A Statistical Approach to Texture
    Classification from Single Images, IJCV 2005, Sec. 2.1: the filters that
    their MR8 takes the maxima of.
    Differs: Mostajabi et al., CVPR 2015, Sec. 4.2.1 do not name their bank.

    Returns:
        ``(38, 49, 49)`` float64; read-only, it is shared.
    """
    reach = np.arange(SIDE) - SIDE // 2
    y, x = np.meshgrid(reach, reach, indexing='ij')
    edges, bars = [], []
    for scale in SCALES:
        for turn in np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS:
            along = x * np.cos(turn) + y * np.sin(turn)
            across = (y * np.cos(turn) - x * np.sin(turn)) / scale
            bell = np.exp(
                -((along / (ELONGATION * scale)) ** 2 + across**2) / 2
            )
            edges.append(-across * bell)
            bars.append((across**2 - 1) * bell)
    radius = (x**2 + y**2) / SPOT_SCALE**2
    spot = np.exp(-radius / 2)
    bank = np.stack([*edges, *bars, spot, (radius - 2) * spot])
    bank -= bank.mean(axis=(1, 2), keepdims=True)
    bank /= np.abs(bank).sum(axis=(1, 2), keepdims=True)
    bank.setflags(write=False)
    return bank


@lru_cache(maxsize=2)  # upright and lying photographs of one size
def _transfer(height: int, width: int) -> np.ndarray:
    """Return the filters' transforms ``(38, height, width // 2 + 1)``."""
    bank = texton_filters().astype(np.float32)
    return fft.rfft2(bank, (height, width))


def texton_responses(lightness: np.ndarray) -> np.ndarray:
    """Return the convolution of an image with each of the filters.

    Beyond its border the image is mirrored. Convolving is multiplying of
    Fourier transforms, which for filters of 49 pixels is the faster way.

    Args:
        lightness: ``(H, W)`` float32, of any size.

    Returns:
        ``(38, H, W)`` float32.

    Raises:
        ValueError: If ``lightness`` is not 2-D or has no pixels.
    """
    if lightness.ndim != 2 or not lightness.size:
        raise ValueError(
            f'lightness must be (H, W) of pixels, got {lightness.shape}'
        )
    height, width = lightness.shape
    # the filters take no notice of the mean, but rounding does
    centred = (lightness - lightness.mean()).astype(np.float32)
    mirrored = np.pad(centred, SIDE // 2, mode='symmetric')
    size = [fft.next_fast_len(side, real=True) for side in mirrored.shape]
    spectrum = fft.rfft2(mirrored, size)
    responses = np.empty((FILTERS, height, width), np.float32)
    # what wraps around stays within the first SIDE - 1 rows and columns
    rows = slice(SIDE - 1, SIDE - 1 + height)
    columns = slice(SIDE - 1, SIDE - 1 + width)
    for response, transfer in zip(responses, _transfer(*size), strict=True):
        response[:] = fft.irfft2(spectrum * transfer, size)[rows, columns]
    return responses
