"""From codes of pixels to the features of regions."""

import numpy as np

from .handmade_codes import COLOUR_BINS, HandmadeCodes
from .region_histograms import (
    code_counts,
    entropies,
    normalised,
    union_counts,
)

CHANNELS = 3
COARSE_BINS = 8  # each holds 4 of the others, edges included


def pool_codes(
    codes: HandmadeCodes, superpixels: np.ndarray, neighbours: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``handmade_features`` of codes that are there already.

    Args:
        codes: Of the image.
        superpixels: ``(H, W)`` integers 0 to ``S - 1``, each at least once.
        neighbours: ``(S, S)`` bool: row ``s`` holds what its union is of.

    Returns:
        The features ``(S, D)`` float32 of the superpixels and of the unions.

    Raises:
        ValueError: If an id is no integer or without pixels, a union without
            superpixels, or ``neighbours`` not ``(S, S)``.
    """
    if superpixels.dtype.kind not in 'iu':
        raise ValueError(
            f'superpixels must be integers, got {superpixels.dtype}'
        )
    regions = int(superpixels.max()) + 1
    if neighbours.shape != (regions, regions):
        raise ValueError(
            f'neighbours must be {(regions, regions)} for {regions} '
            f'superpixels, got {neighbours.shape}'
        )
    counts = _counts(codes, superpixels, regions)
    for name, filled in (
        ('superpixel {} has no pixels', counts[:, 0]),
        ('neighbours of superpixel {} are none', neighbours.any(axis=1)),
    ):
        if not filled.all():
            raise ValueError(name.format(np.flatnonzero(filled == 0)[0]))
    unions = union_counts(counts, neighbours)
    shape = superpixels.shape
    return _describe(counts, codes, shape), _describe(unions, codes, shape)


def _counts(
    codes: HandmadeCodes, superpixels: np.ndarray, regions: int
) -> np.ndarray:
    """Return what adds up over superpixels: ``(S, B)`` float64.

    The columns: the pixels, their x and their y, then the codes.
    """
    ids = superpixels.ravel()
    y, x = np.indices(superpixels.shape)
    at_points = superpixels[codes.points[:, 1], codes.points[:, 0]]
    colours = [*codes.even, *codes.adaptive]
    maps = [
        *((channel, superpixels, COLOUR_BINS) for channel in colours),
        (codes.textons, superpixels, codes.texton_count),
        *(
            (found, at_points, codes.word_count)
            for sizes in codes.words
            for found in sizes
        ),
    ]
    places = [
        np.bincount(ids, weights, minlength=regions)[:, None]
        for weights in (np.ones(ids.shape), x.ravel(), y.ravel())
    ]
    found = [
        code_counts(values, where, regions=regions, bins=bins)
        for values, where, bins in maps
    ]
    return np.concatenate([*places, *found], axis=1, dtype=np.float64)


def _describe(
    counts: np.ndarray, codes: HandmadeCodes, shape: tuple[int, int]
) -> np.ndarray:
    """Return the features ``(R, D)`` float32 of regions' counts."""
    colours = CHANNELS * COLOUR_BINS
    widths = (1, 2, colours, colours, codes.texton_count)
    pixels, places, even, adaptive, textons, words = np.split(
        counts, np.cumsum(widths), axis=1
    )
    texton_shares = normalised(textons)
    word_shares = normalised(_split(words, *codes.words.shape[:2]))
    blocks = (
        _fine_and_coarse(even),
        entropies(normalised(_split(even, CHANNELS))),
        _fine_and_coarse(adaptive),
        texton_shares,
        entropies(texton_shares),
        word_shares.mean(axis=2),
        entropies(word_shares),
        _location(places / pixels, shape),
    )
    flat = [block.reshape(len(counts), -1) for block in blocks]
    return np.concatenate(flat, axis=1, dtype=np.float32)


def _split(counts: np.ndarray, *parts: int) -> np.ndarray:
    return counts.reshape(len(counts), *parts, -1)


def _fine_and_coarse(counts: np.ndarray) -> np.ndarray:
    """Return the histograms of 32 and of 8 bins, side by side."""
    fine = _split(counts, CHANNELS)
    coarse = _split(counts, CHANNELS, COARSE_BINS).sum(axis=-1)
    return np.concatenate([normalised(fine), normalised(coarse)], axis=-1)


def _location(centroids: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return x, y from -1 to 1 over the image, and their absolute values."""
    height, width = shape
    # the middle of pixel 0 is half a pixel from the border
    places = (2 * centroids + 1) / (width, height) - 1
    return np.concatenate([places, np.abs(places)], axis=1)
