"""Read SBD's label files: MATLAB structs of classes and of instances."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from mmengine import fileio

from zoo.datasets.mat_files import load_mat, whole_numbers
from zoo.errors import UserError

REMEDY = 'Download SBD again.'


def read_mat_file(
    path: str | Path, *, backend_args: dict | None = None
) -> bytes:
    """Return the content of a file.

    Raises:
        UserError: If it cannot be read.
    """
    try:
        return fileio.get(str(path), backend_args=backend_args)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be read ({error.strerror or error}). {REMEDY}'
        ) from error


def sbd_classes(content: bytes, name: str | Path) -> np.ndarray:
    """Return the label map of a file of ``cls``.

    Args:
        content: Of the ``.mat`` file; its struct is ``GTcls``.
        name: What a message calls it.

    Returns:
        ``(H, W)`` integers: 0 for background, 1 to 20 for VOC's classes.

    Raises:
        UserError: If it cannot be read or has no such map.
    """
    [labels] = _fields(content, name, 'GTcls', 'Segmentation')
    return labels


def sbd_instances(
    content: bytes, name: str | Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return the map of a file of ``inst``, and the class of each number.

    Args:
        content: Of the ``.mat`` file; its struct is ``GTinst``.
        name: What a message calls it.

    Returns:
        ``(H, W)`` integers, 0 for background, 1 to n for the instances; and
        ``(n,)`` integers, item i the class of number i + 1.

    Raises:
        UserError: If it cannot be read or has no such map, or a number in it
            has no class.
    """
    numbers, categories = _fields(
        content, name, 'GTinst', 'Segmentation', 'Categories'
    )
    categories = categories.ravel()
    if numbers.max(initial=0) > categories.size:
        raise UserError(
            f'{name}: instance {numbers.max()} has no category, there are '
            f'{categories.size} in GTinst.Categories. {REMEDY}'
        )
    return numbers, categories


def _fields(
    content: bytes, name: str | Path, struct: str, *fields: str
) -> list[np.ndarray]:
    """Return matrices of whole numbers in a struct."""
    values: Any = load_mat(io.BytesIO(content), str(name)).get(struct)
    found = []
    for field in fields:
        try:
            matrix = values[field][0, 0]
        except (IndexError, TypeError, ValueError) as error:
            raise UserError(
                f'{name}: has no {struct}.{field}. {REMEDY}'
            ) from error
        found.append(_matrix(matrix, f'{name}: {struct}.{field}'))
    return found


def _matrix(value: Any, name: str) -> np.ndarray:
    """Return whole numbers in two dimensions, as uint8 where they are low."""
    whole = whole_numbers(value, name, REMEDY)
    if whole.ndim != 2:
        raise UserError(f'{name} has {whole.ndim} dimensions, not 2. {REMEDY}')
    low = whole.max(initial=0) <= np.iinfo(np.uint8).max
    return whole.astype(np.uint8) if low else whole
