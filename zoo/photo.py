"""Decode image files, or say which one is wrong."""

import io
from pathlib import Path

import numpy as np
from mmengine import fileio
from PIL import Image

from zoo.errors import UserError

REMEDY = 'Replace it, or take its name out of the split file.'
# The first bytes of PNG, JPEG, BMP, GIF and TIFF.
_SIGNATURES = (b'\x89PNG', b'\xff\xd8', b'BM', b'GIF8', b'II*\0', b'MM\0*')
# Of a web page, which may lack its first tags or begin with a comment.
_PAGE = (
    b'<!doctype html',
    b'<html',
    b'<head',
    b'<body',
    b'<!--',
    b'<meta',
    b'<script',
    b'<title',
)
# Pillow clips these when it converts them, and says nothing.
_DEEP = ('I', 'F', 'I;16', 'I;16B', 'I;16L', 'I;16N')
_CANVAS = (124, 117, 104)  # mmcv's, behind a transparent grey image


def read_file(
    path: str | Path, *, what: str, backend_args: dict | None = None
) -> bytes:
    """Return the bytes of a file.

    Args:
        path: File, or address that ``mmengine.fileio`` knows.
        what: Said in the error, e.g. ``'a label map'``.
        backend_args: Passed to ``mmengine.fileio.get``.

    Raises:
        UserError: If it cannot be read.
    """
    name = str(path)
    try:
        # What fileio does with a local file too, but in a third of the time.
        if backend_args is None and '://' not in name:
            with open(name, 'rb') as stream:
                return stream.read()
        return fileio.get(name, backend_args=backend_args)
    # Each kind of storage has errors of its own.
    except Exception as error:
        reason = getattr(error, 'strerror', None) or str(error)
        raise _unreadable(path, what, reason) from error


def decode(
    content: bytes, path: str | Path, *, what: str, remedy: str = REMEDY
) -> Image.Image:
    """Decode with Pillow, which refuses a file that ends too early.

    Args:
        content: Of the file.
        path: What an error calls it.
        what: As in ``read_file``.
        remedy: Where the file does not tell a better one.

    Returns:
        The picture in the mode of the file; its orientation not applied.

    Raises:
        UserError: If the file is empty, no image, or ends too early.
    """
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    # A damaged file makes a decoder fail in ways that no list covers
    # (SyntaxError, struct.error, IndexError ...).
    except Exception as error:
        reason, better = _diagnosis(content, what, str(error))
        raise _unreadable(path, what, reason, better or remedy) from error
    return image


def _unreadable(
    path: str | Path, what: str, reason: str, remedy: str = REMEDY
) -> UserError:
    said = ' '.join(reason.split())
    return UserError(f'{path}: cannot be read as {what} ({said}). {remedy}')


def _diagnosis(content: bytes, what: str, said: str) -> tuple[str, str | None]:
    """Return what is wrong with a file that no decoder takes; a remedy."""
    if not content:
        return 'the file is empty', None
    if is_web_page(content):
        return (
            'it is an HTML page, sent in place of the file',
            'Download it again; its address may have moved or need a login.',
        )
    if content.startswith(b'version https://git-lfs'):
        return 'it is a pointer of Git LFS', 'Run: git lfs pull'
    if not content.startswith(_SIGNATURES):
        return f'not {what} of a known format', None
    # Pillow names the memory buffer here, which tells a reader nothing.
    detail = '' if not said or 'cannot identify' in said else f': {said}'
    return f'damaged or cut short{detail}', None


def is_web_page(content: bytes) -> bool:
    """Tell whether a download is a page that says why there is none."""
    start = content[:1024].lstrip(b'\xef\xbb\xbf \t\r\n').lower()
    is_xhtml = start.startswith(b'<?xml') and b'<html' in start
    return is_xhtml or start.startswith(_PAGE)


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
        UserError: If the file is missing, no image, or ends too early, or if
            its values have more than eight bits.
    """
    content = read_file(path, what='an image', backend_args=backend_args)
    return decode_photo(content, path)


def decode_photo(content: bytes, path: str | Path) -> np.ndarray:
    """Return what ``read_photo`` does, of a file that is read already."""
    image = decode(content, path, what='an image')
    if image.mode in _DEEP:
        raise UserError(
            f'{path}: has more than 8 bits per channel, which would be '
            'clipped to white. Convert it to 8 bits.'
        )
    if image.mode == 'LA':
        canvas = Image.new('RGB', image.size, _CANVAS)
        canvas.paste(image.convert('RGB'), mask=image.getchannel('A'))
        return np.array(canvas)
    if image.mode == 'P' and 'transparency' in image.info:
        image = image.convert('RGBA')  # straight to RGB, Pillow warns
    return np.array(image.convert('RGB'))
