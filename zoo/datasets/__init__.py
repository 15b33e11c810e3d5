"""Data sets and transforms that mmseg lacks; importing registers them."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from .loading import LoadImage, LoadLabels
from .minivoc_dataset import MiniVOCDataset
from .msrc21 import MSRC21Dataset
from .voc_aug import VOCAugDataset

__all__ = [
    'LoadImage',
    'LoadLabels',
    'MSRC21Dataset',
    'MiniVOCDataset',
    'VOCAugDataset',
]
