"""Dense CRF on Kraehenbuehl's C++ code, through the package pydensecrf."""

from types import ModuleType

import numpy as np

from zoo.errors import UserError


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
) -> np.ndarray:
    """Return ``(C, H, W)`` float32 marginals.

    A weight of 0 skips its kernel, and with it the time for its lattice.

    Source: Kraehenbuehl and Koltun, NIPS 2011, Alg. 1 (permutohedral
        lattice); the package is their ICML 2013 revision of the code.

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

    Raises:
        UserError: If pydensecrf is not installed.
    """
    library = _library()
    classes, height, width = energies.shape
    scaling = {
        'after': library.NORMALIZE_AFTER,
        'symmetric': library.NORMALIZE_SYMMETRIC,
        'before': library.NORMALIZE_BEFORE,
        'none': library.NO_NORMALIZATION,
    }[normalization]
    # Width comes first here, while the arrays are row-major (height, width).
    # Swapped, the Gaussian kernel takes rows for as long as columns are, and
    # nothing complains: the number of pixels is the same.
    crf = library.DenseCRF2D(width, height, classes)
    # The library reads raw memory: C order, float32, writable even though it
    # only reads. A transposed view or a read-only array would be refused.
    crf.setUnaryEnergy(
        np.array(energies.reshape(classes, -1), np.float32, order='C')
    )
    if gaussian_weight > 0:
        crf.addPairwiseGaussian(
            sxy=float(gaussian_xy_std),
            compat=float(gaussian_weight),
            normalization=scaling,
        )
    if bilateral_weight > 0:
        crf.addPairwiseBilateral(
            sxy=float(bilateral_xy_std),
            srgb=float(bilateral_rgb_std),
            rgbim=np.array(image, order='C'),
            compat=float(bilateral_weight),
            normalization=scaling,
        )
    marginals = np.array(crf.inference(int(iterations)), np.float32)
    return marginals.reshape(classes, height, width)


def _library() -> ModuleType:
    """Import late: whoever uses no CRF needs no C++ compiler."""
    try:
        import pydensecrf.densecrf
    except ImportError as error:
        raise UserError(
            'pydensecrf: not installed. Run `pip install pydensecrf2`; it is '
            'built from source and needs a C++ compiler.'
        ) from error
    return pydensecrf.densecrf
