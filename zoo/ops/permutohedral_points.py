"""Where points lie in a permutohedral lattice: vertices and weights."""

import numpy as np
from numba import njit


@njit(nogil=True)
def _elevate(feature, factors, height):
    """Write the coordinates of a point on the plane of the lattice."""
    above = np.float32(0)
    for i in range(len(feature), 0, -1):
        scaled = feature[i - 1] * factors[i - 1]
        height[i] = above - np.float32(i) * scaled
        above += scaled
    height[0] = above


@njit(nogil=True)
def _enclose(height, origin, rank, unit, inverse):
    """Write the nearest origin of a simplex, and the order of coordinates.

    ``rank`` says how many coordinates are further above the origin; of equal
    ones the first counts as nearer.
    """
    excess = 0
    for i in range(len(height)):
        nearest = np.rint(height[i] * inverse)
        origin[i] = nearest * unit
        excess += np.int64(nearest)
    # The nearest multiples of d + 1 need not sum to 0, as vertices do: those
    # rounded furthest go back.
    rank[:] = excess
    for i in range(len(height)):
        rest = height[i] - origin[i]
        for j in range(i + 1, len(height)):
            less = rest < height[j] - origin[j]
            rank[i] += less
            rank[j] += not less
    for i in range(len(height)):
        if rank[i] < 0:
            rank[i] += len(height)
            origin[i] += unit
        elif rank[i] >= len(height):
            rank[i] -= len(height)
            origin[i] -= unit


@njit(cache=True, nogil=True)
def embed(start, stop, features, factors, multipliers, keys, weights):
    """Write the simplex of each point: its vertices and their weights.

    Arithmetic is in float32 and in the order of the published code, since a
    point near a border falls into either simplex by rounding alone.

    Source: Adams, Baek and Davis, Eurographics 2010, Sec. 3.2; Kraehenbuehl
        and Koltun, NIPS 2011 (rounding, order of coordinates).

    Args:
        start: First point.
        stop: Behind the last.
        features: ``(P, d)`` float32, in standard deviations.
        factors: See ``scale_factors``.
        multipliers: ``(d + 1,)``, see ``key_multipliers``.
        keys: ``(P, d + 1)`` int64, written.
        weights: ``(P, d + 1)`` float32 barycentric coordinates, written.
    """
    d = features.shape[1]
    height = np.empty(d + 1, np.float32)
    origin = np.empty(d + 1, np.float32)
    rank = np.empty(d + 1, np.int64)
    axis_of = np.empty(d + 1, np.int64)
    share = np.empty(d + 2, np.float32)
    unit, inverse = np.float32(d + 1), np.float32(1) / np.float32(d + 1)
    total = multipliers.sum()
    for point in range(start, stop):
        _elevate(features[point], factors, height)
        _enclose(height, origin, rank, unit, inverse)
        share[:] = 0
        key = 0
        for i in range(d + 1):
            part = (height[i] - origin[i]) * inverse
            share[d - rank[i]] += part
            share[d + 1 - rank[i]] -= part
            axis_of[rank[i]] = i
            key += np.int64(origin[i]) * multipliers[i]
        share[0] += np.float32(1) + share[d + 1]
        for vertex in range(d + 1):
            keys[point, vertex] = key
            weights[point, vertex] = share[vertex]
            key += total - (d + 1) * multipliers[axis_of[d - vertex]]
