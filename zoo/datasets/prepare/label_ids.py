"""From the ids of a release to a label map."""

from collections.abc import Sequence

import numpy as np

from zoo.datasets.writing import label_png
from zoo.errors import UserError


def classes_png(
    ids: np.ndarray,
    table: np.ndarray,
    palette: Sequence[Sequence[int]],
    name: str,
) -> bytes:
    """Return the label map of a release as a palette PNG.

    Args:
        ids: ``(H, W)`` integers from 0.
        table: ``(N,)`` uint8, the class of each id.
        palette: Colours of the classes, RGB.
        name: What a message calls the label map.

    Raises:
        UserError: If it is no matrix or an id is not in the table.
    """
    if ids.ndim != 2:
        raise UserError(
            f'{name}: has {ids.ndim} dimensions, a label map has 2. Download '
            'it again.'
        )
    wrong = (ids < 0) | (ids >= len(table))
    if wrong.any():
        raise UserError(
            f'{name}: holds {ids[wrong].max()}, ids go from 0 to '
            f'{len(table) - 1}. Download it again.'
        )
    return label_png(table[ids], palette)
