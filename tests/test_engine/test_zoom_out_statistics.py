"""Mean and deviation of columns against all rows at once."""

import numpy as np
import pytest

from zoo.datasets.feature_store import FeatureStore
from zoo.engine.zoom_out.statistics import column_statistics

COUNTS = (5, 1, 40, 12)
KEYS = [f'{n:02d}image' for n in range(len(COUNTS))]


@pytest.fixture
def made(tmp_path):
    """Write images of 3 own and 2 shared columns; return store and rows."""
    store = FeatureStore(tmp_path, columns=5, shared=2)
    rng, rows = np.random.default_rng(0), []
    for key, count in zip(KEYS, COUNTS, strict=True):
        some = rng.normal(3, [1, 100, 0.01, 2, 2], (count, 5))
        some[:, 3:] = some[0, 3:]
        some = some.astype(np.float16)
        store.put(key, some)
        rows.append(some.astype(np.float64))
    return store, rows


def test_statistics_are_those_of_all_rows(made):
    """An image counts as often as it has superpixels."""
    store, rows = made
    mean, deviation = column_statistics(store, KEYS, images=99, seed=0)
    together = np.concatenate(rows)
    np.testing.assert_allclose(mean, together.mean(0), rtol=1e-5)
    np.testing.assert_allclose(deviation, together.std(0), rtol=1e-5)
    assert mean.dtype == deviation.dtype == np.float32


def test_so_many_images_are_read_and_the_seed_says_which(made):
    store, rows = made
    means = {
        round(float(column_statistics(store, KEYS, images=1, seed=s)[0][0]), 4)
        for s in range(20)
    }
    assert means == {round(float(some[:, 0].mean()), 4) for some in rows}
    again = [
        column_statistics(store, KEYS, images=2, seed=3)[0] for _ in range(2)
    ]
    np.testing.assert_array_equal(*again)


def test_an_image_that_is_there_twice_counts_twice(made):
    store, rows = made
    keys = [KEYS[0], KEYS[0], KEYS[2]]
    mean, _ = column_statistics(store, keys, images=3, seed=0)
    together = np.concatenate([rows[0], rows[0], rows[2]])
    np.testing.assert_allclose(mean, together.mean(0), rtol=1e-5)


@pytest.mark.parametrize('value', [0.0, 1.0, 0.1, -977.5])
def test_a_column_that_is_the_same_everywhere_has_deviation_1(tmp_path, value):
    store = FeatureStore(tmp_path, columns=2, shared=0)
    rows = np.full((1000, 2), value, np.float16)
    rows[:, 1] = np.arange(1000) % 2
    store.put('ab', rows)
    mean, deviation = column_statistics(store, ['ab'], images=1, seed=0)
    assert mean[0] == rows[0, 0]
    np.testing.assert_allclose(deviation, [1, 0.5])
