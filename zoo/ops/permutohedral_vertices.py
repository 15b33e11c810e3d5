"""Vertices of a permutohedral lattice: numbers, and chains along its axes."""

import numpy as np
from numba import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True, inline='always')
def _mixed(key):
    mixed = np.uint64(key) * _GOLDEN
    return np.int64((mixed ^ (mixed >> _HALF)) & np.uint64(0x7FFFFFFFFFFFFFFF))


@njit(cache=True, nogil=True)
def _grown(slots, keys):
    """Return a table of twice the size that holds the same pairs."""
    larger = np.full(2 * len(slots), -1, np.int32)
    for pair in slots:
        if pair >= 0:
            slot = _mixed(keys[pair]) & (len(larger) - 1)
            while larger[slot] >= 0:
                slot = (slot + 1) & (len(larger) - 1)
            larger[slot] = pair
    return larger


@njit(cache=True, nogil=True)
def find_first(start, stop, keys, step, parts, first):
    """Write for each key where it occurs first.

    Each part is a share of all keys; a thread looks at all and treats those
    of its part.

    Args:
        start: First part.
        stop: Behind the last.
        keys: ``(K,)`` int64.
        step: Distance at which a key is likely to occur again.
        parts: Number of parts.
        first: ``(K,)`` int32, written.
    """
    for part in range(start, stop):
        slots, filled = np.full(1 << 12, -1, np.int32), 0
        for pair in range(len(keys)):
            key = keys[pair]
            if (_mixed(key) >> 40) % parts != part:
                continue
            if pair >= step and keys[pair - step] == key:
                first[pair] = first[pair - step]
                continue
            slot = _mixed(key) & (len(slots) - 1)
            while slots[slot] >= 0 and keys[slots[slot]] != key:
                slot = (slot + 1) & (len(slots) - 1)
            if slots[slot] < 0:
                slots[slot] = pair
                filled += 1
                if 2 * filled > len(slots):
                    first[pair] = pair
                    slots = _grown(slots, keys)
                    continue
            first[pair] = slots[slot]


@njit(cache=True, nogil=True)
def number(first, keys):
    """Number different keys in the order in which they occur.

    Args:
        first: ``(K,)`` int32, what ``find_first`` wrote; becomes the number
            of each key's vertex.
        keys: ``(K,)`` int64.

    Returns:
        ``(V,)`` int64, the key of each vertex.
    """
    count = 0
    for pair in range(len(first)):
        count += first[pair] == pair
    vertices = np.empty(count, np.int64)
    count = 0
    for pair in range(len(first)):
        if first[pair] == pair:
            vertices[count] = keys[pair]
            first[pair] = count
            count += 1
        else:
            first[pair] = first[first[pair]]
    return vertices


@njit(cache=True, nogil=True)
def make_table(vertices):
    """Return a hash table, ``(T,)`` int32 of vertices, -1 where empty."""
    size = 16
    while size < 2 * len(vertices):
        size *= 2
    slots = np.full(size, -1, np.int32)
    for vertex in range(len(vertices)):
        slot = _mixed(vertices[vertex]) & (size - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = vertex
    return slots


@njit(cache=True, nogil=True)
def find_next(start, stop, vertices, slots, steps, following):
    """Write the neighbour of each vertex along each axis.

    Args:
        start: First vertex.
        stop: Behind the last.
        vertices: ``(V,)`` int64 keys.
        slots: ``make_table``.
        steps: ``(d + 1,)`` int64, what a step along an axis adds to a key.
        following: ``(d + 1, V)`` int32, written; -1 for none.
    """
    mask = len(slots) - 1
    for axis in range(len(steps)):
        for vertex in range(start, stop):
            key = vertices[vertex] + steps[axis]
            slot = _mixed(key) & mask
            while slots[slot] >= 0 and vertices[slots[slot]] != key:
                slot = (slot + 1) & mask
            following[axis, vertex] = slots[slot]


@njit(cache=True, nogil=True)
def chain(start, stop, following, order, lengths):
    """Write the vertices of each axis in chains of neighbours.

    A vertex without neighbours is in no chain: blurring leaves it alone.

    Args:
        start: First axis.
        stop: Behind the last.
        following: ``(d + 1, V)``, what ``find_next`` wrote.
        order: ``(d + 1, V)`` int32, written: the vertices one behind the
            other, the first of a chain as its complement, below 0.
        lengths: ``(d + 1,)`` int64, written: how many of them.
    """
    for axis in range(start, stop):
        links = following[axis]
        inner = np.zeros(len(links), np.bool_)
        for vertex in range(len(links)):
            if links[vertex] >= 0:
                inner[links[vertex]] = True
        count = 0
        for vertex in range(len(links)):
            if inner[vertex] or links[vertex] < 0:
                continue
            order[axis, count] = ~vertex
            count += 1
            behind = links[vertex]
            while behind >= 0:
                order[axis, count] = behind
                count += 1
                behind = links[behind]
        lengths[axis] = count
