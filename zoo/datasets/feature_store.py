"""Features of photographs on disk: one file per photograph."""

import hashlib
import io
from pathlib import Path

import numpy as np

from zoo.errors import UserError
from zoo.files import write_bytes


class FeatureStore:
    """Files of rows, named after what the photograph shows.

    The name is a digest of the pixels: a changed photograph has another, two
    copies share one. A file is written whole or not at all and always holds
    the same, so any number of processes may write at once.

    A file is one vector of float16: the rows of the superpixels, then the
    columns that all of them share (the whole image's), once.

    Args:
        folder: Where the files are; one folder per way to make them.
        columns: Length of a row.
        shared: How many columns at its end are alike in all rows.

    Attributes:
        found: How often ``of_photo`` had something to return.
    """

    def __init__(
        self, folder: str | Path, *, columns: int, shared: int
    ) -> None:
        self.folder = Path(folder)
        self.own = columns - shared
        self.shared = shared
        self.found = 0

    @staticmethod
    def key(photo: np.ndarray) -> str:
        """Return the digest of ``(H, W, 3)`` uint8."""
        digest = hashlib.blake2b(photo.tobytes(), digest_size=16)
        digest.update(repr(photo.shape).encode())
        return digest.hexdigest()

    def path(self, key: str) -> Path:
        """Return the file of a photograph."""
        return self.folder / key[:2] / f'{key}.npy'

    def has(self, key: str) -> bool:
        """Tell whether a photograph's features are there."""
        return self.path(key).is_file()

    def put(self, key: str, rows: np.ndarray) -> None:
        """Write ``(S, columns)`` rows.

        Raises:
            UserError: If the disk is full, or the place cannot be written.
        """
        own = rows[:, : self.own].astype(np.float16).ravel()
        shared = rows[0, self.own :].astype(np.float16)
        content = io.BytesIO()  # numpy does not say why a disk refuses
        np.save(content, np.concatenate([own, shared]))
        try:
            write_bytes(self.path(key), content.getvalue())
        except UserError as error:
            raise UserError(
                f'{error}. Make room and run the same again: it goes on where '
                'it stopped'
            ) from error

    def get(self, key: str) -> np.ndarray | None:
        """Return the ``(S, columns)`` rows, ``None`` where there are none."""
        if not self.has(key):
            return None
        own, shared = self.open(key)
        return np.concatenate([own, np.tile(shared, (len(own), 1))], axis=1)

    def open(self, key: str) -> tuple[np.ndarray, np.ndarray]:
        """Return rows ``(S, own)`` and the shared ``(shared,)``, unread."""
        # as a plain array: slices of a memmap take twenty times as long
        values = np.load(self.path(key), mmap_mode='r').view(np.ndarray)
        split = len(values) - self.shared
        return values[:split].reshape(-1, self.own), values[split:]

    def of_photo(self, photo: np.ndarray) -> np.ndarray | None:
        """Return the rows of a photograph, as ``get``; count those there."""
        rows = self.get(self.key(photo))
        self.found += rows is not None
        return rows
