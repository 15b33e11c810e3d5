"""Weights of classes that make up for how often each occurs."""

import torch
from torch import Tensor


def asymmetric_weights(class_pixel_counts: Tensor) -> Tensor:
    """Return ``1 / f_c``, the inverse of each class's frequency.

    Weighted so, every class that occurs has the same say in the loss: the
    weights of the training examples sum up to the same number in each, and
    their mean is the number of these classes. A class that never occurs gets
    weight 0; no example asks for it.

    Source: Mostajabi et al., CVPR 2015, Sec. 2.2, eq. 2.
    Differs: the paper's ``f_c`` is the frequency "in the training data";
    whether it counts pixels or superpixels is the caller's choice.

    Args:
        class_pixel_counts: ``(C,)`` how often each class occurs, from 0.

    Returns:
        ``(C,)`` float of the counts' precision (float32 for integers), >= 1
        where the class occurs.

    Raises:
        ValueError: If there is no count, one is negative, or all are 0.

    Example:
        >>> asymmetric_weights(torch.tensor([6, 2, 0]))
        tensor([1.3333, 4.0000, 0.0000])
    """
    counts = torch.as_tensor(class_pixel_counts)
    if counts.ndim != 1 or not len(counts) or counts.min() < 0:
        raise ValueError(
            f'counts must be (C,) numbers >= 0, got {counts.tolist()}'
        )
    total = counts.sum()
    if total == 0:
        raise ValueError('counts are all 0: there is no example of any class')
    return torch.where(counts > 0, total / counts, 0.0)
