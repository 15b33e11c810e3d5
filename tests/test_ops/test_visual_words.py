"""k-means on clusters that are apart, and nearest words by loops."""

import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from zoo.ops.visual_words import CHUNK, fit_words, nearest


def test_nearest_by_loops():
    """Over more than one chunk, whole or not."""
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(2 * CHUNK + 5, 6)).astype(np.float32)
    words = rng.normal(size=(9, 6)).astype(np.float32)
    found = nearest(samples, words)
    for index in (*range(40), *range(CHUNK - 20, len(samples), 7)):
        distances = [np.linalg.norm(samples[index] - word) for word in words]
        assert found[index] == np.argmin(distances)
    assert found.dtype == np.int64
    assert len(found) == len(samples)


def test_the_length_of_a_word_counts():
    """A long word is not near for its direction alone."""
    words = np.array([[100.0, 0], [0, 0.5]])
    assert nearest(np.array([[2.0, 0], [60, 0]]), words).tolist() == [1, 0]


def test_of_equals_the_first():
    words = np.array([[1.0, 0], [-1, 0], [-1, 0]])
    assert nearest(np.array([[0.0, 3], [-2, 0]]), words).tolist() == [0, 1]


def test_no_samples_no_words():
    assert nearest(np.zeros((0, 4)), np.ones((3, 4))).shape == (0,)


@pytest.mark.parametrize(('first', 'second'), [((5, 4), (3, 2)), ((5,), (5,))])
def test_refuses_other_lengths(first, second):
    with pytest.raises(ValueError, match=r'must be \(N, D\) and \(K, D\)'):
        nearest(np.zeros(first), np.zeros(second))


def clusters():
    """Return 4 clusters of 50, and their means."""
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [9, 0], [0, 9], [9, 9]])
    groups = centres[:, None] + rng.normal(0, 0.3, (4, 50, 2))
    return groups.reshape(-1, 2), groups.mean(1)


def test_finds_the_means_of_clusters():
    samples, means = clusters()
    words = fit_words(samples, count=4, seed=0)
    assert words.dtype == np.float32
    order = nearest(means, words)
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(words[order], means, rtol=1e-5, atol=1e-5)


def test_a_seed_gives_one_dictionary_whatever_the_threads():
    samples = np.random.default_rng(0).normal(size=(3000, 8))

    def fitted(threads, seed):
        with threadpool_limits(threads):
            return fit_words(samples, count=20, seed=seed)

    np.testing.assert_array_equal(fitted(1, 5), fitted(2, 5))
    assert (fitted(1, 5) != fitted(1, 6)).any()


def test_as_many_words_as_samples():
    samples = np.array([[3.0], [1.0], [2.0]])
    assert sorted(fit_words(samples, count=3, seed=0).ravel()) == [1, 2, 3]


@pytest.mark.parametrize(
    ('samples', 'count', 'message'),
    [
        (np.zeros((3, 2)), 4, 'from 1 to the 3 samples, got 4'),
        (np.zeros((3, 2)), 0, 'from 1 to the 3 samples, got 0'),
        (np.zeros((3, 2)), 2, 'hold 2 distinct rows for 2 words'),
        (np.zeros(3), 1, r'must be \(N, D\), got \(3,\)'),
    ],
)
def test_refuses(samples, count, message):
    with pytest.raises(ValueError, match=message):
        fit_words(samples, count=count, seed=0)


def test_equal_samples_are_refused_where_warnings_are_not_shown():
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        with pytest.raises(ValueError, match='hold 2 distinct rows'):
            fit_words(np.ones((5, 3)), count=2, seed=0)
