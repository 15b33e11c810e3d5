"""The folds of a cross-validation as a table for a terminal."""

import io
import statistics
from collections.abc import Sequence
from datetime import timedelta

from rich import box
from rich.console import Console
from rich.table import Table

from .published import find_published

_METRICS = {'aAcc': 'pixel acc', 'mAcc': 'mean acc', 'mIoU': 'mIoU'}
_PUBLISHED = {'aAcc': 'pixel_acc', 'mAcc': 'mean_acc', 'mIoU': 'mIoU'}
_NONE = '—'


def fold_table(record: dict) -> str:
    """Return each fold's scores, their mean and those of all pixels.

    Args:
        record: See ``zoo.evaluation.pooling.pool_folds``. The spread is the
            standard deviation over folds, which divides by n - 1.

    Raises:
        UserError: If a stated published row does not exist.
    """
    table = Table(
        title=f'{record["config"]}, {record["split"]}, per cent',
        title_justify='left',
        box=box.SIMPLE_HEAD,
    )
    header = ('fold', 'images', *_METRICS.values(), 'training')
    for name in header:
        text = name == 'fold'
        table.add_column(
            name, justify='left' if text else 'right', no_wrap=True
        )
    folds, seconds = record['folds'], record['training']['seconds']
    for fold in folds:
        cells = _cells(fold['metrics'], fold['seconds'])
        table.add_row(fold['split'], str(fold['images']), *cells)
    table.add_section()
    means = [
        _mean(fold['metrics'][name] for fold in folds) for name in _METRICS
    ]
    table.add_row('mean ± std', '', *means, '')
    pooled = _cells(record['metrics'], seconds)
    table.add_row('all pixels', str(record['images']), *pooled)
    table.add_section()
    for row in _published_rows(record):
        table.add_row(*row)
    file = io.StringIO()
    console = Console(
        file=file, width=200, color_system=None, markup=False, highlight=False
    )
    console.print(table)
    return '\n'.join(x.rstrip() for x in file.getvalue().rstrip().splitlines())


def _cells(metrics: dict, seconds: float | None) -> list[str]:
    time = _NONE if seconds is None else timedelta(seconds=round(seconds))
    return [*(_figure(metrics[name]) for name in _METRICS), str(time)]


def _figure(value: float | None) -> str:
    return _NONE if value is None else f'{value:.2f}'


def _mean(values) -> str:
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return _NONE
    mean, std = statistics.fmean(known), statistics.stdev(known)
    return f'{mean:.2f} ± {std:.2f}'


def _published_rows(record: dict) -> list[Sequence[str]]:
    """Return a row for each method that the leaf states a number of."""
    found: dict[str, dict[str, str]] = {}
    for row in find_published(record['published']):
        found.setdefault(row.method, {})[row.metric] = str(row.value)
    return [
        (
            f'published: {method}',
            '',
            *(scores.get(name, _NONE) for name in _PUBLISHED.values()),
            '',
        )
        for method, scores in found.items()
    ]
