"""Which nodes of a feature map are neighbours: those inside a range box."""

import math
from functools import lru_cache

import torch
from torch import Tensor

RELATIONS = ('surrounding', 'above_below')
# Keeps 0.29 * 100 = 28.999999999999996 from losing its last cell.
_EPSILON = 1e-9


def range_box_edges(
    height: int,
    width: int,
    *,
    relation: str,
    box: float = 0.4,
    grid: int | None = None,
) -> Tensor:
    """Return the ordered pairs of nodes that a pairwise potential joins.

    With ``a`` the shorter side of the map, node ``p`` is joined to every
    node in a box of side ``box * a``: around it for ``'surrounding'``, where
    each pair appears in both orders, or strictly below it and centred
    sideways for ``'above_below'``, where each pair appears once, the upper
    node first.

    Source: Lin et al., CVPR 2016, arXiv:1504.01013, Sec. 2 (range box);
        long version, arXiv:1603.03183 (a regular sample of 5 x 5 offsets).
    Differs: the place of the box below a node is in a figure only; here it
        starts one row below. A cell counts if its centre lies within the
        box, so half a side is rounded down: 5 cells for ``a = 28``, an
        11 x 11 box with 120 neighbours.

    Args:
        height: Rows of the map, in feature cells.
        width: Columns of the map, in feature cells.
        relation: ``'surrounding'`` or ``'above_below'``.
        box: Side of the box as a share of the shorter side, above 0.
        grid: Offsets kept along each axis, evenly spaced from edge to edge
            of the box and rounded to cells, at least 2: 5 leaves 24
            neighbours around a node, 25 below it. ``None`` keeps all.

    Returns:
        ``(E, 2)`` int64 row-major node ids, on the CPU, sorted by the first
        and then the second; ``(0, 2)`` where no two nodes are that close.
        The tensor is the caller's own: changing it changes no later result.

    Raises:
        ValueError: If a value is out of range or ``relation`` is unknown.

    Example:
        >>> range_box_edges(2, 1, relation='above_below', box=1).tolist()
        [[0, 1]]
    """
    if min(height, width) < 1:
        raise ValueError(
            f'height and width must be at least 1, got {height} x {width}'
        )
    if relation not in RELATIONS:
        raise ValueError(
            f'relation must be one of {", ".join(RELATIONS)}, got {relation!r}'
        )
    if not (box > 0 and math.isfinite(box)):
        raise ValueError(f'box must be finite and above 0, got {box}')
    if grid is not None and grid < 2:
        raise ValueError(f'grid must be at least 2 or None, got {grid}')
    return _edges(height, width, relation, box, grid).clone()


@lru_cache(maxsize=32)
def _edges(
    height: int, width: int, relation: str, box: float, grid: int | None
) -> Tensor:
    side = box * min(height, width)
    reach = math.floor(side / 2 + _EPSILON)
    across = _axis_offsets(-reach, reach, grid, width)
    if relation == 'above_below':
        down = _axis_offsets(1, math.floor(side + _EPSILON), grid, height)
    else:
        down = _axis_offsets(-reach, reach, grid, height)
    offsets = [(y, x) for y in down for x in across if (y, x) != (0, 0)]
    steps = torch.tensor(offsets, dtype=torch.int64).reshape(-1, 2)
    cells = torch.cartesian_prod(torch.arange(height), torch.arange(width))
    ends = cells[:, None] + steps
    inside = (ends >= 0) & (ends < torch.tensor([height, width]))
    first, step = inside.all(dim=2).nonzero(as_tuple=True)
    # Offsets ascend row by row, hence so do the second ends of a node.
    second = ends[first, step] @ torch.tensor([width, 1])
    return torch.stack([first, second], dim=1)


def _axis_offsets(
    low: int, high: int, grid: int | None, length: int
) -> list[int]:
    """Return the ascending offsets on an axis of ``length`` cells."""
    if low > high:
        return []
    if grid is None:
        kept = range(max(low, 1 - length), min(high, length - 1) + 1)
        return list(kept)
    # One division keeps ties exact, where a step added up, as linspace
    # does, would round some up on one side and down on the other.
    steps = [i * (high - low) / (grid - 1) for i in range(grid)]
    found = sorted({round(low + step) for step in steps})
    return [offset for offset in found if abs(offset) < length]


def neighbour_tables(edges: Tensor, nodes: int) -> tuple[Tensor, Tensor]:
    """List, for each node, the other ends of the edges it lies on.

    Args:
        edges: ``(E, 2)`` int64 node ids; an edge is an ordered pair.
        nodes: Number of nodes ``P``, at least 1.

    Returns:
        Two int64 tables ``(P, K)``, each as wide as its own largest number
        of neighbours, perhaps 0. Row ``p`` of the first holds every ``q``
        with an edge ``(p, q)``; row ``q`` of the second every ``p`` with an
        edge ``(p, q)``. Rows ascend and end in -1 where shorter.

    Raises:
        ValueError: If ``nodes`` is below 1 or ``edges`` is no list of pairs
            of ids below ``nodes``.

    Example:
        >>> below, above = neighbour_tables(torch.tensor([[0, 1], [0, 2]]), 3)
        >>> below.tolist(), above.tolist()
        ([[1, 2], [-1, -1], [-1, -1]], [[-1], [0], [0]])
    """
    if nodes < 1:
        raise ValueError(f'nodes must be at least 1, got {nodes}')
    check_edges(edges, nodes)
    first, second = edges.unbind(dim=1)
    return _table(first, second, nodes), _table(second, first, nodes)


def _table(owners: Tensor, others: Tensor, nodes: int) -> Tensor:
    order = (owners * nodes + others).argsort()
    owners, others = owners[order], others[order]
    counts = owners.bincount(minlength=nodes)
    starts = counts.cumsum(0) - counts
    table = owners.new_full((nodes, int(counts.max())), -1)
    places = torch.arange(len(owners), device=owners.device)
    table[owners, places - starts[owners]] = others
    return table


def check_edges(edges: Tensor, nodes: int) -> None:
    """Refuse anything but ``(E, 2)`` int64 ids in ``0..nodes - 1``.

    Raises:
        ValueError: If the shape, the type or an id is another.
    """
    if edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype != torch.int64:
        raise ValueError(
            f'edges must be (E, 2) int64, got {tuple(edges.shape)} '
            f'{edges.dtype}'
        )
    if not len(edges):
        return
    low, high = (int(end) for end in edges.aminmax())
    if low < 0 or high >= nodes:
        raise ValueError(
            f'edges must hold ids in 0..{nodes - 1}, got {low}..{high}'
        )
