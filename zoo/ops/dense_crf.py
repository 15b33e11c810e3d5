"""Fully connected CRF over the pixels of an image: checks and dispatch.

The inference itself lives in a backend; see ``dense_crf_backends``.
"""

import math
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from zoo.ops.dense_crf_backends import BACKENDS

Array = TypeVar('Array', Tensor, np.ndarray)

NORMALIZATIONS = ('after', 'symmetric', 'before', 'none')

# Softmax underflows to 0, whose energy would be infinite. 23 nats outweigh
# any published sum of kernel weights, and 1e-10 per class is lost in a
# float32 sum of 1, so the floor does not show when nothing is smoothed.
SMALLEST_PROB = 1e-10


def dense_crf(
    probs: Array,
    image: Tensor | np.ndarray,
    *,
    bilateral_weight: float,
    bilateral_xy_std: float,
    bilateral_rgb_std: float,
    gaussian_weight: float = 3.0,
    gaussian_xy_std: float = 3.0,
    iterations: int = 10,
    normalization: str = 'after',
    backend: str = 'lattice',
    prune: bool = True,
) -> Array:
    """Return class probabilities that follow the edges of the image.

    Mean field in a Potts model on all pairs of pixels. With position ``p``
    and colour ``c``, two pixels attract one another by ``bilateral_weight *
    exp(-|p - p'|^2 / 2 xy_std^2 - |c - c'|^2 / 2 rgb_std^2)`` plus the same
    without colour for ``gaussian_*``; the unary energy is ``-log probs``.

    Source: Chen et al., ICLR 2015, Sec. 3.2 (energy, 10 iterations, the
        Gaussian kernel 3 / 3); Kraehenbuehl and Koltun, NIPS 2011, Alg. 1.
    Differs: A pixel also sends its message to itself, as it does in the code
        of both papers; the printed sum leaves it out. Sums over pixels are
        approximate (permutohedral lattice) and in float32.

    Args:
        probs: ``(C, H, W)``, any float type, 0..1, summing to 1 over ``C``.
            Clipped from below at ``SMALLEST_PROB``. Or ``(N, C, H, W)``, of
            ``N`` images that know nothing of one another.
        image: ``(H, W, 3)`` uint8 RGB, 0..255, of the same size; of several
            ``(N, H, W, 3)``.
        bilateral_weight: Nats, at least 0; 0 leaves this kernel out.
        bilateral_xy_std: Pixels, above 0.
        bilateral_rgb_std: Grey levels of 0..255, above 0.
        gaussian_weight: Nats, at least 0; 0 leaves this kernel out.
        gaussian_xy_std: Pixels, above 0.
        iterations: Mean-field updates; 0 returns ``probs``.
        normalization: How a kernel matrix ``K`` is scaled, ``D`` being the
            diagonal of its row sums: ``'after'`` is ``D^-1 K``, every message
            an average (the NIPS code); ``'symmetric'`` is ``D^-1/2 K
            D^-1/2`` (pydensecrf's default); ``'before'`` is ``K D^-1``;
            ``'none'`` is ``K``.
        backend: ``'lattice'``, on all cores that torch may use or on the
            device of ``probs``; or ``'pydensecrf'``, the reference, on one
            core: the same lattice, answers differ by rounding.
        prune: Leave classes without messages that provably win nowhere; see
            ``zoo.ops.dense_crf_pruning``. Only the compiled lattice does.

    Returns:
        Probabilities of the shape, kind, type and device of ``probs``. No
        gradient flows back; ``unrolled_dense_crf`` has gradients.

    Raises:
        ValueError: If shapes, types, ranges or options are wrong.
        UserError: If the backend is not installed.

    Example:
        >>> import numpy as np
        >>> probs = np.full((2, 4, 6), 0.5)
        >>> probs[:, 1, 1] = 0.9, 0.1
        >>> image = np.zeros((4, 6, 3), np.uint8)
        >>> image[:, 3:] = 255  # what is white is no neighbour of (1, 1)
        >>> out = dense_crf(
        ...     probs, image, bilateral_weight=5.0, bilateral_xy_std=50.0,
        ...     bilateral_rgb_std=5.0, gaussian_weight=0.0,
        ... )
        >>> [round(float(p), 1) for p in out[0, 3]]
        [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """
    options: dict[str, Any] = {
        'bilateral_weight': bilateral_weight,
        'bilateral_xy_std': bilateral_xy_std,
        'bilateral_rgb_std': bilateral_rgb_std,
        'gaussian_weight': gaussian_weight,
        'gaussian_xy_std': gaussian_xy_std,
        'iterations': iterations,
        'normalization': normalization,
    }
    check_dense_crf_options(**options, backend=backend)
    _check_shapes(tuple(probs.shape), tuple(image.shape))
    pixels = _checked_image(image)
    energies = -_checked_probs(probs).clamp(min=SMALLEST_PROB).log()
    with torch.no_grad():
        result = BACKENDS[backend](
            energies.reshape(-1, *energies.shape[-3:]),
            pixels.reshape(-1, *pixels.shape[-3:]),
            prune=prune,
            **options,
        ).reshape(energies.shape)
    if isinstance(probs, Tensor):
        return result.to(probs)
    return result.numpy().astype(probs.dtype)


