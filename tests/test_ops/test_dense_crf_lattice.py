"""The zoo's lattice inside the dense CRF, against pydensecrf's.

Both build one lattice, so that only rounding parts them: on these scenes
probabilities were measured to differ by at most 1e-6. The limit is 1e-5.
pydensecrf fills up to a multiple of four pixels with black ones in the
corner; scenes here have such a number.
"""

import numpy as np
import pytest
import torch

from zoo.models.post_processors.dense_crf_presets import PRESETS
from zoo.ops import dense_crf_backends
from zoo.ops.dense_crf import dense_crf

NORMALIZATIONS = ['after', 'symmetric', 'before', 'none']
KERNELS = {
    'bilateral_weight': 4,
    'bilateral_xy_std': 20,
    'bilateral_rgb_std': 8,
}


def scene(seed=0, classes=5, height=48, width=60):
    """Coloured regions, texture, and probabilities that err in patches."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    region = (x > 0.6 * width).astype(int) + 2 * (y > 0.5 * height + x / 8)
    colours = rng.integers(0, 256, (4, 3))[region]
    image = colours + rng.normal(0, 6, (height, width, 3))
    coarse = rng.normal(0, 2, (classes, height // 6 + 1, width // 6 + 1))
    scores = coarse.repeat(6, 1).repeat(6, 2)[:, :height, :width]
    scores = scores + 2 * (
        region % classes == np.arange(classes)[:, None, None]
    )
    probs = np.exp(scores)
    return probs / probs.sum(0), image.clip(0, 255).astype(np.uint8)


def compared(probs, image, **options):
    return (
        dense_crf(probs, image, backend='lattice', **options),
        dense_crf(probs, image, backend='pydensecrf', **options),
    )


@pytest.mark.parametrize('normalization', NORMALIZATIONS)
@pytest.mark.parametrize('preset', ['DeepLab', 'DeepLab-v2-ResNet-101'])
def test_equals_pydensecrf(preset, normalization):
    chosen = PRESETS[preset]
    options = {name: getattr(chosen, name) for name in KERNELS} | {
        'gaussian_weight': chosen.gaussian_weight,
        'gaussian_xy_std': chosen.gaussian_xy_std,
    }
    if normalization == 'none':  # sums over hundreds of pixels
        options['bilateral_weight'] /= 500
        options['gaussian_weight'] /= 20
    for seed in range(2):
        found, expected = compared(
            *scene(seed), normalization=normalization, **options
        )
        assert (found.argmax(0) == expected.argmax(0)).mean() >= 0.9995
        assert abs(found - expected).max() < 1e-5
        assert abs(found - scene(seed)[0]).max() > 0.1


@pytest.mark.parametrize(
    'options',
    [
        {'gaussian_weight': 0},
        {'bilateral_weight': 0},
        {'gaussian_weight': 0, 'bilateral_weight': 0},
        {'iterations': 0},
        {'iterations': 1},
        {'bilateral_xy_std': 1e5, 'bilateral_rgb_std': 1e5},
        {'gaussian_xy_std': 1e5},
        {'gaussian_xy_std': 0.3, 'bilateral_rgb_std': 0.3},
    ],
)
def test_equals_pydensecrf_at_the_ends_of_its_options(options):
    found, expected = compared(*scene(), **KERNELS | options)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    'shape', [(1, 4, 5), (3, 1, 8), (3, 8, 1), (9, 2, 2), (17, 12, 16)]
)
def test_equals_pydensecrf_on_odd_shapes(shape):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(shape[0]), shape[1:]).transpose(2, 0, 1)
    image = rng.integers(0, 256, (*shape[1:], 3), np.uint8)
    found, expected = compared(probs, image, prune=False, **KERNELS)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_equals_pydensecrf_on_one_colour():
    probs, image = scene()
    found, expected = compared(probs, 0 * image, **KERNELS)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_one_pixel_tells_only_itself():
    probs, image = np.array([0.7, 0.3]), np.zeros((1, 1, 3), np.uint8)
    found = dense_crf(
        probs[:, None, None],
        image,
        backend='lattice',
        iterations=1,
        **KERNELS,
    )
    expected = probs * np.exp(7 * probs)
    np.testing.assert_allclose(found[:, 0, 0], expected / expected.sum())


@pytest.mark.parametrize('std', [1e-9, 1e-3, 0.02])
def test_pixels_of_tiny_stds_are_alone(std):
    """Then a message is one's own belief, times the weights."""
    probs, image = scene()
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, image.shape, np.uint8)
    options = {
        'bilateral_weight': 1,
        'bilateral_xy_std': std,
        'bilateral_rgb_std': std,
        'gaussian_xy_std': std,
        'gaussian_weight': 1,
        'iterations': 1,
    }
    found = dense_crf(probs, image, backend='lattice', **options)
    expected = probs * np.exp(2 * probs)
    np.testing.assert_allclose(found, expected / expected.sum(0), atol=1e-5)


