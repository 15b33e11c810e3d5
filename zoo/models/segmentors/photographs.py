"""The photographs that a network's input was made from."""

from typing import Any

import torch
from torch import Tensor


def photographs(inputs: Tensor, plan: Any) -> Tensor:
    """Undo the preprocessing of images, but for their padding.

    Args:
        inputs: ``(N, 3, H, W)``, preprocessed.
        plan: The ``SegDataPreProcessor`` that did it.

    Returns:
        ``(N, H, W, 3)`` uint8 RGB; what was padded has the padding's colour.
    """
    if getattr(plan, '_enable_normalize', False):
        inputs = inputs * plan.std + plan.mean
    values = inputs.round().clamp(0, 255).to(torch.uint8)
    # mmseg's own name has no underscore, that of its continuation has
    names = ('channel_conversion', '_channel_conversion')
    if not any(getattr(plan, name, False) for name in names):
        values = values.flip(1)  # images are loaded as BGR
    return values.permute(0, 2, 3, 1)
