"""Instances from two networks: classes of pixels, and their boxes."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModel
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from zoo.errors import UserError
from zoo.models.segmentors.box_regressor import BoxRegressor
from zoo.models.segmentors.multi_view import MultiViewSegmentor, Shift
from zoo.models.segmentors.oracles import TrueBoxes, TrueClasses


@MODELS.register_module()
class InstanceSegmentor(BaseModel):
    """Ask each of two trained networks once, and group the pixels.

    The networks know nothing of each other: each prepares the image in its
    own way, and any segmentor of the zoo can be the one for classes, its
    post-processors included. Weights are those of the two under
    ``semantic.`` and ``localisation.``; there is nothing to train here.

    A sample leaves with ``pred_instances`` beside what the networks put
    there: ``labels`` ``(m,)`` class ids, ``scores`` ``(m,)``, ``masks``
    ``(m, H, W)`` bool and ``bboxes`` ``(m, 4)`` x0, y0, x1, y1.

    Source: Wu et al., 2016, Sec. 2.1 and Fig. 1.
    Differs: several views are averaged as for classes (the paper names
        multi-view testing for those only).

    Args:
        semantic: Config of the segmentor for classes.
        localisation: Config of the ``BoxRegressor``.
        grouper: Config of ``HoughInstances``.
        data_preprocessor: For a network that names none.
        shifts: See ``MultiViewSegmentor``; several views are tested where
            it is given.

    Raises:
        ValueError: If a part cannot play its role, the things of
            ``localisation`` and ``grouper`` are not the same in the same
            order, or a part cannot average views.
    """

    def __init__(
        self,
        *,
        semantic: dict,
        localisation: dict,
        grouper: dict,
        data_preprocessor: dict | None = None,
        shifts: Sequence[Shift] | None = None,
    ) -> None:
        super().__init__()
        default = {'data_preprocessor': data_preprocessor}
        self.semantic = MODELS.build({**default, **semantic})
        self.localisation = MODELS.build({**default, **localisation})
        self.grouper = MODELS.build(grouper)
        self._require_roles()
        parts = [self.semantic, self.localisation]
        if shifts is not None:
            parts = [_several_views(part, shifts) for part in parts]
        # a list is no module: weights keep their names, without a view's
        self._parts = parts

    def _require_roles(self) -> None:
        """Refuse parts that were mixed up, before weights are loaded."""
        for name, part, wanted in (
            ('semantic', self.semantic, False),
            ('localisation', self.localisation, True),
        ):
            if isinstance(part, BoxRegressor | TrueBoxes) is not wanted:
                raise ValueError(
                    f'{name} must be a segmentor for '
                    f'{"boxes" if wanted else "classes"}, got a '
                    f'{type(part).__name__}'
                )
        head = getattr(self.localisation, 'decode_head', self.localisation)
        theirs, ours = head.things, getattr(self.grouper, 'things', None)
        if ours != theirs:
            raise ValueError(
                f'grouper.things are {ours}, those of localisation {theirs}'
            )

    @torch.no_grad()
    def test_step(self, data: dict) -> list[SegDataSample]:
        """Return a sample with instances for each image."""
        samples = []
        for sample, probs, boxes in self.seen(data):
            sample.pred_instances = self.grouper(probs, boxes)
            samples.append(sample)
        return samples

    @torch.no_grad()
    def seen(self, data: dict) -> list[tuple[SegDataSample, Tensor, Tensor]]:
        """Return what is grouped: sample, probabilities and boxes of each.

        Returns:
            ``(C, H, W)`` probabilities and ``(4 T, H, W)`` boxes in pixels,
            at the original size.
        """
        samples, located = (part.test_step(data) for part in self._parts)
        return [
            (sample, sample.seg_logits.data.softmax(0), other.pred_boxes.data)
            for sample, other in zip(samples, located, strict=True)
        ]

    def val_step(self, data: dict) -> list[SegDataSample]:
        """As ``test_step``."""
        return self.test_step(data)

    def forward(self, *args, **kwargs) -> None:
        """Refuse: the parts are trained apart."""
        raise UserError(
            'InstanceSegmentor: has nothing to train. Train the leaf of each '
            'part, named in assembled_from'
        )


def _several_views(part: nn.Module, shifts: Sequence[Shift]) -> nn.Module:
    """Wrap a network; an oracle sees the same in every view."""
    if isinstance(part, TrueBoxes | TrueClasses):
        return part
    if not hasattr(part, 'maps'):
        raise ValueError(
            f'{type(part).__name__} cannot average views: use a '
            'PostProcessedEncoderDecoder'
        )
    return MultiViewSegmentor(part, shifts=shifts)
