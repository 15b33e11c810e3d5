"""What a run record says of the bands around borders."""

from typing import Annotated

import msgspec

CURVES = ('mIoU', 'aAcc')
FINAL, RAW = 'final', 'raw'
_Width = Annotated[int, msgspec.Meta(ge=1)]
_PerCent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class _Curves(msgspec.Struct):
    mIoU: list[_PerCent]
    aAcc: list[_PerCent]


class _Trimap(msgspec.Struct):
    widths: Annotated[list[_Width], msgspec.Meta(min_length=1)]
    final: _Curves
    raw: _Curves | None


def check_trimap(block: object) -> None:
    """Refuse what is no block 'trimap' of a record.

    ``widths`` are those of the bands in pixels, rising; ``final`` holds
    'mIoU' and 'aAcc' in per cent, a list with a value for each width, of the
    labels that the leaf ends with, ``raw`` those before its post-processors,
    or null where it has none. Further keys are allowed.

    Raises:
        ValueError: With the reason.
    """
    try:
        known = msgspec.convert(block, _Trimap)
    except msgspec.ValidationError as error:
        raise ValueError(f"'trimap': {error}") from error
    if known.widths != sorted(set(known.widths)):
        raise ValueError(f"'widths' in 'trimap' do not rise: {known.widths}")
    for curves in (known.final, known.raw):
        if curves is None:
            continue
        lengths = [len(curves.mIoU), len(curves.aAcc)]
        if lengths != [len(known.widths)] * 2:
            raise ValueError(
                f"'trimap' has {len(known.widths)} widths, but {lengths[0]} "
                f'of mIoU and {lengths[1]} of aAcc'
            )
