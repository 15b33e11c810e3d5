"""Pipeline steps of tags: which classes an image holds, and never where."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmseg.datasets.transforms import PackSegInputs
from mmseg.registry import TRANSFORMS

from zoo.datasets.loading import VOID

TAGS = 'gt_tags'


@TRANSFORMS.register_module()
class TagsOfLabels(BaseTransform):
    """Replace a label map by the set of its classes.

    Where a class lies is forgotten: whatever follows, crops too, can only
    keep the tags of the whole image. A photograph without labels passes.

    Source: ours; stands in for networks trained on ImageNet's image-level
        labels (Mostajabi et al., CVPR 2015, Sec. 4.1).

    Shapes:
        - ``gt_seg_map`` ``(H, W)`` becomes ``gt_tags`` ``(C,)`` float32: 1
          where a class is there, else 0.

    Args:
        num_classes: Classes of the data set.
        min_share: Least share of the pixels that are not void, 0 to 1, of a
            class that counts; at 0 a single pixel does.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(self, *, num_classes: int, min_share: float = 0.0) -> None:
        if num_classes < 1:
            raise ValueError(
                f'num_classes must be at least 1, got {num_classes}'
            )
        if not 0 <= min_share < 1:
            raise ValueError(f'min_share must be in [0, 1), got {min_share}')
        self.num_classes = num_classes
        self.min_share = min_share

    def transform(self, results: dict) -> dict:
        """Take the label map out, put the tags in."""
        labels = results.pop('gt_seg_map', None)
        if labels is None:
            return results
        results['seg_fields'].remove('gt_seg_map')
        known = labels[labels != VOID]
        counts = np.bincount(known, minlength=self.num_classes)
        there = (counts > 0) & (counts >= self.min_share * known.size)
        results[TAGS] = there.astype(np.float32)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_classes={self.num_classes}, '
            f'min_share={self.min_share})'
        )


@TRANSFORMS.register_module()
class PackTags(PackSegInputs):
    """Pack an image with its tags.

    Shapes:
        - the sample has ``gt_tags`` ``(C,)`` float32, if the image has any.
    """

    def transform(self, results: dict) -> dict:
        """Pack."""
        packed = super().transform(results)
        if TAGS in results:
            tags = torch.from_numpy(results[TAGS])
            packed['data_samples'].set_data({TAGS: tags})
        return packed
