"""Zoom-out: the classifier learns from a table, and predicts from photos."""

from typing import Any

from mmseg.registry import MODELS
from torch import Tensor

from zoo.models.segmentors.superpixel_segmentor import SuperpixelSegmentor


@MODELS.register_module()
class ZoomOutSegmentor(SuperpixelSegmentor):
    """A ``SuperpixelSegmentor`` over features that do not learn.

    They are extracted once (``zoo.engine.zoom_out``); a training iteration
    sees superpixels of any images, drawn from the table.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.3.
    """

    def loss(self, inputs: Tensor, data_samples: Any) -> dict:
        """Return the losses of rows ``(M, D)`` with labels ``(M,)``."""
        return self.loss_of_rows(
            self.backbone.standardise(inputs), data_samples
        )
