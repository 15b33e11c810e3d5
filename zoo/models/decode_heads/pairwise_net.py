"""Pairwise-Net: how well two labels go together at the ends of an edge."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

from zoo.models.norms import optional_norm
from zoo.ops import (
    edge_hidden,
    neighbour_tables,
    pairwise_messages,
    piecewise_pairwise_nll,
    range_box_edges,
    sample_edges,
)

MESSAGES = ('mean', 'sum')


class PairwiseNet(nn.Module):
    """Score all ordered pairs of labels for edges of one relation.

    Two fully connected layers on the concatenation ``(f_p, f_q)``. The first
    one splits into a layer on ``f_p`` and one on ``f_q``: both are computed
    once for each node and added for each edge.

    Source: Lin et al., CVPR 2016, Sec. 3.2, eq. 3.
    Differs: the split, and messages without tables (``pairwise_messages``),
    change the order of additions only. The width of the hidden layer, the
    sampling and the scale of messages are our choices.

    Args:
        relation: ``'surrounding'`` or ``'above_below'``.
        in_channels: Of the feature map.
        channels: Width of the hidden layer.
        num_classes: Number of labels ``L``.
        norm_cfg: Normalisation of the node maps, as in mmcv.
        weight: Factor on the messages, at least 0; see ``messages``.
        dropout_ratio: Share of hidden activations zeroed in training.
        train_edges: Edges per image that a training step samples.
        messages: ``'mean'`` or ``'sum'`` over the edges of a node.
        box: Side of the range box, in short sides of the grid.
        grid: Sample of the box in testing, see ``range_box_edges``.
        class_weight: Weights of the classes in the loss.

    Raises:
        ValueError: If a setting is out of range.
    """

    def __init__(
        self,
        *,
        relation: str,
        in_channels: int,
        channels: int,
        num_classes: int,
        norm_cfg: dict | None = None,
        weight: float = 1.0,
        dropout_ratio: float = 0.5,
        train_edges: int = 2000,
        messages: str = 'mean',
        box: float = 0.4,
        grid: int | None = None,
        class_weight: Sequence[float] | None = None,
    ) -> None:
        if messages not in MESSAGES:
            raise ValueError(
                f'messages must be one of {MESSAGES}, got {messages!r}'
            )
        if not isinstance(weight, (int, float)) or not 0 <= weight < math.inf:
            raise ValueError(
                f'weight must be a finite number from 0, got {weight!r}'
            )
        if train_edges < 1:
            raise ValueError(f'train_edges must be >= 1, got {train_edges}')
        if class_weight is not None and len(class_weight) != num_classes:
            raise ValueError(
                f'class_weight must have {num_classes} entries, '
                f'got {len(class_weight)}'
            )
        with torch.device('cpu'):  # refuses what it does not know
            range_box_edges(1, 1, relation=relation, box=box, grid=grid)
        super().__init__()
        self.relation = relation
        self.weight = weight
        self.width = channels
        self.train_edges = train_edges
        self.messages = messages
        self.box = box
        self.grid = grid
        self.class_weight = class_weight
        self.dropout = nn.Dropout(dropout_ratio)
        self.nodes = nn.Linear(in_channels, 2 * channels)
        self.norm = norm_of_nodes(norm_cfg, 2 * channels)
        self.score = nn.Linear(channels, num_classes**2)
        # as one layer on the 2 in_channels of a concatenation would start
        nn.init.normal_(self.nodes.weight, std=in_channels**-0.5)
        nn.init.normal_(self.score.weight, std=0.01)
        for layer in (self.nodes, self.score):
            nn.init.zeros_(layer.bias)

    def node_maps(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return what a node adds to the hidden layer as either end.

        Args:
            features: ``(N, C, h, w)``.

        Returns:
            Two tensors ``(N, h * w, channels)``: as first and as second end.
        """
        nodes = features.permute(0, 2, 3, 1).flatten(0, 2)
        both = self.norm(self.nodes(nodes)).view(
            len(features), -1, 2, self.width
        )
        first, second = both.unbind(dim=2)
        return first, second

    def loss(
        self, features: Tensor, labels: Tensor, ignore_index: int
    ) -> dict[str, Tensor]:
        """Return the piecewise loss and the accuracy of the pairs.

        Args:
            features: ``(N, C, h, w)``.
            labels: ``(N, h, w)`` int64.
            ignore_index: Edges with an end of this label do not count.
        """
        box = range_box_edges(
            *features.shape[2:], relation=self.relation, box=self.box
        ).to(labels.device)
        logits, ends = [], []
        maps = self.node_maps(features)
        for first, second, truth in zip(*maps, labels.flatten(1), strict=True):
            edges = sample_edges(
                box, truth, budget=self.train_edges, ignore_index=ignore_index
            )
            hidden = edge_hidden(first, second, edges)
            logits.append(self.score(self.dropout(hidden)))
            ends.append(truth[edges])
        scores, pairs = torch.cat(logits), torch.cat(ends)
        weight = self.class_weight
        nll = piecewise_pairwise_nll(
            scores,
            pairs[:, 0],
            pairs[:, 1],
            ignore_index=ignore_index,
            class_weight=None if weight is None else scores.new_tensor(weight),
        )
        return {
            f'loss_{self.relation}': nll,
            f'acc_{self.relation}': _accuracy(scores.detach(), pairs),
        }

    def sender(self, features: Tensor) -> Callable[[Tensor], Tensor]:
        """Return the function from marginals to the messages they send.

        Args:
            features: ``(C, h, w)``.

        Returns:
            A function of marginals ``(h * w, L)`` that returns energies of
            the same shape, in nats.
        """
        height, width = features.shape[1:]
        (first,), (second,) = self.node_maps(features[None])
        below, above, count = (
            table.to(first.device)
            for table in _tables(
                height, width, self.relation, self.box, self.grid
            )
        )
        scale = first.new_full((height * width, 1), self.weight)
        if self.messages == 'mean':
            scale /= count.clamp(min=1)[:, None]

        def send(marginals: Tensor) -> Tensor:
            return scale * pairwise_messages(
                first,
                second,
                (below, above),
                self.score.weight,
                self.score.bias,
                marginals,
            )

        return send


@lru_cache(maxsize=16)
def _tables(
    height: int, width: int, relation: str, box: float, grid: int | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the neighbours below and above each node, and its edges.

    Most images of a data set have one of a few sizes. The results are
    shared by all callers, which must not change them.
    """
    nodes = height * width
    edges = range_box_edges(
        height, width, relation=relation, box=box, grid=grid
    )
    count = edges.flatten().bincount(minlength=nodes)
    return (*neighbour_tables(edges, nodes), count)


def _accuracy(scores: Tensor, pairs: Tensor) -> Tensor:
    """Return the share of edges with both labels right, in per cent."""
    labels = round(scores.shape[1] ** 0.5)
    right = scores.argmax(dim=1) == pairs[:, 0] * labels + pairs[:, 1]
    return 100 * right.float().mean() if len(right) else scores.new_zeros(())


def norm_of_nodes(norm_cfg: dict | None, channels: int) -> nn.Module:
    """Return a normalisation of ``(P, channels)``; none without a config."""
    if norm_cfg is not None and norm_cfg['type'] in ('BN', 'BN2d'):
        norm_cfg = {**norm_cfg, 'type': 'BN1d'}  # a row for each node
    return optional_norm(norm_cfg, channels)
