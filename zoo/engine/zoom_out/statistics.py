"""Mean and deviation of every column of stored features."""

from collections.abc import Sequence

import numpy as np

from zoo.datasets.feature_store import FeatureStore


def column_statistics(
    store: FeatureStore, keys: Sequence[str], *, images: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation over the superpixels of images.

    Args:
        store: Holds the rows.
        keys: Of the images.
        images: How many of them to read, at random.
        seed: Of the choice.

    Returns:
        Two ``(columns,)`` float32. A column that is the same everywhere has
        deviation 1: it stays 0 once the mean is subtracted.
    """
    rng = np.random.default_rng(seed)
    count = min(images, len(keys))
    chosen = np.sort(rng.choice(len(keys), count, replace=False))
    rows = 0
    total = np.zeros(store.own + store.shared)
    squares = np.zeros_like(total)
    for index in chosen:
        own, shared = (
            part.astype(np.float64) for part in store.open(str(keys[index]))
        )
        rows += len(own)
        total += np.concatenate([own.sum(0), len(own) * shared])
        squares += np.concatenate([(own**2).sum(0), len(own) * shared**2])
    mean = total / rows
    deviation = np.sqrt(np.maximum(squares / rows - mean**2, 0))
    # what rounding leaves of a column of equal numbers is not a deviation
    flat = deviation <= 1e-6 * np.abs(mean) + 1e-12
    deviation[flat] = 1
    return mean.astype(np.float32), deviation.astype(np.float32)
