"""Colours for data sets that bring none."""


def voc_palette(count: int) -> list[list[int]]:
    """Return VOC's colours of the ids 1 to ``count``, RGB.

    The bits of an id are dealt in turn to red, green and blue, the highest
    bit of a colour first. Id 0, black, is left out: a release with ids from
    1 has void there.

    Source: Everingham et al., The PASCAL VOC Development Kit, VOCcolormap.

    Args:
        count: Number of classes, at most 254: 255 is void.

    Raises:
        ValueError: If ``count`` is not in 1 .. 254.
    """
    if not 1 <= count <= 254:
        raise ValueError(f'count must be in 1 .. 254, got {count}')
    return [_colour(i) for i in range(1, count + 1)]


def _colour(index: int) -> list[int]:
    colour = [0, 0, 0]
    for bit in range(8):
        colour[bit % 3] |= (index >> bit & 1) << (7 - bit // 3)
    return colour
