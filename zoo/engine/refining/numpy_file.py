"""One array in a file of numpy that may be damaged in any way."""

import io
import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from zoo.errors import UserError

REMEDY = 'Save it again: one array (C, H, W) of float16, 32 or 64'
_ZIP = b'PK'


def read_array(content: bytes, path: str | Path) -> np.ndarray:
    """Return the array of an ``.npy``, or of an ``.npz`` with one.

    Nothing is unpickled: such a file could run any code. No memory is taken
    before the header is found to fit the bytes that follow it.

    Args:
        content: Of the file.
        path: What an error calls it.

    Raises:
        UserError: If it is no such file, or damaged.
    """
    try:
        if not content.startswith(_ZIP):
            return _array(io.BytesIO(content), len(content))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) == 1:
                with archive.open(members[0]) as file:
                    return _array(file, members[0].file_size)
    # What damage makes of a header or a stream is an error of any kind
    # (TokenError, zlib.error, NotImplementedError, RuntimeError ...).
    except Exception as error:
        reason = ' '.join(str(error).split()) or 'empty'
        raise UserError(
            f'{path}: cut short, or no file of numpy ({reason[:120]}). '
            f'{REMEDY}'
        ) from error
    names = ', '.join(m.filename.removesuffix('.npy') for m in members[:5])
    raise UserError(
        f'{path}: holds {len(members)} arrays ({names}), wanted one. {REMEDY}'
    )


def stated_shape(path: str | Path) -> tuple[int, ...] | None:
    """Return the shape that a file states; ``None`` where it is damaged."""
    try:
        with Path(path).open('rb') as file:
            if file.read(len(_ZIP)) != _ZIP:
                file.seek(0)
                return _header(file)[0]
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(archive.infolist()[0]) as member,
            ):
                return _header(member)[0]
    except Exception:  # as above; who reads it all will say what it is
        return None


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """Read up to the values."""
    version = npy.read_magic(file)
    # version 3 differs from 2 in names of fields alone
    read = (
        npy.read_array_header_1_0
        if version == (1, 0)
        else npy.read_array_header_2_0
    )
    shape, _, dtype = read(file)
    return shape, dtype


def _array(file: IO[bytes], size: int) -> np.ndarray:
    shape, dtype = _header(file)
    there, stated = size - file.tell(), math.prod(shape) * dtype.itemsize
    if stated > there:
        raise ValueError(
            f'the shape {shape} takes {stated} bytes, {there} are there'
        )
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)
