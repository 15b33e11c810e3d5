"""The registered CRF: presets, overrides, and the function beneath."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmseg.registry import MODELS

import zoo.models  # noqa: F401  registers
from zoo.models.post_processors.dense_crf import DenseCRF
from zoo.models.post_processors.dense_crf_presets import PRESETS
from zoo.ops.dense_crf import dense_crf

DOCS = Path(__file__).parents[2] / 'docs' / 'dense_crf.md'
EXPLICIT = {
    'bilateral_weight': 5,
    'bilateral_xy_std': 8,
    'bilateral_rgb_std': 10,
}


@pytest.fixture
def scene():
    rng = np.random.default_rng(0)
    probs = torch.from_numpy(rng.dirichlet([1, 1], (5, 7))).permute(2, 0, 1)
    return probs, torch.from_numpy(rng.integers(0, 256, (5, 7, 3), np.uint8))


@pytest.mark.parametrize('as_array', [False, True])
def test_passes_every_option_on(scene, as_array):
    probs, image = scene
    options = {
        **EXPLICIT,
        'gaussian_weight': 2,
        'gaussian_xy_std': 1,
        'iterations': 2,
        'normalization': 'symmetric',
    }
    module = MODELS.build({'type': 'DenseCRF', **options})
    found = module(probs, image.numpy() if as_array else image)
    assert torch.equal(found, dense_crf(probs, image, **options))


def test_large_fov_preset_holds_the_published_numbers(scene):
    module = DenseCRF(preset='DeepLab-LargeFOV')
    expected = dense_crf(
        *scene, bilateral_weight=4, bilateral_xy_std=121, bilateral_rgb_std=5
    )
    assert torch.equal(module(*scene), expected)


@pytest.mark.parametrize('name', PRESETS)
def test_every_preset_is_complete_and_documented(name):
    row = PRESETS[name]
    options = DenseCRF(preset=name).options
    assert options['normalization'] == 'after'
    numbers = [
        row.bilateral_weight,
        row.bilateral_xy_std,
        row.bilateral_rgb_std,
        row.gaussian_weight,
        row.gaussian_xy_std,
    ]
    assert list(options.values())[:5] == numbers
    cells = ' | '.join(f'{number:g}' for number in numbers)
    assert f'| `{name}` | {cells} | {row.source} |' in DOCS.read_text()


def test_an_argument_overrides_its_preset_alone():
    plain = DenseCRF(preset='DeepLab').options
    changed = DenseCRF(preset='DeepLab', gaussian_weight=0).options
    assert plain['gaussian_weight'] == 3
    assert changed == plain | {'gaussian_weight': 0}


def test_without_a_preset_the_gaussian_kernel_is_the_papers():
    options = DenseCRF(**EXPLICIT).options
    assert options['gaussian_weight'] == options['gaussian_xy_std'] == 3


def test_repr_shows_the_resolved_numbers():
    text = repr(DenseCRF(preset='DeepLab-v2-ResNet-101', iterations=7))
    for part in ('bilateral_xy_std=67', 'gaussian_xy_std=1', 'iterations=7'):
        assert part in text


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'preset': 'deeplab'}, "one of DeepLab, .*, got 'deeplab'"),
        ({}, 'set bilateral_weight, bilateral_xy_std, bilateral_rgb_std$'),
        ({'bilateral_weight': 1, 'bilateral_xy_std': 1}, 'bilateral_rgb_std$'),
        (
            {'preset': 'DeepLab', **EXPLICIT},
            "'DeepLab' has no say beside bilateral_weight",
        ),
        (EXPLICIT | {'bilateral_weight': 1e39}, 'bilateral_weight must be'),
        ({'preset': 'DeepLab', 'gaussian_xy_std': 0}, 'gaussian_xy_std must'),
        ({'preset': 'DeepLab', 'iterations': -1}, 'iterations must .* -1'),
        ({'preset': 'DeepLab', 'normalization': 'x'}, 'normalization must'),
        ({'preset': 'DeepLab', 'backend': 'x'}, 'backend must be one of'),
    ],
)
def test_refuses_at_construction(wrong, message):
    with pytest.raises(ValueError, match=message):
        DenseCRF(**wrong)
