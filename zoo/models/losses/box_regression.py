"""The loss of the localisation network: smooth l1, weighted, bootstrapped."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional

from zoo.ops.hardest_pixels import check_bounds, hardest_pixels

WEIGHTS = ('box', 'side', 'pixels')


@MODELS.register_module()
class BoxRegressionLoss(nn.Module):
    """Smooth l1 on the box of each pixel of an instance.

    With ``weight`` small instances count as much as large ones: every pixel
    of an instance has the same weight, falling with the instance's height
    and width. The weights of a crop have mean 1 before they are clipped.
    With ``k`` the loss is bootstrapped: of each crop only the ``k`` pixels
    count whose predicted box overlaps least with the true one; among boxes
    that do not meet at all, those of the larger loss.

    Source: Wu et al., 2016, Sec. 2.1 (smooth l1 of Fast R-CNN, weights by
        height and width, equal within an instance) and Sec. 2.2 (easy pixels
        have a high IoU).
    Differs: the paper prints neither the formula of the weights nor the
        number of pixels kept; ``1 / (h w)`` clipped at 10 is ours, and so
        is 512, its best for classes.

    Args:
        beta: Error at which the loss turns from a square into a line, in the
            network's units.
        weight: ``'box'``: 1 / (height * width); ``'side'``: its square root;
            ``'pixels'``: 1 / visible pixels in the whole image; ``None``: 1.
        clip: The largest weight, above 0.
        k: Pixels kept per crop; ``None``: all.
        loss_weight: Factor on the loss.
        loss_name: As in logs; begins with ``loss_``.

    Raises:
        ValueError: If a setting is out of range.
    """

    def __init__(
        self,
        *,
        beta: float = 1.0,
        weight: str | None = None,
        clip: float = 10.0,
        k: int | None = None,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_box',
    ) -> None:
        super().__init__()
        if not beta > 0 or not clip > 0:
            raise ValueError(
                f'beta and clip must be above 0, got {beta}, {clip}'
            )
        if weight is not None and weight not in WEIGHTS:
            raise ValueError(
                f'weight must be None or one of {WEIGHTS}, got {weight!r}'
            )
        if k is not None:
            check_bounds(k=k, threshold=None, most=None)
        if not loss_name.startswith('loss_'):  # others are only logged
            raise ValueError(
                f"loss_name must begin with 'loss_', got {loss_name!r}"
            )
        self.beta = beta
        self.weight = weight
        self.clip = clip
        self.k = k
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(
        self,
        outputs: Tensor,
        targets: Tensor,
        known: Tensor,
        *,
        iou: Tensor,
        boxes: Tensor,
        pixels: Tensor,
    ) -> Tensor:
        """Return the mean loss over the pixels kept in the batch.

        Args:
            outputs: ``(N, 4, H, W)`` of the true class, network's units.
            targets: ``(N, 4, H, W)``, the same units.
            known: ``(N, H, W)`` bool: the pixels of instances.
            iou: ``(N, H, W)`` overlap of predicted and true box, 0 to 1.
            boxes: ``(N, H, W)`` area of the pixel's box, in square pixels.
            pixels: ``(N, H, W)`` pixels of its instance, in the image as it
                was loaded: a crop does not change the share of an instance.

        Returns:
            A scalar, the four channels summed; 0 where nothing is known.
        """
        errors = functional.smooth_l1_loss(
            outputs, targets, reduction='none', beta=self.beta
        ).sum(1)
        kept = known
        if self.k is not None:
            kept = hardest_pixels(_ease(iou, errors), known, k=self.k)
        if self.weight is not None:
            sizes = {'box': boxes, 'side': boxes.sqrt(), 'pixels': pixels}
            errors = errors * self._weights(sizes[self.weight], known)
        # where, not a product: 0 times inf would not be 0
        total = torch.where(kept, errors, 0.0).sum()
        return self.loss_weight * total / kept.sum().clamp_min(1)

    def _weights(self, sizes: Tensor, known: Tensor) -> Tensor:
        """Return a weight for each pixel; those of an image have mean 1."""
        inverse = torch.where(known, 1 / sizes.clamp_min(1), 0.0)
        count = known.sum((1, 2), keepdim=True).clamp_min(1)
        mean = inverse.sum((1, 2), keepdim=True) / count
        return (inverse / mean.clamp_min(1e-12)).clamp_max(self.clip)

    def extra_repr(self) -> str:
        """Say how pixels are weighted and which are kept."""
        return f'beta={self.beta}, weight={self.weight!r}, k={self.k}'


def _ease(iou: Tensor, errors: Tensor) -> Tensor:
    """Return the overlap, lowered a little by the error.

    Early in training most overlaps are 0: without this the place in the
    image would decide among them.
    """
    errors = errors.detach()
    return iou - 1e-4 * errors / (1 + errors)
