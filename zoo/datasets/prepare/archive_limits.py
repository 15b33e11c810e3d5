"""Bounds on what comes out of an archive, kept while it is read."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

from zoo.errors import UserError

# No file of a data set comes near these: the largest are COCO's outlines,
# 0.5 GB, and text, which shrinks to a fiftieth. A bomb shrinks to a
# thousandth.
LARGEST = 2 << 30  # bytes of one file
RATIO = 200  # of bytes to bytes in the archive ...
SMALL = 64 << 20  # ... once there are more bytes than these


class Limits:
    """Refuse an archive that grows beyond all measure.

    A file is measured piece by piece, so that a bomb does not fill the
    memory before it is known as one.

    Args:
        archive: What an error calls it.
    """

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._grown = 0

    def read(
        self,
        name: str,
        stream: IO[bytes],
        piece: int,
        taken: Callable[[], int],
    ) -> bytes:
        """Return what a stream holds; its stated size need not be true.

        Args:
            name: Of the file, for messages.
            stream: Its decompressed content.
            piece: Bytes to read at a time.
            taken: Returns the bytes of the archive that were read so far.
        """
        content = io.BytesIO()
        while some := stream.read(piece):
            content.write(some)
            self._grown += len(some)
            self.refuse_large(name, content.tell())
            self.refuse_bomb(self._grown, taken())
        return content.getvalue()

    def refuse_large(self, name: str, size: int) -> None:
        """Refuse one file of too many bytes."""
        if size > LARGEST:
            raise UserError(
                f'{self._archive}: {name} has more than {LARGEST >> 30} GiB, '
                'which no file of a data set has. Get the archive from the '
                'source.'
            )

    def refuse_bomb(self, grown: int, taken: int) -> None:
        """Refuse too many bytes out of those of the archive."""
        if grown > SMALL and grown > RATIO * taken:
            raise UserError(
                f'{self._archive}: grows to more than {RATIO} times its '
                'size. Get the archive from the source.'
            )
