"""Where points lie in a permutohedral lattice: vertices and weights."""

import numpy as np
from numba import njit


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
        above = np.float32(0)
        for i in range(d, 0, -1):
            scaled = features[point, i - 1] * factors[i - 1]
            height[i] = above - np.float32(i) * scaled
            above += scaled
        height[0] = above
        excess = 0
        for i in range(d + 1):
            nearest = np.rint(height[i] * inverse)
            origin[i] = nearest * unit
            excess += np.int64(nearest)
            rank[i] = 0
        for i in range(d):
            rest = height[i] - origin[i]
            for j in range(i + 1, d + 1):
                if rest < height[j] - origin[j]:
                    rank[i] += 1
                else:
                    rank[j] += 1
        share[:] = 0
        key = 0
        for i in range(d + 1):
            # The nearest multiples of d + 1 need not sum to 0, as vertices
            # do: those rounded furthest go back.
            rank[i] += excess
            if rank[i] < 0:
                rank[i] += d + 1
                origin[i] += unit
            elif rank[i] > d:
                rank[i] -= d + 1
                origin[i] -= unit
            part = (height[i] - origin[i]) * inverse
            share[d - rank[i]] += part
            share[d + 1 - rank[i]] -= part
            axis_of[rank[i]] = i
            key += np.int64(origin[i]) * multipliers[i]
        share[0] += np.float32(1) + share[d + 1]
        for vertex in range(d + 1):
            keys[point, vertex] = key
            weights[point, vertex] = share[vertex]
            axis = axis_of[d - vertex]
            key += total - (d + 1) * multipliers[axis]