def check_dense_crf_options(
    *, iterations: int, normalization: str, backend: str, **kernels: float
) -> None:
    """Refuse wrong options of ``dense_crf`` before there is an image.

    Args:
        iterations: See ``dense_crf``, as for the other two.
        normalization: One of ``NORMALIZATIONS``.
        backend: A key of ``BACKENDS``.
        **kernels: The ``*_weight`` and ``*_std`` of ``dense_crf``.

    Raises:
        ValueError: If a value is out of range or unknown.
    """
    for name, value in kernels.items():
        floor = 'above 0' if name.endswith('_std') else 'at least 0'
        enough = value > 0 if name.endswith('_std') else value >= 0
        if not (enough and value <= torch.finfo(torch.float32).max):
            raise ValueError(f'{name} must be finite and {floor}, got {value}')
    if not isinstance(iterations, Integral) or iterations < 0:
        raise ValueError(
            f'iterations must be a whole number, at least 0, got {iterations}'
        )
    if normalization not in NORMALIZATIONS:
        raise ValueError(
            f'normalization must be one of {", ".join(NORMALIZATIONS)}, '
            f'got {normalization!r}'
        )
    if backend not in BACKENDS:
        raise ValueError(
            f'backend must be one of {", ".join(BACKENDS)}, got {backend!r}'
        )


def _check_shapes(probs: tuple[int, ...], image: tuple[int, ...]) -> None:
    """Refuse any two shapes but ``(C, H, W)`` and ``(H, W, 3)``.

    Both may begin with the same number of images.
    """
    wanted = 'probs must be (C, H, W) and image (H, W, 3)'
    found = f'got probs {probs} and image {image}'
    if len(probs) == len(image) == 4 and probs[0] == image[0] > 0:
        _check_shapes(probs[1:], image[1:])
        return
    if len(probs) != 3 or len(image) != 3 or 0 in probs + image:
        raise ValueError(f'{wanted}, none of them empty; {found}')
    if image[2] == 3 and image[:2] == probs[1:]:
        return
    if image[2] == 3 and image[:2] == probs[:0:-1]:
        hint = ': height and width are swapped in one of them'
    elif image[2] == 3 and image[:2] == probs[:2]:
        hint = ': probs looks like (H, W, C), move its last axis to the front'
    elif image[0] == 3 and image[1:] == probs[1:]:
        hint = ': image looks like (3, H, W), move its first axis to the end'
    else:
        hint = ''
    raise ValueError(f'{wanted} of one size; {found}{hint}')


def _as_tensor(values: Tensor | np.ndarray) -> Tensor:
    """Return a tensor, of the same memory where torch can share it."""
    if isinstance(values, Tensor):
        return values.detach()
    return torch.from_numpy(np.require(values, requirements=['C', 'W']))


def _checked_image(image: Tensor | np.ndarray) -> Tensor:
    """Return a tensor, or refuse a unit that is not the colour kernel's."""
    wanted = torch.uint8 if isinstance(image, Tensor) else np.uint8
    if image.dtype != wanted:
        raise ValueError(
            f'image must be uint8 RGB, 0..255, got {image.dtype}, '
            f'{image.min():g}..{image.max():g}: undo any normalisation'
        )
    return _as_tensor(image)


def _checked_probs(probs: Tensor | np.ndarray) -> Tensor:
    """Return ``probs`` as a float32 tensor, or say what it is instead."""
    if isinstance(probs, Tensor):
        floating, bits = probs.is_floating_point(), probs.element_size() * 8
        values = probs.detach().float()
    else:
        floating, bits = probs.dtype.kind == 'f', probs.itemsize * 8
        values = _as_tensor(probs.astype(np.float32))
    if not floating:
        raise ValueError(f'probs must be of a float type, got {probs.dtype}')
    remedy = 'apply softmax over the classes first'
    low, high = values.amin().item(), values.amax().item()
    # What is not a number is passed on by both.
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError('probs must be finite, got NaN or infinity')
    # Wide enough for bilinear resizing and, below 32 bits, for rounding.
    slack = 1e-3 if bits >= 32 else 2e-2
    if low < -slack or high > 1 + slack:
        raise ValueError(
            f'probs must lie in 0..1, got {low:g}..{high:g}: {remedy}'
        )
    sums = values.sum(-3)
    least, most = sums.amin().item(), sums.amax().item()
    if max(1 - least, most - 1) > slack:
        raise ValueError(
            'probs must sum to 1 over the classes, got sums of '
            f'{least:g}..{most:g}: {remedy}'
        )
    return values
