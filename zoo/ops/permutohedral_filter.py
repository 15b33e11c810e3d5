"""Loops that take values through a permutohedral lattice.

Rows of values are multiples of ``LANES``: eight channels go together. Some
numbers come as tuples of that length, ``blocks`` of eight channels and
``corners`` of a simplex: the compiler knows the length of a tuple, and writes
out the loop.
"""

import numpy as np
from numba import njit

from zoo.ops.lanes import LANES, add, load, scale, store, zeros

_HALF = np.float32(0.5)


@njit(cache=True, nogil=True)
def count_pairs(start, stop, group, vertex_of, counts):
    """Write how many pairs of point and vertex fall into groups of vertices.

    Args:
        start: First stretch of points.
        stop: Behind the last.
        group: Number of vertices of a group.
        vertex_of: ``(P, d + 1)`` int32.
        counts: ``(S, G)`` int64, written for each of ``S`` stretches of equal
            length.
    """
    length = -(-len(vertex_of) // len(counts))
    for stretch in range(start, stop):
        counts[stretch] = 0
        end = min((stretch + 1) * length, len(vertex_of))
        for point in range(stretch * length, end):
            for vertex in vertex_of[point]:
                counts[stretch, vertex // group] += 1


@njit(cache=True, nogil=True)
def sort_pairs(
    start, stop, group, places, vertex_of, weights, vertices, points, shares
):
    """Write the pairs of point and vertex, those of each group together.

    Args:
        start: First stretch of points.
        stop: Behind the last.
        group: Number of vertices of a group.
        places: ``(S, G)`` int64, where the pairs of a stretch and a group
            begin; moved to where they end.
        vertex_of: ``(P, d + 1)`` int32.
        weights: ``(P, d + 1)`` float32.
        vertices: ``(P * (d + 1),)`` int32, written.
        points: Int32, written.
        shares: Float32 weights, written.
    """
    length = -(-len(vertex_of) // len(places))
    for stretch in range(start, stop):
        end = min((stretch + 1) * length, len(vertex_of))
        for point in range(stretch * length, end):
            for corner in range(vertex_of.shape[1]):
                vertex = vertex_of[point, corner]
                at = places[stretch, vertex // group]
                vertices[at] = vertex
                points[at] = point
                shares[at] = weights[point, corner]
                places[stretch, vertex // group] = at + 1


@njit(cache=True, nogil=True)
def splat(
    start,
    stop,
    group,
    offsets,
    vertices,
    points,
    shares,
    inputs,
    values,
    blocks,
):
    """Write at the vertices of some groups the weighted sums over points.

    The values of a group fit into a core's cache, and its points come in
    their order in memory: that is faster than vertex by vertex, whose points
    lie anywhere.
    """
    for part in range(start, stop):
        last = min((part + 1) * group, len(values))
        values[part * group : last] = 0
        for pair in range(offsets[part], offsets[part + 1]):
            vertex, point, share = vertices[pair], points[pair], shares[pair]
            for block in range(len(blocks)):
                o = block * LANES
                own = scale(share, load(inputs, point, o))
                store(values, vertex, o, add(load(values, vertex, o), own))


@njit(cache=True, nogil=True)
def blur(start, stop, order, values, blocks):
    """Add to each vertex half of its two neighbours, along one axis."""
    # A chain belongs to the piece in which it begins.
    begin = start
    while begin < stop and order[begin] >= 0:
        begin += 1
    while begin < stop:
        end = begin + 1
        while end < len(order) and order[end] >= 0:
            end += 1
        for block in range(len(blocks)):
            o = block * LANES
            row, before = ~order[begin], zeros()
            here = load(values, row, o)
            for place in range(begin + 1, end):
                behind = order[place]
                after = load(values, behind, o)
                both = scale(_HALF, add(before, after))
                store(values, row, o, add(here, both))
                before, here, row = here, after, behind
            store(values, row, o, add(here, scale(_HALF, before)))
        begin = end


@njit(nogil=True, inline='always')
def add_slice(lanes, point, vertex_of, weights, corners, values, o):
    """Return ``lanes`` plus what eight channels of a point collect."""
    for corner in range(len(corners)):
        own = load(values, vertex_of[point, corner], o)
        lanes = add(lanes, scale(weights[point, corner], own))
    return lanes


@njit(cache=True, nogil=True)
def slice_points(
    start, stop, vertex_of, weights, corners, values, outputs, blocks
):
    """Write at each point the weighted sum over its vertices."""
    for point in range(start, stop):
        for block in range(len(blocks)):
            o = block * LANES
            lanes = add_slice(
                zeros(), point, vertex_of, weights, corners, values, o
            )
            store(outputs, point, o, lanes)
