"""Data sets and transforms that mmseg lacks; importing registers them."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from .coco_voc20 import COCOVOC20Dataset
from .feature_table import FeatureTable
from .instances import (
    LabelByInstance,
    LoadInstances,
    PackInstances,
    RandomCropWithBoxes,
)
from .loading import LoadImage, LoadLabels
from .minivoc_dataset import MiniVOCDataset
from .msrc21 import MSRC21Dataset
from .nyud40 import NYUD40Dataset
from .own import OwnDataset
from .random_area_crop import RandomAreaCrop
from .random_rescale import RandomRescale
from .sbd import SBDDataset
from .siftflow import SIFTFlowDataset
from .stanford import StanfordBackgroundDataset
from .superpixels import AddSuperpixels, PackSuperpixels
from .tags import PackTags, TagsOfLabels
from .voc_aug import VOCAugDataset

__all__ = [
    'AddSuperpixels',
    'COCOVOC20Dataset',
    'FeatureTable',
    'LabelByInstance',
    'LoadImage',
    'LoadInstances',
    'LoadLabels',
    'MSRC21Dataset',
    'MiniVOCDataset',
    'NYUD40Dataset',
    'OwnDataset',
    'PackInstances',
    'PackSuperpixels',
    'PackTags',
    'RandomAreaCrop',
    'RandomCropWithBoxes',
    'RandomRescale',
    'SBDDataset',
    'SIFTFlowDataset',
    'StanfordBackgroundDataset',
    'TagsOfLabels',
    'VOCAugDataset',
]
