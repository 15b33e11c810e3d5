"""Dense CRF on a permutohedral lattice in torch, for a batch of images."""

from torch import Tensor

from zoo.ops.dense_crf_kernels import make_kernels


def infer(
    energies: Tensor,
    images: Tensor,
    *,
    bilateral_weight: float,
    bilateral_xy_std: float,
    bilateral_rgb_std: float,
    gaussian_weight: float,
    gaussian_xy_std: float,
    iterations: int,
    normalization: str,
) -> Tensor:
    """Return ``(N, C, H, W)`` marginals; see ``zoo.ops.dense_crf``.

    Args:
        energies: ``(N, C, H, W)`` float32 in nats.
        images: ``(N, H, W, 3)`` uint8 RGB, on the same device.
        bilateral_weight: See ``zoo.ops.dense_crf``, as for all that follow;
            values are taken as checked.
        bilateral_xy_std: Pixels.
        bilateral_rgb_std: Grey levels.
        gaussian_weight: Nats.
        gaussian_xy_std: Pixels.
        iterations: Mean-field updates.
        normalization: ``'after'``, ``'symmetric'``, ``'before'``, ``'none'``.
    """
    weights = [w for w in (gaussian_weight, bilateral_weight) if w > 0]
    kernels = make_kernels(
        images,
        gaussian_xy_std=gaussian_xy_std if gaussian_weight > 0 else None,
        bilateral_xy_std=bilateral_xy_std if bilateral_weight > 0 else None,
        bilateral_rgb_std=bilateral_rgb_std,
        normalization=normalization,
        compiled=False,
    )
    count, classes, height, width = energies.shape
    rows = energies.permute(0, 2, 3, 1).reshape(-1, classes)
    beliefs = (-rows).softmax(1)
    for _ in range(iterations):
        logits = -rows
        for kernel, weight in zip(kernels, weights, strict=True):
            logits = logits + weight * kernel(beliefs)
        beliefs = logits.softmax(1)
    planes = beliefs.reshape(count, height, width, classes)
    return planes.permute(0, 3, 1, 2)
