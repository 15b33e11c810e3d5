"""What heads on a coarse score map share: the loss, the upsampling."""

from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.models.losses import accuracy
from torch import Tensor, nn

from zoo.ops import subsample_labels, upsample_scores

LOSS = {'type': 'CrossEntropyLoss', 'avg_non_ignore': True}


class StridedHead(BaseDecodeHead):
    """Score cells ``output_stride`` pixels apart; a subclass adds ``forward``.

    mmseg stretches a score map over the whole image, which shifts every cell
    a little unless the sizes fit. Here cell ``i`` stays at pixel
    ``output_stride * i``: in training the labels are read at the cells (the
    papers' way) or the scores are interpolated between them; in testing they
    are interpolated.

    Source: Chen et al., ICLR 2015, arXiv:1412.7062, Sec. 3.2 (targets
    subsampled by 8); the offsets are those of the first released network.
    Differs: none known; mmseg's own heads have only ``loss_at='pixels'``.

    Shapes:
        - inputs: tuple of ``(N, C_i, H_i, W_i)`` of the backbone.
        - forward returns: ``(N, num_classes, h, w)`` logits at the cells.

    Args:
        output_stride: Distance between cells, in pixels.
        loss_at: ``'cells'`` or ``'pixels'``.
        label_offset: Pixel of cell 0 in training.
        score_offset: Pixels to drop before pixel 0 in testing.
        dropout_ratio: Share of single activations zeroed before the last
            layer (mmseg drops whole channels; the papers do not).
        loss_decode: One loss or several; by default cross-entropy, averaged
            over the pixels that are not ignored (mmseg's default is not).
        **kwargs: Passed to mmseg's ``BaseDecodeHead``.

    Raises:
        ValueError: If ``loss_at`` is unknown, or a pixel sampler is given:
            choose pixels with a loss instead.
    """

    def __init__(
        self,
        *,
        output_stride: int = 8,
        loss_at: str = 'cells',
        label_offset: int = 0,
        score_offset: int = 0,
        dropout_ratio: float = 0.5,
        loss_decode: dict | list[dict] = LOSS,
        **kwargs,
    ) -> None:
        if loss_at not in ('cells', 'pixels'):
            raise ValueError(
                f"loss_at must be 'cells' or 'pixels', got {loss_at!r}"
            )
        if kwargs.get('sampler') is not None:
            raise ValueError('sampler is not supported: use a loss instead')
        super().__init__(
            dropout_ratio=dropout_ratio, loss_decode=loss_decode, **kwargs
        )
        self.output_stride = output_stride
        self.loss_at = loss_at
        self.label_offset = label_offset
        self.score_offset = score_offset
        self.dropout = nn.Dropout(dropout_ratio)

    def loss_by_feat(
        self, seg_logits: Tensor, batch_data_samples: list
    ) -> dict[str, Tensor]:
        """Return the losses by name and the accuracy in per cent."""
        labels = self._stack_batch_gt(batch_data_samples).squeeze(1)
        if self.loss_at == 'cells':
            labels = subsample_labels(
                labels,
                stride=self.output_stride,
                size=(seg_logits.shape[2], seg_logits.shape[3]),
                offset=self.label_offset,
                ignore_index=self.ignore_index,
            )
        else:
            seg_logits = upsample_scores(
                seg_logits,
                stride=self.output_stride,
                size=(labels.shape[1], labels.shape[2]),
                offset=self.label_offset,
            )
        losses = add_up(
            self.loss_decode, seg_logits, labels, self.ignore_index
        )
        losses['acc_seg'] = accuracy(
            seg_logits, labels, ignore_index=self.ignore_index
        )
        return losses

    def predict_by_feat(
        self, seg_logits: Tensor, batch_img_metas: list[dict]
    ) -> Tensor:
        """Return logits at every pixel of the (padded) input image."""
        return upsample_scores(
            seg_logits,
            stride=self.output_stride,
            size=input_size(batch_img_metas[0]),
            offset=self.score_offset,
        )


def add_up(
    terms: nn.Module, logits: Tensor, labels: Tensor, ignore_index: int
) -> dict[str, Tensor]:
    """Return the losses of a head by name; those of one name are summed.

    Args:
        terms: One loss of mmseg's kind, or a ``ModuleList`` of them.
        logits: ``(N, C, h, w)``.
        labels: ``(N, h, w)`` int64.
        ignore_index: Label that does not count.
    """
    losses: dict[str, Tensor] = {}
    for term in terms if isinstance(terms, nn.ModuleList) else [terms]:
        value = term(logits, labels, ignore_index=ignore_index)
        name = str(term.loss_name)
        losses[name] = losses[name] + value if name in losses else value
    return losses


def input_size(meta: dict) -> tuple[int, int]:
    """Return height and width of the network's input from its metadata.

    A sliding window replaces ``img_shape`` by its own ``torch.Size`` and
    leaves ``pad_shape`` alone, hence the order.
    """
    shape = meta['img_shape']
    if type(shape) is tuple and 'pad_shape' in meta:
        shape = meta['pad_shape']
    return tuple(shape[:2])
