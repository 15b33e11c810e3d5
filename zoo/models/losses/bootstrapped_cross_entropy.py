"""Online bootstrapping: learn from the hardest pixels of each image."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional

from zoo.ops.hardest_pixels import check_bounds, hardest_pixels


@MODELS.register_module()
class BootstrappedCrossEntropyLoss(nn.Module):
    """Cross-entropy over the hardest pixels of each image.

    The pixels are those of the score map that a head hands in. In the zoo's
    heads these are its cells, with the labels read there, unless the head
    says ``loss_at='pixels'``; ``k`` counts whichever it is.

    Source: Wu et al., 2016, Sec. 2.2, eq. 1 and Table 7.
    Differs: ``k`` counts per image, where the paper speaks of one crop per
    batch; at which resolution is not printed. mmseg's OHEM sampler chooses
    over the whole batch at label resolution, and divides by the number of
    all pixels where eq. 1 divides by that of the kept ones.

    Args:
        k: Pixels kept per image; the least number if there is a threshold.
        threshold: Keep all pixels whose true class has a lower probability,
            0 to 1; ``None``: exactly ``k`` are kept.
        most: The largest number kept per image with a threshold.
        loss_weight: Factor on the loss.
        loss_name: As in logs; begins with ``loss_``.

    Raises:
        ValueError: If a setting is out of range.

    Example:
        >>> loss = BootstrappedCrossEntropyLoss(k=1)
        >>> scores = torch.tensor([0.0, 2.0]).view(1, 1, 1, 2)
        >>> scores = torch.cat([scores, torch.zeros_like(scores)], dim=1)
        >>> round(loss(scores, torch.zeros(1, 1, 2).long()).item(), 4)
        0.6931
    """

    def __init__(
        self,
        *,
        k: int = 512,
        threshold: float | None = None,
        most: int | None = None,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_bootstrapped',
    ) -> None:
        super().__init__()
        check_bounds(k=k, threshold=threshold, most=most)
        if not loss_name.startswith('loss_'):  # others are only logged
            raise ValueError(
                f"loss_name must begin with 'loss_', got {loss_name!r}"
            )
        self.k = k
        self.threshold = threshold
        self.most = most
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(
        self,
        cls_score: Tensor,
        label: Tensor,
        weight: Tensor | None = None,
        ignore_index: int = 255,
    ) -> Tensor:
        """Return the mean of ``-log p`` over the pixels kept in the batch.

        Args:
            cls_score: ``(N, C, H, W)`` logits.
            label: ``(N, H, W)`` int64.
            weight: ``(N, H, W)`` factors on the pixels' losses, if any. They
                have no say in which pixels are kept.
            ignore_index: Label of pixels that do not count.

        Returns:
            A scalar, in nats; 0 where no pixel has a label.
        """
        nll = functional.cross_entropy(
            cls_score, label, reduction='none', ignore_index=ignore_index
        )
        kept = hardest_pixels(
            (-nll.detach()).exp(),
            label != ignore_index,
            k=self.k,
            threshold=self.threshold,
            most=self.most,
        )
        if weight is not None:
            nll = nll * weight
        # where, not a product: 0 times inf would not be 0
        total = torch.where(kept, nll, 0.0).sum()
        return self.loss_weight * total / kept.sum().clamp_min(1)

    def extra_repr(self) -> str:
        """Say what is kept."""
        return f'k={self.k}, threshold={self.threshold}, most={self.most}'
