"""Mean-field inference in a pairwise conditional random field."""

from collections.abc import Callable
from numbers import Integral

import torch
from torch import Tensor

from .range_box import check_edges


def mean_field(
    unary: Tensor, edges: Tensor, tables: Tensor, *, iterations: int = 3
) -> Tensor:
    """Return approximate label marginals, given a table for every edge.

    With table ``V`` of edge ``(p, q)``, node ``p`` receives ``sum_b V[a, b]
    Q_q[b]`` and node ``q`` receives ``sum_a V[a, b] Q_p[a]``. An edge is
    ordered: reversing it transposes what its table means.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 5.1.
    Differs: starts at the unary softmax, which the paper does not say.

    Args:
        unary: ``(P, L)`` energies in nats for ``L`` labels at ``P`` nodes,
            i.e. negative log-probabilities.
        edges: ``(E, 2)`` int64 ids ``(p, q)`` of the joined nodes.
        tables: ``(E, L, L)`` energies in nats of ``(y_p, y_q)``.
        iterations: Number of updates, at least 0; 0 returns
            ``softmax(-unary)``.

    Returns:
        ``(P, L)`` marginals; every row sums to 1.

    Raises:
        ValueError: If shapes do not fit, an id is out of range or
            ``iterations`` is negative.

    Example:
        >>> unary = torch.zeros(2, 2)
        >>> table = torch.tensor([[[0.0, 9.0], [9.0, 9.0]]])  # wants (0, 0)
        >>> mean_field(unary, torch.tensor([[0, 1]]), table).argmax(dim=1)
        tensor([0, 0])
    """
    _check_unary(unary)
    nodes, labels = unary.shape
    check_edges(edges, nodes)
    if tables.shape != (len(edges), labels, labels):
        raise ValueError(
            f'tables must be {(len(edges), labels, labels)} to match unary '
            f'and edges, got {tuple(tables.shape)}'
        )
    p, q = edges.to(unary.device).unbind(dim=1)

    def messages(marginals: Tensor) -> Tensor:
        to_p = tables @ marginals[q][..., None]
        to_q = tables.mT @ marginals[p][..., None]
        total = torch.zeros_like(unary).index_add(0, p, to_p[..., 0])
        return total.index_add(0, q, to_q[..., 0])

    return mean_field_updates(unary, messages, iterations=iterations)


def mean_field_updates(
    unary: Tensor, messages: Callable[[Tensor], Tensor], *, iterations: int
) -> Tensor:
    """Run mean field with any way to compute what the nodes send.

    Each step is ``q <- softmax(-(unary + messages(q)))``, all nodes at once.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 5.1 (3 iterations).

    Args:
        unary: ``(P, L)`` energies in nats.
        messages: Returns the energies ``(P, L)`` that the nodes receive when
            the marginals are ``(P, L)``.
        iterations: Number of updates, at least 0; 0 returns
            ``softmax(-unary)``.

    Returns:
        ``(P, L)`` marginals; every row sums to 1.

    Raises:
        ValueError: If ``unary`` or what ``messages`` returns has another
            shape, or ``iterations`` is negative.
    """
    _check_unary(unary)
    if not isinstance(iterations, Integral) or iterations < 0:
        raise ValueError(
            f'iterations must be a whole number, at least 0, got {iterations}'
        )
    q = torch.softmax(-unary, dim=1)
    for _ in range(iterations):
        energies = messages(q)
        if energies.shape != unary.shape:
            raise ValueError(
                f'messages must return {tuple(unary.shape)}, '
                f'got {tuple(energies.shape)}'
            )
        q = torch.softmax(-(unary + energies), dim=1)
    return q


def _check_unary(unary: Tensor) -> None:
    if unary.ndim != 2 or unary.shape[1] < 1:
        raise ValueError(f'unary must be (P, L), got {tuple(unary.shape)}')
