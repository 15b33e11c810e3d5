"""Asymmetric loss: a rare class weighs as much as a common one."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional

from zoo.ops.asymmetric_weights import asymmetric_weights


@MODELS.register_module()
class AsymmetricCrossEntropyLoss(nn.Module):
    """Cross-entropy whose every example weighs ``1 / f`` of its class.

    The counts are saved with the model. A classifier on a table of features
    gets them from there; elsewhere the config gives them.

    Source: Mostajabi et al., CVPR 2015, Sec. 2.2, eq. 2: the mean over the
        examples of ``1 / f_c`` times ``-log p``.
    Differs: the paper's raw weights are the default. Their mean is the
        number of classes, and a rare class may weigh hundreds: ``normalise``
        divides them by that mean, ``clip`` bounds them.

    Args:
        num_classes: Classes of the data set.
        class_counts: How often each occurs in training; where ``None`` they
            have to be loaded with weights before the first iteration.
        normalise: Whether the weights of the examples are to have mean 1.
        clip: The largest weight, after ``normalise``; ``None``: no bound.
        loss_weight: Factor on the loss.
        loss_name: As in logs; begins with ``loss_``.

    Raises:
        ValueError: If a setting is out of range, or a loss is asked for
            before the counts are known.

    Example:
        >>> loss = AsymmetricCrossEntropyLoss(num_classes=2,
        ...                                   class_counts=[3, 1])
        >>> round(loss(torch.zeros(1, 2), torch.tensor([1])).item(), 4)
        2.7726
    """

    class_counts: Tensor

    def __init__(
        self,
        *,
        num_classes: int,
        class_counts: Sequence[int] | None = None,
        normalise: bool = False,
        clip: float | None = None,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_asymmetric',
    ) -> None:
        super().__init__()
        if class_counts is not None and len(class_counts) != num_classes:
            raise ValueError(
                f'class_counts must hold {num_classes} numbers, got '
                f'{len(class_counts)}'
            )
        if clip is not None and clip <= 0:
            raise ValueError(f'clip must be > 0, got {clip}')
        if not loss_name.startswith('loss_'):  # others are only logged
            raise ValueError(
                f"loss_name must begin with 'loss_', got {loss_name!r}"
            )
        self.normalise = normalise
        self.clip = clip
        self.loss_weight = loss_weight
        self.loss_name = loss_name
        counts = torch.zeros(num_classes, dtype=torch.float64)
        if class_counts is not None:
            counts = torch.tensor(class_counts, dtype=torch.float64)
            asymmetric_weights(counts)  # refuses what makes no weights
        self.register_buffer('class_counts', counts)

    def weights(self) -> Tensor:
        """Return the ``(C,)`` weights of the classes."""
        if not self.class_counts.any():
            raise ValueError(
                'class_counts are not known: give them in the config, or '
                'train on a table of features'
            )
        weights = asymmetric_weights(self.class_counts)
        if self.normalise:  # the mean over all examples is this number
            weights = weights / (self.class_counts > 0).sum()
        return weights if self.clip is None else weights.clamp_max(self.clip)

    def forward(
        self,
        cls_score: Tensor,
        label: Tensor,
        weight: Tensor | None = None,
        ignore_index: int = 255,
    ) -> Tensor:
        """Return the mean over the examples that have a label.

        Args:
            cls_score: ``(M, C)`` logits of examples, or ``(N, C, H, W)``.
            label: ``(M,)`` or ``(N, H, W)`` int64.
            weight: Further factors, of the labels' shape, if any.
            ignore_index: Label of what does not count.

        Returns:
            A scalar, in nats; 0 where nothing has a label.
        """
        # in half precision the weight of a rare class may be infinite
        wide = torch.promote_types(cls_score.dtype, torch.float32)
        scores = cls_score.to(wide)
        nll = functional.cross_entropy(
            scores,
            label,
            weight=self.weights().to(scores),
            reduction='none',
            ignore_index=ignore_index,
        )
        if weight is not None:
            nll = nll * weight
        valid = (label != ignore_index).sum().clamp_min(1)
        return self.loss_weight * nll.sum() / valid

    def extra_repr(self) -> str:
        """Say how examples are weighted."""
        return f'normalise={self.normalise}, clip={self.clip}'
