"""SIFT-Flow: small outdoor photographs of 33 classes."""

from mmseg.registry import DATASETS

from zoo.datasets.palettes import voc_palette
from zoo.datasets.prepared import PreparedDataset

CLASSES = (
    'awning',
    'balcony',
    'bird',
    'boat',
    'bridge',
    'building',
    'bus',
    'car',
    'cow',
    'crosswalk',
    'desert',
    'door',
    'fence',
    'field',
    'grass',
    'moon',
    'mountain',
    'person',
    'plant',
    'pole',
    'river',
    'road',
    'rock',
    'sand',
    'sea',
    'sidewalk',
    'sign',
    'sky',
    'staircase',
    'streetlight',
    'sun',
    'tree',
    'window',
)
PALETTE = voc_palette(len(CLASSES))


@DATASETS.register_module()
class SIFTFlowDataset(PreparedDataset):
    """256 x 256 photographs: 2488 to train on, 200 to test.

    A label is the published id, 1 to 33, less 1; void, 0 there, is 255. See
    docs/datasets/siftflow.md.

    Source: Liu, Yuen, Torralba, Nonparametric scene parsing: label transfer
    via dense scene alignment, CVPR 2009.
    """

    METAINFO = {'classes': CLASSES, 'palette': PALETTE}
    entry = 'siftflow'
