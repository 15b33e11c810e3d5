"""Dense CRF on the zoo's permutohedral lattice, compiled, on all cores."""

from typing import Any

import numpy as np

from zoo.ops.dense_crf_pruning import contenders
from zoo.ops.dense_crf_update import (
    find_peaks,
    first_beliefs,
    to_planes,
    to_rows,
    update,
)
from zoo.ops.lanes import LANES
from zoo.ops.permutohedral import Permutohedral, blocks_of
from zoo.ops.ranges import Ranges

# Energy of the columns that fill up eight lanes: their probability is 0.
_NEVER = 1e4
# As pydensecrf has it: a row of a kernel that sums to 0 stays 0.
_TINY = np.float32(1e-20)


def infer(
    energies: np.ndarray,
    image: np.ndarray,
    *,
    bilateral_weight: float,
    bilateral_xy_std: float,
    bilateral_rgb_std: float,
    gaussian_weight: float,
    gaussian_xy_std: float,
    iterations: int,
    normalization: str,
    prune: bool = False,
) -> np.ndarray:
    """Return ``(C, H, W)`` float32 marginals.

    The lattice is the one of pydensecrf, vertex by vertex: results differ by
    the rounding of float32. They do not depend on the number of threads,
    which is torch's.

    Source: Kraehenbuehl and Koltun, NIPS 2011, Alg. 1; see
        ``zoo.ops.permutohedral`` for what is done differently.

    Args:
        energies: ``(C, H, W)`` float32 in nats.
        image: ``(H, W, 3)`` uint8 RGB.
        bilateral_weight: See ``zoo.ops.dense_crf``, as for all that follow;
            values are taken as checked.
        bilateral_xy_std: Pixels.
        bilateral_rgb_std: Grey levels.
        gaussian_weight: Nats.
        gaussian_xy_std: Pixels.
        iterations: Mean-field updates.
        normalization: ``'after'``, ``'symmetric'``, ``'before'``, ``'none'``.
        prune: See ``zoo.ops.dense_crf_pruning.contenders``.
    """
    height, width = energies.shape[1:]
    planes = energies.reshape(len(energies), -1)
    xy = _positions(height, width)
    kernels = []
    with Ranges() as ranges:
        if gaussian_weight > 0:
            features = xy / np.float32(gaussian_xy_std)
            kernels.append((features, gaussian_weight))
        if bilateral_weight > 0:
            rgb = image.reshape(-1, 3).astype(np.float32)
            features = np.empty((len(xy), 5), np.float32)
            features[:, :2] = xy / np.float32(bilateral_xy_std)
            features[:, 2:] = rgb / np.float32(bilateral_rgb_std)
            kernels.append((features, bilateral_weight))
        lattices = [
            _scaled_lattice(features, weight, normalization, ranges)
            for features, weight in kernels
        ]
        inference = _Inference(planes, lattices, ranges)
        if prune and iterations:
            inference.prune(iterations)
        return inference.run(iterations).reshape(energies.shape)


def _positions(height: int, width: int) -> np.ndarray:
    """Return ``(H * W, 2)`` float32: column and row of each pixel."""
    xy = np.empty((height, width, 2), np.float32)
    xy[..., 0] = np.arange(width)
    xy[..., 1] = np.arange(height)[:, None]
    return xy.reshape(-1, 2)


def _scaled_lattice(
    features: np.ndarray, weight: float, normalization: str, ranges: Ranges
) -> Permutohedral:
    """Return a lattice that normalises and weights what it filters."""
    lattice = Permutohedral(features, ranges)
    outputs = np.full(len(features), weight, np.float32)
    if normalization == 'none':
        lattice.scale(outputs=outputs)
        return lattice
    ones = np.ones((len(features), 1), np.float32)
    sums = lattice.filter(ones)[:, 0] + _TINY
    if normalization == 'symmetric':
        roots = 1 / np.sqrt(sums)
        lattice.scale(inputs=roots, outputs=roots * outputs)
    elif normalization == 'after':
        lattice.scale(outputs=outputs / sums)
    else:
        lattice.scale(inputs=1 / sums, outputs=outputs)
    return lattice


