"""Overlaps of an image's detected regions with its true ones."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pycocotools import mask as coco

if TYPE_CHECKING:  # a leaderboard of records needs no torch
    from torch import Tensor

Rows = list[list]


def region_overlaps(
    detections: Sequence[Mapping[str, Any]],
    truths: Sequence[Mapping[str, Any]],
    *,
    void: 'np.ndarray | Tensor | None' = None,
) -> Rows:
    """Return the IoU of every detection with every truth of its class.

    All that an average precision needs of an image, without its masks: a few
    numbers, plain lists, the same after a trip through JSON. An IoU keeps six
    decimals: below a union of 200,000 pixels they do not move it across a
    threshold of one decimal.

    A mask is ``(H, W)`` bool, numpy or torch, or a compressed RLE of
    pycocotools; all of an image have one size.

    Args:
        detections: Each with ``label`` (integer), ``score`` and ``mask``.
        truths: Each with ``label`` and ``mask``.
        void: ``(H, W)`` bool, pixels that are taken out of the detections
            first; none where ``None``. A detection of nothing else is left
            out.

    Returns:
        Rows ``[label, truths, [[score, [iou, ...]], ...]]`` by rising label,
        with the number of truths, and detections and truths in the order
        given; IoU from 0 to 1.

    Raises:
        ValueError: If a mask is not what it should be, two sizes meet, or a
            score is not finite.
    """
    _require_one_size([*detections, *truths], void)
    valid = None if void is None else _encode(~_array(void))
    found, true = _by_label(detections), _by_label(truths)
    return [
        [
            label,
            len(true.get(label, ())),
            _overlaps(found.get(label, []), true.get(label, []), valid),
        ]
        for label in sorted({*found, *true})
    ]


def _by_label(regions: Sequence[Mapping[str, Any]]) -> dict[int, list]:
    groups = defaultdict(list)
    for region in regions:
        groups[int(region['label'])].append(region)
    return groups


def _overlaps(detections: list, truths: list, valid: dict | None) -> list:
    scores = [_score(region) for region in detections]
    found = [_encode(region['mask']) for region in detections]
    if valid is not None:
        found = [coco.merge([mask, valid], intersect=True) for mask in found]
        # what was void altogether is neither right nor wrong
        left = [index for index, mask in enumerate(found) if coco.area(mask)]
        scores = [scores[index] for index in left]
        found = [found[index] for index in left]
    if not found or not truths:
        return [[score, []] for score in scores]
    true = [_encode(region['mask']) for region in truths]
    ious = coco.iou(found, true, [False] * len(true)).round(6)
    return [list(pair) for pair in zip(scores, ious.tolist(), strict=True)]


def _score(region: Mapping[str, Any]) -> float:
    score = float(region['score'])
    if not math.isfinite(score):
        raise ValueError(f'score must be finite, got {score}')
    return score


def _encode(mask: Any) -> dict:
    if isinstance(mask, Mapping):
        return dict(mask)
    return coco.encode(np.asfortranarray(_array(mask).view(np.uint8)))


def _array(mask: 'np.ndarray | Tensor') -> np.ndarray:
    return mask if isinstance(mask, np.ndarray) else mask.cpu().numpy()


def _require_one_size(regions: Sequence[Mapping], void: Any) -> None:
    sizes = [_size(region['mask']) for region in regions]
    sizes += [] if void is None else [_size(void)]
    for size in sizes:
        if size != sizes[0]:
            raise ValueError(
                f'masks of one image must be of one size, got {sizes[0]} and '
                f'{size}'
            )


def _size(mask: Any) -> tuple[int, ...]:
    if isinstance(mask, Mapping):
        return tuple(mask['size'])
    if mask.ndim != 2 or str(mask.dtype).removeprefix('torch.') != 'bool':
        raise ValueError(
            f'mask must be (H, W) bool, got {tuple(mask.shape)} {mask.dtype}'
        )
    return tuple(mask.shape)
