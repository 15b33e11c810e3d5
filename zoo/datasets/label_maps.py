"""Read a label map, and say what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo.errors import UserError
from zoo.photo import REMEDY, decode, read_file

VOID = 255
_SHOWN = 8  # ids named in a message


def read_label_map(
    path: str | Path, *, backend_args: dict | None = None
) -> np.ndarray:
    """Return the class ids as stored, whatever their range.

    Args:
        path: A single-channel image; of a palette image the indices count,
            not the colours. Or a file of SBD's ``cls``, ``.mat``.
        backend_args: Passed to ``mmengine.fileio.get``.

    Returns:
        ``(H, W)`` integers; uint8 for files of up to eight bits.

    Raises:
        UserError: If the file cannot be read, is a JPEG or has several
            channels.
    """
    if Path(path).suffix == '.mat':
        from zoo.datasets.sbd_mat import read_mat_file, sbd_classes

        content = read_mat_file(path, backend_args=backend_args)
        return sbd_classes(content, path)
    content = read_file(path, what='a label map', backend_args=backend_args)
    return decode_label_map(content, path)


def decode_label_map(
    content: bytes, path: str | Path, *, remedy: str = REMEDY
) -> np.ndarray:
    """Return what ``read_label_map`` does, of a file that is read already.

    Args:
        content: Of the file.
        path: What a message calls it.
        remedy: Where it is damaged.
    """
    image = decode(content, path, what='a label map', remedy=remedy)
    if image.format == 'JPEG':
        raise UserError(
            f'{path}: is a JPEG image, whose compression changes ids. Get '
            'the label map as PNG; converting this file does not bring the '
            'ids back.'
        )
    labels = np.array(image)
    if labels.ndim != 2:
        raise UserError(
            f'{path}: has {labels.shape[-1]} channels, a label map has one '
            f'channel of class ids. {_back_to_ids(labels)}'
        )
    if labels.dtype.kind not in 'bui':
        raise UserError(
            f'{path}: holds {labels.dtype} values, a label map holds whole '
            'numbers. Convert it to an 8-bit image.'
        )
    return labels.astype(np.uint8) if labels.dtype == bool else labels


def _back_to_ids(colours: np.ndarray) -> str:
    colours = colours[..., : 3 if colours.shape[-1] > 2 else 1]  # no alpha
    if (colours == colours[..., :1]).all():
        return (
            'All are equal: keep the first, e.g. in Pillow '
            'image.getchannel(0).'
        )
    return (
        'Its palette was turned into colours: get the original, or convert '
        'the colours to ids, e.g. in Pillow image.convert("RGB")'
        '.quantize(palette=Image.open(AN_INTACT_LABEL_MAP), dither=0).'
    )


def unknown_ids(labels: np.ndarray, num_classes: int) -> list[int]:
    """Return the ids that are neither a class nor void (255), ascending."""
    wrong = (labels >= num_classes) & (labels != VOID)
    if labels.dtype.kind == 'i':
        wrong |= labels < 0
    return np.unique(labels[wrong]).tolist() if wrong.any() else []


def describe_size(shape: tuple[int, ...]) -> str:
    """Return ``'WxH pixels'`` for a shape ``(H, W, ...)``."""
    return f'{shape[1]}x{shape[0]} pixels'


def id_table(record: Mapping[str, Any]) -> np.ndarray:
    """Return ``(256,)``: the class that the data set makes of a stored id."""
    table = np.arange(256)
    if record.get('reduce_zero_label'):
        table = np.where((table == 0) | (table == VOID), VOID, table - 1)
    label_map = record.get('label_map') or {}
    return np.array([label_map.get(i, i) for i in table.tolist()], np.uint8)


def wrong_size(
    path: str | Path,
    shape: tuple[int, ...],
    image: str | Path | None,
    image_shape: tuple[int, ...],
) -> UserError:
    """Say that a label map of ``shape`` is not that of an image."""
    what = (
        f'{path}: label map of {describe_size(shape)} for an image of '
        f'{describe_size(image_shape)}, {image}'
    )
    if tuple(shape[:2]) == tuple(image_shape[1::-1]):
        return UserError(
            f'{what}: width and height are swapped. One of the two was '
            'turned, mostly by a program that applied an EXIF orientation; '
            'get both as published, or turn it back.'
        )
    return UserError(f'{what}. {REMEDY}')


def wrong_ids(path: str | Path, ids: list[int], num_classes: int) -> UserError:
    """Say that stored ids are beyond the classes, and why that may be."""
    shown = ', '.join(map(str, ids[:_SHOWN]))
    shown += ', ...' if len(ids) > _SHOWN else ''
    return UserError(
        f'{path}: ids {shown} are beyond the {num_classes} classes (only '
        f'{VOID} may be: void). {_why_beyond(ids, num_classes)}'
    )


def _why_beyond(ids: list[int], num_classes: int) -> str:
    if ids[0] < 0 or ids[-1] > VOID:
        return (
            f'It has more than 8 bits: save it with 8, void as {VOID} '
            '(in 16 bits it is often 65535).'
        )
    if ids == [num_classes]:
        return (
            f'If its ids are 1 .. {num_classes} and 0 is unknown, subtract 1 '
            f'and make 0 {VOID}.'
        )
    if num_classes == 19 and ids[-1] <= 33:
        return (
            "These look like Cityscapes' labelIds: take the files "
            '*_gtFine_labelTrainIds.png.'
        )
    return (
        'Correct the label map, or the number of classes (num_classes of '
        'LoadLabels, class_names.txt).'
    )