@pytest.mark.parametrize('threads', [1, 2, 5])
def test_threads_change_nothing(threads):
    probs, image = scene()
    expected = dense_crf(probs, image, backend='lattice', **KERNELS)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = dense_crf(probs, image, backend='lattice', **KERNELS)
    finally:
        torch.set_num_threads(before)
    # torch's logarithm may differ by a rounding
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize('backend', ['pydensecrf', 'lattice', 'torch'])
def test_images_of_a_batch_do_not_meet(backend, monkeypatch):
    if backend == 'torch':
        backend = 'lattice'
        monkeypatch.setattr(dense_crf_backends, 'has_numba', lambda: False)
    probs, images = zip(*(scene(seed) for seed in range(3)), strict=True)
    tensors = torch.from_numpy(np.stack(probs)), np.stack(images)
    found = dense_crf(*tensors, backend=backend, **KERNELS)
    assert found.shape == tensors[0].shape
    for index in range(3):
        alone = dense_crf(
            probs[index], images[index], backend=backend, **KERNELS
        )
        np.testing.assert_allclose(found[index], alone, atol=1e-5)


@pytest.mark.parametrize('normalization', NORMALIZATIONS)
def test_without_numba_torch_finds_the_same(normalization, monkeypatch):
    probs, image = scene()
    options = KERNELS | {'normalization': normalization, 'backend': 'lattice'}
    if normalization == 'none':
        options |= {'bilateral_weight': 0.01, 'gaussian_weight': 0.05}
    expected = dense_crf(probs, image, prune=False, **options)
    monkeypatch.setattr(dense_crf_backends, 'has_numba', lambda: False)
    found = dense_crf(probs, image, **options)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ('probs', 'image'),
    [((2, 3, 4, 5), (3, 4, 5, 3)), ((2, 3, 4, 5), (4, 5, 3))],
)
def test_refuses_batches_that_do_not_fit(probs, image):
    with pytest.raises(ValueError, match=r'must be \(C, H, W\).*got probs'):
        dense_crf(np.ones(probs), np.zeros(image, np.uint8), **KERNELS)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
@pytest.mark.parametrize('normalization', NORMALIZATIONS)
def test_on_cuda_it_is_pydensecrf(normalization):
    """Two images at once, the photographs still in memory as arrays."""
    scenes = [scene(0), scene(1)]
    probs = torch.from_numpy(np.stack([p for p, _ in scenes])).cuda()
    images = np.stack([image for _, image in scenes])
    options = KERNELS | {'normalization': normalization}
    if normalization == 'none':
        options |= {'bilateral_weight': 0.01, 'gaussian_weight': 0.1}
    found = dense_crf(probs, images, backend='lattice', **options)
    assert found.is_cuda
    expected = dense_crf(
        probs.cpu().numpy(), images, backend='pydensecrf', **options
    )
    np.testing.assert_allclose(found.cpu().numpy(), expected, atol=1e-4)
