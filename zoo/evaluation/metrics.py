"""The metrics that a config can name; importing registers them."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from .box_iou_metric import BoxIoUMetric
from .region_ap_metric import RegionAPMetric
from .segmentation_metric import SegmentationMetric
from .tag_metric import TagMetric
from .trimap_metric import TrimapMetric

__all__ = [
    'BoxIoUMetric',
    'RegionAPMetric',
    'SegmentationMetric',
    'TagMetric',
    'TrimapMetric',
]
