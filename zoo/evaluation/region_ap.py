"""Average precision of regions, AP^r."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .kinds import check_rules
from .region_overlaps import Rows, region_overlaps

VOLUME = tuple(i / 10 for i in range(1, 10))


def region_ap(
    detections: Sequence[Sequence[Mapping[str, Any]]],
    ground_truths: Sequence[Sequence[Mapping[str, Any]]],
    *,
    thresholds: Sequence[float] = (0.5, 0.7),
    matching: str = 'uncovered',
    ap: str = 'all-point',
    voids: Sequence[Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return AP^r: how well regions are found, ranked by their scores.

    A mask is ``(H, W)`` bool, numpy or torch, or a compressed RLE of
    pycocotools.

    Args:
        detections: For each image a list of mappings with ``label``
            (integer), ``score`` and ``mask``.
        ground_truths: For each image a list of mappings with ``label`` and
            ``mask``.
        thresholds: See ``average_precision``, which says what is returned.
        matching: See there.
        ap: See there.
        voids: For each image ``(H, W)`` bool, pixels that are taken out of
            its detections first; ``None`` takes none out, as SDS does.

    Source: Hariharan et al., Simultaneous Detection and Segmentation, ECCV
        2014, Sec. 5; the rules are those of its Matlab code.
    Differs: pixels can be left out; ties of scores keep the order given.

    Raises:
        ValueError: If there are not as many images in each list, or for what
            ``region_overlaps`` and ``average_precision`` refuse.

    Example:
        >>> import numpy as np
        >>> left = np.array([[True, True, False, False]])
        >>> truth = [{'label': 7, 'mask': left}]
        >>> near = [{'label': 7, 'score': 0.9, 'mask': left[:, ::-1]}]
        >>> found = [*near, {'label': 7, 'score': 0.8, 'mask': left}]
        >>> region_ap([found], [truth])['AP_0.5']
        {'mean': 50.0, 'per_class': {7: 50.0}}
    """
    masks = [None] * len(detections) if voids is None else voids
    if not len(detections) == len(ground_truths) == len(masks):
        raise ValueError(
            f'there are detections of {len(detections)} images, ground truths '
            f'of {len(ground_truths)} and voids of {len(masks)}'
        )
    return average_precision(
        (
            region_overlaps(*image, void=void)
            for *image, void in zip(
                detections, ground_truths, masks, strict=True
            )
        ),
        thresholds=thresholds,
        matching=matching,
        ap=ap,
    )


def average_precision(
    images: Iterable[Rows],
    *,
    thresholds: Sequence[float] = (0.5, 0.7),
    matching: str = 'uncovered',
    ap: str = 'all-point',
) -> dict[str, dict[str, Any]]:
    """Return AP^r from what ``region_overlaps`` says of each image.

    The detections of a class, from all images, are taken by falling score.
    Each has one truth as its candidate; it is right if they overlap enough
    and the truth is not covered yet, and covers it then. A second detection
    of a truth is therefore wrong.

    Args:
        images: Rows of every image; their order decides between equal scores.
        thresholds: Each an IoU from 0 to 1.
        matching: 'uncovered' (SDS's Matlab code): the candidate overlaps
            most among the truths not yet covered, and is hit above the
            threshold. 'any' (SDS's and MNC's Python code): it overlaps most
            among all truths, and is hit at the threshold and above.
        ap: 'all-point' (PASCAL VOC from 2010): area below the precision made
            monotone. '11-point' (VOC 2007, MNC): its mean at recall 0, 0.1
            to 1, compared without rounding.

    Returns:
        'AP_<threshold>' for each threshold and 'AP_vol', the mean over
        thresholds 0.1 to 0.9; each ``{'mean': ..., 'per_class': {label:
        ...}}`` in per cent. Only classes with a truth count, whatever is
        detected of others; without any the mean is nan.

    Raises:
        ValueError: If a threshold is outside 0..1, or a rule is unknown.
    """
    check_rules({'matching': matching, 'ap': ap})
    for threshold in thresholds:
        if not 0 <= threshold <= 1:
            raise ValueError(f'threshold must be in 0..1, got {threshold}')
    levels = np.array([*thresholds, *VOLUME])
    groups = defaultdict(list)
    for rows in images:
        for label, *row in rows:
            groups[label].append(row)
    values = {
        label: 100 * _class_ap(groups[label], levels, matching, ap)
        for label in sorted(groups)
        if any(truths for truths, _ in groups[label])
    }
    count = len(thresholds)
    scores = {f'AP_{t:g}': slice(i, i + 1) for i, t in enumerate(thresholds)}
    scores['AP_vol'] = slice(count, None)
    return {
        name: _with_mean({k: v[part].mean() for k, v in values.items()})
        for name, part in scores.items()
    }


def _with_mean(per_class: dict[int, Any]) -> dict[str, Any]:
    values = {label: float(value) for label, value in per_class.items()}
    mean = float(np.mean(list(values.values()))) if values else float('nan')
    return {'mean': mean, 'per_class': values}


def _class_ap(
    rows: Sequence[Sequence], levels: np.ndarray, matching: str, ap: str
) -> np.ndarray:
    """Return the AP of one class at ``(M,)`` levels, 0 to 1."""
    truths = sum(count for count, _ in rows)
    scores = np.array([score for _, found in rows for score, _ in found])
    hits = np.concatenate(
        [find_hits(found, count, levels, matching) for count, found in rows]
    )
    hits = hits[np.argsort(-scores, kind='stable')]
    right = hits.cumsum(0)
    precision = right / np.arange(1, len(hits) + 1)[:, None]
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    if ap == 'all-point':  # recall grows at hits only, by 1 / truths
        return (precision * hits).sum(0) / truths
    reached = np.array([10 * right >= i * truths for i in range(11)])
    return (precision * reached).max(1, initial=0).mean(0)


def find_hits(
    found: Sequence[Sequence], truths: int, levels: np.ndarray, matching: str
) -> np.ndarray:
    """Return which detections of a class in an image are right.

    Args:
        found: ``[[score, [iou, ...]], ...]`` as in ``region_overlaps``.
        truths: Number of truths.
        levels: ``(M,)`` thresholds of IoU.
        matching: See ``average_precision``.

    Returns:
        ``(D, M)`` bool for ``D`` detections in the order given.
    """
    hits = np.zeros((len(found), len(levels)), bool)
    if not truths:
        return hits
    covered = np.zeros((len(levels), truths), bool)
    every = np.arange(len(levels))
    order = np.argsort([-score for score, _ in found], kind='stable')
    for i in order:
        ious = np.array(found[i][1])
        if matching == 'uncovered':
            free = ious * ~covered
            best = free.argmax(1)
            hits[i] = free[every, best] > levels
        else:
            best = np.full_like(every, ious.argmax())
            hits[i] = (ious[best] >= levels) & ~covered[every, best]
        covered[every, best] |= hits[i]
    return hits
