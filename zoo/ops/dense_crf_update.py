"""Compiled loops of mean field over the pixels of one image."""

import numpy as np
from numba import njit

from zoo.ops.lanes import (
    LANES,
    add,
    exp_below,
    highest,
    load,
    maximum,
    scale,
    store,
    total,
    zeros,
)
from zoo.ops.permutohedral_filter import add_slice

_ZERO, _ONE = np.float32(0), np.float32(1)
# Planes are turned into rows by squares that fit into the nearest cache.
_TILE = 64


@njit(cache=True, nogil=True)
def to_rows(start, stop, planes, classes, rows):
    """Write planes as rows: classes of one pixel side by side.

    Args:
        start: First pixel.
        stop: Behind the last.
        planes: ``(C, P)`` float32.
        classes: ``(K,)`` int64 of those that are wanted.
        rows: ``(P, C')`` float32; its first ``K`` columns are written.
    """
    for corner in range(start, stop, _TILE):
        end = min(corner + _TILE, stop)
        for column in range(len(classes)):
            for pixel in range(corner, end):
                rows[pixel, column] = planes[classes[column], pixel]


@njit(cache=True, nogil=True)
def to_planes(start, stop, rows, classes, planes):
    """Write rows as planes, as ``to_rows`` has them."""
    for corner in range(start, stop, _TILE):
        end = min(corner + _TILE, stop)
        for column in range(len(classes)):
            for pixel in range(corner, end):
                planes[classes[column], pixel] = rows[pixel, column]


@njit(nogil=True, inline='always')
def _softmax(logits, pixel, most, others, blocks):
    """Normalise a row in place.

    Args:
        logits: ``(P, C)``.
        pixel: Its row.
        most: Eight lanes that hold its largest number.
        others: Sum of ``exp(logit)`` of classes that are not in the row.
        blocks: A tuple as long as there are eights in a row.

    Returns:
        What a class outside the row has as probability by its ``exp(logit)``;
        0 where there is none.
    """
    top, sums = highest(most), zeros()
    for block in range(len(blocks)):
        o = block * LANES
        lanes = exp_below(load(logits, pixel, o), top)
        sums = add(sums, lanes)
        store(logits, pixel, o, lanes)
    unit = highest(exp_below(zeros(), top)) if others > 0 else _ZERO
    inverse = _ONE / (total(sums) + others * unit)
    for block in range(len(blocks)):
        o = block * LANES
        store(logits, pixel, o, scale(inverse, load(logits, pixel, o)))
    return unit * inverse


@njit(cache=True, nogil=True)
def first_beliefs(start, stop, energies, others, beliefs, blocks):
    """Write what the energies alone say.

    Args:
        start: First pixel.
        stop: Behind the last.
        energies: ``(P, C)`` float32, in nats.
        others: ``(P,)`` float32, the sum of ``exp(-energy)`` of all classes
            that have no column.
        beliefs: ``(P, C)`` float32, written.
        blocks: A tuple as long as there are eights in a row.
    """
    for pixel in range(start, stop):
        most = scale(-_ONE, load(energies, pixel, 0))
        for block in range(len(blocks)):
            o = block * LANES
            lanes = scale(-_ONE, load(energies, pixel, o))
            store(beliefs, pixel, o, lanes)
            most = maximum(most, lanes)
        _softmax(beliefs, pixel, most, others[pixel], blocks)


@njit(cache=True, nogil=True)
def find_peaks(start, stop, beliefs, peaks):
    """Write how strong each class is at best, in each stretch of pixels.

    Args:
        start: First stretch.
        stop: Behind the last.
        beliefs: ``(P, C)`` float32.
        peaks: ``(S, 2, C)`` float32, written for each of ``S`` stretches of
            equal length: the largest belief, and the largest one by that of
            the pixel's best class.
    """
    length = -(-len(beliefs) // len(peaks))
    for stretch in range(start, stop):
        own = peaks[stretch]
        own[:] = 0
        end = min((stretch + 1) * length, len(beliefs))
        for pixel in range(stretch * length, end):
            most = load(beliefs, pixel, 0)
            for o in range(LANES, beliefs.shape[1], LANES):
                most = maximum(most, load(beliefs, pixel, o))
            inverse = _ONE / highest(most)
            for o in range(0, beliefs.shape[1], LANES):
                lanes = load(beliefs, pixel, o)
                store(own, 0, o, maximum(load(own, 0, o), lanes))
                lanes = scale(inverse, lanes)
                store(own, 1, o, maximum(load(own, 1, o), lanes))


@njit(cache=True, nogil=True)
def update(
    start,
    stop,
    energies,
    others,
    first_vertices,
    first_weights,
    first_corners,
    first_values,
    second_vertices,
    second_weights,
    second_corners,
    second_values,
    beliefs,
    units,
    blocks,
):
    """Write the beliefs that follow from two kernels' messages.

    Slicing, the Potts compatibility and the softmax in one pass: a belief is
    computed from values in registers, and written once.

    Args:
        start: First pixel.
        stop: Behind the last.
        energies: ``(P, C)`` float32, in nats.
        others: See ``first_beliefs``.
        first_vertices: ``(P, d + 1)`` int32 of the first kernel's lattice;
            ``(P, 0)`` without a kernel.
        first_weights: ``(P, d + 1)`` float32, all factors included.
        first_corners: A tuple of length ``d + 1``.
        first_values: ``(V, C)`` float32, blurred.
        second_vertices: Of the second kernel, as for the next three.
        second_weights: See above.
        second_corners: See above.
        second_values: See above.
        beliefs: ``(P, C)`` float32, written.
        units: ``(P,)`` float32, written: the probability of a class without
            a column, by its ``exp(-energy)``.
        blocks: A tuple as long as there are eights in a row.
    """
    for pixel in range(start, stop):
        most = zeros()
        for block in range(len(blocks)):
            o = block * LANES
            lanes = scale(-_ONE, load(energies, pixel, o))
            lanes = add_slice(
                lanes,
                pixel,
                first_vertices,
                first_weights,
                first_corners,
                first_values,
                o,
            )
            lanes = add_slice(
                lanes,
                pixel,
                second_vertices,
                second_weights,
                second_corners,
                second_values,
                o,
            )
            store(beliefs, pixel, o, lanes)
            most = maximum(most, lanes) if block else lanes
        units[pixel] = _softmax(beliefs, pixel, most, others[pixel], blocks)
