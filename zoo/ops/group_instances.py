"""Group the pixels of a class into instances by the boxes they predict."""

from numbers import Integral
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from zoo.ops.class_masks import top_n_masks
from zoo.ops.instance_hypotheses import (
    as_doubles,
    class_tables,
    falling_score,
    pooled_hypotheses,
)
from zoo.ops.region_nms import region_nms

Array = TypeVar('Array', Tensor, np.ndarray)


def group_instances(
    probs: Array,
    boxes: Array,
    *,
    top_n: int = 2,
    box_iou: float = 0.5,
    mask_iou: float = 0.3,
    min_pixels: int = 16,
    max_per_class: int = 100,
) -> list[dict[str, Any]]:
    """Return the instances in which pixels vote for the same box.

    For each class and each ``r`` from 1 to ``top_n``, take the pixels where
    the class is among the ``r`` most probable (``top_n_masks``). Suppress
    boxes that overlap that of a better pixel; what a survivor suppressed,
    and itself, is the mask of a hypothesis, and its score their mean
    probability (``box_clusters``). Pool the hypotheses of all ``r`` and let
    the better one suppress the worse where masks overlap (``region_nms``).

    Source: Wu et al., 2016, Sec. 2.1, steps 3 to 6.
    Differs: the paper prints no number: all defaults are ours, and so are
    ``min_pixels`` and ``max_per_class``. A mask that equals that of the rank
    before is not clustered again.

    Args:
        probs: ``(K, H, W)`` probabilities of the foreground classes, 0..1.
            What they leave of 1 is the background's; it competes.
        boxes: ``(K, 4, H, W)``: for each class dy, dx from the pixel's centre
            ``(y + 0.5, x + 0.5)`` to the centre of its box, height and width,
            in pixels. Boxes are half-open; one without height or width, or
            not finite, overlaps none.
        top_n: Number of masks of each class, at least 1.
        box_iou: Intersection over union above which a pixel's box joins the
            cluster of a better one, in (0, 1).
        mask_iou: As ``box_iou``, for suppressing masks, in [0, 1]; at 0 any
            shared pixel suppresses.
        min_pixels: Size of the smallest cluster kept, at least 1; the pixels
            of smaller ones go to no other.
        max_per_class: Number of hypotheses kept of each class and rank, the
            best, at least 1.

    Returns:
        One dict for each instance, by falling score: ``label`` (0 to K - 1),
        ``score``, ``mask`` ``(H, W)`` bool, ``box`` ``(4,)`` x0, y0, x1, y1 as
        the survivor predicted it, and ``rank``. Equal scores are in the order
        of label, rank and survival. Masks and boxes are of the kind of
        ``probs`` and ``boxes``, and on their devices.

    Raises:
        ValueError: If a shape, a probability or an option is out of range.

    Example:
        >>> probs = np.zeros((1, 4, 8))
        >>> probs[0, :, :4], probs[0, :, 4:] = 0.9, 0.8
        >>> y, x = np.mgrid[:4, :8] + 0.5
        >>> size = np.full((4, 8), 4.0)  # two boxes, side by side
        >>> centre = np.where(x < 4, 2, 6)
        >>> boxes = np.stack([2 - y, centre - x, size, size])[None]
        >>> for found in group_instances(probs, boxes):
        ...     print(round(found['score'], 2), found['box'].tolist())
        0.9 [0.0, 0.0, 4.0, 4.0]
        0.8 [4.0, 0.0, 8.0, 4.0]
    """
    check_grouping_options(
        top_n=top_n,
        box_iou=box_iou,
        mask_iou=mask_iou,
        min_pixels=min_pixels,
        max_per_class=max_per_class,
    )
    _check_shapes(tuple(probs.shape), tuple(boxes.shape))
    values = _checked_probs(probs)
    masks = top_n_masks(values, top_n)
    instances: list[dict[str, Any]] = []
    for table in class_tables(values, masks, boxes):
        pooled = pooled_hypotheses(
            table,
            box_iou=box_iou,
            min_pixels=min_pixels,
            max_per_class=max_per_class,
        )
        masked = np.zeros((len(pooled), len(table.pixels)), bool)
        for row, found in zip(masked, pooled, strict=True):
            row[found['members']] = True
        for index in region_nms(masked, mask_iou=mask_iou):
            mask = np.zeros(values.shape[1:], bool)
            mask.ravel()[table.pixels[pooled[index].pop('members')]] = True
            instances.append({**pooled[index], 'mask': mask})
    for instance in instances:
        instance['mask'] = _like(probs, instance['mask'])
        instance['box'] = _like(boxes, instance['box'])
    return sorted(instances, key=falling_score)


def check_grouping_options(
    *,
    top_n: int,
    box_iou: float,
    mask_iou: float,
    min_pixels: int,
    max_per_class: int,
) -> None:
    """Refuse options of ``group_instances`` that are out of range.

    Raises:
        ValueError: Naming the option and its value.
    """
    counts = {
        'top_n': top_n,
        'min_pixels': min_pixels,
        'max_per_class': max_per_class,
    }
    for name, count in counts.items():
        if not isinstance(count, Integral) or count < 1:
            raise ValueError(
                f'{name} must be a whole number, at least 1, got {count}'
            )
    if not 0 < box_iou < 1:
        raise ValueError(f'box_iou must be in (0, 1), got {box_iou}')
    if not 0 <= mask_iou <= 1:
        raise ValueError(f'mask_iou must be in [0, 1], got {mask_iou}')


def _check_shapes(probs: tuple[int, ...], boxes: tuple[int, ...]) -> None:
    if len(probs) != 3 or boxes != (*probs[:1], 4, *probs[1:]):
        raise ValueError(
            'probs must be (K, H, W) and boxes (K, 4, H, W), got '
            f'{probs} and {boxes}'
        )


def _checked_probs(probs: Tensor | np.ndarray) -> np.ndarray:
    """Return ``probs`` in float64, or say what it is instead."""
    values = as_doubles(probs)
    # What is not finite fails here, too; rounding may exceed 1 a little.
    if not ((values >= -1e-3) & (values <= 1 + 1e-3)).all():
        raise ValueError(
            f'probs must lie in 0..1, got {values.min():g}..'
            f'{values.max():g}: apply softmax over the classes first'
        )
    return values


def _like(source: Tensor | np.ndarray, values: np.ndarray) -> Any:
    """Return a mask, or a box in float32 or wider, of the kind of source."""
    if isinstance(source, Tensor):
        result = torch.from_numpy(values).to(source.device)
        if values.dtype == bool:
            return result
        return result.to(torch.promote_types(source.dtype, torch.float32))
    if values.dtype == bool:
        return values
    return values.astype(np.promote_types(source.dtype, np.float32))
