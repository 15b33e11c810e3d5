"""Change the size of an image at random, in proportion to its own size."""

import numpy as np
from mmcv.transforms import BaseTransform, Resize
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomRescale(BaseTransform):
    """Multiply width and height by one random ratio.

    The image is resampled linearly, its label map by nearest neighbour;
    boxes move along.

    Differs: mmcv's ``RandomResize`` draws the new length of the longer side,
    whatever it was. Images of several sizes, of COCO or of two copies of
    NYUDv2, would come out alike.

    Shapes:
        - ``img`` ``(H, W, 3)`` and ``gt_seg_map`` ``(H, W)`` become
          ``(H', W')``, the product rounded, at least 1.

    Args:
        ratio_range: Lowest and highest ratio, drawn uniformly.

    Raises:
        ValueError: If the ratios are not above 0 and in order.
    """

    def __init__(self, *, ratio_range: tuple[float, float]):
        low, high = ratio_range
        if not 0 < low <= high:
            raise ValueError(
                f'ratio_range must be above 0 and in order, got {ratio_range}'
            )
        self.ratio_range = ratio_range

    def transform(self, results: dict) -> dict:
        """Resize ``img`` and ``gt_seg_map``."""
        ratio = np.random.uniform(*self.ratio_range)  # noqa: NPY002  mmcv's
        height, width = results['img'].shape[:2]
        size = max(1, round(width * ratio)), max(1, round(height * ratio))
        # a box may reach beyond a crop: it is not clipped
        return Resize(scale=size, clip_object_border=False)(results)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(ratio_range={self.ratio_range})'
