"""Mid-layer refinement: the coarse scores redrawn at a quarter of the size."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from mmseg.models.losses import accuracy
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads.context_crf_head import ContextCRFHead
from zoo.models.decode_heads.strided_head import add_up
from zoo.ops import labels_at_nodes, resize_map, unit_scale

# how far each input is shrunk by its own branch, image first; what is left
# to the quarter size is interpolated, and so are maps that are smaller
BRANCH_STRIDES = (4, 2, 1, 1, 1, 1)


@MODELS.register_module()
class RefinedContextCRFHead(ContextCRFHead):
    """Let early layers, which know where borders are, correct the CRF.

    Three convolutions on the image and on each of the five pools, the
    results and the coarse scores side by side, and three more convolutions,
    the last of which scores the classes at a quarter of the image size.

    Source: Lin et al., CVPR 2016, Sec. 7.2 (the model of 78.0 mean IoU).
    Differs: the paper gives neither kernels nor widths: 3 x 3, and
    ``branch_channels`` and ``fuse_channels`` are our choices. So are the
    coarse scores, which are the marginals, and that all inputs have unit
    scale: image and pools, whose values run to thousands, are each divided
    by their root mean square over channels and positions; the marginals are
    multiplied by ``sqrt(num_classes)``, which does the same to sure labels.
    All before the refinement is fixed: train the coarse model first and
    freeze its backbone by ``frozen_blocks=6``; block 6 gets no gradient.

    Shapes:
        - inputs: image, pool1 ... pool5, then the maps of the potentials.
        - forward returns: ``(N, num_classes, ceil(H / 4), ceil(W / 4))``
          scores.

    Args:
        branch_inputs: Channels of the image and of pool1 ... pool5.
        branch_channels: Width of the branches.
        fuse_channels: Width of the layers that join them.
        **kwargs: Passed to ``ContextCRFHead``.

    Raises:
        ValueError: If ``branch_inputs`` has not six entries.
    """

    def __init__(
        self,
        *,
        branch_inputs: Sequence[int] = (3, 64, 128, 256, 512, 512),
        branch_channels: int = 64,
        fuse_channels: int = 128,
        **kwargs,
    ) -> None:
        if len(branch_inputs) != len(BRANCH_STRIDES):
            raise ValueError(
                f'branch_inputs must have 6 entries, got {len(branch_inputs)}'
            )
        super().__init__(**kwargs)
        self.requires_grad_(False)
        width = branch_channels
        self.branches = nn.ModuleList(
            _convolutions(
                (channels, width, width, width),
                strides=(2 if stride > 1 else 1, 2 if stride > 2 else 1, 1),
                end=nn.ReLU(inplace=True),
            )
            for channels, stride in zip(
                branch_inputs, BRANCH_STRIDES, strict=True
            )
        )
        joined = len(branch_inputs) * width + self.num_classes
        self.fuse = _convolutions(
            (joined, fuse_channels, fuse_channels, self.num_classes),
            strides=(1, 1, 1),
            end=nn.Identity(),
        )
        # scores start near 0: with the spread of the other layers, a label
        # would be ruled out before anything is learnt
        nn.init.normal_(self.fuse[4].get_parameter('weight'), std=0.01)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return scores at a quarter of the size; see ``Shapes``."""
        with torch.no_grad():
            coarse = super().forward(inputs).exp() * self.num_classes**0.5
        image, *pools = inputs[:6]
        size = [-(-side // 4) for side in image.shape[2:]]
        # every fourth pixel, from the first to the last, like all maps
        image = resize_map(image, [4 * side - 3 for side in size])
        maps = [
            resize_map(branch(unit_scale(x)), size)
            for branch, x in zip(self.branches, (image, *pools), strict=True)
        ]
        return self.fuse(torch.cat([*maps, resize_map(coarse, size)], dim=1))

    def loss(
        self,
        inputs: tuple[Tensor, ...],
        batch_data_samples: list,
        train_cfg: dict,
    ) -> dict[str, Tensor]:
        """Return the loss of the refined scores and their accuracy."""
        labels = self._stack_batch_gt(batch_data_samples).squeeze(1)
        scores = self.forward(inputs)
        labels = labels_at_nodes(labels, scores.shape[2:])
        losses = add_up(self.loss_decode, scores, labels, self.ignore_index)
        losses['acc_seg'] = accuracy(
            scores, labels, ignore_index=self.ignore_index
        )
        return losses

    def predict_by_feat(
        self, seg_logits: Tensor, batch_img_metas: list[dict]
    ) -> Tensor:
        """Return log-probabilities, interpolated to the pixels."""
        logs = seg_logits.log_softmax(dim=1)
        return super().predict_by_feat(logs, batch_img_metas)

    def train(self, mode: bool = True) -> 'RefinedContextCRFHead':
        """Switch mode; the fixed potentials drop no activations."""
        super().train(mode)
        for name in self.potentials:
            self.get_submodule(name).eval()
        return self


def _convolutions(
    widths: Sequence[int], *, strides: Sequence[int], end: nn.Module
) -> nn.Sequential:
    """Return convolutions of 3 x 3 with ReLU between them."""
    layers: list[nn.Module] = []
    for (before, after), stride in zip(pairwise(widths), strides, strict=True):
        layer = nn.Conv2d(before, after, 3, stride=stride, padding=1)
        nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
        nn.init.zeros_(layer.get_parameter('bias'))
        layers += [layer, nn.ReLU(inplace=True)]
    return nn.Sequential(*layers[:-1], end)
