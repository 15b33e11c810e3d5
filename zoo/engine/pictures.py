"""Draw label maps: colours, overlays, and several side by side."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from zoo.files import replacing

Palette = Sequence[Sequence[int]]
BAR = 16  # height of a title, in pixels
GAP = 4


def colourise(labels: np.ndarray, palette: Palette) -> np.ndarray:
    """Return ``(H, W)`` labels as ``(H, W, 3)`` uint8 RGB; void is white."""
    table = np.full((256, 3), 255, np.uint8)
    table[: len(palette)] = palette
    return table[labels.astype(np.uint8)]


def overlay(
    image: np.ndarray, labels: np.ndarray, palette: Palette
) -> np.ndarray:
    """Return the photograph half covered by the colours of its labels."""
    colours = colourise(labels, palette)
    mixed = (image.astype(np.uint16) + colours) // 2
    return np.where((labels == 255)[..., None], image, mixed).astype(np.uint8)


def side_by_side(panels: dict[str, np.ndarray]) -> Image.Image:
    """Return ``(H, W, 3)`` uint8 pictures of one size in a row."""
    height, width = next(iter(panels.values())).shape[:2]
    size = (len(panels) * (width + GAP) - GAP, height + BAR)
    sheet = Image.new('RGB', size, 'white')
    draw = ImageDraw.Draw(sheet)
    for index, (title, picture) in enumerate(panels.items()):
        left = index * (width + GAP)
        draw.text((left + 2, 2), title, fill='black')
        sheet.paste(Image.fromarray(picture), (left, BAR))
    return sheet


def label_image(labels: np.ndarray, palette: Palette) -> Image.Image:
    """Return labels as a palette picture: ids inside, colours outside."""
    image = Image.fromarray(labels.astype(np.uint8))
    table = np.full((256, 3), 255, np.uint8)
    table[: len(palette)] = palette
    image.putpalette(table.ravel().tolist())
    return image


def save(image: Image.Image, path: Path) -> None:
    """Write a PNG."""
    with replacing(path) as temporary:
        image.save(temporary, format='PNG')
