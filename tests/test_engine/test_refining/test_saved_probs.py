"""Probabilities in files: ours, and those of other frameworks."""

import numpy as np
import pytest

from zoo.engine.refining.saved_probs import (
    find_probs,
    read_probs,
    unrounded,
    write_probs,
)
from zoo.errors import UserError

PROBS = np.array([[[0.25, 0.5]], [[0.75, 0.5]]])  # (2, 1, 2)


@pytest.mark.parametrize('kind', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('suffix', ['.npy', '.npz'])
def test_reads_what_other_frameworks_save(tmp_path, kind, suffix):
    path = tmp_path / f'a{suffix}'
    save = np.save if suffix == '.npy' else np.savez_compressed
    save(path, PROBS.astype(kind))
    found, _ = read_probs(path)
    assert found.dtype == kind
    assert (found == PROBS).all()
    assert unrounded(found).dtype == np.float32


def test_written_and_read_again_in_16_bits(tmp_path):
    write_probs(tmp_path / 'new' / 'a.npy', PROBS)
    found, _ = read_probs(tmp_path / 'new' / 'a.npy')
    assert found.dtype == np.float16
    assert (found == PROBS).all()


def test_the_digest_follows_the_content(tmp_path):
    for name, values in (('a', PROBS), ('b', PROBS), ('c', PROBS[::-1])):
        write_probs(tmp_path / f'{name}.npy', values)
    a, b, c = (read_probs(tmp_path / f'{n}.npy')[1] for n in 'abc')
    assert a == b != c


def test_what_rounding_took_is_given_back():
    third = np.full((3, 1, 1), 1 / 3, np.float16)
    assert third.astype(np.float32).sum() < 0.9998
    assert unrounded(third).sum() == pytest.approx(1, abs=1e-6)


def test_sums_that_rounding_cannot_explain_stay_wrong():
    logits = np.array([[[2.0]], [[1.0]]], np.float16)
    assert (unrounded(logits) == logits).all()
    near = np.full((2, 1, 1), 0.495)  # 64 bits: not rounding
    assert unrounded(near).sum() == pytest.approx(0.99)


@pytest.mark.parametrize(
    ('array', 'message'),
    [
        (np.zeros((2, 3, 4), np.uint8), 'holds uint8, not probabilities'),
        (np.zeros((3, 4)), r'shape \(3, 4\), not \(C, H, W\)'),
        (np.zeros((1, 2, 3, 4)), r'shape \(1, 2, 3, 4\)'),
        (np.zeros((0, 3, 4)), r'shape \(0, 3, 4\)'),
        (np.full((2, 3, 4), np.nan), 'NaN or infinity'),
        (np.full((2, 3, 4), np.inf), 'NaN or infinity'),
        (np.array([{'a': 1}]), 'cut short, or no file of numpy'),  # pickled
    ],
)
def test_refuses_what_is_no_map_of_probabilities(tmp_path, array, message):
    np.save(tmp_path / 'a.npy', array)
    with pytest.raises(UserError, match=f'a.npy: .*{message}.*Save it again'):
        read_probs(tmp_path / 'a.npy')


@pytest.mark.parametrize('name', ['a.npy', 'a.npz'])
@pytest.mark.parametrize('size', [0, 3, 90, 150])
def test_refuses_a_file_that_is_cut_short(tmp_path, name, size):
    path = tmp_path / name
    np.savez(path, PROBS) if name == 'a.npz' else np.save(path, PROBS)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UserError, match=f'{name}: cut short') as caught:
        read_probs(path)
    assert '\n' not in str(caught.value)


def test_refuses_two_arrays_and_a_missing_file(tmp_path):
    np.savez(tmp_path / 'a.npz', x=PROBS, y=PROBS)
    with pytest.raises(UserError, match=r'holds 2 arrays \(x, y\)'):
        read_probs(tmp_path / 'a.npz')
    with pytest.raises(UserError, match=r'b.npy: cannot be read'):
        read_probs(tmp_path / 'b.npy')


def test_finds_saved_files_by_name(tmp_path):
    for name in ('b.npy', 'a.npz', 'c.txt', '.d.npy.7.tmp', '.e.npy'):
        (tmp_path / name).touch()
    found = find_probs(tmp_path)
    assert list(found) == ['a', 'b']
    assert found['a'] == tmp_path / 'a.npz'


def test_refuses_folders_that_hold_nothing_or_a_name_twice(tmp_path):
    with pytest.raises(UserError, match=r'no: no such folder.*--save-probs'):
        find_probs(tmp_path / 'no')
    with pytest.raises(UserError, match=r'holds no .npy or .npz'):
        find_probs(tmp_path)
    (tmp_path / 'a.npy').touch()
    (tmp_path / 'a.npz').touch()
    with pytest.raises(UserError, match=r'a.npz: has the name of .*a.npy'):
        find_probs(tmp_path)
