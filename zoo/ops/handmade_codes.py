"""What hand-made features count: a code for each pixel or grid point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .dense_sift import dense_sift, grid_points
from .lab_colours import adaptive_codes, even_codes, lab_image
from .textons import texton_responses
from .visual_words import nearest

COLOUR_BINS = 32


@dataclass(frozen=True)
class HandmadeCodes:
    """The codes of an image, before anything is counted.

    Args:
        even: ``(3, H, W)`` bins of equal width of L, a and b.
        adaptive: ``(3, H, W)`` bins between quantiles of the image.
        textons: ``(H, W)`` index of the texton.
        points: ``(P, 2)`` pixel indices x, y of the grid of SIFT.
        words: ``(3, Z, P)`` index of the visual word: channels, patch sizes,
            points.
        texton_count: Number of textons in the dictionary.
        word_count: Number of visual words in a dictionary.
    """

    even: np.ndarray
    adaptive: np.ndarray
    textons: np.ndarray
    points: np.ndarray
    words: np.ndarray
    texton_count: int
    word_count: int


def handmade_codes(
    image: np.ndarray,
    *,
    textons: np.ndarray,
    words: np.ndarray,
    sift_step: int = 8,
    sift_sizes: Sequence[float] = (8, 18),
) -> HandmadeCodes:
    """Return the codes of an image; the arguments as ``handmade_features``.

    Raises:
        ValueError: If a dictionary has another shape, or no patch size is
            given.
    """
    if words.ndim not in (2, 3) or (words.ndim == 3 and len(words) != 3):
        raise ValueError(
            f'words must be (K, 128) or (3, K, 128), got {words.shape}'
        )
    if not len(sift_sizes):
        raise ValueError('sift_sizes must hold a patch size')
    lab = lab_image(image)
    points = grid_points(*image.shape[:2], step=sift_step)
    return HandmadeCodes(
        even=even_codes(lab, bins=COLOUR_BINS),
        adaptive=adaptive_codes(lab, bins=COLOUR_BINS),
        textons=_texton_map(lab[..., 0], textons),
        points=points,
        words=_word_codes(image, points, words, sizes=sift_sizes),
        texton_count=len(textons),
        word_count=words.shape[-2],
    )


def _texton_map(lightness: np.ndarray, textons: np.ndarray) -> np.ndarray:
    responses = texton_responses(lightness)
    samples = responses.reshape(len(responses), -1).T
    return nearest(samples, textons).reshape(lightness.shape)


def _word_codes(
    image: np.ndarray,
    points: np.ndarray,
    words: np.ndarray,
    *,
    sizes: Sequence[float],
) -> np.ndarray:
    dictionaries = np.broadcast_to(words, (3, *words.shape[-2:]))
    return np.stack(
        [
            [
                nearest(samples, dictionary)
                for samples, dictionary in zip(
                    dense_sift(image, points, patch=size),
                    dictionaries,
                    strict=True,
                )
            ]
            for size in sizes
        ],
        axis=1,
    )
