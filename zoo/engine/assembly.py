"""Assemble the weights of parts that were trained apart into one file.

Source: Lin, Shen, van den Hengel, Reid, Efficient Piecewise Training of Deep
Structured Models for Semantic Segmentation, CVPR 2016, arXiv:1504.01013,
piecewise training: the loss is a sum of terms that share no weight, so each
can be trained by itself, anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from mmseg.registry import MODELS
from torch import Tensor

from zoo.engine.checkpoint import load_meta, load_plain, save_plain
from zoo.engine.runner import require_fit
from zoo.errors import UserError
from zoo.files import sha256

REMEDY = 'Give one file of each part'


def assemble(
    parts: Sequence[Path],
    out: Path,
    *,
    names: Sequence[str] | None = None,
    prefixes: Sequence[str] | None = None,
    model: dict | None = None,
) -> Path:
    """Write one checkpoint with the weights of several; return its path.

    It holds weights and what a record says of their training, but no state
    to resume from.

    Args:
        parts: Checkpoints, or files of a bare state dict.
        out: What to write; what was there is replaced.
        names: Leaf of each part, where known, to be kept in the file.
        prefixes: What the names of each part's weights begin with in the
            whole; parts with different ones share no weight.
        model: Config of the network that the parts must make up.

    Raises:
        UserError: If a part cannot be read or is given twice, two parts
            disagree about a weight, their seed or their classes, the whole is
            not that of ``model``, or cannot be written. What was there before
            stays then.
    """
    from_parts = origins(parts, names)
    digests = [origin['sha256'] for origin in from_parts]
    for index, part in enumerate(parts):
        if digests[index] in digests[:index]:
            earlier = parts[digests.index(digests[index])]
            raise UserError(f'{part}: is the same as {earlier}. {REMEDY}')
    contents = [_read(part) for part in parts]
    begin = prefixes or [''] * len(parts)
    states = [
        {f'{prefix}{key}': value for key, value in weights.items()}
        for prefix, (weights, _) in zip(begin, contents, strict=True)
    ]
    state = _merged(parts, states)
    meta = _history(parts, [meta for _, meta in contents])
    if model is not None:
        _require_whole(model, state, parts)
    meta['assembled_from'] = from_parts
    save_plain(
        {'meta': meta, 'state_dict': state},
        out,
        remedy='Make room, then give the same command again',
    )
    return out


def origins(
    parts: Sequence[Path], names: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Return ``{file, sha256}`` of each part.

    With them are its ``leaf`` and the ``iter`` of its training, if known.

    Raises:
        UserError: If a file is missing or damaged.
    """
    for part in parts:
        if not part.is_file():
            raise UserError(f'{part}: no such checkpoint')
    found: list[dict[str, Any]] = [
        {'file': part.name, 'sha256': sha256(part)} for part in parts
    ]
    for origin, part in zip(found, parts, strict=True):
        if (iteration := load_meta(part).get('iter')) is not None:
            origin['iter'] = iteration
    if names is not None:
        for origin, name in zip(found, names, strict=True):
            origin['leaf'] = name
    return found


def _read(part: Path) -> tuple[dict[str, Tensor], dict]:
    """Return weights and ``meta``; the rest, like momenta, stays unread."""
    content = load_plain(part, lazy=True)
    state: Any = content
    meta: dict = {}
    if isinstance(content, Mapping) and 'state_dict' in content:
        state, meta = content['state_dict'], content.get('meta') or {}
    if not _is_state_dict(state):
        raise UserError(f'{part}: holds no dict of weights')
    return state, meta


def _is_state_dict(value: Any) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(item, Tensor) for item in value.values())


def _merged(
    parts: Sequence[Path], states: Sequence[dict[str, Tensor]]
) -> dict[str, Tensor]:
    merged: dict[str, Tensor] = {}
    owner: dict[str, Path] = {}
    for part, state in zip(parts, states, strict=True):
        for key, value in state.items():
            if key not in merged:
                merged[key], owner[key] = value, part
            elif not _same(merged[key], value):
                raise UserError(
                    f'{part}: {key} has another value than in {owner[key]}. '
                    f'{REMEDY}'
                )
    return merged


def _same(a: Tensor, b: Tensor) -> bool:
    return a.dtype == b.dtype and torch.equal(a, b)


def _history(parts: Sequence[Path], metas: Sequence[dict]) -> dict[str, Any]:
    """Return what a record says of a training, for all parts together."""

    def known(key: str) -> list:
        return [meta[key] for meta in metas if meta.get(key) is not None]

    classes = [(m.get('dataset_meta') or {}).get('classes') for m in metas]
    _require_one('classes', parts, classes)
    _require_one('seed', parts, [meta.get('seed') for meta in metas])
    join: dict[str, Callable[[list], Any]] = {
        'seed': lambda values: values[0],
        'iter': max,
        'train_seconds': sum,
        'hardware': lambda values: ', '.join(dict.fromkeys(values)),
        'dataset_meta': lambda values: values[0],
    }
    return {key: join[key](known(key)) for key in join if known(key)}


def _require_one(what: str, parts: Sequence[Path], values: list) -> None:
    """Refuse values that differ among the parts that say theirs."""
    known = [
        (p, v) for p, v in zip(parts, values, strict=True) if v is not None
    ]
    for part, value in known[1:]:
        first, wanted = known[0]
        if value != wanted:
            raise UserError(
                f'{part}: was trained with {what} {_short(value)}, {first} '
                f'with {_short(wanted)}. Only parts of one network belong '
                'together'
            )


def _short(value: Any) -> str:
    return shorten(str(value), 60)


def _require_whole(
    model: dict, state: dict[str, Tensor], parts: Sequence[Path]
) -> None:
    with torch.device('meta'):  # shapes without memory
        expected = MODELS.build(model).state_dict()
    name = ' + '.join(map(str, parts))
    require_fit(expected, state, name, strict=True, remedy=REMEDY)
