"""Histograms of superpixels and of their unions, all regions at once."""

import numpy as np
from scipy import sparse


def code_counts(
    codes: np.ndarray, ids: np.ndarray, *, regions: int, bins: int
) -> np.ndarray:
    """Return how often every code occurs in every superpixel.

    Superpixel and code together are one number, so that a single pass counts
    for all superpixels, however many there are.

    Args:
        codes: Integers of any shape, 0 to ``bins - 1``.
        ids: Superpixel of each code, 0 to ``regions - 1``; of the same shape.
        regions: Number ``S`` of superpixels, at least 1.
        bins: Number ``B`` of codes, at least 1.

    Returns:
        ``(S, B)`` int64.

    Raises:
        ValueError: If the shapes differ or a code or an id is out of range.

    Example:
        >>> codes = np.array([0, 2, 2])
        >>> code_counts(codes, np.array([1, 0, 0]), regions=2, bins=3).tolist()
        [[0, 0, 2], [1, 0, 0]]
    """
    if codes.shape != ids.shape:
        raise ValueError(
            f'codes and ids must be alike, got {codes.shape} and {ids.shape}'
        )
    for name, values, end in (('codes', codes, bins), ('ids', ids, regions)):
        if values.size and not 0 <= values.min() <= values.max() < end:
            raise ValueError(
                f'{name} must be 0 to {end - 1}, got {values.min()} to '
                f'{values.max()}'
            )
    joint = ids * np.int64(bins) + codes
    counts = np.bincount(joint.ravel(), minlength=regions * bins)
    return counts.reshape(regions, bins)


def union_counts(counts: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the counts of unions of superpixels.

    Superpixels are disjoint: what a union holds is the sum of what its
    members hold, one matrix product for all unions.

    Args:
        counts: ``(S, B)`` counts or sums of each superpixel.
        members: ``(R, S)`` bool: the superpixels of each union.

    Returns:
        ``(R, B)`` float64, exact for integers below ``2 ** 53``.

    Raises:
        ValueError: If ``members`` has another number of superpixels.
    """
    if members.ndim != 2 or members.shape[1] != len(counts):
        raise ValueError(
            f'members must be (R, {len(counts)}), got {members.shape}'
        )
    # a union has few members: the sparse product skips all others
    weights = sparse.csr_matrix(members, dtype=np.float64)
    return weights @ counts


def normalised(counts: np.ndarray) -> np.ndarray:
    """Return histograms ``(..., B)`` that sum to 1; empty ones stay 0."""
    total = counts.sum(axis=-1, keepdims=True)
    return counts / np.maximum(total, 1)


def entropies(histograms: np.ndarray) -> np.ndarray:
    """Return the entropy of each histogram ``(..., B)``, in nats.

    Args:
        histograms: Probabilities that sum to 1, or 0 in all bins.

    Returns:
        ``(...)`` from 0 to ``log(B)``; 0 for an empty histogram.
    """
    # 0 where there is nothing, as the limit of p log p; most bins are empty
    logs = np.zeros_like(histograms)
    np.log(histograms, out=logs, where=histograms > 0)
    sums = np.einsum('...b,...b->...', histograms, logs)
    return np.abs(sums)  # not negative zero
