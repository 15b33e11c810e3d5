"""The one seam where post-processors join mmseg."""

from typing import Any

import numpy as np
import torch
from mmengine.structures import PixelData
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from zoo.errors import UserError
from zoo.models.segmentors.photographs import photographs
from zoo.models.vgg16_imagenet import hand_over_classifier
from zoo.photo import read_photo


@MODELS.register_module()
class PostProcessedEncoderDecoder(EncoderDecoder):
    """An encoder-decoder whose prediction passes through post-processors.

    They run in testing only (a training run switches ``post_processing`` off
    while it validates), where mmseg has undone padding, flip and resizing:
    each is called as ``post_processor(probs, image)`` with class
    probabilities ``(C, H, W)`` and the original photograph ``(H, W, 3)``
    uint8 RGB, and returns probabilities for the next one. What has weights
    to learn belongs in a head.

    A sample leaves with ``pred_sem_seg`` ``(1, H, W)``, ``seg_logits``
    (log-probabilities once a post-processor ran) and, if one ran,
    ``raw_sem_seg``: the labels before the chain.

    A decode head whose ``reads_photographs`` is true gets them behind the
    maps of the backbone, ``(N, H, W, 3)`` uint8 RGB as large as the input.

    Source: the two-stage system of Chen et al., ICLR 2015,
    arXiv:1412.7062, Sec. 4.1: the network first, the CRF on its scores.
    Differs: the chain may hold any number of post-processors.

    Args:
        post_processors: Their configs in the order they run; ``None`` or an
            empty list leaves the prediction alone.
        **kwargs: Passed to mmseg's ``EncoderDecoder``.

    Raises:
        ValueError: If there are post-processors but only one output channel.
    """

    def __init__(
        self, *, post_processors: list[dict] | None = None, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.post_processing = True
        if post_processors and self.out_channels == 1:
            raise ValueError(
                'post_processors need one output channel per class, '
                'got out_channels=1'
            )
        self.post_processors = nn.ModuleList(
            MODELS.build(config) for config in post_processors or ()
        )

    def init_weights(self) -> None:
        """Initialise; hand VGG's fully connected layers on to the head."""
        super().init_weights()
        head: nn.Module = self.decode_head
        scorer = getattr(head, 'head', head)  # another may be around it
        hand_over_classifier(self.backbone, scorer)

    def extract_feat(self, inputs: Tensor) -> Any:
        """Return the maps, and the photographs for a head that asks."""
        maps = super().extract_feat(inputs)
        if not self._hands_on_photographs:
            return maps
        return [*maps, photographs(inputs, self.data_preprocessor)]

    @property
    def _hands_on_photographs(self) -> bool:
        return getattr(self.decode_head, 'reads_photographs', False)

    def _auxiliary_head_forward_train(
        self, inputs: Any, data_samples: list[SegDataSample]
    ) -> dict:
        """Return the losses of heads that see the maps alone."""
        maps = inputs[:-1] if self._hands_on_photographs else inputs
        return super()._auxiliary_head_forward_train(maps, data_samples)

    def postprocess_result(
        self,
        seg_logits: Tensor,
        data_samples: list[SegDataSample] | None = None,
    ) -> list[SegDataSample]:
        """Undo padding, flip and resizing, then run the chain."""
        samples = super().postprocess_result(seg_logits, data_samples)
        chain = self.post_processing and len(self.post_processors)
        if data_samples is not None and chain:
            for sample in samples:
                probs = sample.seg_logits.data.softmax(dim=0)
                self.post_process(sample, probs)
        return samples

    def maps(
        self, seg_logits: Tensor, samples: list[SegDataSample]
    ) -> list[Tensor]:
        """Return what several views of an image are averaged over.

        Args:
            seg_logits: ``(N, C, H, W)`` of a view.
            samples: The metadata of each.

        Returns:
            ``(C, H, W)`` probabilities of each, at the original size.
        """
        maps = []
        for sample in super().postprocess_result(seg_logits, samples):
            maps.append(sample.seg_logits.data.softmax(0))
            del sample.seg_logits
        return maps

    def post_process(self, sample: SegDataSample, probs: Tensor) -> None:
        """Run the chain on ``(C, H, W)`` probabilities; fill the sample."""
        raw = probs.argmax(0, keepdim=True)
        if len(self.post_processors):
            image = _photo_of(sample, probs.shape[1:])
            for post_processor in self.post_processors:
                probs = post_processor(probs, image)
            sample.set_data({'raw_sem_seg': PixelData(data=raw)})
        sample.set_data(
            {
                'seg_logits': PixelData(data=probs.clamp_min(1e-12).log()),
                'pred_sem_seg': PixelData(data=probs.argmax(0, keepdim=True)),
            }
        )


def _photo_of(sample: SegDataSample, size: torch.Size) -> np.ndarray:
    """Return the original photograph of a sample, ``(H, W, 3)`` RGB."""
    path = sample.metainfo.get('img_path')
    if path is None:
        raise UserError(
            'a post-processor needs the photograph, but the sample has no '
            'img_path: load it with LoadImage and pack img_path'
        )
    image = read_photo(path)
    if image.shape[:2] != tuple(size):
        raise UserError(
            f'{path}: the photograph is {image.shape[:2]} (height, width), '
            f'the prediction {tuple(size)}: the file changed meanwhile'
        )
    return image
