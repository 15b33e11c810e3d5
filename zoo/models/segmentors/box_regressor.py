"""The localisation network: a box at every pixel, nothing else."""

from mmengine.structures import PixelData
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor

SIGNS = {
    'horizontal': (1.0, -1.0, 1.0, 1.0),
    'vertical': (-1.0, 1.0, 1.0, 1.0),
}


@MODELS.register_module()
class BoxRegressor(EncoderDecoder):
    """Predict for every pixel the box of its instance, per class of thing.

    A sample leaves with ``pred_boxes`` ``(4 T, H, W)`` in pixels of the
    original image; see ``BoxRegressionHead`` for the order.

    Source: Wu et al., 2016, Sec. 2.1 and 2.3: a network of its own, trained
        separately from the one for classes.

    Args:
        **kwargs: Passed to mmseg's ``EncoderDecoder``; the decode head is a
            ``BoxRegressionHead``.

    Raises:
        ValueError: If it predicts without samples.
    """

    def postprocess_result(
        self,
        seg_logits: Tensor,
        data_samples: list[SegDataSample] | None = None,
    ) -> list[SegDataSample]:
        """Undo padding, flip and resizing; fill the samples."""
        if data_samples is None:
            raise ValueError(
                'boxes are in pixels of the original image: give samples '
                'with ori_shape and img_shape'
            )
        samples = data_samples
        for sample, boxes in zip(
            samples, self.maps(seg_logits, samples), strict=True
        ):
            self.post_process(sample, boxes)
        return samples

    def maps(
        self, seg_logits: Tensor, samples: list[SegDataSample]
    ) -> list[Tensor]:
        """Return what several views of an image are averaged over: boxes.

        A mirrored view sees the centre on the other side; one of another
        size sees every length longer or shorter.

        Args:
            seg_logits: ``(N, 4 T, H, W)`` boxes in pixels of the view.
            samples: The metadata of each.

        Returns:
            ``(4 T, H, W)`` for each, in pixels of the original image.
        """
        undone = super().postprocess_result(seg_logits, samples)
        maps = []
        for sample in undone:
            boxes = sample.seg_logits.data.unflatten(0, (-1, 4))
            factors = boxes.new_tensor(_factors(sample.metainfo))
            maps.append((boxes * factors[:, None, None]).flatten(0, 1))
            del sample.seg_logits, sample.pred_sem_seg  # no classes here
        return maps

    def post_process(self, sample: SegDataSample, boxes: Tensor) -> None:
        """Fill the sample with ``(4 T, H, W)`` boxes."""
        sample.set_data({'pred_boxes': PixelData(data=boxes)})


def _factors(meta: dict) -> tuple[float, ...]:
    """Return what turns dy, dx, height, width back into the original's."""
    signs = SIGNS[meta['flip_direction']] if meta.get('flip') else (1.0,) * 4
    down, right = (
        original / seen
        for original, seen in zip(
            meta['ori_shape'][:2], meta['img_shape'][:2], strict=True
        )
    )
    return tuple(
        sign * scale
        for sign, scale in zip(signs, (down, right, down, right), strict=True)
    )
