"""What can run the dense CRF: from energies of a batch to marginals."""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo.ops import dense_crf_pydensecrf, dense_crf_torch

Backend = Callable[..., Tensor]

# At such a std, neighbouring pixels and grey levels are a hundred of it
# apart: they are strangers already, and float32 still tells them apart.
SMALLEST_STD = 0.01


def run_pydensecrf(
    energies: Tensor, images: Tensor, *, prune: bool, **options: Any
) -> Tensor:
    """Run Kraehenbuehl's code, one image after another; it prunes nothing."""
    return _one_by_one(dense_crf_pydensecrf.infer, energies, images, **options)


def run_lattice(
    energies: Tensor, images: Tensor, *, prune: bool, **options: Any
) -> Tensor:
    """Run the zoo's lattice where the energies are.

    On a CPU compiled, one image after another on all cores. On another
    device, or where numba is not installed, in torch, all images at once;
    that prunes nothing. Stds below ``SMALLEST_STD`` are raised to it.
    """
    for name in options:
        if name.endswith('_std'):
            options[name] = max(options[name], SMALLEST_STD)
    if energies.device.type != 'cpu' or not has_numba():
        return dense_crf_torch.infer(
            energies, images.to(energies.device), **options
        )
    # numba takes half a second to import
    from zoo.ops import dense_crf_lattice

    return _one_by_one(
        dense_crf_lattice.infer, energies, images, prune=prune, **options
    )


BACKENDS: dict[str, Backend] = {
    'pydensecrf': run_pydensecrf,
    'lattice': run_lattice,
}


def has_numba() -> bool:
    """Tell whether the compiled lattice can run."""
    return importlib.util.find_spec('numba') is not None


def _one_by_one(
    infer: Callable[..., np.ndarray],
    energies: Tensor,
    images: Tensor,
    **options: Any,
) -> Tensor:
    arrays = energies.cpu().numpy(), images.cpu().numpy()
    results = [
        torch.from_numpy(infer(energy, image, **options))
        for energy, image in zip(*arrays, strict=True)
    ]
    return torch.stack(results) if len(results) > 1 else results[0][None]
