"""Superpixels of a photograph, and how near they are to each other."""

import numpy as np
from scipy import sparse


def slic_superpixels(
    image: np.ndarray, *, n_segments: int = 500, compactness: float = 15
) -> np.ndarray:
    """Return a map of small, compact pieces of similar colour.

    Pixels are clustered by colour and place, beginning from a regular grid;
    what is cut off from its superpixel joins one that it touches.

    Source: Achanta et al., SLIC Superpixels Compared to State-of-the-Art
        Superpixel Methods, PAMI 2012; Mostajabi et al., CVPR 2015,
        arXiv:1412.0774, Sec. 4.1: about 500, compactness 15.
    Differs: scikit-image stretches the image to its own darkest and brightest
        value before it converts to L*a*b*; ``compactness`` is on the papers'
        scale, L from 0 to 100, all the same.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        n_segments: About how many there will be, at least 1; never more than
            there are pixels.
        compactness: Weight of the place against the colour, above 0; small
            ones follow edges, large ones are squares.

    Returns:
        ``(H, W)`` int64: 0 to ``S - 1``, all of them in use.

    Raises:
        ValueError: If the image has another shape or type or no pixel, or a
            number is out of range.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f'image must be (H, W, 3) uint8, got {image.shape} {image.dtype}'
        )
    if not image.size:
        raise ValueError(f'image must have a pixel, got {image.shape}')
    check_slic_options(n_segments=n_segments, compactness=compactness)
    from skimage.segmentation import slic  # slow to load

    found = slic(
        image,
        n_segments=n_segments,
        compactness=compactness,
        sigma=0,
        convert2lab=True,
        enforce_connectivity=True,
        start_label=0,
        channel_axis=2,
    )
    used = np.bincount(found.ravel()) > 0
    return (used.cumsum() - 1)[found]


def check_slic_options(*, n_segments: int, compactness: float) -> None:
    """Refuse what no image has superpixels for; see ``slic_superpixels``.

    Raises:
        ValueError: If a number is out of range.
    """
    if n_segments < 1:
        raise ValueError(f'n_segments must be at least 1, got {n_segments}')
    if not 0 < compactness < np.inf:
        raise ValueError(
            f'compactness must be finite and above 0, got {compactness}'
        )


def superpixel_sizes(labels: np.ndarray) -> np.ndarray:
    """Return the number of pixels of each superpixel.

    Args:
        labels: ``(H, W)`` integers: 0 to ``S - 1``, all of them in use.

    Returns:
        ``(S,)`` int64, at least 1.

    Raises:
        ValueError: If ``labels`` is no such map.

    Example:
        >>> superpixel_sizes(np.array([[0, 0, 1], [2, 0, 1]])).tolist()
        [3, 2, 1]
    """
    if labels.ndim != 2 or labels.dtype.kind not in 'iu' or not labels.size:
        raise ValueError(
            'superpixels must be (H, W) integers, got '
            f'{labels.shape} {labels.dtype}'
        )
    low, high = int(labels.min()), int(labels.max())
    # More ids than pixels leave a hole; counting them could fill the memory.
    if low < 0 or high >= labels.size:
        raise ValueError(
            f'superpixels must be 0 to S - 1 without holes, got {low} to '
            f'{high} on {labels.size} pixels'
        )
    sizes = np.bincount(labels.ravel())
    if not sizes.all():
        raise ValueError(
            'superpixels must be 0 to S - 1 without holes, got no pixel of '
            f'{int(sizes.argmin())} of 0 to {high}'
        )
    return sizes


def superpixel_neighbours(labels: np.ndarray, *, radius: int) -> np.ndarray:
    """Return which superpixels are within some steps of each other.

    A step leads from a superpixel to one that it shares an edge of a pixel
    with; a corner is none.

    Source: Mostajabi et al., CVPR 2015, arXiv:1412.0774, Sec. 4.1: radius
        2 for the proximal region, 3 for the distant one.
    Differs: what makes two superpixels neighbours is not printed.

    Args:
        labels: ``(H, W)`` integers: 0 to ``S - 1``, all of them in use.
        radius: Largest number of steps; 0 leaves each one by itself.

    Returns:
        ``(S, S)`` bool, symmetric; each is its own neighbour.

    Raises:
        ValueError: If ``labels`` is no such map or ``radius`` below 0.

    Example:
        >>> superpixel_neighbours(np.array([[0, 1, 2]]), radius=1).astype(int)
        array([[1, 1, 0],
               [1, 1, 1],
               [0, 1, 1]])
    """
    if radius < 0:
        raise ValueError(f'radius must be at least 0, got {radius}')
    contact = np.eye(len(superpixel_sizes(labels)), dtype=bool)
    reach = sparse.csr_array(contact)
    for first, second in (
        (labels[:, :-1], labels[:, 1:]),
        (labels[:-1], labels[1:]),
    ):
        contact[first, second] = True
        contact[second, first] = True
    step = sparse.csr_array(contact)
    for _ in range(radius):
        before = reach.nnz
        reach = reach @ step
        if reach.nnz == before:  # all that can be reached
            break
    return reach.toarray()
