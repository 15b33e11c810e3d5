"""Pure functions of tensors and arrays; no registry, no files, no mmseg."""

from .dense_crf import dense_crf
from .score_maps import subsample_labels, upsample_scores

__all__ = ['dense_crf', 'subsample_labels', 'upsample_scores']
