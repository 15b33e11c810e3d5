"""Feature maps of any scale brought to one scale."""

import torch
from torch import Tensor


def unit_scale(maps: Tensor, *, epsilon: float = 1e-6) -> Tensor:
    """Divide the maps of each image by their root mean square.

    The mean runs over channels and positions, so that channels and
    positions keep their ratios. The divisor counts as a constant: no
    gradient runs through it.

    Args:
        maps: ``(N, C, h, w)``.
        epsilon: Smallest divisor, in units of the maps; maps of zeros stay
            zeros.

    Returns:
        ``(N, C, h, w)`` of the same type; the mean square of each image is 1
        unless its maps are nearly 0.

    Raises:
        ValueError: If ``maps`` is not 4-D.

    Example:
        >>> unit_scale(torch.tensor([[[[3.0]], [[-3.0]]]])).flatten().tolist()
        [1.0, -1.0]
    """
    if maps.ndim != 4:
        raise ValueError(f'maps must be (N, C, h, w), got {maps.ndim}-D')
    # in half precision the square of 300 is infinite
    exact = torch.promote_types(maps.dtype, torch.float32)
    squares = maps.detach().to(exact).square()
    scale = squares.mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return (maps / scale.clamp(min=epsilon)).to(maps.dtype)
