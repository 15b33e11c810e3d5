"""Gaussian filtering of scattered points on a permutohedral lattice."""

import numpy as np

from zoo.ops.lanes import LANES
from zoo.ops.permutohedral_filter import (
    blur,
    count_pairs,
    slice_points,
    sort_pairs,
    splat,
)
from zoo.ops.permutohedral_keys import key_multipliers, scale_factors
from zoo.ops.permutohedral_points import embed
from zoo.ops.permutohedral_vertices import (
    chain,
    find_first,
    find_next,
    make_table,
    number,
)
from zoo.ops.ranges import Ranges

# Vertices that are filled together: 21 classes of so many fit into a cache.
# At least some groups, to share among threads.
GROUP, FEWEST_GROUPS = 4096, 16
# Points that one thread sorts at a time, as a share of all.
STRETCHES = 32


class Permutohedral:
    """The lattice around given points, and sums over all pairs of them.

    Each point spreads its values to the ``d + 1`` corners of its simplex,
    vertices share theirs with their neighbours along each axis, and points
    collect them again: about ``sum_q exp(-|f_p - f_q|^2 / 2) value_q`` at
    point ``p``, in time linear in the number of points. Vertices that no
    point touches do not exist, and pass nothing on.

    Source: Adams, Baek and Davis, Eurographics 2010; the sparse blur and the
        factor ``1 / (1 + 2^-d)`` are Kraehenbuehl and Koltun's, NIPS 2011.
    Differs: Sums run over the points of a vertex, not over the vertices of a
        point, and neighbours are stored as chains that are blurred in place:
        no two threads write one value, and a result does not depend on their
        number.

    Args:
        features: ``(P, d)`` float32, in standard deviations.
        ranges: Threads to build and to filter with.
    """

    def __init__(self, features: np.ndarray, ranges: Ranges) -> None:
        points, dimensions = features.shape
        self.ranges = ranges
        columns = features.T  # numpy reduces them faster one by one
        low = np.array([column.min() for column in columns])
        high = np.array([column.max() for column in columns])
        multipliers = key_multipliers(low, high)[:-1]
        keys = np.empty((points, dimensions + 1), np.int64)
        self.weights = np.empty(keys.shape, np.float32)
        self.corners = (0,) * (dimensions + 1)
        ranges.run(
            embed,
            ranges.even(points),
            *(features, scale_factors(dimensions), multipliers),
            *(keys, self.weights),
        )
        self.vertex_of = np.empty(keys.shape, np.int32)
        vertices = self._number_vertices(keys.reshape(-1))
        self.size = len(vertices)
        del keys
        self.chains = self._find_chains(vertices, multipliers)
        self._sort_pairs()
        self.weights *= np.float32(1 / (1 + 2.0**-dimensions))

    def _number_vertices(self, keys: np.ndarray) -> np.ndarray:
        """Return the key of each vertex; fill ``vertex_of``."""
        flat = self.vertex_of.reshape(-1)
        # a neighbouring pixel often lies in the same simplex
        parts, step = self.ranges.threads, keys.size // len(self.weights)
        self.ranges.run(
            find_first,
            range(parts + 1),
            *(keys, step, parts, flat),
        )
        return number(flat, keys)

    def _find_chains(
        self, vertices: np.ndarray, multipliers: np.ndarray
    ) -> list[tuple[np.ndarray, list[int]]]:
        """Return, for each axis, its chains and how threads share them."""
        axes = len(multipliers)
        steps = axes * multipliers - multipliers.sum()
        following = np.empty((axes, self.size), np.int32)
        borders = self.ranges.even(self.size)
        table = make_table(vertices)
        self.ranges.run(find_next, borders, vertices, table, steps, following)
        order = np.empty_like(following)
        lengths = np.empty(axes, np.int64)
        self.ranges.run(chain, range(axes + 1), following, order, lengths)
        return [
            (row[:length].copy(), self.ranges.even(int(length)))
            for row, length in zip(order, lengths, strict=True)
        ]

    def _sort_pairs(self) -> None:
        """Sort pairs of point and vertex by groups of vertices."""
        pairs = self.vertex_of.size
        self.group = max(1, min(GROUP, -(-self.size // FEWEST_GROUPS)))
        groups = -(-self.size // self.group)
        counts = np.empty((STRETCHES, groups), np.int64)
        stretches = range(STRETCHES + 1)
        self.ranges.run(
            count_pairs, stretches, self.group, self.vertex_of, counts
        )
        # By group, and in a group by stretch: in the order of the points.
        places = np.cumsum(counts.T).reshape(groups, STRETCHES).T - counts
        self.offsets = np.append(places[0], pairs)
        self.vertices = np.empty(pairs, np.int32)
        self.points = np.empty(pairs, np.int32)
        self.shares = np.empty(pairs, np.float32)
        self.ranges.run(
            sort_pairs,
            stretches,
            *(self.group, places, self.vertex_of, self.weights),
            *(self.vertices, self.points, self.shares),
        )
        self.groups = range(groups + 1)

    def scale(
        self,
        *,
        inputs: np.ndarray | None = None,
        outputs: np.ndarray | None = None,
    ) -> None:
        """Multiply values before or results after filtering, from now on.

        Args:
            inputs: ``(P,)`` float32 factors of the values, or ``None``.
            outputs: ``(P,)`` float32 factors of the results, or ``None``.
        """
        if inputs is not None:
            self.shares *= inputs[self.points]
        if outputs is not None:
            self.weights *= outputs[:, None]

    def spread(
        self,
        inputs: np.ndarray,
        values: np.ndarray,
        *,
        transposed: bool = False,
    ) -> None:
        """Splat and blur.

        Args:
            inputs: ``(P, C)`` float32, ``C`` a multiple of ``LANES``.
            values: ``(V, C)`` float32, written.
            transposed: See ``filter``.
        """
        blocks = blocks_of(values)
        self.ranges.run(
            splat,
            self.groups,
            *(self.group, self.offsets, self.vertices),
            *(self.points, self.shares, inputs, values),
            blocks,
        )
        for order, borders in self.chains[:: -1 if transposed else 1]:
            self.ranges.run(blur, borders, order, values, blocks)

    def filter(
        self, inputs: np.ndarray, *, transposed: bool = False
    ) -> np.ndarray:
        """Return the sums over all points, for any number of channels.

        Args:
            inputs: ``(P, C)`` float32.
            transposed: Blur along the last axis first. Without factors that
                is the transposed filter: blurring along one axis is
                symmetric, but axes do not commute where vertices are missing.

        Returns:
            ``(P, C)`` float32.
        """
        points, channels = inputs.shape
        padded = np.zeros((points, -(-channels // LANES) * LANES), np.float32)
        padded[:, :channels] = inputs
        values = np.empty((self.size, padded.shape[1]), np.float32)
        self.spread(padded, values, transposed=transposed)
        self.ranges.run(
            slice_points,
            self.ranges.even(points),
            *(self.vertex_of, self.weights, self.corners),
            *(values, padded, blocks_of(values)),
        )
        return padded[:, :channels]


def blocks_of(values: np.ndarray) -> tuple[int, ...]:
    """Return a tuple as long as there are eights in a row."""
    return (0,) * (values.shape[1] // LANES)
