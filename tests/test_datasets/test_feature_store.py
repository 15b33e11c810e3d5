"""One file per photograph, whole or not there."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from zoo.datasets.feature_store import FeatureStore
from zoo.errors import UserError

WRITER = """
import sys
import numpy as np
from zoo.datasets.feature_store import FeatureStore
rows = np.arange(40000).reshape(400, 100) % 1000 / 8
rows[:, 90:] = rows[0, 90:]
store = FeatureStore(sys.argv[1], columns=100, shared=10)
for _ in range(60):
    store.put('aabb', rows)
"""


def photograph(size=(6, 8)):
    return np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)


def rows_of(count=5, own=4, shared=3):
    """Return rows whose last columns are alike, in half precision."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(count, own + shared)).astype(np.float16)
    rows[:, own:] = rows[0, own:]
    return rows


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / 'rows', columns=7, shared=3)


def test_what_was_put_comes_back(store):
    rows = rows_of()
    assert not store.has('ab12')
    assert store.get('ab12') is None
    store.put('ab12', rows)
    assert store.has('ab12')
    found = store.get('ab12')
    assert found.dtype == np.float16
    np.testing.assert_array_equal(found, rows)
    assert store.path('ab12') == store.folder / 'ab/ab12.npy'


def test_shared_columns_are_kept_once(store):
    store.put('ab12', rows_of(count=50))
    assert len(np.load(store.path('ab12'))) == 50 * 4 + 3
    own, shared = store.open('ab12')
    assert (own.shape, shared.shape) == ((50, 4), (3,))


def test_no_column_need_be_shared(tmp_path):
    store = FeatureStore(tmp_path, columns=7, shared=0)
    rows = rows_of(own=7, shared=0)
    store.put('ab12', rows)
    np.testing.assert_array_equal(store.get('ab12'), rows)


def test_a_photograph_is_known_by_its_pixels(store):
    photo = photograph()
    store.put(store.key(photo), rows_of())
    assert store.of_photo(photo.copy()) is not None
    other = photo.copy()
    other[5, 7, 2] ^= 1
    assert store.of_photo(other) is None
    assert store.of_photo(photo.reshape(8, 6, 3)) is None
    mirrored = store.of_photo(photo[:, ::-1])
    assert mirrored is None


def test_a_key_does_not_depend_on_how_pixels_lie_in_memory():
    photo = photograph()
    strided = np.asfortranarray(photo)
    assert FeatureStore.key(strided) == FeatureStore.key(photo)


def test_a_file_half_written_is_never_there(store, monkeypatch):
    plain = Path.write_bytes

    def torn(self, content):
        plain(self, b'half')
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, 'write_bytes', torn)
    with pytest.raises(UserError, match=r'ab12\.npy: .*No space left'):
        store.put('ab12', rows_of())
    assert not store.has('ab12')
    assert not [p for p in store.folder.rglob('*') if p.is_file()]


def test_a_failed_write_leaves_what_was_there(store, monkeypatch):
    rows = rows_of()
    store.put('ab12', rows)
    monkeypatch.setattr(np, 'save', lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.put('ab12', rows + 1)
    np.testing.assert_array_equal(store.get('ab12'), rows)


def test_two_writers_at_once_leave_a_whole_file(tmp_path):
    """And a reader sees no other one meanwhile."""
    store = FeatureStore(tmp_path, columns=100, shared=10)
    command = [sys.executable, '-c', WRITER, str(tmp_path)]
    writers = [subprocess.Popen(command) for _ in range(2)]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if (rows := store.get('aabb')) is not None:
            seen.add((rows.shape, float(rows.astype(np.float64).sum())))
        time.sleep(0.001)
    assert [writer.returncode for writer in writers] == [0, 0]
    expected = np.arange(40000).reshape(400, 100) % 1000 / 8
    expected[:, 90:] = expected[0, 90:]
    assert seen <= {((400, 100), expected.sum())}
    np.testing.assert_array_equal(store.get('aabb'), expected)
    assert [p.name for p in (tmp_path / 'aa').iterdir()] == ['aabb.npy']
