"""The hand-made features of superpixels and of their neighbourhoods."""

from collections.abc import Sequence

import numpy as np

from .dense_sift import dense_sift, grid_points
from .handmade_codes import COLOUR_BINS, handmade_codes
from .handmade_pool import CHANNELS, COARSE_BINS, pool_codes
from .lab_colours import lab_image
from .textons import texton_responses


def handmade_blocks(
    *, textons: int = 64, words: int = 500, sizes: int = 2
) -> dict[str, int]:
    """Return the blocks of the features in their order, with their lengths.

    Args:
        textons: Number of textons in the dictionary.
        words: Number of visual words in a dictionary.
        sizes: Number of SIFT's patch sizes.

    Example:
        >>> blocks = handmade_blocks()
        >>> blocks['lab'], blocks['sift'], sum(blocks.values())
        (120, 1500, 1818)
    """
    colours = CHANNELS * (COLOUR_BINS + COARSE_BINS)
    return {
        'lab': colours,
        'lab_entropy': CHANNELS,
        'lab_adaptive': colours,
        'textons': textons,
        'texton_entropy': 1,
        'sift': CHANNELS * words,
        'sift_entropy': CHANNELS * sizes,
        'location': 4,
    }


def handmade_features(
    image: np.ndarray,
    superpixels: np.ndarray,
    neighbours: np.ndarray,
    *,
    textons: np.ndarray,
    words: np.ndarray,
    sift_step: int = 8,
    sift_sizes: Sequence[float] = (8, 18),
) -> tuple[np.ndarray, np.ndarray]:
    """Describe each superpixel, and the union of it and its neighbours.

    All histograms sum to 1, all entropies are in nats. The blocks, whose
    lengths ``handmade_blocks`` gives:

    - ``lab``: for L, a and b in turn 32 and then 8 bins of equal width;
    - ``lab_entropy``: of the three histograms of 32 bins;
    - ``lab_adaptive``: as ``lab``, between quantiles of the image;
    - ``textons``, ``texton_entropy``: nearest texton of each pixel;
    - ``sift``: for L, a and b in turn the visual words at the grid points in
      the region, the mean of the histograms at all patch sizes;
    - ``sift_entropy``: for each channel in turn, that of each patch size;
    - ``location``: centroid x, y from the image's centre, where the image
      reaches from -1 to 1, and their absolute values.

    A region in which no grid point lies has zeros in both blocks of SIFT.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.2.1.
    Differs: the paper leaves open the filters, the range of bins, how
    histograms are normalised and whether channels share the words.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        superpixels: ``(H, W)`` integers 0 to ``S - 1``, each at least once.
        neighbours: ``(S, S)`` bool: row ``s`` holds what its union is of.
        textons: ``(T, 38)`` dictionary of filter responses.
        words: ``(K, 128)`` dictionary of SIFT descriptors for all channels,
            or ``(3, K, 128)``: one for each of L, a and b.
        sift_step: Distance of grid points, in pixels.
        sift_sizes: Sides of SIFT's patches, in pixels.

    Returns:
        The features ``(S, D)`` float32 of the superpixels and of the unions;
        ``D`` is 1818 with 64 textons, 500 words and two sizes.

    Raises:
        ValueError: If shapes do not fit, or an id is without pixels.
    """
    if superpixels.shape != image.shape[:2]:
        raise ValueError(
            f'superpixels must be {image.shape[:2]} as the image, got '
            f'{superpixels.shape}'
        )
    codes = handmade_codes(
        image,
        textons=textons,
        words=words,
        sift_step=sift_step,
        sift_sizes=sift_sizes,
    )
    return pool_codes(codes, superpixels, neighbours)


def sample_texton_responses(
    image: np.ndarray, *, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return filter responses at random pixels, to fit textons on.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        count: Number of pixels, drawn without repetition.
        rng: Source of randomness.

    Returns:
        ``(M, 38)`` float32; ``M`` is ``count``, or all pixels if fewer.
    """
    responses = texton_responses(lab_image(image)[..., 0])
    samples = responses.reshape(len(responses), -1).T
    return samples[_drawn(len(samples), count, rng)]


def sample_descriptors(
    image: np.ndarray,
    *,
    count: int,
    rng: np.random.Generator,
    step: int = 8,
    sizes: Sequence[float] = (8, 18),
) -> np.ndarray:
    """Return SIFT descriptors of random grid points, to fit words on.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        count: Number for each channel, drawn without repetition from the
            points at all patch sizes.
        rng: Source of randomness.
        step: Distance of grid points, in pixels.
        sizes: Sides of the patches, in pixels.

    Returns:
        ``(3, M, 128)`` float32 for L, a and b; ``M`` is ``count``, or all
        descriptors if fewer. One dictionary for all channels is fitted on
        them as ``(3 * M, 128)``.
    """
    points = grid_points(*image.shape[:2], step=step)
    samples = np.concatenate(
        [dense_sift(image, points, patch=size) for size in sizes], axis=1
    )
    return samples[:, _drawn(samples.shape[1], count, rng)]


def _drawn(total: int, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(total, min(count, total), replace=False)
