"""Dictionaries of visual words: fitting them, and finding the nearest."""

import warnings

import numpy as np

# Samples compared at a time: their distances to all words fit into a cache.
CHUNK = 4096


def fit_words(samples: np.ndarray, *, count: int, seed: int) -> np.ndarray:
    """Return the centres that k-means finds.

    The same samples and seed give the same centres, however many cores the
    machine has: sums are not split among threads.

    Args:
        samples: ``(N, D)`` descriptors.
        count: Number of words, at least 1.
        seed: Of the first centres.

    Returns:
        ``(count, D)`` float32.

    Raises:
        ValueError: If ``samples`` is not 2-D, or has fewer distinct rows
            than words are asked for.
    """
    # scikit-learn takes a second to import, and only fitting needs it
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    if samples.ndim != 2:
        raise ValueError(f'samples must be (N, D), got {samples.shape}')
    if not 1 <= count <= len(samples):
        raise ValueError(
            f'count must be from 1 to the {len(samples)} samples, got {count}'
        )
    means = KMeans(count, n_init=1, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter('error', ConvergenceWarning)
        try:
            means.fit(samples.astype(np.float32))
        except ConvergenceWarning as error:
            raise ValueError(
                f'samples must hold {count} distinct rows for {count} words'
            ) from error
    return means.cluster_centers_.astype(np.float32)


def nearest(samples: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return the index of the word that is nearest to each sample.

    Args:
        samples: ``(N, D)``.
        words: ``(K, D)``, ``K`` at least 1.

    Returns:
        ``(N,)`` int64; of words equally near the first.

    Raises:
        ValueError: If the lengths of samples and words differ.
    """
    if words.ndim != 2 or samples.shape[1:] != words.shape[1:]:
        raise ValueError(
            'samples and words must be (N, D) and (K, D), got '
            f'{samples.shape} and {words.shape}'
        )
    columns = words.astype(np.float32).T
    # half the squared distance, less what is the same for all words
    offsets = (columns**2).sum(axis=0) / 2
    found = np.empty(len(samples), np.int64)
    for start in range(0, len(samples), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = (offsets - samples[part] @ columns).argmin(axis=1)
    return found