class _Inference:
    """Mean field of one image; arrays are reused over the iterations.

    Args:
        planes: ``(C, P)`` float32 energies.
        lattices: At most two; their factors are the kernels' weights.
        ranges: Threads.
    """

    def __init__(
        self,
        planes: np.ndarray,
        lattices: list[Permutohedral],
        ranges: Ranges,
    ) -> None:
        self.planes, self.lattices, self.ranges = planes, lattices, ranges
        self.pixels = planes.shape[1]
        self.borders = ranges.even(self.pixels)
        self.others = np.zeros(self.pixels, np.float32)
        self._keep(np.arange(len(planes)))

    def _keep(self, classes: np.ndarray) -> None:
        """Lay out the energies of some classes, and their first beliefs."""
        self.classes = classes
        columns = -(-len(classes) // LANES) * LANES
        self.energies = np.empty((self.pixels, columns), np.float32)
        self.energies[:, len(classes) :] = _NEVER
        self.beliefs = np.empty_like(self.energies)
        self.ranges.run(
            to_rows, self.borders, self.planes, classes, self.energies
        )
        self.ranges.run(
            first_beliefs,
            self.borders,
            *(self.energies, self.others, self.beliefs),
            blocks_of(self.beliefs),
        )

    def prune(self, iterations: int) -> None:
        """Go on with the classes that may win somewhere."""
        stretches = min(64, self.pixels)
        peaks = np.empty((stretches, 2, self.beliefs.shape[1]), np.float32)
        self.ranges.run(find_peaks, range(stretches + 1), self.beliefs, peaks)
        highest, ratios = peaks.max(0)[:, : len(self.planes)]
        classes = contenders(
            highest, ratios, reach=self._reach(), iterations=iterations
        )
        if len(classes) == len(self.planes):
            return
        left = np.setdiff1d(self.classes, classes)
        for index in left:
            self.others += np.exp(-self.planes[index])
        self._keep(classes)

    def _reach(self) -> float:
        """Return the largest total of the messages to one pixel, in nats."""
        ones = np.ones((self.pixels, 1), np.float32)
        told = np.zeros_like(ones)
        for lattice in self.lattices:
            told += lattice.filter(ones)
        return float(told.max())

    def run(self, iterations: int) -> np.ndarray:
        """Return ``(C, P)`` marginals."""
        columns = self.beliefs.shape[1]
        arrays: list[Any] = []
        for lattice in self.lattices:
            values = np.empty((lattice.size, columns), np.float32)
            arrays += lattice.vertex_of, lattice.weights, lattice.corners
            arrays.append(values)
        for _ in range(2 - len(self.lattices)):
            arrays += _no_kernel(self.pixels, columns)
        units = np.ones(self.pixels, np.float32)
        for _ in range(iterations):
            for index, lattice in enumerate(self.lattices):
                lattice.spread(self.beliefs, arrays[4 * index + 3])
            self.ranges.run(
                update,
                self.borders,
                *(self.energies, self.others, *arrays, self.beliefs, units),
                blocks_of(self.beliefs),
            )
        return self._to_planes(units)

    def _to_planes(self, units: np.ndarray) -> np.ndarray:
        result = np.empty(self.planes.shape, np.float32)
        self.ranges.run(
            to_planes, self.borders, self.beliefs, self.classes, result
        )
        for index in np.setdiff1d(np.arange(len(result)), self.classes):
            np.exp(-self.planes[index], out=result[index])
            result[index] *= units
        return result


def _no_kernel(pixels: int, columns: int) -> tuple[Any, ...]:
    """Return what stands for the lattice of a kernel that is left out."""
    return (
        np.empty((pixels, 0), np.int32),
        np.empty((pixels, 0), np.float32),
        (),
        np.empty((0, columns), np.float32),
    )
