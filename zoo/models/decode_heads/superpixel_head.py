"""Classify superpixels from one row of features each."""

import itertools
from collections.abc import Sequence

from mmengine.model import BaseModule
from mmseg.models.losses import accuracy
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads.strided_head import LOSS, add_up


@MODELS.register_module()
class SuperpixelHead(BaseModule):
    """A linear classifier, or one with hidden layers.

    Belongs into a ``SuperpixelSegmentor``, which spreads the scores of a
    superpixel over its pixels.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.4 and Table 2: a linear
        softmax model, or layers of 256, 512 or 1024 rectified units.
    Differs: dropout's ratio is not printed; 0.5 is that of the release.
        Random weights follow He et al.; Caffe's are not stated.

    Shapes:
        - rows: ``(M, in_channels)``, superpixels of any number of images.
        - forward returns: ``(M, num_classes)`` logits.

    Args:
        in_channels: Length of a row.
        num_classes: Classes of the data set.
        hidden: Units of each hidden layer; none makes it linear.
        dropout: Share of hidden units zeroed in training, 0 to 1.
        loss_decode: One loss or several, as in ``StridedHead``.
        ignore_index: Label of a superpixel that has none.
        init_cfg: Weights to start from.

    Raises:
        ValueError: If a size is below 1, dropout is not in [0, 1), or rows
            have another length.
    """

    align_corners = False  # mmseg's segmentors ask

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        loss_decode: dict | list[dict] = LOSS,
        ignore_index: int = 255,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        sizes = [in_channels, *hidden, num_classes]
        if min(sizes) < 1:
            raise ValueError(f'all sizes must be at least 1, got {sizes}')
        if not 0 <= dropout < 1:
            raise ValueError(f'dropout must be in [0, 1), got {dropout}')
        self.in_channels = in_channels
        self.num_classes = self.out_channels = num_classes
        self.ignore_index = ignore_index
        terms = loss_decode if isinstance(loss_decode, list) else [loss_decode]
        self.loss_decode = nn.ModuleList(MODELS.build(term) for term in terms)
        self.layers = self._build_layers(sizes, dropout)

    def _build_layers(
        self, sizes: Sequence[int], dropout: float
    ) -> nn.Sequential:
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(sizes[:-1]):
            linear = nn.Linear(before, after)
            nn.init.kaiming_normal_(linear.weight, nonlinearity='relu')
            nn.init.zeros_(linear.bias)
            layers += [linear, nn.ReLU(inplace=True)]
            if dropout:
                layers.append(nn.Dropout(dropout))
        score = nn.Linear(sizes[-2], sizes[-1])
        nn.init.normal_(score.weight, std=0.01)
        nn.init.zeros_(score.bias)
        return nn.Sequential(*layers, score)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits of superpixels; see ``Shapes``."""
        if rows.shape[-1] != self.in_channels:
            raise ValueError(
                f'decode_head.in_channels is {self.in_channels}, but a '
                f'superpixel has {rows.shape[-1]} features. Set it to that'
            )
        return self.layers(rows)

    def loss_by_feat(self, logits: Tensor, labels: Tensor) -> dict:
        """Return the losses by name and the accuracy in per cent.

        Args:
            logits: ``(M, num_classes)``.
            labels: ``(M,)`` int64.
        """
        losses = add_up(self.loss_decode, logits, labels, self.ignore_index)
        losses['acc_seg'] = accuracy(
            logits, labels, ignore_index=self.ignore_index
        )
        return losses
