"""Photographs with their truth and what methods made of them."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

VOID_COLOUR = (136, 136, 136)
RIGHT, WRONG, VOID = 0, 1, 2
ERROR_COLOURS = ((255, 255, 255), (204, 0, 34), VOID_COLOUR)
_QUALITY = 88  # of a JPEG: nothing of the photograph is measured


@dataclass(frozen=True, eq=False)
class Picture:
    """One photograph of a test set, its labels and its predictions.

    Args:
        name: Of the image.
        image: ``(H, W, 3)`` uint8 RGB.
        truth: ``(H, W)`` class ids from 0; what is beyond the classes is void.
        predictions: ``(H, W)`` class ids by method.
        classes: Names by id.
        palette: RGB, 0 to 255, by id.
        dataset: Which pictures are shown together.

    Raises:
        ValueError: If sizes differ, or a class has no colour.
    """

    name: str
    image: np.ndarray
    truth: np.ndarray
    predictions: Mapping[str, np.ndarray]
    classes: Sequence[str]
    palette: Sequence[Sequence[int]]
    dataset: str = ''

    def __post_init__(self) -> None:
        if self.image.shape != (*self.truth.shape, 3):
            raise ValueError(
                f'{self.name}: image must be (H, W, 3) for a truth of '
                f'{self.truth.shape}, got {self.image.shape}'
            )
        for label, prediction in self.predictions.items():
            if prediction.shape != self.truth.shape:
                raise ValueError(
                    f'{self.name}: prediction of {label} must be '
                    f'{self.truth.shape}, got {prediction.shape}'
                )
        if len(self.palette) < len(self.classes):
            raise ValueError(
                f'{self.name}: palette must have a colour for each of '
                f'{len(self.classes)} classes, got {len(self.palette)}'
            )

    def occurring(self) -> list[int]:
        """Return the ids of classes in truth or a prediction, ascending."""
        maps = [self.truth, *self.predictions.values()]
        ids = np.unique(np.concatenate([np.unique(m) for m in maps]))
        return [i for i in ids.tolist() if i < len(self.classes)]

    def errors(self, label: str) -> np.ndarray:
        """Return ``(H, W)`` of ``RIGHT``, ``WRONG`` and, of truth, ``VOID``.

        A prediction of no class is wrong wherever the truth has one.
        """
        void = self.truth >= len(self.classes)
        wrong = self.predictions[label] != self.truth
        return np.where(void, VOID, wrong).astype(np.uint8)

    def wrong_share(self, label: str) -> float | None:
        """Return the per cent of wrong pixels; None where all are void."""
        errors = self.errors(label)
        known = np.count_nonzero(errors != VOID)
        if known == 0:
            return None
        return 100 * np.count_nonzero(errors == WRONG) / known


def photograph_uri(image: np.ndarray) -> str:
    """Return ``(H, W, 3)`` uint8 RGB as the data URI of a JPEG."""
    return _uri(Image.fromarray(image), 'jpeg', quality=_QUALITY)


def map_uri(labels: np.ndarray, palette: Sequence[Sequence[int]]) -> str:
    """Return ``(H, W)`` ids as the data URI of a palette PNG.

    What is beyond the palette, of at most 255 colours, is grey.
    """
    known = np.minimum(labels, len(palette))
    image = Image.fromarray(known.astype(np.uint8))
    colours = [*palette, VOID_COLOUR]
    image.putpalette([int(part) for colour in colours for part in colour])
    return _uri(image, 'png', optimize=True)


def _uri(image: Image.Image, format: str, **options: int) -> str:
    file = io.BytesIO()
    image.save(file, format, **options)
    content = base64.b64encode(file.getvalue()).decode()
    return f'data:image/{format};base64,{content}'
