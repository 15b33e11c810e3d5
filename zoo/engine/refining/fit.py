"""Whether saved probabilities are those of a photograph."""

import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from zoo.datasets.label_maps import VOID
from zoo.datasets.loading import describe_size
from zoo.engine.refining.album import Item
from zoo.engine.refining.numpy_file import stated_shape
from zoo.errors import UserError

_ORIENTATION = 0x0112  # in EXIF
_TURNED = (5, 6, 7, 8)  # by 90 degrees


def common_classes(paths: Iterable[Path]) -> int | None:
    """Return the number of classes that most files state, if any does."""
    shapes = filter(None, map(stated_shape, paths))
    counted = Counter(shape[0] for shape in shapes).most_common(1)
    return counted[0][0] if counted else None


def require_fit(
    item: Item,
    probs: tuple[int, ...],
    photo: tuple[int, ...],
    content: bytes,
) -> None:
    """Refuse probabilities of another size or of other classes.

    Args:
        item: What an error names.
        probs: ``(C, H, W)``.
        photo: ``(H, W, 3)``.
        content: Of the file of the photograph.

    Raises:
        UserError: With a hint at what went wrong.
    """
    classes, *size = probs
    last = tuple(probs[:2]) == photo[:2] and tuple(size) != photo[:2]
    if item.classes not in (None, classes):
        wrong = f'has {classes} classes, {item.classes_of} {item.classes}'
        hint = 'Take it away, or choose the leaf that it belongs to'
    elif tuple(size) != photo[:2]:
        wrong = (
            f'is for {describe_size(tuple(size))}, {item.photo} has '
            f'{describe_size(photo)}'
        )
        hint = 'Save them at the size of the photograph'
        if tuple(size) == photo[1::-1]:
            hint = _hint_of_swapped(content)
    elif classes > VOID:
        wrong = f'has {classes} classes, a mask of 8 bits holds {VOID}'
        hint = 'Take it away, or save fewer classes'
    else:
        return
    if last:
        hint = 'It looks like (H, W, C): move the last axis to the front'
    raise UserError(f'{item.probs}: {wrong}. {hint}')


def _hint_of_swapped(content: bytes) -> str:
    exif = Image.open(io.BytesIO(content)).getexif()
    if exif.get(_ORIENTATION) in _TURNED:
        return (
            'Its EXIF orientation turns it, which is not applied here: save '
            'them for the pixels as stored'
        )
    return 'Height and width are swapped: save it as (C, H, W)'
