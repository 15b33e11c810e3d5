"""Class probabilities in files, ours or those of another framework."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.engine.refining.numpy_file import REMEDY, read_array
from zoo.errors import UserError
from zoo.files import replacing

SUFFIXES = ('.npy', '.npz')
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
        inner = sorted(x.name for x in folder.iterdir() if x.is_dir())
        if inner:
            raise UserError(
                f'{folder}: holds no .npy or .npz but folders, which are not '
                f'searched. Name one of them, e.g. {folder / inner[0]}'
            )
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
    content = _content(Path(path))
    probs = read_array(content, path)
    if probs.dtype.kind != 'f':
        raise UserError(
            f'{path}: holds {probs.dtype}, not probabilities. {REMEDY}'
        )
    if probs.ndim != 3 or probs.size == 0:
        raise UserError(
            f'{path}: has the shape {probs.shape}, not (C, H, W). {REMEDY}'
        )
    if not np.isfinite(probs).all():
        raise UserError(f'{path}: holds NaN or infinity. {REMEDY}')
    return probs, hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        if path.is_dir():
            reason = 'it is a folder'
        elif path.is_symlink() and not path.exists():
            reason = 'it is a link to what is not there'
        raise UserError(
            f'{path}: cannot be read ({reason}). Take it away, or save the '
            'probabilities again'
        ) from error


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
