"""A leaf without data, photographs of 20 x 16 pixels, noisy probabilities."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

LEAF = """# A chain and nothing else.
custom_imports = dict(imports=['zoo.models'], allow_failed_imports=False)
model = dict(
    type='PostProcessedEncoderDecoder',
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=4.0,
            bilateral_xy_std=6.0,
            bilateral_rgb_std=10.0,
            gaussian_weight=0.5,
            iterations=3,
        )
    ],
)
"""
CRF = {
    'bilateral_weight': 4.0,
    'bilateral_xy_std': 6.0,
    'bilateral_rgb_std': 10.0,
    'gaussian_weight': 0.5,
    'iterations': 3,
}
NAMES = ('a', 'b', 'c', 'd')
SIZE = (16, 20)


def scene(rng):
    """Return 16 x 20 labels of three classes, some void, and their photo."""
    labels = np.zeros(SIZE, np.uint8)
    labels[:, rng.integers(6, 14) :] = 1
    top, left = rng.integers(1, 8, 2)
    labels[top : top + 6, left : left + 7] = 2
    colours = np.array([[60, 80, 70], [120, 70, 60], [90, 130, 160]])
    noise = rng.normal(0, 6, (*SIZE, 3))
    photo = (colours[labels] + noise).clip(0, 255).astype(np.uint8)
    labels[0] = 255
    return labels, photo


def noisy_probs(rng, labels):
    """Return probabilities (3, 16, 20) that are right more often than not."""
    truth = np.where(labels == 255, 0, labels)
    scores = rng.normal(0, 1.2, (3, *SIZE))
    scores += 1.5 * (np.arange(3)[:, None, None] == truth)
    exp = np.exp(scores)
    return exp / exp.sum(0)


@pytest.fixture
def place(tmp_path):
    """Folders of photographs, labels, probabilities, and a leaf."""
    found = SimpleNamespace(root=tmp_path, out=tmp_path / 'out')
    for name in ('photos', 'labels', 'probs'):
        (tmp_path / name).mkdir()
        setattr(found, name, tmp_path / name)
    found.leaf = tmp_path / 'm' / 'crf_own.py'
    found.leaf.parent.mkdir()
    found.leaf.write_text(LEAF)
    rng = np.random.default_rng(0)
    for name in NAMES:
        labels, photo = scene(rng)
        Image.fromarray(photo).save(found.photos / f'{name}.png')
        Image.fromarray(labels).save(found.labels / f'{name}.png')
        probs = noisy_probs(rng, labels).astype(np.float16)
        np.save(found.probs / f'{name}.npy', probs)
    return found


def arrays(place, name):
    """Return float32 probabilities, photograph and labels of an image."""
    probs = np.load(place.probs / f'{name}.npy').astype(np.float32)
    photo = np.asarray(Image.open(place.photos / f'{name}.png'))
    labels = np.asarray(Image.open(place.labels / f'{name}.png'))
    return probs / probs.sum(0), photo, labels


def mean_iou(pairs):
    """Return the mean IoU, per cent, by sets of pixels."""
    ious = []
    for k in range(3):
        both = either = 0
        for found, labels in pairs:
            seen = labels != 255
            both += (seen & (found == k) & (labels == k)).sum()
            either += (seen & ((found == k) | (labels == k))).sum()
        if either:
            ious.append(both / either)
    return 100 * sum(ious) / len(ious)


@pytest.fixture
def by_hand():
    """The functions above, for tests that cannot import this file."""
    return SimpleNamespace(
        arrays=arrays, mean_iou=mean_iou, names=NAMES, crf=CRF
    )
