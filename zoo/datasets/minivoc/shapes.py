"""Ellipses and polygons, and how much of each pixel they cover.

Coordinates are in pixels, ``x`` to the right and ``y`` down; the pixel in
row ``i`` and column ``j`` covers ``[j, j + 1) x [i, i + 1)``.
"""

from dataclasses import dataclass
from math import ceil, floor, hypot

import numpy as np

SUBSAMPLES = 4  # per axis: 16 samples a pixel


@dataclass(frozen=True)
class Ellipse:
    """Axis-parallel ellipse: centre and half axes in pixels."""

    x: float
    y: float
    rx: float
    ry: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return (
            self.x - self.rx,
            self.y - self.ry,
            self.x + self.rx,
            self.y + self.ry,
        )

    def inside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Whether points lie inside; broadcasts ``x`` with ``y``."""
        dx, dy = (x - self.x) / self.rx, (y - self.y) / self.ry
        return dx * dx + dy * dy <= 1


@dataclass(frozen=True)
class Polygon:
    """Simple polygon of (x, y) corners in pixels."""

    points: tuple[tuple[float, float], ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def inside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Whether points lie inside (even-odd rule); broadcasts."""
        odd = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        ends = (*self.points[1:], self.points[0])
        for (x0, y0), (x1, y1) in zip(self.points, ends, strict=True):
            if y0 == y1:
                continue
            beside = (y0 <= y) != (y1 <= y)
            odd ^= beside & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return odd


Shape = Ellipse | Polygon


def bar(
    x0: float, y0: float, x1: float, y1: float, *, width: float
) -> Polygon:
    """Straight bar of constant width between two points, square ends."""
    length = hypot(x1 - x0, y1 - y0)
    if length <= 0 or width <= 0:
        raise ValueError(
            f'a bar needs length and width, got {length} and {width}'
        )
    nx = (y1 - y0) / length * width / 2
    ny = (x0 - x1) / length * width / 2
    return Polygon(
        (
            (x0 + nx, y0 + ny),
            (x1 + nx, y1 + ny),
            (x1 - nx, y1 - ny),
            (x0 - nx, y0 - ny),
        )
    )


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """Axis-parallel rectangle."""
    return Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def coverage(
    shape: Shape, *, height: int, width: int
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Share of each pixel that a shape covers, inside its bounding box.

    Args:
        shape: May reach beyond the picture.
        height: Of the picture, pixels.
        width: Of the picture, pixels.

    Returns:
        Window (rows, columns) into the picture, empty where the shape lies
        outside, and coverage (h, w) of that window, 0..1 in steps of 1/16.
    """
    left, top, right, bottom = shape.bounds
    row0, row1 = max(floor(top), 0), min(ceil(bottom), height)
    col0, col1 = max(floor(left), 0), min(ceil(right), width)
    rows, cols = max(row1 - row0, 0), max(col1 - col0, 0)
    window = slice(row0, row0 + rows), slice(col0, col0 + cols)
    n = SUBSAMPLES
    y = row0 + (np.arange(rows * n) + 0.5) / n
    x = col0 + (np.arange(cols * n) + 0.5) / n
    inside = shape.inside(x[None, :], y[:, None])
    return window, inside.reshape(rows, n, cols, n).mean((1, 3))
