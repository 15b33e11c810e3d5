"""A random part of an image as a square of a given size."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from zoo.ops.crop_and_resize import crops


@TRANSFORMS.register_module()
class RandomAreaCrop(BaseTransform):
    """Keep a random share of the area, then resize to a square.

    Each side keeps a share between ``min_area`` and 1, so that their product
    is what was drawn, at a random place. For classification only: a label
    map is cut out alike, for ``TagsOfLabels``, and not resized. At
    ``min_area=1`` it only resizes, as ``CropNetwork.describe`` does.

    Shapes:
        - ``img`` ``(H, W, 3)`` becomes ``(size, size, 3)``, of its type.
        - ``gt_seg_map`` ``(H, W)`` becomes as large as the box.

    Args:
        size: Side of the result, in pixels.
        min_area: Least share of the image's area, above 0, up to 1.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(self, *, size: int, min_area: float = 1.0) -> None:
        if size < 1:
            raise ValueError(f'size must be at least 1, got {size}')
        if not 0 < min_area <= 1:
            raise ValueError(f'min_area must be in (0, 1], got {min_area}')
        self.size = size
        self.min_area = min_area

    def transform(self, results: dict) -> dict:
        """Cut out and resize."""
        image = results['img']
        height, width = image.shape[:2]
        box = self._box(height, width)
        pixels = torch.from_numpy(np.ascontiguousarray(image))
        square = crops(pixels.permute(2, 0, 1).float(), [box], size=self.size)
        found = square[0].permute(1, 2, 0).numpy()
        if image.dtype == np.uint8:
            found = found.round().clip(0, 255)
        results['img'] = np.ascontiguousarray(found.astype(image.dtype))
        results['img_shape'] = results['img'].shape[:2]
        if 'gt_seg_map' in results:
            left, top, right, bottom = box
            labels = results['gt_seg_map']
            results['gt_seg_map'] = labels[top:bottom, left:right]
        return results

    def _box(self, height: int, width: int) -> list[int]:
        """Return x0, y0, x1, y1."""
        # mmcv's steps draw from numpy's global generator, seeded by worker
        draw = np.random.uniform
        area = draw(self.min_area, 1)
        tall = area ** draw(0, 1)
        sides = []
        for length, share in ((width, area / tall), (height, tall)):
            kept = max(1, round(length * share))
            first = int(draw(0, length - kept + 1))
            sides.append((first, first + kept))
        (left, right), (top, bottom) = sides
        return [left, top, right, bottom]

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(size={self.size}, '
            f'min_area={self.min_area})'
        )
