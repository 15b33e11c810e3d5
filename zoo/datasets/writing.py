"""What the preparation of data sets shares."""

import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from scipy.io import loadmat

from zoo.errors import UserError
from zoo.files import write_bytes

Progress = Callable[[int, int | None], None]


def write_label_map(
    path: Path, labels: np.ndarray, palette: Sequence[Sequence[int]]
) -> None:
    """Write ``(H, W)`` uint8 ids as a palette PNG; void (255) is white."""
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(palette)] = palette
    colours[255] = 255
    image = Image.fromarray(np.ascontiguousarray(labels, np.uint8))
    image.putpalette(colours.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    write_bytes(path, buffer.getvalue())


def write_list(path: Path, ids: Iterable[str]) -> None:
    """Write a split file, one name a line."""
    write_bytes(path, ''.join(f'{i}\n' for i in ids).encode())


def in_parallel(
    work: Callable, jobs: Sequence, progress: Progress | None
) -> None:
    """Run threads on all cores: decoders and zlib release Python's lock."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for done, _ in enumerate(pool.map(work, jobs), start=1):
                if progress:
                    progress(done, len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


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
            f'({" ".join(str(error).split())}). Download it again.'
        ) from error
