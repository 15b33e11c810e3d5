"""What may be an instance: clusters of pixels in the masks of a class."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from zoo.ops.box_clusters import box_clusters, corner_boxes


class ClassTable(NamedTuple):
    """The pixels where a class is among the most probable, best first.

    Args:
        label: The class.
        pixels: ``(P,)`` row-major numbers; equals are in their order.
        scores: ``(P,)`` probabilities, falling.
        corners: ``(4, P)``: x0, y0, x1, y1 of each pixel's box.
        members: ``(n, P)`` bool: whether a pixel is in the first mask, the
            second ...; each holds the one before.
    """

    label: int
    pixels: np.ndarray
    scores: np.ndarray
    corners: np.ndarray
    members: np.ndarray


def class_tables(
    probs: np.ndarray, masks: np.ndarray, boxes: Tensor | np.ndarray
) -> Iterator[ClassTable]:
    """Yield the table of each class that has a pixel, in their order.

    Args:
        probs: ``(K, H, W)``.
        masks: ``(n, K, H, W)`` bool, see ``top_n_masks``.
        boxes: ``(K, 4, H, W)`` tensor or array: dy, dx, height, width in
            pixels, see ``corner_boxes``. Only those in a mask are read.
    """
    classes, width = probs.shape[0], probs.shape[2]
    flat = masks.reshape(*masks.shape[:2], -1)
    labels, pixels = flat[-1].nonzero()
    scores = probs.reshape(classes, -1)[labels, pixels]
    order = np.lexsort((-scores, labels))  # stable: equals stay row-major
    labels, pixels, scores = labels[order], pixels[order], scores[order]
    corners = corner_boxes(
        as_doubles(boxes.reshape(classes, 4, -1)[labels, :, pixels]).T,
        pixels // width,
        pixels % width,
    )
    members = flat[:, labels, pixels]
    ends = np.searchsorted(labels, np.arange(classes + 1)).tolist()
    for label, (start, end) in enumerate(pairwise(ends)):
        if start < end:
            yield ClassTable(
                label,
                pixels[start:end],
                scores[start:end],
                corners[:, start:end],
                members[:, start:end],
            )


def pooled_hypotheses(
    table: ClassTable,
    *,
    box_iou: float,
    min_pixels: int,
    max_per_class: int,
) -> list[dict[str, Any]]:
    """Return the clusters in all masks of a class, the best first.

    A mask that equals the one before is not clustered again.

    Args:
        table: Of the class.
        box_iou: See ``group_instances``, as for the rest.
        min_pixels: Size of the smallest cluster.
        max_per_class: Largest number of clusters of one mask.

    Returns:
        Dicts of ``label``, ``score``, ``box`` ``(4,)``, ``rank`` and, of the
        table's pixels, ``members``; equal scores in the order of rank and
        survival.
    """
    pooled: list[dict[str, Any]] = []
    former = 0
    for rank, member in enumerate(table.members, 1):
        chosen = member.nonzero()[0]
        if len(chosen) == former:
            continue
        former = len(chosen)
        found = []
        for cluster in box_clusters(
            table.corners.take(chosen, axis=1),
            box_iou=box_iou,
            min_pixels=min_pixels,
        ):
            own = chosen[cluster]
            found.append(
                {
                    'label': table.label,
                    'score': float(table.scores[own].sum() / len(own)),
                    'box': table.corners[:, own[0]],
                    'rank': rank,
                    'members': own,
                }
            )
        pooled += sorted(found, key=falling_score)[:max_per_class]
    return sorted(pooled, key=falling_score)


def falling_score(instance: dict[str, Any]) -> float:
    """Return a key that sorts dicts of instances, the best first."""
    return -instance['score']


def as_doubles(values: Tensor | np.ndarray) -> np.ndarray:
    """Return a float64 array of a tensor's or an array's numbers."""
    if isinstance(values, Tensor):
        return values.detach().double().cpu().numpy()
    return np.asarray(values, np.float64)
