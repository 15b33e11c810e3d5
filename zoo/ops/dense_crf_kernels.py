"""The kernel matrices of a dense CRF as linear maps with a gradient."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from zoo.ops.permutohedral_torch import TorchPermutohedral
from zoo.ops.ranges import Ranges

# (P, C) rows and whether the map is transposed -> (P, C) rows
Filter = Callable[[Tensor, bool], Tensor]

# As pydensecrf has it: a row of a kernel that sums to 0 stays 0.
_TINY = 1e-20


class Kernel:
    """A Gaussian kernel between the pixels of each image, normalised.

    Source: Kraehenbuehl and Koltun, NIPS 2011; gradients by transposed
        filtering: Zheng et al., ICCV 2015, Sec. 4.
    Differs: The transposed filter is that of the lattice as it is, so that
        gradients are those of what was computed.

    Shapes:
        ``(P, C)`` values, one row for each pixel of all images -> sums.

    Args:
        apply: The filter.
        normalization: See ``zoo.ops.dense_crf``.
        ones: ``(P, 1)`` ones, of the type and on the device of the values.
    """

    def __init__(
        self, apply: Filter, *, normalization: str, ones: Tensor
    ) -> None:
        self._apply = apply
        self._inputs = self._outputs = ones
        if normalization == 'none':
            return
        sums = apply(ones, False) + _TINY
        if normalization == 'symmetric':
            self._inputs = self._outputs = sums.rsqrt()
        elif normalization == 'after':
            self._outputs = 1 / sums
        else:
            self._inputs = 1 / sums

    def __call__(self, values: Tensor) -> Tensor:
        """Return what each pixel hears from all pixels of its image."""
        heard = _Filtered.apply(self._inputs * values, self._apply)
        return self._outputs * heard


class _Filtered(torch.autograd.Function):
    """Apply a filter; its gradient is the transposed filter's."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, apply: Filter) -> Tensor:
        ctx.filter = apply
        return apply(values, False)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.filter(gradient, True), None


def make_kernels(
    images: Tensor,
    *,
    gaussian_xy_std: float | None,
    bilateral_xy_std: float | None,
    bilateral_rgb_std: float,
    normalization: str,
    compiled: bool,
    dtype: torch.dtype = torch.float32,
) -> list[Kernel]:
    """Build the lattices of images of one size.

    Args:
        images: ``(N, H, W, 3)`` uint8 RGB.
        gaussian_xy_std: Pixels; ``None`` leaves this kernel out.
        bilateral_xy_std: Pixels; ``None`` leaves this kernel out.
        bilateral_rgb_std: Grey levels.
        normalization: See ``zoo.ops.dense_crf``.
        compiled: Whether the lattice is numba's, for float32 on a CPU, not
            torch's.
        dtype: Of the values to come.

    Returns:
        Those of the Gaussian and of the bilateral kernel that are wanted.
    """
    y, x = torch.meshgrid(
        *(torch.arange(n, device=images.device) for n in images.shape[1:3]),
        indexing='ij',
    )
    xy = torch.stack([x, y], dim=-1).reshape(1, -1, 2).float()
    wanted = []
    if gaussian_xy_std is not None:
        wanted.append(xy / gaussian_xy_std)
    if bilateral_xy_std is not None:
        rgb = images.flatten(1, 2).float() / bilateral_rgb_std
        places = xy.expand(len(rgb), -1, -1) / bilateral_xy_std
        wanted.append(torch.cat([places, rgb], dim=2))
    pixels = images.shape[:3].numel()
    ones = torch.ones(pixels, 1, dtype=dtype, device=images.device)
    make = _compiled_filter if compiled else _torch_filter
    return [
        Kernel(
            make(features, len(images)),
            normalization=normalization,
            ones=ones,
        )
        for features in wanted
    ]


def _torch_filter(features: Tensor, count: int) -> Filter:
    """Return a filter of all images at once.

    Args:
        features: ``(N, P, d)``, or ``(1, P, d)`` if those of all images are
            the same.
        count: ``N``.
    """
    features = features.expand(count, -1, -1)
    copy = torch.arange(count, device=features.device)
    lattice = TorchPermutohedral(
        features.flatten(0, 1), copy.repeat_interleave(features.shape[1])
    )
    return lambda values, turn: lattice.filter(values, transposed=turn)


def _compiled_filter(features: Tensor, count: int) -> Filter:
    """Return a filter that takes one image after another, on all cores."""
    # numba takes half a second to import
    from zoo.ops.permutohedral import Permutohedral

    with Ranges() as ranges:
        found = [Permutohedral(part.numpy(), ranges) for part in features]
    lattices = found * (count // len(found))

    def apply(values: Tensor, transposed: bool) -> Tensor:
        parts = []
        # threads of its own: none is left waiting between two updates
        with Ranges() as ranges:
            for part, lattice in zip(
                values.detach().chunk(count), lattices, strict=True
            ):
                lattice.ranges = ranges
                rows = lattice.filter(part.numpy(), transposed=transposed)
                parts.append(torch.from_numpy(rows))
        return torch.cat(parts)

    return apply
