"""Pairwise potentials from pairs of features, and the messages they send.

A network scores an ordered pair of nodes from the concatenation of their
features. Its first layer is a sum of two maps, ``W_a f_p + (W_b f_q + c)``,
so each is computed once per node; only what follows runs once per edge.
"""

import torch
from torch import Tensor
from torch.nn import functional


def edge_hidden(first: Tensor, second: Tensor, edges: Tensor) -> Tensor:
    """Return the hidden layer of each edge: ``relu(first[p] + second[q])``.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 3.2 (Pairwise-Net).

    Args:
        first: ``(P, D)``, see ``edge_logits``.
        second: ``(P, D)``, see ``edge_logits``.
        edges: ``(E, 2)`` int64 ids of the pairs, on any device.

    Returns:
        ``(E, D)``.

    Raises:
        ValueError: If ``edges`` is not ``(E, 2)``.
    """
    if edges.ndim != 2 or edges.shape[1] != 2:
        raise ValueError(f'edges must be (E, 2), got {tuple(edges.shape)}')
    p, q = edges.to(first.device).unbind(dim=1)
    hidden = functional.embedding(p, first) + functional.embedding(q, second)
    return hidden.relu_()


def edge_logits(
    first: Tensor, second: Tensor, edges: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    """Score every ordered pair of labels on each edge.

    All edges are scored at once, so this is meant for a sample of them.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 3.2 (Pairwise-Net).
    Differs: the first layer comes split in two maps, which is the same sum.

    Args:
        first: ``(P, D)`` share of the hidden layer of a node that is the
            first of a pair.
        second: ``(P, D)`` share of a node that is the second; it carries
            the bias of the hidden layer.
        edges: ``(E, 2)`` int64 ids of the pairs, on any device.
        weight: ``(L * L, D)`` of the last layer for ``L`` labels; row
            ``a * L + b`` scores ``(y_p, y_q) = (a, b)``.
        bias: ``(L * L,)`` of the last layer.

    Returns:
        ``(E, L * L)`` scores in nats; an energy is a negative score.

    Raises:
        ValueError: If shapes do not fit.
    """
    _check_layers(first, second, weight, bias)
    return functional.linear(edge_hidden(first, second, edges), weight, bias)


def pairwise_messages(
    first: Tensor,
    second: Tensor,
    tables: tuple[Tensor, Tensor],
    weight: Tensor,
    bias: Tensor,
    marginals: Tensor,
    *,
    chunk_bytes: int = 32 * 2**20,
) -> Tensor:
    """Sum the mean-field messages that each node receives over its edges.

    With ``V = -edge_logits`` as a table ``(L, L)`` of edge ``(p, q)``, node
    ``p`` receives ``sum_b V[a, b] Q_q[b]`` and node ``q`` receives
    ``sum_a V[a, b] Q_p[a]``. No table is computed: the last layer is linear,
    so the hidden layers of a node's edges are first summed, each weighted
    by the neighbour's marginals, and the layer then runs once per node.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 3.2 and 5.1.
    Differs: the order of the sums only; the paper does not give one.

    Args:
        first: ``(P, D)``, see ``edge_logits``.
        second: ``(P, D)``, see ``edge_logits``.
        tables: ``(P, K)`` neighbours below and above each node, as
            ``neighbour_tables`` returns them, on any device.
        weight: ``(L * L, D)``, see ``edge_logits``.
        bias: ``(L * L,)``, see ``edge_logits``.
        marginals: ``(P, L)`` label probabilities.
        chunk_bytes: Size that no intermediate tensor of the nodes computed
            together exceeds, in bytes; at least one node is. Under autograd
            the chunks are all kept.

    Returns:
        ``(P, L)`` energies in nats; 0 for a node without an edge.

    Raises:
        ValueError: If shapes do not fit or ``chunk_bytes`` is below 1.
    """
    _check_layers(first, second, weight, bias)
    _check_nodes(len(first), tables, marginals, len(weight))
    if chunk_bytes < 1:
        raise ValueError(f'chunk_bytes must be at least 1, got {chunk_bytes}')
    labels = marginals.shape[1]
    # Axes (a, b, D) and (a, b): one's own label, then the neighbour's.
    pairs = (labels, labels)
    layer = weight.unflatten(0, pairs), bias.unflatten(0, pairs)
    swapped = layer[0].transpose(0, 1), layer[1].T
    below, above = tables
    received = _received(first, second, below, layer, marginals, chunk_bytes)
    return received + _received(
        second, first, above, swapped, marginals, chunk_bytes
    )


def _received(
    own: Tensor,
    others: Tensor,
    table: Tensor,
    layer: tuple[Tensor, Tensor],
    marginals: Tensor,
    chunk_bytes: int,
) -> Tensor:
    """Return what nodes in one role receive from those in the other."""
    weight, bias = layer[0].flatten(1), layer[1]
    labels, width = marginals.shape[1], own.shape[1]
    per_node = max(table.shape[1], labels) * max(labels, width)
    nodes = max(1, chunk_bytes // max(1, per_node * own.element_size()))
    energies = []
    others = others.contiguous()  # its rows are gathered once per edge
    for mine, ids in zip(
        own.split(nodes), table.to(own.device).split(nodes), strict=True
    ):
        absent = (ids < 0)[..., None]
        ids = ids.clamp(min=0)
        # A whole row a copy; an absent neighbour's hidden layer is that of
        # node 0, which a marginal of 0 takes out of every sum.
        hidden = functional.embedding(ids, others)
        hidden = hidden.add_(mine[:, None]).relu_()
        q = functional.embedding(ids, marginals).masked_fill_(absent, 0)
        summed = torch.bmm(q.transpose(1, 2), hidden).flatten(1)
        logits = functional.linear(summed, weight)
        energies.append(-(logits + functional.linear(q.sum(dim=1), bias)))
    return torch.cat(energies)


def _check_layers(
    first: Tensor, second: Tensor, weight: Tensor, bias: Tensor
) -> None:
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(
            'first and second must both be (P, D), '
            f'got {tuple(first.shape)} and {tuple(second.shape)}'
        )
    rows = bias.numel()
    if bias.ndim != 1 or weight.shape != (rows, first.shape[1]):
        raise ValueError(
            f'weight must be (L * L, {first.shape[1]}) and bias (L * L,), '
            f'got {tuple(weight.shape)} and {tuple(bias.shape)}'
        )


def _check_nodes(
    nodes: int,
    tables: tuple[Tensor, Tensor],
    marginals: Tensor,
    pairs: int,
) -> None:
    if len(tables) != 2 or any(
        table.ndim != 2 or len(table) != nodes for table in tables
    ):
        shapes = [tuple(table.shape) for table in tables]
        raise ValueError(f'tables must be two of ({nodes}, K), got {shapes}')
    if (
        marginals.ndim != 2
        or len(marginals) != nodes
        or marginals.shape[1] ** 2 != pairs
    ):
        raise ValueError(
            f'marginals must be ({nodes}, L) with L * L = {pairs}, '
            f'got {tuple(marginals.shape)}'
        )
