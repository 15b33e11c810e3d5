"""Piecewise training of pairwise potentials: each edge on its own."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from .range_box import check_edges


def piecewise_pairwise_nll(
    logits: Tensor,
    labels_p: Tensor,
    labels_q: Tensor,
    *,
    ignore_index: int = 255,
    class_weight: Tensor | None = None,
) -> Tensor:
    """Return the mean negative log-likelihood of the edges' label pairs.

    Piecewise training gives every potential its own partition function, so
    an edge is a classification over ``L * L`` ordered pairs of labels and
    no inference runs.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 6.1, eq. 9 and 10.
    Differs: the mean over the edges, where the paper sums; weight decay is
        the optimiser's. Edges with an ignored end are dropped.

    Args:
        logits: ``(E, L * L)``; column ``a * L + b`` scores ``(y_p, y_q) =
            (a, b)``.
        labels_p: ``(E,)`` whole numbers in ``0..L - 1`` or ``ignore_index``.
        labels_q: ``(E,)``, likewise, of the second node.
        ignore_index: Label of nodes without ground truth.
        class_weight: ``(L,)``, at least 0. An edge weighs the mean of the
            weights of its two labels, and the result is the weighted mean.
            ``None`` weighs all edges alike.

    Returns:
        Scalar in nats; 0, with a gradient of 0, if no edge counts.

    Raises:
        ValueError: If shapes do not fit, ``L * L`` is no square, or a label
            or a weight is out of range.
    """
    labels = _label_count(logits, labels_p, labels_q)
    ends = torch.stack([labels_p, labels_q]).to(logits.device).long()
    valid = (ends != ignore_index).all(dim=0)
    ends = ends[:, valid]
    _check_labels(ends, labels)
    # Without any edge, the sum of none: it still leads back to the logits.
    nll = functional.cross_entropy(
        logits[valid], ends[0] * labels + ends[1], reduction='none'
    )
    if class_weight is None:
        weights = torch.ones_like(nll)
    else:
        _check_weights(class_weight, labels)
        weights = class_weight.to(nll)[ends].mean(dim=0)
    total = weights.sum()
    return (weights * nll).sum() / torch.where(total > 0, total, 1)


def sample_edges(
    edges: Tensor,
    labels: Tensor,
    *,
    budget: int,
    ignore_index: int = 255,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw edges to train on, of those whose two ends have a label.

    Source: Lin et al., long version, arXiv:1603.03183 (about 2000 edges are
        updated at a time).
    Differs: a uniform draw without replacement; the paper's is not given.

    Args:
        edges: ``(E, 2)`` int64 node ids.
        labels: ``(P,)`` label of each node.
        budget: Most edges to return, at least 1.
        ignore_index: Label of nodes without ground truth.
        generator: Source of randomness; ``None`` is torch's global one.

    Returns:
        ``(E', 2)``: all edges with two labels if these are at most
        ``budget``, else a random ``budget`` of them. Their order is kept.

    Raises:
        ValueError: If shapes do not fit, an id is out of range or ``budget``
            is below 1.
    """
    if labels.ndim != 1:
        raise ValueError(f'labels must be (P,), got {tuple(labels.shape)}')
    if budget < 1:
        raise ValueError(f'budget must be at least 1, got {budget}')
    check_edges(edges, len(labels))
    known = (labels != ignore_index).to(edges.device)
    edges = edges[known[edges].all(dim=1)]
    if len(edges) <= budget:
        return edges
    device = edges.device if generator is None else generator.device
    drawn = torch.randperm(len(edges), generator=generator, device=device)
    return edges[drawn[:budget].sort().values.to(edges.device)]


def _label_count(logits: Tensor, labels_p: Tensor, labels_q: Tensor) -> int:
    """Return ``L`` for logits ``(E, L * L)`` and labels ``(E,)``."""
    if logits.ndim != 2 or not logits.shape[1]:
        raise ValueError(
            f'logits must be (E, L * L), got {tuple(logits.shape)}'
        )
    labels = math.isqrt(logits.shape[1])
    if labels * labels != logits.shape[1]:
        raise ValueError(
            'logits must have a square number of columns, L * L, '
            f'got {logits.shape[1]}'
        )
    wanted = logits.shape[:1]
    if labels_p.shape != wanted or labels_q.shape != wanted:
        raise ValueError(
            f'labels must be {tuple(wanted)} to match logits, '
            f'got {tuple(labels_p.shape)} and {tuple(labels_q.shape)}'
        )
    return labels


def _check_labels(ends: Tensor, labels: int) -> None:
    # Unchecked, label L of q would pass for label 0 beside the next of p.
    if not ends.numel():
        return
    low, high = (int(end) for end in ends.aminmax())
    if low < 0 or high >= labels:
        raise ValueError(
            f'labels must be in 0..{labels - 1} or ignore_index, '
            f'got {low}..{high}'
        )


def _check_weights(class_weight: Tensor, labels: int) -> None:
    if class_weight.shape != (labels,):
        raise ValueError(
            f'class_weight must be ({labels},), '
            f'got {tuple(class_weight.shape)}'
        )
    if not (class_weight >= 0).all():
        raise ValueError(
            f'class_weight must be at least 0, got {class_weight.tolist()}'
        )
