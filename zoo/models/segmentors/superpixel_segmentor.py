"""Segmentation by classifying superpixels."""

import numpy as np
import torch
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from mmseg.utils import add_prefix
from torch import Tensor

from zoo.models.segmentors.photographs import photographs
from zoo.models.segmentors.post_processed import PostProcessedEncoderDecoder
from zoo.ops.regions import majority_labels
from zoo.ops.superpixels import slic_superpixels


@MODELS.register_module()
class SuperpixelSegmentor(PostProcessedEncoderDecoder):
    """Describe every superpixel by a row of features, then classify it.

    Backbone and head differ from mmseg's in what they exchange:
    ``backbone(inputs, photos, superpixels)`` returns for each image
    ``(S, D)`` rows, one per superpixel, and the head maps rows ``(M, D)`` to
    logits ``(M, C)``. A superpixel learns the class of most of its pixels; a
    pixel is predicted as its superpixel is. Whatever follows, post-processors
    too, sees class probabilities of pixels as usual.

    In training the superpixels are those of the samples (``AddSuperpixels``
    and ``PackSuperpixels`` make them in the loading processes); in testing
    they are computed here, so that they count in the time per image.

    Source: Mostajabi et al., CVPR 2015, Sec. 2 and 4.1.

    Args:
        superpixels: Arguments of ``slic_superpixels``.
        per_image: How many superpixels of an image learn in an iteration,
            drawn at random from those with a label; ``None``: all.
        **kwargs: Passed to ``PostProcessedEncoderDecoder``.

    Raises:
        ValueError: If ``per_image`` is below 1.
    """

    def __init__(
        self,
        *,
        superpixels: dict | None = None,
        per_image: int | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if per_image is not None and per_image < 1:
            raise ValueError(f'per_image must be at least 1, got {per_image}')
        self.superpixels = dict(superpixels or {})
        self.per_image = per_image

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict:
        """Return the losses of all superpixels of the batch."""
        maps = [_superpixels_of(sample) for sample in data_samples]
        sizes = [found.shape for found in maps]
        found = self.backbone(inputs, self.photos(inputs, sizes), maps)
        rows, labels = [], []
        for described, superpixels, sample in zip(
            found, maps, data_samples, strict=True
        ):
            known = self._majority(superpixels, sample).to(inputs.device)
            chosen = self._chosen(known)
            rows.append(described[chosen])
            labels.append(known[chosen])
        return self.loss_of_rows(torch.cat(rows), torch.cat(labels))

    def _majority(
        self, superpixels: np.ndarray, sample: SegDataSample
    ) -> Tensor:
        """Return the class of each superpixel."""
        height, width = superpixels.shape  # a batch may be padded
        labels = sample.gt_sem_seg.data[0, :height, :width].cpu().numpy()
        return torch.from_numpy(
            majority_labels(
                superpixels,
                labels,
                num_classes=self.num_classes,
                ignore_index=self.decode_head.ignore_index,
            )
        )

    def _chosen(self, labels: Tensor) -> Tensor:
        """Return which superpixels of an image learn."""
        known = (labels != self.decode_head.ignore_index).nonzero()[:, 0]
        if self.per_image is None or len(known) <= self.per_image:
            return known
        order = torch.randperm(len(known))[: self.per_image]
        return known[order.to(known.device)]

    def loss_of_rows(self, rows: Tensor, labels: Tensor) -> dict:
        """Return the losses of superpixels: rows (M, D), labels (M,)."""
        logits = self.decode_head(rows)
        losses = self.decode_head.loss_by_feat(logits, labels)
        return add_prefix(losses, 'decode')

    def encode_decode(self, inputs: Tensor, batch_img_metas: list) -> Tensor:
        """Return ``(N, C, H, W)`` logits; 0 beyond the image proper."""
        sizes = [tuple(meta['img_shape'][:2]) for meta in batch_img_metas]
        photos = self.photos(inputs, sizes)
        maps = [slic_superpixels(p, **self.superpixels) for p in photos]
        logits = inputs.new_zeros(
            (len(inputs), self.out_channels, *inputs.shape[2:])
        )
        for index, rows in enumerate(self.backbone(inputs, photos, maps)):
            height, width = sizes[index]
            found = torch.from_numpy(maps[index]).to(inputs.device)
            scores = self.decode_head(rows)
            logits[index, :, :height, :width] = scores.T[:, found]
        return logits

    def photos(
        self, inputs: Tensor, sizes: list[tuple[int, int]]
    ) -> list[np.ndarray]:
        """Return the photographs that the input tensor was made from.

        Args:
            inputs: ``(N, 3, H, W)``, preprocessed.
            sizes: Height and width of each without its padding.

        Returns:
            ``(h, w, 3)`` uint8 RGB of each.
        """
        maps = photographs(inputs, self.data_preprocessor).cpu().numpy()
        return [
            np.ascontiguousarray(photo[:height, :width])
            for photo, (height, width) in zip(maps, sizes, strict=True)
        ]


def _superpixels_of(sample: SegDataSample) -> np.ndarray:
    if 'superpixels' not in sample:
        raise ValueError(
            'a sample has no superpixels: end the training pipeline with '
            'AddSuperpixels and PackSuperpixels'
        )
    return sample.superpixels.data[0].cpu().numpy()
