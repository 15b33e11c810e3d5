"""FCRN's localisation head: at each cell a box for every class of thing."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor

from zoo.models.decode_heads.fcrn_head import FCRNHead
from zoo.models.decode_heads.strided_head import input_size
from zoo.ops import subsample_labels, upsample_scores
from zoo.ops.box_maps import box_map_iou, box_targets

BOX_LOSS = {'type': 'BoxRegressionLoss'}


@MODELS.register_module()
class BoxRegressionHead(FCRNHead):
    """Regress, at each cell, the box of the instance that it belongs to.

    There are four channels for every class that has instances: offsets from
    the pixel to the centre of the box, down and to the right, then height
    and width. A cell learns in the channels of its own class only, and not
    at all where there is no instance. Its labels are the numbers of the
    instances: ``LabelByInstance``.

    Source: Wu et al., 2016, Sec. 2.1 (targets) and 2.3 (a network like the
        one for classes, eighty channels for VOC).
    Differs: the paper prints no scale of the targets; 100 pixels is ours.

    Shapes:
        - inputs: tuple of maps ``(N, C, H, W)``; ``in_index`` is read.
        - forward returns: ``(N, 4 * T, H, W)``, in units of ``scale``;
          channels ``4 t`` to ``4 t + 3`` are those of ``things[t]``.
        - prediction: as that in pixels, at every pixel of the input.

    Args:
        things: Classes that have instances, ``T`` of them.
        scale: Pixels that the network calls 1, above 0.
        log_size: Whether it predicts logarithms of height and width.
        loss_decode: One loss with the arguments of ``BoxRegressionLoss``.
        **kwargs: Passed to ``FCRNHead``.

    Raises:
        ValueError: If ``things`` is empty or repeats a class, ``scale`` is
            not above 0, or several losses or ``loss_at`` are given.
    """

    def __init__(
        self,
        *,
        things: Sequence[int],
        scale: float = 100.0,
        log_size: bool = False,
        loss_decode: dict = BOX_LOSS,
        **kwargs,
    ) -> None:
        if not things or len(set(things)) < len(things):
            raise ValueError(f'things must be different classes, got {things}')
        if not scale > 0:
            raise ValueError(f'scale must be above 0, got {scale}')
        if not isinstance(loss_decode, dict) or 'loss_at' in kwargs:
            raise ValueError(
                'boxes are learned at the cells, with one loss: set no '
                'loss_at and a single loss_decode'
            )
        kwargs.setdefault('num_classes', 4 * len(things))
        super().__init__(loss_decode=loss_decode, **kwargs)
        self.things = list(things)
        self.scale = scale
        self.log_size = log_size

    def loss_by_feat(
        self, seg_logits: Tensor, batch_data_samples: list
    ) -> dict[str, Tensor]:
        """Return the loss, and the mean overlap of the boxes in per cent."""
        truth, pixels, thing = self._targets(seg_logits, batch_data_samples)
        known = thing >= 0
        pick = thing.clamp_min(0)[:, None, None]
        outputs = seg_logits.unflatten(1, (len(self.things), 4))
        own = outputs.take_along_dim(pick, dim=1).squeeze(1)
        with torch.no_grad():
            iou = box_map_iou(self._decode(own, 1), truth)
        loss = self.loss_decode(
            own,
            self._encode(truth),
            known,
            iou=iou,
            boxes=truth[:, 2] * truth[:, 3],
            pixels=pixels,
        )
        overlap = (iou * known).sum() / known.sum().clamp_min(1)
        return {self.loss_decode.loss_name: loss, 'box_IoU': 100 * overlap}

    def predict_by_feat(
        self, seg_logits: Tensor, batch_img_metas: list[dict]
    ) -> Tensor:
        """Return boxes in pixels at every pixel of the (padded) input.

        Between the cells of one instance offsets change linearly, so that
        interpolated boxes are as good as those at the cells.
        """
        return upsample_scores(
            self._decode(seg_logits, len(self.things)),
            stride=self.output_stride,
            size=input_size(batch_img_metas[0]),
            offset=self.score_offset,
        )

    def _targets(
        self, outputs: Tensor, samples: list
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes ``(N, 4, h, w)``, pixels of the instance, thing.

        The thing is -1 where there is no instance to learn.
        """
        numbers = subsample_labels(
            self._stack_batch_gt(samples).squeeze(1),
            stride=self.output_stride,
            size=(outputs.shape[2], outputs.shape[3]),
            offset=self.label_offset,
            ignore_index=self.ignore_index,
        )
        place = numbers.new_full((256,), -1)
        place[self.things] = torch.arange(len(self.things)).to(place)
        boxes, pixels, things = [], [], []
        for cells, sample in zip(numbers, samples, strict=True):
            known = sample.gt_instances
            index = torch.where(cells <= len(known.labels), cells, 0)
            nothing = place.new_full((1,), -1)
            things.append(torch.cat([nothing, place[known.labels]])[index])
            areas = known.areas
            pixels.append(torch.cat([areas.new_zeros(1), areas])[index])
            boxes.append(
                box_targets(
                    cells,
                    known.bboxes,
                    stride=self.output_stride,
                    offset=self.label_offset,
                )
            )
        return torch.stack(boxes), torch.stack(pixels), torch.stack(things)

    def _decode(self, outputs: Tensor, things: int) -> Tensor:
        """Return pixels of ``(N, 4 * things, h, w)`` outputs."""
        if not self.log_size:
            return outputs * self.scale
        offsets, sizes = outputs.unflatten(1, (things, 4)).split(2, dim=2)
        return torch.cat([offsets, sizes.exp()], 2).flatten(1, 2) * self.scale

    def _encode(self, boxes: Tensor) -> Tensor:
        """Return what the network should put out for ``(N, 4, h, w)``."""
        units = boxes / self.scale
        if not self.log_size:
            return units
        offsets, sizes = units.split(2, dim=1)
        return torch.cat([offsets, sizes.clamp_min(1e-6).log()], dim=1)
