"""Photographs of my own, in PASCAL VOC's folders."""

from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS


@DATASETS.register_module()
class MyDataset(BaseSegDataset):
    """Three classes; the label maps hold 0, 1, 2, and 255 for void."""

    METAINFO = {
        'classes': ('background', 'cat', 'dog'),
        'palette': [[0, 0, 0], [220, 60, 60], [60, 60, 220]],
    }
