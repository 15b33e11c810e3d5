"""Class probabilities in files, ours or those of another framework."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.errors import UserError
from zoo.files import replacing
from zoo.photo import read_file

SUFFIXES = ('.npy', '.npz')
_REMEDY = 'Save it again: one array (C, H, W) of float16, 32 or 64'
_SLACK = 2e-2  # of a sum of 16-bit numbers


def write_probs(path: Path, probs: np.ndarray) -> None:
    """Write ``(C, H, W)`` probabilities as float16 ``.npy``."""
    with replacing(path) as temporary, temporary.open('wb') as file:
        np.save(file, probs.astype(np.float16))


def find_probs(folder: str | Path) -> dict[str, Path]:
    """Return the saved files of a folder by the name of their image, sorted.

    Raises:
        UserError: If there are none, or two of one name.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(
            f'{folder}: no such folder. Write one with tools/test.py CONFIG '
            '--save-probs DIR'
        )
    found: dict[str, Path] = {}
    for path in sorted(_files(folder)):
        if path.stem in found:
            raise UserError(
                f'{path}: has the name of {found[path.stem]}. Take one away'
            )
        found[path.stem] = path
    if not found:
        raise UserError(
            f'{folder}: holds no .npy or .npz. Name the folder of one leaf '
            'that tools/test.py --save-probs wrote'
        )
    return found


def _files(folder: Path) -> Iterator[Path]:
    """Leave out what a kill left half written, which begins with a dot."""
    for path in folder.iterdir():
        if path.suffix in SUFFIXES and not path.name.startswith('.'):
            yield path


def read_probs(path: str | Path) -> tuple[np.ndarray, str]:
    """Return the probabilities in a file, and what its content is known by.

    Args:
        path: ``.npy``, or ``.npz`` with one array.

    Returns:
        ``(C, H, W)`` as stored and the SHA-256 of the file.

    Raises:
        UserError: If it is cut short, holds anything but one array of three
            axes of a float type, or values that are not finite.
    """
    content = read_file(path, what='probabilities')
    probs = _array(content, path)
    if probs.dtype.kind != 'f':
        raise UserError(
            f'{path}: holds {probs.dtype}, not probabilities. {_REMEDY}'
        )
    if probs.ndim != 3 or probs.size == 0:
        raise UserError(
            f'{path}: has the shape {probs.shape}, not (C, H, W). {_REMEDY}'
        )
    if not np.isfinite(probs).all():
        raise UserError(f'{path}: holds NaN or infinity. {_REMEDY}')
    return probs, hashlib.sha256(content).hexdigest()


def unrounded(probs: np.ndarray) -> np.ndarray:
    """Return probabilities of any float type as float32.

    Of 16 bits, what rounding took from sums of 1 is given back; sums that
    rounding cannot explain are left for a post-processor to refuse.
    """
    values = probs.astype(np.float32)
    if probs.dtype == np.float16:
        sums = values.sum(0)
        if np.abs(sums - 1).max() < _SLACK:
            values /= sums
    return values


def _array(content: bytes, path: str | Path) -> np.ndarray:
    try:
        # nothing is unpickled: such a file could run any code
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            names = loaded.files
            if len(names) == 1:
                return loaded[names[0]]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        reason = ' '.join(str(error).split()) or 'empty'
        raise UserError(
            f'{path}: cut short, or no file of numpy ({reason[:120]}). '
            f'{_REMEDY}'
        ) from error
    raise UserError(
        f'{path}: holds {len(names)} arrays ({", ".join(names[:5])}), wanted '
        f'one. {_REMEDY}'
    )
