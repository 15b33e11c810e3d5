"""Which classes mean field can leave alone."""

import numpy as np

# A class that may be believed more than this anywhere keeps its messages,
# even if it cannot win: whoever reads probabilities would miss it.
MOST_BELIEVED = 0.1


def contenders(
    peaks: np.ndarray, ratios: np.ndarray, *, reach: float, iterations: int
) -> np.ndarray:
    """Return the classes that may still win somewhere.

    Let ``P`` be the probabilities that mean field begins with, and ``r`` the
    largest sum of a row of all kernels, weights and normalisation included:
    the total of what a pixel can be told. All beliefs lie in 0..1 and all
    messages ``m`` are at least 0. Hence, if a class is believed at most ``q``
    anywhere, its next messages are at most ``r q``, and from ``Q_l = P_l
    exp(m_l) / sum_k P_k exp(m_k)`` its next belief is at most ``P_l e / (1 +
    P_l (e - 1))``, with ``e = exp(r q)``: larger for larger ``P_l``, so it is
    enough to know its peak. Repeated from ``q = max P_l``, this bounds the
    belief of each class in all iterations. A class whose log-probability is
    behind that of the pixel's best class, at every pixel, by more than its
    last ``r q`` cannot be the answer anywhere.

    Such a class is left without messages, if its bound is at most
    ``MOST_BELIEVED`` too: with messages or without, its probability lies
    between 0 and that. It keeps its share of each pixel's sum, ``P_l``.

    Source: ours.

    Args:
        peaks: ``(C,)`` largest probability of each class in the image.
        ratios: ``(C,)`` largest probability relative to that of the same
            pixel's best class, 0..1.
        reach: ``r``, in nats. With normalisation ``'after'`` the sum of the
            kernels' weights; for the others it depends on the image. Without
            normalisation it is so large that nothing falls.
        iterations: Mean-field updates, at least 1.

    Returns:
        ``(K,)`` int64 class ids, rising; at least one.

    Example:
        >>> peaks = np.array([0.99, 0.9, 0.03, 0.03])
        >>> ratios = np.array([1.0, 1.0, 0.04, 0.9])
        >>> contenders(peaks, ratios, reach=8.0, iterations=10).tolist()
        [0, 1, 3]
    """
    start = peaks.astype(float)
    believed = start
    for _ in range(iterations - 1):
        believed = _next_bound(start, believed * reach)
    # Not by exp of the bound, which overflows without normalisation.
    with np.errstate(divide='ignore'):
        behind = -np.log(ratios.astype(float))
    last = _next_bound(start, believed * reach)
    return np.flatnonzero(
        (behind <= believed * reach) | (last > MOST_BELIEVED)
    )


def _next_bound(start: np.ndarray, message: np.ndarray) -> np.ndarray:
    """Return ``P e / (1 + P (e - 1))`` for ``e = exp(message)``."""
    return start / (start + (1 - start) * np.exp(-message))
