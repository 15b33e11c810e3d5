"""The one large file of NYUDv2: photographs and labels, whole frames."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from zoo.errors import UserError

FRAMES = 'nyu_depth_v2_labeled.mat'
_CACHE = 256 << 20  # bytes; pieces of the file hold parts of many images


class Frames:
    """Photographs and label maps, read one by one: 2.8 GB in all.

    MATLAB's version 7.3 is HDF5 with the axes in reverse order.
    """

    def __init__(self, path: Path, file: h5py.File) -> None:
        self._path = path
        with _refusing(path):
            self._images, self._labels = file['images'], file['labels']
            count, channels, *size = self._images.shape
            if channels != 3 or self._labels.shape != (count, *size):
                raise ValueError('images and labels do not fit together')

    def __len__(self) -> int:
        return len(self._labels)

    def photo(self, index: int) -> np.ndarray:
        """Return ``(H, W, 3)`` uint8, RGB."""
        with _refusing(self._path):
            return np.ascontiguousarray(
                self._images[index].transpose(2, 1, 0), np.uint8
            )

    def ids(self, index: int) -> np.ndarray:
        """Return ``(H, W)`` integers, 0 for what has no label."""
        with _refusing(self._path):
            return self._labels[index].T.astype(np.int64)


@contextmanager
def open_frames(path: Path) -> Iterator[Frames]:
    """Yield what the file holds.

    Raises:
        UserError: If it is damaged or another file; also while it is read.
    """
    with _refusing(path):
        file = h5py.File(path, 'r', rdcc_nbytes=_CACHE, rdcc_nslots=100_003)
    with file:
        yield Frames(path, file)


def png(photo: np.ndarray) -> bytes:
    """Return ``(H, W, 3)`` uint8 RGB as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, 'PNG')
    return buffer.getvalue()


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    # h5py says whatever HDF5's C code says, in several kinds of error.
    except Exception as error:
        raise UserError(
            f'{path}: cannot be read as {FRAMES} '
            f'({" ".join(str(error).split())}). Download it again.'
        ) from error
