"""A dilated convolution that keeps the size of its map."""

from torch import nn


def same_size_conv(
    before: int,
    after: int,
    kernel_size: int,
    dilation: int,
    *,
    bias: bool = True,
) -> nn.Conv2d:
    """Return a convolution ``(N, before, H, W)`` to ``(N, after, H, W)``.

    Args:
        before: Channels that it reads.
        after: Channels that it writes.
        kernel_size: Taps along a side.
        dilation: Cells from one tap to the next.
        bias: Whether it has one.

    Raises:
        ValueError: If no padding could keep the size, i.e.
            ``(kernel_size - 1) * dilation`` is odd.
    """
    if (kernel_size - 1) * dilation % 2:
        raise ValueError(
            'kernel_size - 1 times dilation must be even to keep the size '
            f'of the map, got kernel_size {kernel_size} and dilation '
            f'{dilation}'
        )
    padding = (kernel_size - 1) * dilation // 2
    return nn.Conv2d(
        before,
        after,
        kernel_size,
        padding=padding,
        dilation=dilation,
        bias=bias,
    )
