"""Run records: one JSON object for one evaluation of one model.

=============  ============================================================
key            meaning (units; null where unknown or not applicable)
=============  ============================================================
schema         1; raised when a key changes its meaning
kind           a key of zoo.evaluation.kinds.KINDS: 'semantic', 'instance',
               'boxes' or 'tags'
config         method and leaf, like 'deeplab_crf/vgg16_minivoc'
config_hash    sha256 of the resolved config's text
title          first comment line of the leaf
checkpoint     {file: name without folder, sha256} or null; of parts trained
               apart also assembled_from: [leaf, or file where unknown]
dataset        short name, like 'minivoc'
split          like 'val'
images         number of images scored
classes        names, in the order of the labels
metrics        {name: per cent or null}, those of the kind. semantic: mIoU,
               aAcc (pixel accuracy), mAcc; instance: AP_0.5, AP_0.7, AP_vol
               (AP^r); boxes: box_IoU, mean IoU of predicted and true box over
               the pixels of a thing, hit_0.5, share of these from IoU 0.5;
               tags: mAP, mean average precision
per_class      {metric: {class: per cent or null}}. semantic: IoU, Acc;
               instance and boxes: their metrics; tags: AP
per_image      {image: list} from which any subset can be scored again.
               semantic: [[class, tp, predicted, labelled], ...] in pixels;
               instance: [[class, truths, [[score, [iou, ...]], ...]], ...],
               see zoo.evaluation.region_overlaps;
               boxes: [[class, pixels, sum of IoU, hits], ...];
               tags: [[class, 1 or 0 for there or not, probability], ...]
rules          {matching, ap, void} of zoo.evaluation.kinds.RULES; kind
               instance only
parameters     number of scalars that the model holds, or null
timing         {ms_per_image, hardware, device, threads} or null
training       {iterations, seconds, hardware} or null
seed           of the training run, or null
commit         of the zoo's repository, or null outside git
dirty          whether its code differed from that commit, or null
versions       {package: version}
date           UTC, ISO 8601
published      [{method, dataset, split, metric}], rows to stand beside it
views          predictions averaged per image; above 1 in multi-view testing
argv           the command line, as a list
multi_view     {scales, flip, shifts: [[dy, dx] in pixels]} where a test was
               asked for several views; without the key, views says it all
folds          [{split, images, metrics, seconds, checkpoint}] of a
               cross-validation, in which each image is scored once; then
               split is like '5 folds', metrics are of the counts of all
               images, checkpoint is null, and training has the iterations of
               one fold and the seconds of all, parts included
trimap         {widths: [pixels], final: {mIoU: [per cent], aAcc: [...]}, raw:
               the same before post-processors, or null}: scores within bands
               of these widths around void pixels, where a test was asked for
               them; see zoo.evaluation.trimap_block
=============  ============================================================

Keys beyond these are kept. ``commit``, ``dirty``, ``versions``, ``date`` and
``argv`` come from ``zoo.evaluation.environment``.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.errors import UserError
from zoo.files import write_text

from .kinds import KINDS, Kind, check_rules
from .pixel_table import PixelTable
from .record_text import decode_record
from .trimap_block import check_trimap

SCHEMA = 1
VIEW_KEYS = ('scales', 'flip', 'shifts')
PUBLISHED_KEYS = ('method', 'dataset', 'split', 'metric')

_NULL = type(None)
_TYPES: dict[str, tuple[type, ...]] = {
    'schema': (int,),
    'kind': (str,),
    'config': (str,),
    'config_hash': (str,),
    'title': (str,),
    'checkpoint': (dict, _NULL),
    'dataset': (str,),
    'split': (str,),
    'images': (int,),
    'classes': (list,),
    'metrics': (dict,),
    'per_class': (dict,),
    'parameters': (int, _NULL),
    'timing': (dict, _NULL),
    'training': (dict, _NULL),
    'seed': (int, _NULL),
    'commit': (str, _NULL),
    'dirty': (bool, _NULL),
    'versions': (dict,),
    'date': (str,),
    'published': (list,),
    'views': (int,),
    'argv': (list,),
}
_INNER = {
    'checkpoint': ('file', 'sha256'),
    'timing': ('ms_per_image', 'hardware', 'device', 'threads'),
    'training': ('iterations', 'seconds', 'hardware'),
}
_NUMBERS: dict[tuple[str, str], tuple[type, ...]] = {
    ('timing', 'ms_per_image'): (int, float),
    ('training', 'seconds'): (int, float, _NULL),
}
_PUBLISHED_TYPES = dict.fromkeys(PUBLISHED_KEYS, str)
_VIEW_TYPES = {'scales': list, 'flip': bool, 'shifts': list}


def write_record(path: str | Path, record: dict) -> None:
    """Write a record, with one line per image; nan becomes null.

    The file appears whole or not at all; folders are made.

    Raises:
        ValueError: If a key is missing or has the wrong type.
    """
    text = _to_text(record)
    _check(decode_record(text.encode()))
    write_text(path, text)


def read_record(path: str | Path, *, lists: bool = True) -> dict:
    """Read and check a record.

    Args:
        path: The file.
        lists: See ``decode_record``.

    Raises:
        UserError: If the file is missing, is not whole, or holds something
            else than a record of this schema.
    """
    try:
        record = decode_record(Path(path).read_bytes(), lists=lists)
        _check(record)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be read ({error.strerror}). Check the path.'
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            f'{path}: not a run record ({error}). Delete it or write it again '
            'with tools/test.py.'
        ) from error
    return record


def _to_text(record: dict) -> str:
    """Indent all but the counts: one image per line diffs and reads well."""
    head = {k: v for k, v in record.items() if k != 'per_image'}
    text = json.dumps(
        _nan_to_null(head), indent=2, ensure_ascii=False, allow_nan=False
    )
    lines = ',\n'.join(
        f'    {json.dumps(name, ensure_ascii=False)}: '
        f'{json.dumps(counts, separators=(",", ":"))}'
        for name, counts in record.get('per_image', {}).items()
    )
    return f'{text[:-2]},\n  "per_image": {{\n{lines}\n  }}\n}}\n'


def _nan_to_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _nan_to_null(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_nan_to_null(v) for v in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _check(record: dict) -> None:
    """Raise ValueError, with the reason, unless this is a record."""
    if 'schema' not in record:
        raise ValueError("no key 'schema'")
    if record['schema'] != SCHEMA:
        raise ValueError(
            f'schema {record["schema"]!r}, this version reads {SCHEMA}'
        )
    for key, types in _TYPES.items():
        _check_type(record, key, types)
    if record['kind'] not in KINDS:
        raise ValueError(f'unknown kind {record["kind"]!r}')
    kind = KINDS[record['kind']]
    _check_views(record)
    for key, inner in _INNER.items():
        _check_inner(record, key, inner)
    for (key, name), types in _NUMBERS.items():
        if record[key] is not None and type(record[key][name]) not in types:
            raise ValueError(
                f'{name!r} in {key!r} is {record[key][name]!r}, no number'
            )
    _check_parts(record['checkpoint'] or {})
    _check_scores(record, kind)
    _check_rules(record, kind)
    _check_images(record)
    _check_published(record['published'])
    _check_trimap(record)


def _check_type(record: dict, key: str, types: tuple[type, ...]) -> None:
    if key not in record:
        raise ValueError(f'no key {key!r}')
    # Exact types: JSON knows no others, and True must not pass for 1.
    if type(record[key]) not in types:
        raise ValueError(
            f'{key!r} is a {type(record[key]).__name__}, '
            f'not {" or ".join(t.__name__ for t in types)}'
        )


def _check_inner(record: dict, key: str, inner: Iterable[str]) -> None:
    if record[key] is None:
        return
    for name in inner:
        if name not in record[key]:
            raise ValueError(f'no key {name!r} in {key!r}')


def _check_views(record: dict) -> None:
    if record['views'] < 1:
        raise ValueError(f'views is {record["views"]}')
    if 'multi_view' not in record:
        return
    chosen = record['multi_view']
    if type(chosen) is not dict or _types(chosen) != _VIEW_TYPES:
        raise ValueError(
            f"'multi_view' needs {', '.join(VIEW_KEYS)}, got {chosen!r}"
        )


def _types(values: dict) -> dict[str, type]:
    return {key: type(value) for key, value in values.items()}


def _check_parts(checkpoint: dict) -> None:
    parts = checkpoint.get('assembled_from', [])
    if type(parts) is not list or not all(type(p) is str for p in parts):
        raise ValueError(
            f"'assembled_from' in 'checkpoint' is {parts!r}, no list of names"
        )


def _check_scores(record: dict, kind: Kind) -> None:
    _check_inner(record, 'metrics', kind.metrics)
    _check_inner(record, 'per_class', kind.per_class)
    classes = record['classes']
    for name in kind.per_class:
        values = record['per_class'][name]
        if not isinstance(values, dict) or list(values) != classes:
            raise ValueError(f"'{name}' in 'per_class' is not of the classes")
        _check_per_cent(f'per_class {name}', values.values())
    _check_per_cent('metrics', [record['metrics'][m] for m in kind.metrics])


def _check_rules(record: dict, kind: Kind) -> None:
    if not kind.rules:
        return
    _check_type(record, 'rules', (dict,))
    _check_inner(record, 'rules', kind.rules)
    check_rules({name: record['rules'][name] for name in kind.rules})


def _check_per_cent(name: str, values: Any) -> None:
    for value in values:
        if value is None:
            continue
        if type(value) not in (int, float) or not 0 <= value <= 100:
            raise ValueError(f'{name}: {value!r} is not a per cent value')


def _check_images(record: dict) -> None:
    if not isinstance(record.get('per_image'), PixelTable):
        _check_type(record, 'per_image', (dict,))
    if len(record['per_image']) != record['images']:
        raise ValueError(
            f"'images' is {record['images']}, 'per_image' holds "
            f'{len(record["per_image"])}'
        )


def _check_published(published: list) -> None:
    for row in published:
        if type(row) is not dict or _types(row) != _PUBLISHED_TYPES:
            raise ValueError(
                f"'published' needs {', '.join(PUBLISHED_KEYS)}, got {row!r}"
            )


def _check_trimap(record: dict) -> None:
    if 'trimap' in record:
        check_trimap(record['trimap'])
