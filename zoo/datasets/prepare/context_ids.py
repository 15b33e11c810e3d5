"""PASCAL Context: what its two kinds of label maps call the 59 classes."""

import numpy as np
from mmseg.datasets import PascalContextDataset

# Id of each class in ``LabelMap``, which has 459 (``labels.txt``); the names
# are mmseg's, in its order.
LABEL_MAP_IDS = {
    'aeroplane': 2,
    'bag': 9,
    'bed': 18,
    'bedclothes': 19,
    'bench': 22,
    'bicycle': 23,
    'bird': 25,
    'boat': 31,
    'book': 33,
    'bottle': 34,
    'building': 44,
    'bus': 45,
    'cabinet': 46,
    'car': 59,
    'cat': 65,
    'ceiling': 68,
    'chair': 72,
    'cloth': 80,
    'computer': 85,
    'cow': 98,
    'cup': 104,
    'curtain': 105,
    'dog': 113,
    'door': 115,
    'fence': 144,
    'floor': 158,
    'flower': 159,
    'food': 162,
    'grass': 187,
    'ground': 189,
    'horse': 207,
    'keyboard': 220,
    'light': 232,
    'motorbike': 258,
    'mountain': 259,
    'mouse': 260,
    'person': 284,
    'plate': 295,
    'platform': 296,
    'pottedplant': 308,
    'road': 324,
    'rock': 326,
    'sheep': 347,
    'shelves': 349,
    'sidewalk': 354,
    'sign': 355,
    'sky': 360,
    'snow': 366,
    'sofa': 368,
    'table': 397,
    'track': 415,
    'train': 416,
    'tree': 420,
    'truck': 424,
    'tvmonitor': 427,
    'wall': 440,
    'water': 445,
    'window': 454,
    'wood': 458,
}
LABEL_MAP_COUNT = 459

# Ids 1 .. 59 of the label maps in ``59_context_labels.tar.gz``, VOC's classes
# first (``59_labels.txt``, where three are diningtable, clothes, bedcloth).
_PNG_CLASSES = (
    'aeroplane bicycle bird boat bottle bus car cat chair cow table dog horse '
    'motorbike person pottedplant sheep sofa train tvmonitor bag bed bench '
    'book building cabinet ceiling cloth computer cup door fence floor flower '
    'food grass ground keyboard light mountain mouse curtain platform sign '
    'plate road rock shelves sidewalk sky snow bedclothes track tree truck '
    'wall water window wood'
)


def label_map_table() -> np.ndarray:
    """Return ``(460,)`` uint8: mmseg's id, 0 to 59, of each in LabelMap."""
    table = np.zeros(LABEL_MAP_COUNT + 1, np.uint8)
    for name, number in LABEL_MAP_IDS.items():
        table[number] = _class(name)
    return table


def png_table() -> np.ndarray:
    """Return ``(60,)`` uint8: mmseg's id, 0 to 59, of each in the PNG."""
    return np.array([0, *map(_class, _PNG_CLASSES.split())], np.uint8)


def _class(name: str) -> int:
    return PascalContextDataset.METAINFO['classes'].index(name)
