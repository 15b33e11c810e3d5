"""Kernel parameters of a dense CRF in a file, as a search has found them."""

import json
import math
from pathlib import Path
from typing import Any

from zoo.errors import UserError

KERNELS = (
    'bilateral_weight',
    'bilateral_xy_std',
    'bilateral_rgb_std',
    'gaussian_weight',
    'gaussian_xy_std',
)
_REMEDY = 'Write it again with tools/tune_crf.py'


def read_preset(path: str | Path) -> dict[str, float]:
    """Return the five kernel parameters of a preset file.

    It is a JSON object with a number for each of ``KERNELS`` and, under
    ``found``, an object that says how they were found, which is not read.

    Args:
        path: Relative to the folder that one works in.

    Raises:
        UserError: If it is not there or not JSON, or a key is missing,
            unknown, or no number.
    """
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
    except OSError as error:
        raise UserError(
            f'{path}: no preset can be read there ({error.strerror}). '
            f'Correct preset of DenseCRF. {_REMEDY}'
        ) from error
    except ValueError as error:
        raise UserError(f'{path}: is not JSON ({error}). {_REMEDY}') from error
    if not isinstance(content, dict):
        raise UserError(f'{path}: is not a JSON object. {_REMEDY}')
    missing = [name for name in KERNELS if name not in content]
    unknown = [name for name in content if name not in (*KERNELS, 'found')]
    if missing or unknown:
        lacks = f'lacks {", ".join(missing)}' if missing else ''
        extra = f'has unknown keys: {", ".join(unknown)}' if unknown else ''
        both = ', '.join(part for part in (lacks, extra) if part)
        raise UserError(f'{path}: {both}. {_REMEDY}')
    for name in KERNELS:
        if not _is_number(content[name]):
            raise UserError(
                f'{path}: {name} is {content[name]!r}, not a number. {_REMEDY}'
            )
    return {name: content[name] for name in KERNELS}


def _is_number(value: Any) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and math.isfinite(value)
