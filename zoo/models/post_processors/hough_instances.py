"""Instances from class probabilities and the boxes of a localisation net."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.ops.class_masks import lift_clusters, top_n_masks
from zoo.ops.group_instances import check_grouping_options, group_instances


@MODELS.register_module()
class HoughInstances(nn.Module):
    """Group the pixels that vote for one box, class by class.

    Scores (step 1) and boxes (2) come from two networks. On every
    ``stride``-th pixel each foreground score moves to the box that its pixel
    predicts (3), non-maximum suppression of the boxes finds the maxima (4),
    the pixels that a maximum suppressed are its mask (5), and of masks that
    overlap the better stays (6). Then masks grow from cells to pixels: each
    pixel of the class's top-n mask joins the instance of the nearest cell
    that is in one, if there is one less than ``stride`` pixels away. It has
    no weights to learn. It needs boxes beside probabilities, hence stands in
    an ``InstanceSegmentor``, behind its networks' own post-processors.

    Source: Wu et al., 2016, Sec. 2.1, steps 1 to 6.
    Differs: the paper prints no number: every default is ours, and so are
        grouping on cells, the smallest cluster and the largest number of
        hypotheses. Masks are compared on cells, before they grow.

    Shapes:
        probs ``(C, H, W)`` and boxes ``(4 * T, H, W)`` -> ``m`` instances.

    Args:
        things: Class ids that have instances, ``T`` of them, in the order of
            the channels of ``boxes``. All other classes together are the
            background that competes with them.
        stride: Pixels from one cell to the next, at least 1; cell ``(i, j)``
            lies at pixel ``(stride * i, stride * j)``. At 1 each pixel is a
            cell.
        top_n: See ``zoo.ops.group_instances``, as for the rest.
        box_iou: Overlap of boxes that joins a pixel to a better one.
        mask_iou: Overlap of masks at which the worse is dropped.
        min_pixels: Size of the smallest cluster, in cells.
        max_per_class: Largest number of hypotheses of a class and rank.

    Raises:
        ValueError: If a setting is out of range or ``things`` are not
            different class ids.

    Example:
        >>> HoughInstances(things=[1, 2], top_n=1)
        HoughInstances(
          things=[1, 2], stride=8
          top_n=1, box_iou=0.5, mask_iou=0.3, min_pixels=16, max_per_class=100
        )
    """

    def __init__(
        self,
        *,
        things: Sequence[int],
        stride: int = 8,
        top_n: int = 2,
        box_iou: float = 0.5,
        mask_iou: float = 0.3,
        min_pixels: int = 16,
        max_per_class: int = 100,
    ):
        super().__init__()
        self.things = list(things)
        different = len(set(self.things)) == len(self.things)
        if not self.things or not different or min(self.things) < 0:
            raise ValueError(
                f'things must be different class ids from 0, got {things}'
            )
        if stride < 1:
            raise ValueError(f'stride must be at least 1, got {stride}')
        self.stride = stride
        self.options: dict[str, Any] = {
            'top_n': top_n,
            'box_iou': box_iou,
            'mask_iou': mask_iou,
            'min_pixels': min_pixels,
            'max_per_class': max_per_class,
        }
        check_grouping_options(**self.options)

    def forward(self, probs: Tensor, boxes: Tensor) -> InstanceData:
        """Return the instances of one image, by falling score.

        Args:
            probs: ``(C, H, W)``, summing to 1 over ``C``.
            boxes: ``(4 * T, H, W)``: for thing ``t`` in channels ``4 t`` to
                ``4 t + 3`` dy, dx from the pixel's centre to that of its
                box, height and width, in pixels.

        Returns:
            ``labels`` ``(m,)`` int64 class ids, ``scores`` ``(m,)`` float32,
            ``masks`` ``(m, H, W)`` bool and ``bboxes`` ``(m, 4)`` float32:
            x0, y0, x1, y1 in pixels, half-open.

        Raises:
            ValueError: If a shape does not fit ``things`` or the other's.
        """
        self._check_shapes(tuple(probs.shape), tuple(boxes.shape))
        step = self.stride
        own = probs.detach()[self.things].double().cpu().numpy()
        cells = boxes.detach()[:, ::step, ::step].cpu().double() / step
        found = group_instances(
            own[:, ::step, ::step],
            cells.unflatten(0, (-1, 4)).numpy(),
            **self.options,
        )
        masks = _lifted(found, top_n_masks(own, self.options['top_n']), step)
        ids = [self.things[item['label']] for item in found]
        scores = [item['score'] for item in found]
        # A cell's centre is half a cell from its corner, a pixel's half a
        # pixel, and both are the same point.
        corners = [(item['box'] - 0.5) * step + 0.5 for item in found]
        return InstanceData(
            labels=torch.tensor(ids, dtype=torch.int64),
            scores=torch.tensor(scores, dtype=torch.float32),
            masks=torch.from_numpy(masks),
            bboxes=torch.from_numpy(
                np.array(corners, np.float32).reshape(-1, 4)
            ),
        ).to(probs.device)

    def _check_shapes(
        self, probs: tuple[int, ...], boxes: tuple[int, ...]
    ) -> None:
        if len(probs) != 3 or boxes != (4 * len(self.things), *probs[1:]):
            raise ValueError(
                f'probs must be (C, H, W) and boxes ({4 * len(self.things)}, '
                f'H, W) for {len(self.things)} things, got {probs} and {boxes}'
            )
        if max(self.things) >= probs[0]:
            raise ValueError(
                f'things name class {max(self.things)}, but probs has '
                f'{probs[0]} classes'
            )

    def extra_repr(self) -> str:
        """Show how it was built."""
        items = [f'{name}={value}' for name, value in self.options.items()]
        return f'things={self.things}, stride={self.stride}\n' + ', '.join(
            items
        )


def _lifted(
    found: list[dict[str, Any]], within: np.ndarray, stride: int
) -> np.ndarray:
    """Return ``(m, H, W)`` bool masks; ``within`` is ``top_n_masks``.

    Those of one class and rank share no cell: they are lifted together.
    """
    masks = np.zeros((len(found), *within.shape[2:]), bool)
    groups: dict[tuple[int, int], list[int]] = {}
    for index, item in enumerate(found):
        key = item['rank'] - 1, item['label']
        groups.setdefault(key, []).append(index)
    for key, members in groups.items():
        cells = np.zeros(found[members[0]]['mask'].shape, np.int32)
        for index in members:
            cells[found[index]['mask']] = index + 1
        pixels = lift_clusters(cells, within[key], stride=stride)
        for index in members:
            masks[index] = pixels == index + 1
    return masks
