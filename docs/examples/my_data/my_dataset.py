"""Photographs of my own, with names and colours of the classes in code."""

from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS


@DATASETS.register_module()
class MyDataset(BaseSegDataset):
    """Five classes; the label maps hold 0 to 4, and 255 for void."""

    METAINFO = {
        'classes': ('background', 'sky', 'ground', 'water', 'object'),
        'palette': [
            [0, 0, 0],
            [142, 202, 230],
            [106, 176, 76],
            [33, 121, 178],
            [244, 132, 32],
        ],
    }
