"""Learn which classes an image holds, not where."""

import torch
from mmengine.model import BaseModel
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits


@MODELS.register_module()
class TagClassifier(BaseModel):
    """A ``CropNetwork`` and one linear layer: a probability for every tag.

    Where there are no ImageNet weights, a zoom-out model takes the network
    of such a classifier for its distant and global features. In testing a
    sample gets ``pred_tags`` ``(C,)``, probabilities.

    Source: ours; Mostajabi et al., CVPR 2015, Sec. 4.1 take a network that
        was trained to classify ImageNet's images.

    Shapes:
        - inputs: ``(N, 3, s, s)``, BGR, 0 to 255 minus the mean.

    Args:
        network: Config of the ``CropNetwork``; its weights begin with
            ``network.`` in a checkpoint.
        num_classes: Tags.
        data_preprocessor: Config of mmseg's preprocessor.
        init_cfg: Weights to start from.
    """

    def __init__(
        self,
        *,
        network: dict,
        num_classes: int,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.network = MODELS.build(network)
        self.score = nn.Linear(self.network.out_channels, num_classes)
        nn.init.normal_(self.score.weight, std=0.01)
        nn.init.zeros_(self.score.bias)

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[SegDataSample] | None = None,
        mode: str = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[SegDataSample]:
        """Return logits ``(N, C)``, losses, or samples with probabilities.

        Raises:
            ValueError: If the mode is unknown, or needs samples that are not
                there.
        """
        logits = self.score(self.network(inputs))
        if mode == 'tensor':
            return logits
        if data_samples is None or mode not in ('loss', 'predict'):
            raise ValueError(
                "mode must be 'tensor', or 'loss' or 'predict' with samples, "
                f'got {mode!r}'
            )
        if mode == 'loss':
            tags = torch.stack([sample.gt_tags for sample in data_samples])
            loss = binary_cross_entropy_with_logits(logits, tags)
            return {'loss_tags': loss}
        for sample, row in zip(data_samples, logits.sigmoid(), strict=True):
            sample.set_data({'pred_tags': row})
        return data_samples
