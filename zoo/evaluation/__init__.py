"""Metrics, run records and tables; importing registers the metrics."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from .box_iou_metric import BoxIoUMetric
from .counts import add_up, count_pixels, scores
from .environment import environment, hardware_name
from .published import find_published, load_published
from .records import read_record, write_record
from .region_ap import average_precision, region_ap
from .region_ap_metric import RegionAPMetric
from .region_overlaps import region_overlaps
from .segmentation_metric import SegmentationMetric
from .summaries import Stat, Summary, summarise
from .tables import render
from .tag_metric import TagMetric

__all__ = [
    'BoxIoUMetric',
    'RegionAPMetric',
    'SegmentationMetric',
    'Stat',
    'Summary',
    'TagMetric',
    'add_up',
    'average_precision',
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
