"""Fully connected CRF as a post-processor."""

from typing import Any

import numpy as np
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.post_processors.dense_crf_presets import PRESETS
from zoo.models.post_processors.preset_file import read_preset
from zoo.ops.dense_crf import check_dense_crf_options, dense_crf


@MODELS.register_module()
class DenseCRF(nn.Module):
    """Sharpen class probabilities along the edges of the image.

    Kernel parameters come from a published preset, from the arguments, or
    from both: an argument overrides the preset. It has no weights to learn.

    Source: Chen et al., ICLR 2015, Sec. 3.2; presets: see
        ``zoo/models/post_processors/dense_crf_presets.py``.
    Differs: See ``zoo.ops.dense_crf``.

    Shapes:
        probs ``(C, H, W)`` and image ``(H, W, 3)`` -> ``(C, H, W)``.

    Args:
        preset: A key of ``PRESETS``, or a file ``*.json`` that
            ``tools/tune_crf.py`` wrote. Without one the three ``bilateral_*``
            are required, and the Gaussian kernel is 3 nats, 3 pixels.
        bilateral_weight: Nats, at least 0.
        bilateral_xy_std: Pixels, above 0.
        bilateral_rgb_std: Grey levels of 0..255, above 0.
        gaussian_weight: Nats, at least 0.
        gaussian_xy_std: Pixels, above 0.
        iterations: Mean-field updates.
        normalization: ``'after'`` (the paper's), ``'symmetric'``,
            ``'before'`` or ``'none'``.
        backend: ``'lattice'`` or ``'pydensecrf'``; see ``zoo.ops.dense_crf``.
        prune: Whether classes that provably win nowhere are left alone.

    Raises:
        ValueError: If the preset is unknown, a parameter is missing or out
            of range.
        UserError: If the preset's file cannot be read; see ``read_preset``.

    Example:
        >>> DenseCRF(preset='DeepLab-LargeFOV', iterations=5)
        DenseCRF(
          bilateral_weight=4, bilateral_xy_std=121, bilateral_rgb_std=5
          gaussian_weight=3.0, gaussian_xy_std=3.0
          iterations=5, normalization='after', backend='lattice'
          prune=True
        )
    """

    def __init__(
        self,
        *,
        preset: str | None = None,
        bilateral_weight: float | None = None,
        bilateral_xy_std: float | None = None,
        bilateral_rgb_std: float | None = None,
        gaussian_weight: float | None = None,
        gaussian_xy_std: float | None = None,
        iterations: int = 10,
        normalization: str = 'after',
        backend: str = 'lattice',
        prune: bool = True,
    ):
        super().__init__()
        kernels = resolve_kernels(
            preset,
            bilateral_weight=bilateral_weight,
            bilateral_xy_std=bilateral_xy_std,
            bilateral_rgb_std=bilateral_rgb_std,
            gaussian_weight=gaussian_weight,
            gaussian_xy_std=gaussian_xy_std,
        )
        self.options: dict[str, Any] = {
            **kernels,
            'iterations': iterations,
            'normalization': normalization,
            'backend': backend,
        }
        check_dense_crf_options(**self.options)
        self.options['prune'] = prune

    def forward(self, probs: Tensor, image: Tensor | np.ndarray) -> Tensor:
        """Return probabilities; see ``Shapes`` and ``zoo.ops.dense_crf``.

        Args:
            probs: ``(C, H, W)``, summing to 1 over ``C``.
            image: ``(H, W, 3)`` uint8 RGB, 0..255.
        """
        return dense_crf(probs, image, **self.options)

    def extra_repr(self) -> str:
        """Show the numbers that a preset stands for."""
        items = [f'{name}={value!r}' for name, value in self.options.items()]
        lines = items[:3], items[3:5], items[5:8], items[8:]
        return '\n'.join(', '.join(line) for line in lines)


def resolve_kernels(
    preset: str | None, **given: float | None
) -> dict[str, float]:
    """Return the kernel parameters: those given, else those of the preset.

    Args:
        preset: A key of ``PRESETS``, a file ``*.json``, or ``None``.
        **given: All kernel parameters of ``DenseCRF``; ``None`` if not given.

    Raises:
        ValueError: If the preset is unknown or has no say, or a parameter is
            left open.
        UserError: If its file cannot be read.
    """
    if preset is None:
        fallback = {'gaussian_weight': 3.0, 'gaussian_xy_std': 3.0}
    elif preset in PRESETS:
        fallback = {name: getattr(PRESETS[preset], name) for name in given}
    elif preset.endswith('.json'):
        fallback = read_preset(preset)
    else:
        raise ValueError(
            f'preset must be one of {", ".join(PRESETS)}, got {preset!r}; '
            'or a file *.json of tools/tune_crf.py'
        )
    bilateral = [name for name in given if name.startswith('bilateral_')]
    if preset is not None and all(given[n] is not None for n in bilateral):
        raise ValueError(
            f'preset {preset!r} has no say beside {", ".join(bilateral)}: '
            'leave out the one or the others'
        )
    kernels = {
        name: fallback.get(name) if value is None else value
        for name, value in given.items()
    }
    missing = [name for name, value in kernels.items() if value is None]
    if missing:
        raise ValueError(f'without a preset, set {", ".join(missing)}')
    return {k: v for k, v in kernels.items() if v is not None}
