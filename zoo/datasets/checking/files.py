"""Look at one image and its label map."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from zoo.datasets.checking.plain_png import Counts, count_plain_png
from zoo.datasets.checking.problems import Problem, problem
from zoo.datasets.instance_maps import beside, read_instances
from zoo.datasets.label_maps import (
    VOID,
    decode_label_map,
    read_label_map,
    wrong_size,
)
from zoo.errors import UserError
from zoo.photo import decode_photo, read_file


class Pair(NamedTuple):
    """Paths of an image and of its label map."""

    image: str
    label: str


class Colours(NamedTuple):
    """What an image looks like.

    Attributes:
        shape: ``(H, W)``.
        mean: ``(3,)`` BGR, 0 to 255.
        std: The same, standard deviation.
    """

    shape: tuple[int, int]
    mean: np.ndarray
    std: np.ndarray


@dataclass
class Look:
    """What one pair of files tells.

    Attributes:
        pair: The files.
        absent: Those of them that are not there.
        problems: What is wrong with the others.
        digest: Of the bytes of the image file.
        colours: Of the image.
        counts: Of the label map.
    """

    pair: Pair
    absent: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    digest: bytes | None = None
    colours: Colours | None = None
    counts: Counts | None = None


def look_at(
    pair: Pair, *, instances: str | None = None, labels_only: bool = False
) -> Look:
    """Read both files as training would.

    Ids are counted, not judged.

    Args:
        pair: The files.
        instances: Folder of the maps of instances, which are read, too.
        labels_only: Leave the image unread.
    """
    look = Look(pair)
    if not labels_only:
        _try(look, 'image', pair.image, _look_at_image)
    _try(
        look,
        'label map',
        pair.label,
        _look_at_label if instances is None else _look_at_numbers(instances),
    )
    _compare_sizes(look)
    return look


def _compare_sizes(look: Look) -> None:
    if look.colours is None or look.counts is None:
        return
    image, label = look.colours.shape, look.counts.shape
    if image != label:
        error = wrong_size(look.pair.label, label, look.pair.image, image)
        look.problems.append(
            problem('error', 'size', str(error), look.pair[::-1])
        )


def _try(
    look: Look, kind: str, path: str, read: Callable[[Look], None]
) -> None:
    try:
        read(look)
    except UserError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            look.absent.append(path)
        else:
            found = problem('error', kind, str(error), [path])
            look.problems.append(found)


def _look_at_image(look: Look) -> None:
    path = look.pair.image
    content = read_file(path, what='an image')
    look.digest = hashlib.sha256(content).digest()
    image = decode_photo(content, path)
    # OpenCV releases Python's lock; its shape depends on the version.
    # RGB to BGR, the order of the data_preprocessor's mean
    mean, std = (x.ravel()[::-1] for x in cv2.meanStdDev(image))
    look.colours = Colours(image.shape[:2], mean, std)


def _look_at_label(look: Look) -> None:
    path = look.pair.label
    if path.endswith('.mat'):
        look.counts = _count(read_label_map(path))
        return
    content = read_file(path, what='a label map')
    look.counts = count_plain_png(content)
    if look.counts is None:
        look.counts = _count(decode_label_map(content, path))


def _look_at_numbers(folder: str) -> Callable[[Look], None]:
    """Return a reader of a label map and of its map of instances."""

    def read(look: Look) -> None:
        labels = read_label_map(look.pair.label)
        look.counts = _count(labels)
        path = beside(look.pair.label, folder)
        try:
            read_instances(path, labels)
        except UserError as error:
            look.problems.append(
                problem('error', 'instances', str(error), [path])
            )

    return read


def _count(labels: np.ndarray) -> Counts:
    low = labels
    wide: list[int] = []
    if labels.dtype != np.uint8:
        outside = (labels < 0) | (labels > VOID)
        wide = np.unique(labels[outside]).tolist()
        low = labels[~outside]
    pixels = np.bincount(low.ravel(), minlength=VOID + 1)
    return Counts(labels.shape, pixels, tuple(wide))
