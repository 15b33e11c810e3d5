"""Zoom-out's features: fitted, extracted once, kept on disk."""

from .prepare import PreparedFeatures, prepare_features
from .provenance import has_features
from .stored import read_stored_features

__all__ = [
    'PreparedFeatures',
    'has_features',
    'prepare_features',
    'read_stored_features',
]
