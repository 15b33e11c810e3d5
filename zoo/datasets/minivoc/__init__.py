"""minivoc: a small generated data set in PASCAL VOC's folder layout."""

from zoo.datasets.minivoc.generate import (
    VERSION,
    check_minivoc,
    content_hash,
    ensure_minivoc,
    read_marker,
)
from zoo.datasets.minivoc.labels import CLASSES, PALETTE, THINGS

__all__ = [
    'CLASSES',
    'PALETTE',
    'THINGS',
    'VERSION',
    'check_minivoc',
    'content_hash',
    'ensure_minivoc',
    'read_marker',
]
