"""Dense CRF on a permutohedral lattice in torch, for a batch of images."""

import torch
from torch import Tensor

from zoo.ops.permutohedral_torch import TorchPermutohedral

_TINY = 1e-20


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
    count, classes, height, width = energies.shape
    copy, y, x = torch.meshgrid(
        *(torch.arange(n, device=energies.device) for n in images.shape[:3]),
        indexing='ij',
    )
    copy = copy.reshape(-1)
    xy = torch.stack([x, y], dim=-1).reshape(-1, 2).float()
    kernels = []
    if gaussian_weight > 0:
        lattice = TorchPermutohedral(xy / gaussian_xy_std, copy)
        kernels.append((gaussian_weight, lattice))
    if bilateral_weight > 0:
        rgb = images.reshape(-1, 3).float() / bilateral_rgb_std
        features = torch.cat([xy / bilateral_xy_std, rgb], dim=1)
        lattice = TorchPermutohedral(features, copy)
        kernels.append((bilateral_weight, lattice))
    scaled = [
        (lattice, *_factors(lattice, normalization, weight, xy))
        for weight, lattice in kernels
    ]
    rows = energies.permute(0, 2, 3, 1).reshape(-1, classes)
    beliefs = (-rows).softmax(1)
    for _ in range(iterations):
        logits = -rows
        for lattice, inputs, outputs in scaled:
            logits = logits + outputs * lattice.filter(inputs * beliefs)
        beliefs = logits.softmax(1)
    planes = beliefs.reshape(count, height, width, classes)
    return planes.permute(0, 3, 1, 2)


def _factors(
    lattice: TorchPermutohedral,
    normalization: str,
    weight: float,
    like: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the factors before and after filtering, ``(P, 1)`` each."""
    ones = torch.ones_like(like[:, :1])
    if normalization == 'none':
        return ones, weight * ones
    sums = lattice.filter(ones) + _TINY
    if normalization == 'symmetric':
        return sums.rsqrt(), weight * sums.rsqrt()
    if normalization == 'after':
        return ones, weight / sums
    return 1 / sums, weight * ones
