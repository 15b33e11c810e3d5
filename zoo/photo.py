"""Read a photograph, or say what is wrong with the file."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from zoo.errors import UserError


def read_photo(path: str | Path) -> np.ndarray:
    """Return a photograph as ``(H, W, 3)`` uint8 RGB, as stored.

    Pixels stay where the file has them: an EXIF orientation is not applied,
    because label maps carry none and would no longer fit. Grey, palette,
    CMYK and transparent images are converted to RGB.

    Raises:
        UserError: If the file is missing, no image, or cut short. OpenCV
            would fill the missing part of a cut JPEG with grey in silence.
    """
    try:
        return decode_photo(Path(path).read_bytes())
    except FileNotFoundError:
        raise UserError(f'{path}: no such file') from None
    except (OSError, SyntaxError, ValueError) as error:
        reason = 'not an image'
        if not isinstance(error, UnidentifiedImageError):
            reason = str(error) or type(error).__name__
        raise UserError(
            f'{path}: cannot be read ({reason}). Replace the file, or take '
            'its name out of the split file'
        ) from None


def decode_photo(content: bytes) -> np.ndarray:
    """Return the bytes of an image file as ``(H, W, 3)`` uint8 RGB."""
    with Image.open(io.BytesIO(content)) as image:
        if image.mode == 'I;16':  # 16-bit grey would be clipped to white
            return np.repeat(
                (np.asarray(image) >> 8).astype(np.uint8)[..., None], 3, 2
            )
        return np.array(image.convert('RGB'))
