"""Probabilities, photograph and labels of an image, checked to fit."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mmseg.registry import TRANSFORMS

from zoo.engine.refining.album import Item
from zoo.engine.refining.chain import Chain
from zoo.engine.refining.fit import require_fit
from zoo.engine.refining.saved_probs import read_probs, unrounded
from zoo.errors import UserError
from zoo.evaluation.counts import Counts, count_pixels
from zoo.photo import decode_photo, read_file


@dataclass(frozen=True)
class Loaded:
    """An image in memory.

    Attributes:
        item: Where it comes from.
        probs: ``(C, H, W)`` as stored.
        photo: ``(H, W, 3)`` uint8 RGB.
        truth: ``(H, W)`` classes or 255; ``None`` without labels.
        digest: Changes with the former two.
    """

    item: Item
    probs: np.ndarray
    photo: np.ndarray
    truth: np.ndarray | None
    digest: str

    @property
    def labelled_digest(self) -> str:
        """Changes with the labels too."""
        parts = hashlib.sha256(self.digest.encode())
        if self.truth is not None:
            parts.update(self.truth.tobytes())
        return parts.hexdigest()

    def refined(self, chain: Chain) -> np.ndarray:
        """Return the probabilities that a chain makes of them.

        Raises:
            UserError: If the chain refuses them; it names the file.
        """
        try:
            return chain(unrounded(self.probs), self.photo)
        except ValueError as error:
            raise UserError(f'{self.item.probs}: {error}') from error

    def counts(self, classes: np.ndarray) -> Counts:
        """Return the pixel counts of an ``(H, W)`` labelling.

        Raises:
            UserError: If a label is beyond the classes.
        """
        assert self.truth is not None  # the caller asked for labels
        try:
            return count_pixels(
                classes, self.truth, num_classes=len(self.probs)
            )
        except ValueError as error:
            raise UserError(
                f'{self.item.probs}: {error}. Compare the {len(self.probs)} '
                'classes of the file with those of the labels'
            ) from error


def load(item: Item) -> Loaded:
    """Read the files of an image.

    Raises:
        UserError: If one is missing, damaged, or does not fit the others; it
            names the file and the remedy.
    """
    probs, digest = read_probs(item.probs)
    if item.photo is None:
        raise UserError(
            f'{item.probs}: no photograph is called {item.name}. Take it '
            'away, or name the folder or split that it belongs to'
        )
    content = read_file(item.photo, what='an image')
    photo = decode_photo(content, item.photo)
    require_fit(item, probs.shape, photo.shape, content)
    truth = None if item.labels is None else _labels(item, probs, photo)
    digest = hashlib.sha256(digest.encode() + content).hexdigest()
    return Loaded(item, probs, photo, truth, digest)


def _labels(item: Item, probs: np.ndarray, photo: np.ndarray) -> np.ndarray:
    loader = TRANSFORMS.build(dict(item.loader))
    record = {
        **(item.labels or {}),
        'img_path': item.photo,
        'ori_shape': photo.shape[:2],
        'num_classes': len(probs),
        'seg_fields': [],
    }
    path = Path(record['seg_map_path'])
    if not path.is_file():
        raise UserError(
            f'{path}: no label map of {item.photo}. Add it, or take '
            f'{item.probs} away'
        )
    return loader.transform(record)['gt_seg_map']
