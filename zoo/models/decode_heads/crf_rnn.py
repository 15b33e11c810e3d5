"""CRF-RNN: mean field in a dense CRF as the last layers of a network."""

from collections.abc import Sequence
from typing import Any

import torch
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads.strided_head import LOSS
from zoo.ops.dense_crf import check_dense_crf_options
from zoo.ops.dense_crf_unrolled import unrolled_dense_crf

Size = tuple[int, int]


@MODELS.register_module()
class CRFRNN(BaseDecodeHead):
    """Let the scores of another head follow the edges, and learn through it.

    The scores are brought to the size of the input; some updates of mean
    field in a dense CRF over its pixels follow, and the loss is on what they
    return. Learnt are the head, the backbone, a matrix of weights for each
    of the two kernels and the compatibility of labels; they start as the CRF
    that is a post-processor. It needs the photographs, which a
    ``PostProcessedEncoderDecoder`` hands on.

    Source: Zheng et al., ICCV 2015; kernels, weights and Potts start: their
        released ``TVG_CRFRNN_*`` networks. That training unrolls 5 updates
        and testing 10 is from memory, unverified.
    Differs: The loss is a mean over pixels, theirs a sum. Padding takes no
        part, but for that in windows which slide over a padded image. Any
        head can come first, theirs is FCN-8s.

    Shapes:
        - inputs: the backbone's maps, then ``(N, H, W, 3)`` uint8 RGB.
        - forward returns: ``(N, num_classes, H, W)`` logits.

    Args:
        head: Config of the head that scores. Its losses are not used.
        gaussian_weight: Nats, at the start, as for the next.
        bilateral_weight: Nats.
        gaussian_xy_std: Pixels, above 0.
        bilateral_xy_std: Pixels, above 0.
        bilateral_rgb_std: Grey levels of 0..255, above 0.
        train_iterations: Updates in training.
        test_iterations: Updates in testing.
        normalization: See ``zoo.ops.dense_crf``.
        num_classes: That of the head, for whoever reads the config.
        loss_decode: One loss or several; by default cross-entropy, averaged
            over the pixels that are not ignored.

    Raises:
        ValueError: If an option is out of range, the classes are not those
            of the head, or there is but one output.

    Example:
        >>> head = dict(
        ...     type='DeepLabHead', in_channels=8, channels=16, num_classes=3
        ... )
        >>> crf = CRFRNN(head=head, bilateral_xy_std=40.0).eval()
        >>> photographs = torch.zeros(1, 9, 17, 3, dtype=torch.uint8)
        >>> tuple(crf([torch.zeros(1, 8, 2, 3), photographs]).shape)
        (1, 3, 9, 17)
    """

    reads_photographs = True

    def __init__(
        self,
        *,
        head: dict,
        gaussian_weight: float = 3.0,
        bilateral_weight: float = 5.0,
        gaussian_xy_std: float = 3.0,
        bilateral_xy_std: float = 160.0,
        bilateral_rgb_std: float = 3.0,
        train_iterations: int = 5,
        test_iterations: int = 10,
        normalization: str = 'after',
        num_classes: int | None = None,
        loss_decode: dict | list[dict] = LOSS,
    ) -> None:
        scorer = MODELS.build(head)
        classes = scorer.num_classes
        if num_classes not in (None, classes):
            raise ValueError(
                f'num_classes is {num_classes}, that of the head {classes}'
            )
        if scorer.out_channels != classes or classes < 2:
            raise ValueError(
                'head must have one output for each of several classes, got '
                f'{scorer.out_channels} for {classes}'
            )
        super().__init__(
            scorer.in_channels,
            scorer.channels,
            num_classes=classes,
            in_index=scorer.in_index,
            input_transform=scorer.input_transform,
            ignore_index=scorer.ignore_index,
            dropout_ratio=0,
            loss_decode=loss_decode,
            init_cfg=None,
        )
        del self.conv_seg  # the head has one
        self.head = scorer
        self.options: dict[str, Any] = {
            'gaussian_xy_std': gaussian_xy_std,
            'bilateral_xy_std': bilateral_xy_std,
            'bilateral_rgb_std': bilateral_rgb_std,
            'normalization': normalization,
        }
        self.iterations = {True: train_iterations, False: test_iterations}
        for count in self.iterations.values():
            check_dense_crf_options(
                iterations=count,
                backend='lattice',
                gaussian_weight=gaussian_weight,
                bilateral_weight=bilateral_weight,
                **self.options,
            )
        eye = torch.eye(classes)
        self.gaussian_weights = nn.Parameter(gaussian_weight * eye)
        self.bilateral_weights = nn.Parameter(bilateral_weight * eye)
        self.compatibility = nn.Parameter(-eye)

    def forward(
        self,
        inputs: Sequence[Tensor],
        sizes: Sequence[Size] | None = None,
    ) -> Tensor:
        """Return logits of pixels; see ``Shapes``.

        Args:
            inputs: Maps and photographs.
            sizes: Height and width of each image without its padding, which
                keeps the scores of the head; ``None``: nothing is padded.
        """
        *maps, photos = inputs
        if photos.dtype != torch.uint8 or photos.shape[3:] != (3,):
            raise ValueError(
                'CRFRNN got no photographs: it must be the decode_head of a '
                'PostProcessedEncoderDecoder'
            )
        whole = photos.shape[1:3]
        meta = {'img_shape': whole, 'pad_shape': whole}
        scores = self.head.predict_by_feat(self.head(maps), [meta]).float()
        if sizes is None or all(tuple(size) == whole for size in sizes):
            return self._refined(scores, photos)
        logits = scores.clone()
        for index, (height, width) in enumerate(sizes):
            own = slice(index, index + 1), ..., slice(height), slice(width)
            logits[own] = self._refined(
                scores[own], photos[index : index + 1, :height, :width]
            )
        return logits

    def _refined(self, logits: Tensor, photos: Tensor) -> Tensor:
        if not self.iterations[self.training]:
            return logits
        # mean field amplifies the rounding of half types
        with torch.autocast(logits.device.type, enabled=False):
            return self._updated(logits, photos)

    def _updated(self, logits: Tensor, photos: Tensor) -> Tensor:
        return unrolled_dense_crf(
            logits,
            photos,
            gaussian_weights=self.gaussian_weights,
            bilateral_weights=self.bilateral_weights,
            compatibility=self.compatibility,
            iterations=self.iterations[self.training],
            **self.options,
        )

    def loss(
        self,
        inputs: Sequence[Tensor],
        batch_data_samples: list,
        train_cfg: dict,
    ) -> dict[str, Tensor]:
        """Return the loss of the refined scores and their accuracy."""
        metas = [sample.metainfo for sample in batch_data_samples]
        logits = self.forward(inputs, _sizes(inputs[-1], metas))
        return self.loss_by_feat(logits, batch_data_samples)

    def predict(
        self,
        inputs: Sequence[Tensor],
        batch_img_metas: list[dict],
        test_cfg: dict,
    ) -> Tensor:
        """Return logits at every pixel of the (padded) input image."""
        return self.forward(inputs, _sizes(inputs[-1], batch_img_metas))


def _sizes(photos: Tensor, metas: list[dict]) -> list[Size]:
    """Return the size of each image without its padding.

    A window of a larger image has the size of the window.
    """
    height, width = photos.shape[1:3]
    shapes = [meta.get('img_shape', (height, width)) for meta in metas]
    return [(min(shape[0], height), min(shape[1], width)) for shape in shapes]
