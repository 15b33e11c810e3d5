"""Read MATLAB files, or say which one cannot be read."""

import io
from typing import Any, BinaryIO

import numpy as np
from scipy.io import loadmat

from zoo.errors import UserError

_REMEDY = 'Download it again.'


def load_mat(source: str | BinaryIO, name: str) -> dict:
    """Read a MATLAB file; arrays keep two dimensions, structs are 1x1.

    Raises:
        UserError: If it cannot be read; ``name`` is what the message calls
            it.
    """
    try:
        return loadmat(source)
    # A damaged file makes the reader fail in ways that no list covers
    # (zlib.error, IndexError, NotImplementedError for version 7.3 ...).
    except Exception as error:
        raise UserError(
            f'{name}: cannot be read as a MATLAB file '
            f'({" ".join(str(error).split())}). {_REMEDY}'
        ) from error


def load_numbers(content: bytes, name: str, *path: str) -> np.ndarray:
    """Return a matrix of whole numbers of a MATLAB file.

    Args:
        content: Of the file.
        name: What a message calls it.
        path: Name of a variable; then those of fields. A cell or a struct
            of one element stands for the element.

    Returns:
        Integers of two or more dimensions, none of them negative.

    Raises:
        UserError: If the file cannot be read, or has no such matrix.
    """
    value: Any = load_mat(io.BytesIO(content), name)
    try:
        for key in path:
            value = _element(value[key])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f'{name}: has no {".".join(path)}. {_REMEDY}'
        ) from error
    return whole_numbers(value, f'{name}: {".".join(path)}', _REMEDY)


def _element(value: Any) -> Any:
    """Return what a cell, or a field, of one element holds."""
    while isinstance(value, np.ndarray) and value.dtype == object:
        value = value.item()
    return value


def whole_numbers(matrix: Any, name: str, remedy: str) -> np.ndarray:
    """Return an integer matrix; MATLAB keeps many as doubles.

    Raises:
        UserError: If it holds anything else, or a number below 0.
    """
    numeric = isinstance(matrix, np.ndarray) and matrix.dtype.kind in 'buif'
    if numeric and np.isfinite(matrix).all():
        whole = matrix.astype(np.int64)
        if (whole == matrix).all() and (whole >= 0).all():
            return whole
    raise UserError(f'{name} holds no whole numbers. {remedy}')
