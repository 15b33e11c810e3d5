"""Classes that are left alone, against mean field that treats all.

On the scenes below pruning was measured to move a probability by at most
5e-4 and 6e-6 on average; the limits are 2e-3 and 3e-5.
"""

import numpy as np
import pytest

from zoo.ops import dense_crf_lattice
from zoo.ops.dense_crf import dense_crf
from zoo.ops.dense_crf_pruning import contenders

KERNELS = {
    'bilateral_weight': 4,
    'bilateral_xy_std': 20,
    'bilateral_rgb_std': 8,
}


def scene(seed, weak, height=30, width=40, classes=12):
    """A few strong classes, and many of at most ``weak``."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (3, 4, 3)).repeat(10, 0).repeat(10, 1)
    image = image + rng.integers(-9, 10, (height, width, 3))
    strong = rng.dirichlet(np.ones(3), (height, width)).transpose(2, 0, 1)
    rest = rng.uniform(0, weak, (classes - 3, height, width))
    probs = np.concatenate([strong * (1 - rest.sum(0)), rest])
    return probs, image.clip(0, 255).astype(np.uint8)


def kept(monkeypatch, probs, image, **options):
    """Return the classes that a run goes on with, and its result."""
    seen = []

    def spy(*args, **settings):
        seen.append(contenders(*args, **settings))
        return seen[-1]

    monkeypatch.setattr(dense_crf_lattice, 'contenders', spy)
    result = dense_crf(probs, image, backend='lattice', **KERNELS, **options)
    return seen[0].tolist(), result


@pytest.mark.parametrize('normalization', ['after', 'symmetric', 'before'])
@pytest.mark.parametrize('seed', [0, 1])
def test_classes_that_fall_would_not_have_won(
    seed, normalization, monkeypatch
):
    probs, image = scene(seed, weak=0.01)
    options = {'normalization': normalization}
    classes, found = kept(monkeypatch, probs, image, **options)
    assert {0, 1, 2} <= set(classes) < set(range(12))
    expected = dense_crf(
        probs, image, backend='lattice', prune=False, **KERNELS, **options
    )
    assert set(np.unique(expected.argmax(0))) <= set(classes)
    assert (found.argmax(0) == expected.argmax(0)).mean() >= 0.999
    assert abs(found - expected).max() < 2e-3
    assert abs(found - expected).mean() < 3e-5
    np.testing.assert_allclose(found.sum(0), 1, atol=1e-5)


def test_sums_without_normalisation_may_do_anything(monkeypatch):
    probs, image = scene(0, weak=0.01)
    classes, _ = kept(monkeypatch, probs, image, normalization='none')
    assert classes == list(range(12))


def test_nothing_falls_if_switched_off(monkeypatch):
    monkeypatch.setattr(dense_crf_lattice, 'contenders', None)
    probs, image = scene(0, weak=0.01)
    dense_crf(probs, image, backend='lattice', prune=False, **KERNELS)


def test_a_class_without_messages_keeps_its_odds_to_itself(monkeypatch):
    """All messages 0 but those that classes 0 to 2 send one another."""
    probs, image = scene(0, weak=0.01)
    options = {'iterations': 1, 'gaussian_weight': 0}
    classes, found = kept(monkeypatch, probs, image, **options)
    left = np.setdiff1d(np.arange(12), classes)
    ratios = found[left] / probs[left]
    np.testing.assert_allclose(
        ratios, ratios[:1].repeat(len(left), 0), rtol=1e-4
    )


def exact_mean_field(probs, matrix, iterations):
    """Yield the beliefs ``(C, P)`` of each iteration, and their messages."""
    q = probs
    for _ in range(iterations):
        message = q @ matrix.T
        q = probs * np.exp(message)
        q = q / q.sum(0)
        yield q, message


@pytest.mark.parametrize('seed', range(20))
def test_the_bound_holds_for_any_kernel(seed):
    """Rows of the matrix are messages of any shape, the reach their sum."""
    rng = np.random.default_rng(seed)
    matrix = rng.exponential(size=(40, 40)) ** rng.uniform(1, 8)
    reach = rng.uniform(1, 10)
    matrix *= reach / matrix.sum(1).max()
    probs = rng.dirichlet(np.exp(rng.normal(-2, 2, 15)), 40).T + 1e-10
    probs /= probs.sum(0)
    iterations = int(rng.integers(1, 8))
    classes = contenders(
        probs.max(1),
        (probs / probs.max(0)).max(1),
        reach=reach,
        iterations=iterations,
    )
    for q, _ in exact_mean_field(probs, matrix, iterations):
        assert set(q.argmax(0)) <= set(classes.tolist())


@pytest.mark.parametrize('iterations', [1, 2, 3, 10])
def test_the_bound_is_reached(iterations):
    """All pixels alike, told of the weak class alone: the worst there is."""
    weak, reach = 0.01, 20.0
    probs = np.array([1 - weak, weak])
    q = probs
    for _ in range(iterations - 1):
        q = probs * np.exp(reach * q * [0, 1])
        q = q / q.sum()
    last = reach * q[1]  # what its pixels are told in the last update
    for factor, falls in ((1.001, True), (0.999, False)):
        ratios = np.array([1, np.exp(-last * factor)])
        found = contenders(probs, ratios, reach=reach, iterations=iterations)
        assert (found.tolist() == [0]) is falls


@pytest.mark.parametrize(('weak', 'kept'), [(0.0998, False), (0.1002, True)])
def test_a_class_that_is_believed_somewhere_stays(weak, kept):
    """Though it cannot win: messages are of next to nothing here."""
    peaks, ratios = np.array([1 - weak, weak]), np.array([1, weak])
    found = contenders(peaks, ratios, reach=1e-3, iterations=3)
    assert (1 in found) is kept


@pytest.mark.parametrize(('reach', 'kept'), [(10.0, False), (20.0, True)])
def test_what_it_may_be_told_counts_as_belief(reach, kept):
    """By hand: 0.05 becomes at most 0.080 or 0.125 in one update."""
    peaks, ratios = np.array([0.95, 0.05]), np.array([1, 0.05 / 0.95])
    found = contenders(peaks, ratios, reach=reach, iterations=1)
    assert (1 in found) is kept


@pytest.mark.parametrize(
    ('normalization', 'low', 'high'),
    [('after', 6.999, 7.001), ('symmetric', 7.1, 14)],
)
def test_the_bound_is_told_what_the_image_holds(
    normalization, low, high, monkeypatch
):
    """The reach is the sum of weights, of ``'symmetric'`` more than that."""
    told = []

    def spy(peaks, ratios, **settings):
        told.append((peaks, ratios, settings))
        return np.arange(len(peaks))

    monkeypatch.setattr(dense_crf_lattice, 'contenders', spy)
    probs, image = scene(0, weak=0.05)
    dense_crf(
        probs,
        image,
        backend='lattice',
        iterations=4,
        normalization=normalization,
        **KERNELS,
    )
    peaks, ratios, settings = told[0]
    np.testing.assert_allclose(peaks, probs.max((1, 2)), rtol=1e-5)
    expected = (probs / probs.max(0)).max((1, 2))
    np.testing.assert_allclose(ratios, expected, rtol=1e-5)
    assert settings['iterations'] == 4
    assert low < settings['reach'] < high


def test_the_best_class_always_stays():
    found = contenders(np.ones(1), np.ones(1), reach=0.0, iterations=1)
    assert found.tolist() == [0]
