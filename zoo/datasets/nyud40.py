"""NYUDv2 with 40 classes: photographs of rooms."""

from mmseg.registry import DATASETS

from zoo.datasets.palettes import voc_palette
from zoo.datasets.prepared import PreparedDataset

CLASSES = (
    'wall',
    'floor',
    'cabinet',
    'bed',
    'chair',
    'sofa',
    'table',
    'door',
    'window',
    'bookshelf',
    'picture',
    'counter',
    'blinds',
    'desk',
    'shelves',
    'curtain',
    'dresser',
    'pillow',
    'mirror',
    'floor mat',
    'clothes',
    'ceiling',
    'books',
    'refridgerator',  # as the data set spells it
    'television',
    'paper',
    'towel',
    'shower curtain',
    'box',
    'whiteboard',
    'person',
    'night stand',
    'toilet',
    'sink',
    'lamp',
    'bathtub',
    'bag',
    'otherstructure',
    'otherfurniture',
    'otherprop',
)
PALETTE = voc_palette(len(CLASSES))


@DATASETS.register_module()
class NYUD40Dataset(PreparedDataset):
    """NYU Depth v2, colours only: 795 images to train on, 654 to test.

    A label is the published id, 1 to 40, less 1; void, 0 there, is 255. See
    docs/datasets/nyud40.md.

    Source: Silberman et al., Indoor segmentation and support inference from
    RGBD images, ECCV 2012 (images, split); Gupta et al., Perceptual
    organization and recognition of indoor scenes from RGB-D images, CVPR
    2013 (the 40 classes).
    """

    METAINFO = {'classes': CLASSES, 'palette': PALETTE}
    entry = 'nyud40'
