"""Keys of the vertices of a permutohedral lattice: one integer each."""

import math

import numpy as np

# Multipliers of keys that would not fit into 64 bits: odd, without pattern.
_MIXERS = np.random.default_rng(0).integers(1, 2**61, 64) * 2 + 1


def scale_factors(dimensions: int) -> np.ndarray:
    """Return ``(d,)`` float32: lattice units for one standard deviation.

    Splatting, blurring and slicing together spread a point by this much.

    Source: Adams, Baek and Davis, Eurographics 2010, Sec. 3.1.
    """
    rows = np.arange(dimensions)
    spread = np.float32(math.sqrt(2 / 3) * (dimensions + 1))
    return (1 / np.sqrt((rows + 2.0) * (rows + 1)) * spread).astype(np.float32)


def key_multipliers(
    low: np.ndarray, high: np.ndarray, *, copies: int = 1
) -> np.ndarray:
    """Return factors that make one int64 of the coordinates of a vertex.

    A key is the sum of coordinates times factors, so that a step along an
    axis adds a constant to it. If all coordinates in question fit into 62
    bits, different vertices have different keys. Otherwise sums wrap around,
    and among a million vertices two share a key with probability 1e-7.

    Args:
        low: ``(d,)`` smallest features, in standard deviations.
        high: ``(d,)`` largest.
        copies: Number of lattices that share one set of keys.

    Returns:
        ``(d + 2,)`` int64: of the ``d + 1`` coordinates, the last of them 0,
        as it follows from the others; and of the number of the copy.
    """
    dimensions = len(low)
    spans = (high - low).astype(float) * scale_factors(dimensions)
    result, product = [], 1
    for axis in range(dimensions):
        width = spans[axis:].sum() + (axis * spans[axis - 1] if axis else 0)
        result.append(product)
        # A vertex lies less than d + 1 from its point, its neighbours d
        # further, on both sides.
        product *= int(width) + 6 * (dimensions + 1)
    if product * copies < 2**62:
        return np.array([*result, 0, product])
    mixers = _MIXERS[: dimensions + 2].copy()
    mixers[dimensions] = 0
    return mixers
