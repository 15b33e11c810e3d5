"""Gaussian filtering on a permutohedral lattice, in torch on any device."""

import torch
from torch import Tensor

from zoo.ops.permutohedral_keys import key_multipliers, scale_factors


class TorchPermutohedral:
    """The lattice of ``zoo.ops.permutohedral.Permutohedral``, as tensors.

    Points of several images lie in lattices of their own that are built and
    filtered together.

    Source: See ``Permutohedral``.
    Differs: Sums over the points of a vertex have no fixed order on CUDA:
        results differ by rounding from run to run.

    Args:
        features: ``(P, d)`` float32, in standard deviations.
        copy: ``(P,)`` int64 from 0, the image of each point.
    """

    def __init__(self, features: Tensor, copy: Tensor) -> None:
        dimensions = features.shape[1]
        bounds = features.amin(0).cpu().numpy(), features.amax(0).cpu().numpy()
        multipliers = torch.from_numpy(
            key_multipliers(*bounds, copies=int(copy.max()) + 1)
        ).to(features.device)
        keys, weights = _simplices(features, multipliers[:-1])
        keys += (copy * multipliers[-1])[:, None]
        vertices, self.vertex_of = torch.unique(keys, return_inverse=True)
        self.size = len(vertices)
        self.splatted = weights
        self.sliced = weights / (1 + 2.0**-dimensions)
        axes = dimensions + 1
        steps = axes * multipliers[:axes] - multipliers[:axes].sum()
        self.neighbours = [
            (_find(vertices, step), _find(vertices, -step)) for step in steps
        ]

    def filter(self, inputs: Tensor, *, transposed: bool = False) -> Tensor:
        """Return the sums over all points.

        Args:
            inputs: ``(P, C)`` float32 or float64.
            transposed: See ``Permutohedral.filter``.

        Returns:
            ``(P, C)`` of the same type.
        """
        # The last row stays 0: the neighbour of those that have none.
        values = inputs.new_zeros(self.size + 1, inputs.shape[1])
        for vertex, weight in zip(
            self.vertex_of.unbind(1), self.splatted.unbind(1), strict=True
        ):
            values = values.index_add(0, vertex, inputs * weight[:, None])
        for ahead, behind in self.neighbours[:: -1 if transposed else 1]:
            both = values[ahead] + values[behind]
            values = torch.cat([values[:-1] + 0.5 * both, values[-1:]])
        result = torch.zeros_like(inputs)
        for vertex, weight in zip(
            self.vertex_of.unbind(1), self.sliced.unbind(1), strict=True
        ):
            result = result + values[vertex] * weight[:, None]
        return result


def _simplices(features: Tensor, multipliers: Tensor) -> tuple[Tensor, Tensor]:
    """Return keys and weights of the vertices, ``(P, d + 1)`` each.

    Operation by operation what ``zoo.ops.permutohedral_points.embed`` does.
    """
    points, d = features.shape
    scaled = features * torch.from_numpy(scale_factors(d)).to(features)
    above, heights = features.new_zeros(points), []
    for i in range(d, 0, -1):
        heights.append(above - i * scaled[:, i - 1])
        above = above + scaled[:, i - 1]
    height = torch.stack([above, *heights[::-1]], dim=1)
    unit = d + 1
    inverse = features.new_ones(()) / unit
    nearest = torch.round(height * inverse)
    rest = height - nearest * unit
    rank = nearest.sum(1, keepdim=True).long() + _ranks(rest)
    turn = (rank < 0).long() - (rank > d).long()
    rank = rank + unit * turn
    origin = nearest * unit + unit * turn
    part = ((height - origin) * inverse).gather(1, rank.argsort(1))
    # By falling rank: a vertex has what its coordinate is ahead of the next.
    part = part.flip(1)
    share = part - part.roll(1, 1)
    share[:, 0] = part[:, 0] + (1 - part[:, -1])
    steps = multipliers.sum() - unit * multipliers[rank.argsort(1).flip(1)]
    base = (origin.long() * multipliers).sum(1, keepdim=True)
    steps = torch.cat([base, steps[:, :-1]], dim=1)
    return steps.cumsum(1), share


def _ranks(rest: Tensor) -> Tensor:
    """Return how many coordinates are larger; of equal ones the first."""
    axes = rest.shape[1]
    ranks = torch.zeros_like(rest, dtype=torch.int64)
    for i in range(axes):
        for j in range(i + 1, axes):
            less = rest[:, i] < rest[:, j]
            ranks[:, i] += less
            ranks[:, j] += ~less
    return ranks


def _find(vertices: Tensor, step: Tensor) -> Tensor:
    """Return the neighbour of each vertex, their number where none is."""
    wanted = vertices + step
    place = torch.searchsorted(vertices, wanted).clamp(max=len(vertices) - 1)
    return place.where(vertices[place] == wanted, len(vertices))
