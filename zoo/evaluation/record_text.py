"""The JSON of a run record, its images row by row of the right types."""

from typing import Annotated, Any

import msgspec

from .pixel_table import LARGEST, PixelTable, from_texts

_Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
_Overlaps = tuple[float, list[float]]
_ROWS: dict[str, Any] = {
    'semantic': list[tuple[_Count, _Count, _Count, _Count]],
    'instance': list[tuple[_Count, _Count, list[_Overlaps]]],
    'boxes': list[tuple[_Count, _Count, float, _Count]],
    'tags': list[tuple[_Count, _Count, float]],
}
_SHAPES = {
    'semantic': '[class, tp, predicted, labelled]',
    'instance': '[class, truths, [[score, [iou, ...]], ...]]',
    'boxes': '[class, pixels, sum of IoU, hits]',
    'tags': '[class, 1 or 0, probability]',
}
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_IMAGES = {
    kind: msgspec.json.Decoder(dict[str, rows])  # type: ignore[valid-type]
    for kind, rows in _ROWS.items()
}


def decode_record(text: bytes, *, lists: bool = True) -> dict[str, Any]:
    """Return the object that the text is; its images are of its kind.

    Args:
        text: UTF-8.
        lists: Whether the rows of the images become lists, as everywhere;
            else, in half the time, a ``PixelTable`` of kind 'semantic' and
            tuples of others.

    Raises:
        ValueError: If it is no JSON or no object, or if a row of an image is
            not one of its kind.
    """
    parts = _KEYS.decode(text)
    images = parts.pop('per_image', None)
    record = {key: msgspec.json.decode(raw) for key, raw in parts.items()}
    if images is not None:
        record['per_image'] = _images(images, record.get('kind'), lists)
    return record


def _images(text: msgspec.Raw, kind: Any, lists: bool) -> Any:
    """Return images and rows; what is no object of any kind, as it is."""
    if not isinstance(kind, str) or kind not in _IMAGES:
        return msgspec.json.decode(text)
    if kind == 'semantic' and not lists:
        table = _pixel_table(text)
        if table is not None:
            return table
    try:
        typed = _IMAGES[kind].decode(text)
    except msgspec.ValidationError:
        images = msgspec.json.decode(text)
        if isinstance(images, dict):
            for name, rows in images.items():
                _require_rows(name, rows, kind)
        return images
    return msgspec.json.decode(text) if lists else typed


def _pixel_table(text: msgspec.Raw) -> PixelTable | None:
    try:
        return from_texts(_KEYS.decode(text))
    except msgspec.ValidationError:  # no object
        return None


def _require_rows(name: str, rows: Any, kind: str) -> None:
    try:
        msgspec.convert(rows, _ROWS[kind])
    except msgspec.ValidationError as error:
        raise ValueError(
            "'per_image' holds something else than lists of "
            f'{_SHAPES[kind]} for {name!r}: {error}'
        ) from error
