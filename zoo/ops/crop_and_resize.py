"""Boxes cut out of an image, all brought to one size."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import interpolate


def crops(
    image: Tensor, boxes: Tensor | Sequence[Sequence[int]], *, size: int
) -> Tensor:
    """Return each box as a square, whatever its proportions were.

    Linear; where a box shrinks, all of its pixels count (antialiasing). What
    lies outside of a box has no part in it.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1: distant regions and the
        image are resized to 224 x 224.
    Differs: how they are resampled is not printed.

    Args:
        image: ``(3, H, W)`` float; any device, any number of channels.
        boxes: ``(R, 4)`` integers: x0, y0, x1, y1 in pixels, half-open.
        size: Side of the squares, in pixels.

    Returns:
        ``(R, 3, size, size)`` on the image's device, in its type.

    Raises:
        ValueError: If ``size`` is below 1, or a box is empty or reaches
            beyond the image.

    Example:
        >>> import torch
        >>> image = torch.arange(6.0).reshape(1, 2, 3)
        >>> crops(image, [[0, 0, 2, 2]], size=1).flatten().tolist()
        [2.0]
    """
    if size < 1:
        raise ValueError(f'size must be at least 1, got {size}')
    corners = boxes.tolist() if isinstance(boxes, Tensor) else boxes
    height, width = image.shape[1:]
    found = image.new_empty((len(corners), image.shape[0], size, size))
    for index, (left, top, right, bottom) in enumerate(corners):
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise ValueError(
                f'box {[left, top, right, bottom]} is empty or not within '
                f'an image of {width}x{height} pixels'
            )
        found[index] = interpolate(
            image[None, :, top:bottom, left:right],
            size=(size, size),
            mode='bilinear',
            antialias=True,
        )[0]
    return found
