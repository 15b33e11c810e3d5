"""Pixel sums of every image, for scores that are ratios of sums."""

from dataclasses import dataclass

import numpy as np

from .pixel_table import PixelTable, from_rows

_ROUNDING = 1e-6  # sums of overlaps are written with six decimals


@dataclass(frozen=True)
class Ratios:
    """A score that is a mean of ratios of sums over images.

    Args:
        columns: ``(n, 2 G)`` for ``n`` images: the numerators of ``G``
            groups, then their denominators.
    """

    columns: np.ndarray

    def scores(self, totals: np.ndarray) -> np.ndarray:
        """Return ``(B,)`` per cent; groups whose denominator is 0 left out.

        Args:
            totals: ``(B, 2 G)``, columns summed over ``B`` sets of images.
        """
        parts, wholes = np.hsplit(totals, 2)
        with np.errstate(invalid='ignore'):  # 0 / 0 is the nan that we want
            return known_mean(100 * (parts / wholes))


def known_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each row, nan left out; nan where all are.

    Args:
        values: ``(B, G)``.
    """
    known = ~np.isnan(values)
    with np.errstate(invalid='ignore'):
        return np.where(known, values, 0).sum(1) / known.sum(1)


def image_ratios(record: dict, metric: str) -> Ratios:
    """Return the sums of each image of a record, in the order of the names.

    Args:
        record: Of kind 'semantic' or 'boxes', with ``per_image``.
        metric: One of its kind. Groups are classes, or for 'aAcc' one group
            of all pixels.

    Raises:
        ValueError: If the rows of an image cannot be what was counted.
    """
    images = record['per_image']
    pixels = images if isinstance(images, PixelTable) else from_rows(images)
    classes, image = len(record['classes']), pixels.image()
    label, *counts = pixels.rows.T
    part, whole = _METRICS[metric](*counts)
    _require_counts(pixels, part, whole, classes)
    if metric == 'aAcc':
        cell, groups = image, 1
    else:
        cell, groups = image * classes + label.astype(int), classes
    shape, size = (len(pixels), groups), len(pixels) * groups
    sums = [
        np.bincount(cell, values, size).reshape(shape)
        for values in (part, whole)
    ]
    return Ratios(np.hstack(sums))


# What is divided by what, by the numbers of a row that follow the class: true
# positives, predicted, labelled; or pixels, sum of IoU, hits.
_METRICS = {
    'mIoU': lambda right, found, true: (right, found + true - right),
    'aAcc': lambda right, found, true: (right, true),
    'mAcc': lambda right, found, true: (right, true),
    'box_IoU': lambda pixels, overlap, hits: (overlap, pixels),
    'hit_0.5': lambda pixels, overlap, hits: (hits, pixels),
}


def _require_counts(
    pixels: PixelTable, part: np.ndarray, whole: np.ndarray, classes: int
) -> None:
    """Refuse classes that are none or repeated, and impossible numbers."""
    label, image = pixels.rows[:, 0], pixels.image()
    wrong = (label < 0) | (label >= classes) | (label % 1 > 0)
    wrong |= pixels.rows.min(1, initial=0) < 0
    wrong |= part > whole * (1 + _ROUNDING) + _ROUNDING
    if not wrong.any():
        place = image * classes + label.astype(int)
        wrong = np.bincount(place)[place] > 1
    if wrong.any():
        first = int(wrong.argmax())
        row = ', '.join(f'{value:g}' for value in pixels.rows[first])
        raise ValueError(
            f'image {pixels.names[image[first]]!r}: [{row}] is not what is '
            f'counted of one of {classes} classes, each once'
        )
