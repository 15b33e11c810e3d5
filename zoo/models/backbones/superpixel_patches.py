"""The pixels of a superpixel as its features, for a network to learn from."""

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from zoo.ops.lab_colours import lab_image
from zoo.ops.regions import superpixel_boxes
from zoo.ops.superpixel_patches import superpixel_patches


@MODELS.register_module()
class SuperpixelPatches(BaseModule):
    """Cut out the bounding box of every superpixel; no weights.

    Belongs into a ``SuperpixelSegmentor`` with a ``LocalConvnetHead``.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1, local convnet.

    Shapes:
        - inputs: ``(N, 3, H, W)``; only its device matters.
        - photos: list of ``(H, W, 3)`` uint8 RGB.
        - superpixels: list of ``(H, W)`` int64, ``0 .. S - 1``.
        - forward returns: list of ``(S, 3 * 35 * 35)`` rows, the patches of
          ``superpixel_patches`` flattened.
    """

    def forward(
        self,
        inputs: Tensor,
        photos: Sequence[np.ndarray],
        superpixels: Sequence[np.ndarray],
    ) -> list[Tensor]:
        """Return the rows of each image; see ``Shapes``."""
        found = []
        for photo, labels in zip(photos, superpixels, strict=True):
            patches = superpixel_patches(
                lab_image(photo), superpixel_boxes(labels)
            )
            rows = torch.from_numpy(patches).flatten(1)
            found.append(rows.to(inputs.device))
        return found
