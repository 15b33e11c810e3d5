"""Decode image files, or say which one is wrong."""

from pathlib import Path

import mmcv
import numpy as np
from mmengine import fileio

from zoo.errors import UserError

REMEDY = 'Replace it, or take its name out of the split file.'


def decode(
    path: str | Path, *, what: str, flag: str, backend_args: dict | None = None
) -> np.ndarray:
    """Decode with Pillow, which refuses a file that ends too early.

    Args:
        path: File, or address that ``mmengine.fileio`` knows.
        what: Said in the error, e.g. ``'a label map'``.
        flag: As in ``mmcv.imfrombytes``.
        backend_args: Passed to ``mmengine.fileio.get``.

    Raises:
        UserError: If the file is missing, no image, or ends too early.
    """
    try:
        content = fileio.get(str(path), backend_args=backend_args)
        return mmcv.imfrombytes(content, flag=flag, backend='pillow')
    # A damaged file makes a decoder fail in ways that no list covers
    # (SyntaxError, struct.error, IndexError ...).
    except Exception as error:
        reason = getattr(error, 'strerror', None) or str(error)
        # Pillow names the memory buffer here, which tells a reader nothing.
        if not reason or 'cannot identify' in reason:
            reason = f'not {what} of a known format'
        raise UserError(
            f'{path}: cannot be read as {what} ({" ".join(reason.split())}). '
            f'{REMEDY}'
        ) from error


def read_photo(
    path: str | Path, *, backend_args: dict | None = None
) -> np.ndarray:
    """Return the photograph as stored in the file, always in three channels.

    An EXIF orientation is not applied: label maps are drawn on the pixels as
    they are stored, and a turned image would no longer lie under its labels.

    Args:
        path: Any format Pillow reads; grey, CMYK, palette and transparent
            images are converted.
        backend_args: Passed to ``mmengine.fileio.get``.

    Returns:
        ``(H, W, 3)`` uint8, channels RGB, contiguous.

    Raises:
        UserError: If the file is missing, no image, or ends too early.
    """
    flag = 'color_ignore_orientation'
    bgr = decode(path, what='an image', flag=flag, backend_args=backend_args)
    return np.ascontiguousarray(bgr[..., ::-1])
