"""Classify superpixels from nothing but their own pixels."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads.strided_head import LOSS, add_up
from zoo.models.decode_heads.superpixel_head import SuperpixelHead
from zoo.models.local_convnet import SIDE, LocalConvnet


@MODELS.register_module()
class LocalConvnetHead(SuperpixelHead):
    """One small network for the classes, one for foreground or background.

    They share no weights and no loss: trained together they are what they
    would be trained apart. The first one predicts; what both say is
    ``features``, a part of the local zoom-out features.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1, local convnet: 21 and 2
        outputs of two networks, log-loss; on Stanford Background the 8 of
        one.

    Shapes:
        - rows: ``(M, 3 * 35 * 35)``, patches of ``superpixel_patches``.
        - forward returns: ``(M, num_classes)`` logits; in training those of
          the second network, ``(M, 2)``, stand behind.

    Args:
        num_classes: Classes of the data set.
        foreground: Classes that count as foreground; without them there is
            no second network.
        loss_decode: Of the first network, as in ``SuperpixelHead``; the
            second always has plain cross-entropy.
        ignore_index: Label of a superpixel that has none.
        init_cfg: Weights to start from.

    Raises:
        ValueError: If ``foreground`` is not some, but not all, of the
            classes.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        foreground: Sequence[int] | None = None,
        loss_decode: dict | list[dict] = LOSS,
        ignore_index: int = 255,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            in_channels=3 * SIDE * SIDE,
            num_classes=num_classes,
            loss_decode=loss_decode,
            ignore_index=ignore_index,
            init_cfg=init_cfg,
        )
        self.foreground = None if foreground is None else list(foreground)
        self.num_features = num_classes
        if self.foreground is not None:
            _refuse_other_classes(self.foreground, num_classes)
            self.num_features += 2
            self.foreground_layers = LocalConvnet(2)
            self.foreground_loss = MODELS.build(LOSS)

    def _build_layers(
        self, sizes: Sequence[int], dropout: float
    ) -> nn.Sequential:
        return LocalConvnet(sizes[-1])

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits of superpixels; see ``Shapes``."""
        if rows.shape[1:] != (self.in_channels,):
            raise ValueError(
                f'rows must be (M, {self.in_channels}): patches of '
                f'SuperpixelPatches, got {tuple(rows.shape)}'
            )
        patches = rows.unflatten(1, (3, SIDE, SIDE))
        logits = self.layers(patches)
        if not self.training or self.foreground is None:
            return logits
        return torch.cat([logits, self.foreground_layers(patches)], dim=1)

    def features(self, patches: Tensor) -> Tensor:
        """Return what the networks say of patches.

        Args:
            patches: ``(S, 3, 35, 35)``.

        Returns:
            ``(S, num_features)`` probabilities: the classes, then, if there
            is a second network, background and foreground.
        """
        parts = [self.layers(patches).softmax(1)]
        if self.foreground is not None:
            parts.append(self.foreground_layers(patches).softmax(1))
        return torch.cat(parts, dim=1)

    def loss_by_feat(self, logits: Tensor, labels: Tensor) -> dict:
        """Return the losses of both networks by name, and the accuracy.

        Args:
            logits: ``(M, num_features)``.
            labels: ``(M,)`` int64.
        """
        classes = logits[:, : self.num_classes]
        losses = super().loss_by_feat(classes, labels)
        if self.foreground is not None:
            things = torch.tensor(self.foreground, device=labels.device)
            second = torch.isin(labels, things).long()
            second[labels == self.ignore_index] = self.ignore_index
            found = add_up(
                self.foreground_loss,
                logits[:, self.num_classes :],
                second,
                self.ignore_index,
            )
            losses |= {f'foreground_{k}': v for k, v in found.items()}
        return losses


def _refuse_other_classes(foreground: list[int], num_classes: int) -> None:
    known = set(range(num_classes))
    if not set(foreground) < known or not foreground:
        raise ValueError(
            f'foreground must be some of the classes 0 to {num_classes - 1}, '
            f'not all, got {foreground}'
        )
