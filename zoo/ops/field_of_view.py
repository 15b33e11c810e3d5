"""How much of the image one cell of a score map is decided by."""


def field_of_view(stride: int, kernel_size: int, dilation: int) -> int:
    """Return the side, in pixels, of the square that a classifier looks at.

    ``stride * ((kernel_size - 1) * dilation + 1)``: the cells between the
    outermost taps of the kernel, both included, times the pixels of a cell.
    What a single cell of the feature map sees is not counted.

    Source: Wu et al., 2016, Tables 1 and 3: the formula is derived from
    their 37 printed rows, which it reproduces all.

    Args:
        stride: Pixels from one cell to the next, at least 1.
        kernel_size: Taps along a side, at least 1.
        dilation: Cells from one tap to the next, at least 1.

    Raises:
        ValueError: If one of them is below 1.

    Example:
        >>> field_of_view(8, 5, 12)
        392
    """
    if min(stride, kernel_size, dilation) < 1:
        raise ValueError(
            'stride, kernel_size and dilation must be at least 1, got '
            f'{stride}, {kernel_size} and {dilation}'
        )
    return stride * ((kernel_size - 1) * dilation + 1)
