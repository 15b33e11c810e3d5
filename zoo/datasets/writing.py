"""Write label maps and lists; how progress is told."""

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from zoo.files import write_bytes

Progress = Callable[[int, int | None], None]


def label_png(labels: np.ndarray, palette: Sequence[Sequence[int]]) -> bytes:
    """Return ``(H, W)`` uint8 ids as a palette PNG; void (255) is white."""
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(palette)] = palette
    colours[255] = 255
    image = Image.fromarray(np.ascontiguousarray(labels, np.uint8))
    image.putpalette(colours.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    return buffer.getvalue()


def write_label_map(
    path: Path, labels: np.ndarray, palette: Sequence[Sequence[int]]
) -> None:
    """Write ``(H, W)`` uint8 ids as a palette PNG."""
    write_bytes(path, label_png(labels, palette))


def write_list(path: Path, ids: Iterable[str]) -> None:
    """Write a split file, one name a line, unless it is there as it is."""
    content = ''.join(f'{i}\n' for i in ids).encode()
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)
