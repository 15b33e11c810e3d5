"""Mean field in a dense CRF as layers of a network, with gradients."""

import torch
from torch import Tensor

from zoo.ops.dense_crf import check_dense_crf_options
from zoo.ops.dense_crf_backends import SMALLEST_STD, has_numba
from zoo.ops.dense_crf_kernels import Kernel, make_kernels


def unrolled_dense_crf(
    logits: Tensor,
    images: Tensor,
    *,
    gaussian_weights: Tensor,
    bilateral_weights: Tensor,
    compatibility: Tensor,
    gaussian_xy_std: float,
    bilateral_xy_std: float,
    bilateral_rgb_std: float,
    iterations: int,
    normalization: str = 'after',
) -> Tensor:
    """Return logits that follow the edges of the image, to train through.

    With ``Q`` the softmax of the logits so far and ``K_m`` the two kernels
    of ``dense_crf``, an update is ``logits - (sum_m K_m Q W_m^T) mu^T`` with
    ``W_m`` the weights of a kernel and ``mu`` the compatibility, which says
    what it costs when a pixel has one label and its neighbour another. With
    ``W_m`` a multiple of the identity and ``mu`` minus the identity (Potts
    up to a constant, which the softmax drops) this is ``dense_crf``.

    Gradients flow to the logits, both weights and the compatibility, not to
    the stds. On a CPU in float32 the lattice is compiled and runs on all
    cores that torch may use; in float64, without numba or on another device
    it is torch's.

    Source: Zheng et al., ICCV 2015 (CRF-RNN), Sec. 4 and 5; weights as
        matrices and the Potts start at minus the identity: the released
        ``multi_stage_meanfield.cpp``.
    Differs: none known in what is computed.

    Args:
        logits: ``(N, C, H, W)``, float32 or float64; half types are raised
            to float32.
        images: ``(N, H, W, 3)`` uint8 RGB, 0..255, on the same device.
        gaussian_weights: ``(C, C)`` nats: what label ``b`` of a neighbour
            counts for label ``a`` is in row ``a``, column ``b``.
        bilateral_weights: ``(C, C)`` nats.
        compatibility: ``(C, C)``, no unit; the label of the pixel is the
            row, that of its neighbours the column.
        gaussian_xy_std: Pixels, above 0.
        bilateral_xy_std: Pixels, above 0.
        bilateral_rgb_std: Grey levels of 0..255, above 0.
        iterations: Updates; 0 returns the logits.
        normalization: See ``dense_crf``.

    Returns:
        ``(N, C, H, W)``, not normalised over classes, in the type they were
        computed in.

    Raises:
        ValueError: If shapes, types or options are wrong.
    """
    stds = {
        'gaussian_xy_std': gaussian_xy_std,
        'bilateral_xy_std': bilateral_xy_std,
        'bilateral_rgb_std': bilateral_rgb_std,
    }
    check_dense_crf_options(
        iterations=iterations,
        normalization=normalization,
        backend='lattice',
        **stds,
    )
    matrices = {
        'gaussian_weights': gaussian_weights,
        'bilateral_weights': bilateral_weights,
        'compatibility': compatibility,
    }
    _check(logits, images, matrices)
    if logits.dtype != torch.float64:
        logits = logits.float()
    if not iterations:
        return logits
    dtype = logits.dtype
    kernels = make_kernels(
        images,
        normalization=normalization,
        compiled=logits.device.type == 'cpu'
        and dtype == torch.float32
        and has_numba(),
        dtype=dtype,
        **{name: max(std, SMALLEST_STD) for name, std in stds.items()},
    )
    # both linear maps of the labels in one
    mixers = [
        (compatibility.to(dtype) @ weights.to(dtype)).T
        for weights in (gaussian_weights, bilateral_weights)
    ]
    count, classes, height, width = logits.shape
    rows = logits.permute(0, 2, 3, 1).reshape(-1, classes)
    rows = _updated(rows, kernels, mixers, iterations)
    return rows.reshape(count, height, width, classes).permute(0, 3, 1, 2)


def _updated(
    rows: Tensor, kernels: list[Kernel], mixers: list[Tensor], iterations: int
) -> Tensor:
    """Return the ``(P, C)`` logits after some updates."""
    result = rows
    for _ in range(iterations):
        beliefs = result.softmax(1)
        result = rows
        for kernel, mixer in zip(kernels, mixers, strict=True):
            result = result - kernel(beliefs) @ mixer
    return result


def _check(
    logits: Tensor, images: Tensor, matrices: dict[str, Tensor]
) -> None:
    """Refuse what does not fit together."""
    found = f'got logits {tuple(logits.shape)}, images {tuple(images.shape)}'
    if logits.ndim != 4 or 0 in logits.shape:
        raise ValueError(f'logits must be (N, C, H, W), none empty; {found}')
    count, classes, height, width = logits.shape
    if tuple(images.shape) != (count, height, width, 3):
        raise ValueError(
            'images must be (N, H, W, 3), of the number and size of the '
            f'logits; {found}'
        )
    if images.dtype != torch.uint8:
        raise ValueError(
            f'images must be uint8 RGB, 0..255, got {images.dtype}: undo any '
            'normalisation'
        )
    if not logits.is_floating_point():
        raise ValueError(f'logits must be of a float type, got {logits.dtype}')
    for name, matrix in matrices.items():
        if tuple(matrix.shape) != (classes, classes):
            raise ValueError(
                f'{name} must be ({classes}, {classes}), one row and one '
                f'column for each class, got {tuple(matrix.shape)}'
            )
