"""Choose the pixels of an image that a network gets most wrong."""

import torch
from torch import Tensor


def hardest_pixels(
    prob_true: Tensor,
    valid: Tensor,
    *,
    k: int,
    threshold: float | None = None,
    most: int | None = None,
) -> Tensor:
    """Return which pixels to keep: of each image the hardest.

    Hard is a low probability of the true class. Without a threshold exactly
    ``k`` pixels of each image are kept. With one, all those below it are, but
    at least ``k``: on an image that is mastered the threshold rises. With
    ``most`` it falls, too, on an image that is not.

    Images are chosen from one by one: a hard one takes nothing from the
    share of an easy one. Where fewer pixels are valid than would be kept, all
    of them are. A probability that is not a number counts as the hardest, so
    that it reaches the loss and is noticed.

    Source: Wu et al., 2016, Sec. 2.2 and eq. 1; ``k`` is the number kept of
    their Table 7, the bounds are their adapted threshold.
    Differs: the paper prints neither the threshold nor its bounds.

    Args:
        prob_true: ``(N, H, W)`` probability of each pixel's label, 0 to 1.
        valid: ``(N, H, W)`` bool: the pixels that have a label.
        k: Number to keep of each image, or the least number; from 1.
        threshold: Probability below which a pixel is kept, in (0, 1].
        most: The largest number to keep with a threshold, at least ``k``.

    Returns:
        ``(N, H, W)`` bool.

    Raises:
        ValueError: If the shapes differ or a setting is out of range.
    """
    if prob_true.ndim != 3 or prob_true.shape != valid.shape:
        raise ValueError(
            'prob_true and valid must be (N, H, W) alike, got '
            f'{tuple(prob_true.shape)} and {tuple(valid.shape)}'
        )
    check_bounds(k=k, threshold=threshold, most=most)
    prob = prob_true.detach().nan_to_num(nan=-1.0)
    prob = prob.masked_fill(~valid, torch.inf).flatten(1)
    kept = torch.zeros_like(prob, dtype=torch.bool)
    # one ranking for all bounds: two could break a tie in different ways
    length = k if threshold is None else most or prob.shape[1]
    ranked = prob.topk(min(length, prob.shape[1]), largest=False).indices
    if threshold is None:
        kept.scatter_(1, ranked, True)
    else:
        counts = (prob < threshold).sum(1, keepdim=True).clamp(k, most)
        places = torch.arange(ranked.shape[1], device=prob.device)
        kept.scatter_(1, ranked, places < counts)
    return kept.view_as(valid) & valid


def check_bounds(*, k: int, threshold: float | None, most: int | None) -> None:
    """Refuse settings of ``hardest_pixels`` that are out of range.

    Raises:
        ValueError: Naming the setting and its value.
    """
    if k < 1:
        raise ValueError(f'k must be at least 1, got {k}')
    if threshold is not None and not 0 < threshold <= 1:
        raise ValueError(f'threshold must be in (0, 1], got {threshold}')
    if most is not None and (threshold is None or most < k):
        raise ValueError(
            'most needs a threshold and must be at least k, got most '
            f'{most}, threshold {threshold} and k {k}'
        )
