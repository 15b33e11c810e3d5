"""Multi-view testing: average the predictions, post-process once."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseTTAModel
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn
from torch.nn import functional

Shift = tuple[int, int]


@MODELS.register_module()
class MultiViewSegmentor(BaseTTAModel):
    """Test scaled, flipped and shifted views of an image as one.

    A network of stride ``s`` scores every ``s``-th pixel. Moved down and to
    the right by less than that, the image shows it other pixels: together
    such views are scored as densely as by a network of a smaller stride.

    Views are added up one after the other, so that the memory for scores does
    not grow with their number; the pictures of all are loaded at once. mmseg's
    ``SegTTAModel`` leaves the scores of its last view in the sample; here they
    are those of the mean, and the post-processors of the wrapped segmentor
    see the mean once.

    Source: multi-view testing of Wu et al., 2016, arXiv:1605.06885, Sec. 1,
    which only names it; a low-resolution network that simulates a
    high-resolution one, Wu et al., 2016, arXiv:1604.04339.
    Differs: that probabilities are averaged is ours, also those of shifted
    views, whose scores the authors' later code interleaves; so is the choice
    of views, see ``zoo.engine.views``.

    Args:
        module: A segmentor, or its config, whose ``maps`` returns what is
            averaged: probabilities of a ``PostProcessedEncoderDecoder``,
            boxes of a ``BoxRegressor``.
        data_preprocessor: Passed on to it, as mmengine does.
        shifts: Each view is seen once for every ``(dy, dx)``: moved by so
            many pixels of the scaled image, at least 0 and fewer than the
            network's stride. The rows above and the columns to the left are
            0, the mean colour, and are cut off the scores.

    Raises:
        ValueError: If it has one output channel, or ``shifts`` are none,
            repeated, or out of range, or the head states no
            ``output_stride``: one that stretches its scores over the image
            would move them with it.
    """

    def __init__(
        self,
        module: dict | nn.Module,
        data_preprocessor: dict | nn.Module | None = None,
        *,
        shifts: Sequence[Shift] = ((0, 0),),
    ) -> None:
        super().__init__(module, data_preprocessor)
        if self.module.out_channels == 1:
            raise ValueError(
                'views are averaged over one output channel per class, '
                'got out_channels=1'
            )
        stride = getattr(self.module.decode_head, 'output_stride', 1)
        self.shifts = _checked(shifts, stride)

    @torch.no_grad()
    def test_step(self, data: dict) -> list[SegDataSample]:
        """Return one sample per image for lists of views."""
        views = len(data['inputs'])
        samples: list[SegDataSample] = []
        total: list[Tensor] = []
        for index in range(views):
            view = {key: value[index] for key, value in data.items()}
            view = self.module.data_preprocessor(view, False)
            samples = view['data_samples']
            for shift in self.shifts:
                self._add(total, view['inputs'], samples, shift)
        count = views * len(self.shifts)
        for sample, sum_of_views in zip(samples, total, strict=True):
            self.module.post_process(sample, sum_of_views.div_(count))
        return samples

    def _add(
        self,
        total: list[Tensor],
        inputs: Tensor,
        samples: list[SegDataSample],
        shift: Shift,
    ) -> None:
        """Add what a shifted view shows, one map per image.

        What it computes is gone when it returns: only the sum waits for the
        next view.
        """
        down, right = shift
        metas = [sample.metainfo for sample in samples]
        if any(shift):
            inputs = functional.pad(inputs, (right, 0, down, 0))
            metas = [_grown(meta, inputs, shift) for meta in metas]
        logits = self.module.inference(inputs, metas)[..., down:, right:]
        for index, seen in enumerate(self.module.maps(logits, samples)):
            if index < len(total):
                total[index] += seen
            else:
                total.append(seen)

    def merge_preds(self, data_samples_list: list) -> list:
        """Refuse: ``test_step`` merges while it goes."""
        raise NotImplementedError('views are merged in test_step')


def _grown(meta: dict, inputs: Tensor, shift: Shift) -> dict:
    """Return the metadata of a view that padding has enlarged.

    As plain tuples: a ``torch.Size`` is how mmseg marks a sliding window.
    """
    height, width = meta['img_shape'][:2]
    return {
        **meta,
        'img_shape': (height + shift[0], width + shift[1]),
        'pad_shape': tuple(inputs.shape[2:]),
    }


def _checked(shifts: Sequence[Shift], stride: int) -> tuple[Shift, ...]:
    if not isinstance(shifts, list | tuple) or not shifts:
        raise ValueError(
            f'shifts must be a list of pairs (dy, dx), got {shifts!r}'
        )
    for shift in shifts:
        if not _is_shift(shift) or max(shift) >= stride:
            raise ValueError(
                f'shifts must be pairs (dy, dx) of whole pixels >= 0 and < '
                f"{stride}, the head's output_stride, got {shift!r}"
            )
    pairs = [(dy, dx) for dy, dx in shifts]
    if len(set(pairs)) < len(pairs):
        raise ValueError(f'shifts must differ, got {shifts!r}')
    return tuple(pairs)


def _is_shift(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    return all(type(step) is int and step >= 0 for step in value)
