"""Where a class is among the most probable ones, on pixels and on cells."""

import numpy as np
from scipy import ndimage


def top_n_masks(probs: np.ndarray, n: int) -> np.ndarray:
    """Return, for every class, where it is among the r highest, r = 1 to n.

    The background competes: its probability is what the classes leave of 1,
    at least 0. A class is among the ``r`` highest of a pixel if fewer than
    ``r`` others, background included, are strictly higher, so that equals
    share their place; but never with a probability of 0, or each class would
    share the last place wherever one class is certain.

    Source: Wu et al., 2016, Sec. 2.1, top-n masks.
    Differs: that the background takes a place, and the rules for equals and
    for 0, are ours: the paper says nothing of them.

    Args:
        probs: ``(K, H, W)`` probabilities of the foreground classes.
        n: Number of masks for each class, at least 1.

    Returns:
        ``(n, K, H, W)`` bool; each mask holds the one before it.

    Raises:
        ValueError: If ``probs`` is not 3-D or ``n`` is below 1.

    Example:
        >>> probs = np.array([0.6, 0.4, 0.0]).reshape(3, 1, 1)
        >>> top_n_masks(probs, 2)[:, :, 0, 0].tolist()
        [[True, False, False], [True, True, False]]
    """
    if probs.ndim != 3:
        raise ValueError(f'probs must be (K, H, W), got {probs.shape}')
    if n < 1:
        raise ValueError(f'n must be at least 1, got {n}')
    background = 1 - probs.sum(axis=0, dtype=np.float64)
    highest = np.zeros((n, *probs.shape[1:]))  # what is below 0 is not held
    for values in (background, *probs):
        rival = values  # each place keeps the higher and passes the other on
        for place, holder in enumerate(highest):
            highest[place], rival = (
                np.maximum(holder, rival),
                np.minimum(holder, rival),
            )
    # At the r-th highest value or above it there are fewer than r higher.
    return (probs >= highest[:, None]) & (probs > 0)


def lift_clusters(
    cells: np.ndarray, within: np.ndarray, *, stride: int
) -> np.ndarray:
    """Return clusters of cells at full resolution, inside a mask.

    Every pixel of the mask does as the nearest cell in the mask, where cell
    ``(i, j)`` lies at pixel ``(stride * i, stride * j)``; it joins none if
    that cell is in no cluster, or ``stride`` pixels away or more. So a rim
    whose own cells fell outside of the mask is not lost, and no cluster grows
    over what was left out.

    Args:
        cells: ``(h, w)`` integers: 1 and above for clusters, 0 for none.
        within: ``(H, W)`` bool, in pixels: no other pixel joins.
        stride: Pixels from one cell to the next, at least 1.

    Returns:
        ``(H, W)`` integers as in ``cells``.

    Raises:
        ValueError: If ``stride`` is below 1 or the cells are not as many as
            lie on the pixels.

    Example:
        >>> row = np.array([[2, 0]])
        >>> lift_clusters(row, np.ones((1, 6), bool), stride=3).tolist()
        [[2, 2, 0, 0, 0, 0]]
    """
    if stride < 1:
        raise ValueError(f'stride must be at least 1, got {stride}')
    height, width = (-(-side // stride) for side in within.shape)
    if cells.shape != (height, width):
        raise ValueError(
            f'cells must be {(height, width)} for {within.shape} pixels at '
            f'stride {stride}, got {cells.shape}'
        )
    places = np.zeros(within.shape, cells.dtype)
    left_out = within[::stride, ::stride] & (cells == 0)
    places[::stride, ::stride] = np.where(left_out, -1, cells)
    if not places.any():
        return places
    distance, nearest = ndimage.distance_transform_edt(
        places == 0, return_indices=True
    )
    joined = within & (distance < stride)
    return np.where(joined, places[tuple(nearest)].clip(0), 0)
