"""Pipeline steps of superpixels: computed, then packed."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import PixelData
from mmseg.datasets.transforms import PackSegInputs
from mmseg.registry import TRANSFORMS

from zoo.errors import UserError
from zoo.ops.superpixels import check_slic_options, slic_superpixels

SUPERPIXELS = 'superpixels'


@TRANSFORMS.register_module()
class AddSuperpixels(BaseTransform):
    """Divide the image into superpixels.

    Stands after whatever moves pixels, flips and crops too, and before
    ``PackSuperpixels``.

    Shapes:
        - reads ``img`` ``(H, W, 3)`` uint8 BGR.
        - adds ``superpixels`` ``(H, W)`` int64: 0 to ``S - 1``.

    Args:
        n_segments: About how many; see ``slic_superpixels``.
        compactness: Weight of the place against the colour, above 0.

    Raises:
        ValueError: If a number is out of range.
        UserError: If the image is not of uint8.
    """

    def __init__(
        self, *, n_segments: int = 500, compactness: float = 15
    ) -> None:
        check_slic_options(n_segments=n_segments, compactness=compactness)
        self.n_segments = n_segments
        self.compactness = compactness

    def transform(self, results: dict) -> dict:
        """Add the map."""
        image = results['img']
        if image.dtype != np.uint8:
            raise UserError(
                f'AddSuperpixels: needs an image of uint8, got {image.dtype}. '
                'Take to_float32 out of LoadImage, or put AddSuperpixels '
                'before the step that makes floats.'
            )
        results[SUPERPIXELS] = slic_superpixels(
            image[..., ::-1],
            n_segments=self.n_segments,
            compactness=self.compactness,
        )
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(n_segments={self.n_segments}, '
            f'compactness={self.compactness})'
        )


@TRANSFORMS.register_module()
class PackSuperpixels(PackSegInputs):
    """Pack an image with its labels and its superpixels.

    Shapes:
        - the sample has ``superpixels`` ``(1, H, W)`` int64.

    Raises:
        UserError: If there are none, or the image has changed since.
    """

    def transform(self, results: dict) -> dict:
        """Pack."""
        if SUPERPIXELS not in results:
            raise UserError(
                'PackSuperpixels: the image has no superpixels. Put '
                'AddSuperpixels before it.'
            )
        labels, size = results[SUPERPIXELS], results['img'].shape[:2]
        if labels.shape != size:
            raise UserError(
                f'PackSuperpixels: superpixels of {labels.shape} for an '
                f'image of {size}. Put AddSuperpixels last, just before it.'
            )
        packed = super().transform(results)
        data = PixelData(data=torch.from_numpy(labels[None]))
        packed['data_samples'].set_data({SUPERPIXELS: data})
        return packed
