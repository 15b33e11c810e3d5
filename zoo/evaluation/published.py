"""Published numbers that measured ones are compared with."""

import csv
import difflib
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import UserError

from .kinds import KINDS
from .records import PUBLISHED_KEYS

CSV = Path(__file__).with_name('published_results.csv')
# The score by class that belongs to a score: 'IoU/' to 'mIoU'.
_CLASS_PREFIXES = {
    kind.metrics[kind.rank].name: f'{kind.class_name}/'
    for kind in KINDS.values()
}
_COLUMNS = ['method', 'dataset', 'split', 'metric', 'value', 'source']


@dataclass(frozen=True)
class Row:
    """One published number, in per cent unless the metric says otherwise."""

    method: str
    dataset: str
    split: str
    metric: str
    value: float
    source: str


@functools.cache
def load_published(path: Path = CSV) -> tuple[Row, ...]:
    """Read the table of published numbers.

    The source stands last and may hold commas without being quoted.

    Raises:
        UserError: If the header or a value is not what it should be.
    """
    with path.open(encoding='utf-8', newline='') as file:
        reader = csv.reader(file)
        if next(reader, None) != _COLUMNS:
            raise UserError(
                f'{path}: the first line must be {",".join(_COLUMNS)}.'
            )
        return tuple(_row(path, reader.line_num, line) for line in reader)


def _row(path: Path, number: int, cells: list[str]) -> Row:
    try:
        method, dataset, split, metric, value, source, *more = cells
        source = ','.join([source, *more])
        return Row(method, dataset, split, metric, float(value), source)
    except ValueError as error:
        raise UserError(
            f'{path}: line {number} is not {",".join(_COLUMNS)} with a number '
            'as value. Correct it.'
        ) from error


def find_published(
    stated: Iterable[Mapping[str, str]], rows: Sequence[Row] | None = None
) -> list[Row]:
    """Return the rows that a config states, without repeats.

    Args:
        stated: Mappings with method, dataset, split and metric. To an 'mIoU'
            the same source's rows 'IoU/<class>' are added where it has any;
            other kinds of score likewise.
        rows: Where to look; the zoo's own table where None.

    Raises:
        UserError: If there is no such row; the nearest method is named.
    """
    table = load_published() if rows is None else rows
    found: list[Row] = []
    for wanted in stated:
        hits = [row for row in table if _matches(row, wanted)]
        if not hits:
            raise UserError(_not_found(wanted, table))
        for hit in hits:
            found += [hit, *_class_rows(hit, table)]
    return list(dict.fromkeys(found))


def _matches(row: Row, wanted: Mapping[str, str]) -> bool:
    return all(getattr(row, key) == wanted[key] for key in PUBLISHED_KEYS)


def _class_rows(hit: Row, table: Sequence[Row]) -> list[Row]:
    prefix = _CLASS_PREFIXES.get(hit.metric)
    if prefix is None:
        return []
    return [
        row
        for row in table
        if row.metric.startswith(prefix)
        and (row.method, row.dataset, row.split, row.source)
        == (hit.method, hit.dataset, hit.split, hit.source)
    ]


def _not_found(wanted: Mapping[str, str], table: Sequence[Row]) -> str:
    names = [
        row.method
        for row in table
        if (row.dataset, row.split) == (wanted['dataset'], wanted['split'])
    ]
    near = difflib.get_close_matches(wanted['method'], names, 1)
    hint = f' The nearest method is {near[0]!r}.' if near else ''
    text = ', '.join(f'{key}={wanted[key]!r}' for key in PUBLISHED_KEYS)
    return (
        f'{CSV.name}: no row {text}.{hint} Correct `published` in the config '
        'or add the row.'
    )
