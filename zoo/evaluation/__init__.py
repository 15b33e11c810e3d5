"""Metrics, run records and tables.

Records and tables need no torch, and ``tools/leaderboard.py`` no seconds for
loading it. So the metrics load, and are registered, when one of them is first
asked for here, with ``zoo.engine``, or by ``import zoo.evaluation.metrics``.
"""

from typing import TYPE_CHECKING, Any

from .comparison import Difference, compare
from .counts import add_up, count_pixels, scores
from .environment import environment, hardware_name
from .published import find_published, load_published
from .records import read_record, write_record
from .region_ap import average_precision, region_ap
from .region_overlaps import region_overlaps
from .summaries import Stat, Summary, summarise
from .tables import render

if TYPE_CHECKING:
    from .metrics import (
        BoxIoUMetric,
        RegionAPMetric,
        SegmentationMetric,
        TagMetric,
        TrimapMetric,
    )

__all__ = [
    'BoxIoUMetric',
    'Difference',
    'RegionAPMetric',
    'SegmentationMetric',
    'Stat',
    'Summary',
    'TagMetric',
    'TrimapMetric',
    'add_up',
    'average_precision',
    'compare',
    'count_pixels',
    'environment',
    'find_published',
    'hardware_name',
    'load_published',
    'read_record',
    'region_ap',
    'region_overlaps',
    'render',
    'scores',
    'summarise',
    'write_record',
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from . import metrics

    return getattr(metrics, name)
