"""The band of a label map around its void pixels, at every width at once."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from scipy import ndimage

NEVER = np.iinfo(np.int32).max


def entry_widths(label: np.ndarray, *, ignore_index: int = 255) -> np.ndarray:
    """Return the width of the narrowest band that holds each pixel.

    Void pixels are where annotators did not trust the border of an object.
    The band of width ``w`` is what their dilation by a square of ``2 w + 1``
    pixels covers: all that is within ``w`` pixels of one, a diagonal step
    counting as one. So one distance map says of all widths who is in.

    Source: MyVOCevalsegBoundary.m in the release of Chen et al., ICLR 2015,
    arXiv:1412.7062.
    Differs: a label map without a void pixel has no band.

    Args:
        label: ``(H, W)`` integers, a class or ``ignore_index``.
        ignore_index: Label of void pixels.

    Returns:
        ``(H, W)`` int32 in pixels: 0 at void pixels, which no score counts;
        ``NEVER`` everywhere if there are none.

    Example:
        >>> entry_widths(np.array([[255, 0, 0], [0, 0, 1]])).tolist()
        [[0, 1, 2], [1, 1, 2]]
    """
    void = label == ignore_index
    if not void.any():
        return np.full(label.shape, NEVER, np.int32)
    return ndimage.distance_transform_cdt(~void, metric='chessboard')


def band_confusion(
    entered: np.ndarray,
    prediction: np.ndarray,
    label: np.ndarray,
    *,
    widths: Sequence[int],
    num_classes: int,
) -> np.ndarray:
    """Count true and predicted classes within each band of an image.

    One histogram over entry width, truth and prediction; as a band holds all
    narrower ones, its cumulated sums are the counts of every width.

    Args:
        entered: ``(H, W)`` from ``entry_widths``.
        prediction: ``(H, W)`` integers, class of every pixel.
        label: ``(H, W)`` integers, true class; where ``entered`` is 0,
            anything.
        widths: The ``B`` widths in pixels, from 1, rising.
        num_classes: Number of classes ``K``.

    Returns:
        ``(B, K, K)`` int64: pixels in the band by true and predicted class.

    Raises:
        ValueError: If the shapes differ, the widths are none, below 1 or not
            rising, or a counted value is not in ``0..K-1``.
    """
    if not entered.shape == prediction.shape == label.shape:
        raise ValueError(
            f'prediction is {prediction.shape}, label is {label.shape}, '
            f'entered is {entered.shape}'
        )
    check_widths(widths)
    counted = (entered > 0) & (entered <= widths[-1])
    steps = entered[counted].astype(np.int64) - 1
    truth, predicted = (
        _classes(name, values[counted], num_classes)
        for name, values in (('label', label), ('prediction', prediction))
    )
    joint = (steps * num_classes + truth) * num_classes + predicted
    shape = (widths[-1], num_classes, num_classes)
    counts = np.bincount(joint, minlength=int(np.prod(shape))).reshape(shape)
    return counts.cumsum(axis=0)[np.asarray(widths) - 1]


def check_widths(widths: Sequence[int]) -> None:
    """Refuse widths that are none, below 1 or not rising.

    Raises:
        ValueError: Naming them.
    """
    known = list(widths)
    whole = all(isinstance(width, Integral) for width in known)
    rising = known == sorted(set(known))
    if not known or not whole or not rising or known[0] < 1:
        raise ValueError(
            f'widths must be whole and rise from 1 or more, got {known}'
        )


def _classes(name: str, values: np.ndarray, num_classes: int) -> np.ndarray:
    """Return values that are classes; others would count as other pairs."""
    if values.size and not 0 <= values.min() <= values.max() < num_classes:
        raise ValueError(
            f'{name} must be 0 to {num_classes - 1}, got {values.min()} to '
            f'{values.max()}'
        )
    return values.astype(np.int64)
