"""Normalisation layers that a config may leave out."""

from mmcv.cnn import build_norm_layer
from torch import nn


def optional_norm(norm_cfg: dict | None, channels: int) -> nn.Module:
    """Return a normalisation of ``channels``; none without a config.

    Args:
        norm_cfg: As in mmcv, or ``None``.
        channels: Of the map that it normalises.
    """
    if norm_cfg is None:
        return nn.Identity()
    return build_norm_layer(norm_cfg, channels)[1]
