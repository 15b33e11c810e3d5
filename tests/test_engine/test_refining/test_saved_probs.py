"""Probabilities in files: ours, and those of other frameworks."""

import io
import zipfile

import numpy as np
import pytest

from zoo.engine.refining.numpy_file import stated_shape
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


def header(text):
    """Return the bytes of an .npy with a header of our own, no values."""
    text = text.ljust(117) + '\n'
    size = len(text).to_bytes(2, 'little')
    return b'\x93NUMPY\x01\x00' + size + text.encode()


def zipped(name, content, *, flag=0, method=None, spoil=False):
    """Return a zip of one member, some of its fields changed."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    data = bytearray(memory.getvalue())
    central = data.index(b'PK\1\2')
    for start in (6, central + 8):
        data[start] |= flag
    if method is not None:
        data[8] = data[central + 10] = method
    if spoil:
        data[30 + len(name)] = 0xFF
    return bytes(data)


HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (21, %d, %d)}"
DAMAGED = {
    'token': header("{'descr': '<f4', 'shape': (("),
    'huge': header(HUGE % (10**7, 10**7)) + bytes(100),
    'longer': header(HUGE % (10, 10)) + bytes(21 * 10 * 10 * 4 - 1),
    'negative': header(HUGE % (-1, 10)),
    'text': zipped('a.txt', b'hello'),
    'zlib': zipped('a.npy', bytes(500), spoil=True),
    'method': zipped('a.npy', bytes(500), method=99),
    'encrypted': zipped('a.npy', bytes(500), flag=1),
    'huge member': zipped('a.npy', header(HUGE % (10**7, 10**7))),
    'no zip': b'PK, not a zip',
}


@pytest.mark.parametrize('kind', DAMAGED)
@pytest.mark.parametrize('suffix', ['.npy', '.npz'])
def test_any_damage_is_one_line(tmp_path, kind, suffix):
    path = tmp_path / f'a{suffix}'
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(UserError, match=r'cut short, or no file') as caught:
        read_probs(path)
    assert str(caught.value).startswith(f'{path}: ')
    assert '\n' not in str(caught.value)
    wanted = {'huge': (21, 10**7, 10**7), 'longer': (21, 10, 10)}
    wanted['huge member'] = wanted['huge']
    wanted['negative'] = (21, -1, 10)
    assert stated_shape(path) == wanted.get(kind)


@pytest.mark.parametrize('order', ['C', 'F'])
@pytest.mark.parametrize('suffix', ['.npy', '.npz'])
def test_no_memory_is_taken_for_a_shape_that_does_not_fit(
    tmp_path, suffix, order, monkeypatch
):
    path = tmp_path / f'a{suffix}'
    content = header(HUGE % (100, 100)) + bytes(50)
    if suffix == '.npz':
        content = zipped('a.npy', content)
    path.write_bytes(content)
    monkeypatch.setattr(np.lib.format, 'read_array', None)
    with pytest.raises(UserError, match='takes 840000 bytes, 50 are there'):
        read_probs(path)
    monkeypatch.undo()
    values = np.asarray(np.random.default_rng(0).random((2, 3, 4)), order='F')
    with path.open('wb') as file:
        save = np.save if suffix == '.npy' else np.savez
        save(file, np.asarray(values, order=order))
    assert (read_probs(path)[0] == values).all()
    assert stated_shape(path) == (2, 3, 4)


def test_refuses_what_is_no_file_and_says_what_it_is(tmp_path):
    (tmp_path / 'd.npy').mkdir()
    (tmp_path / 'e.npy').symlink_to(tmp_path / 'nowhere')
    for name, what in (('d', 'a folder'), ('e', 'a link to what is not')):
        with pytest.raises(UserError, match=f'{name}.npy: .*{what}.*Take it'):
            read_probs(tmp_path / f'{name}.npy')


def test_names_a_folder_inside_where_there_are_no_files(tmp_path):
    (tmp_path / 'run2').mkdir()
    (tmp_path / 'run1').mkdir()
    with pytest.raises(UserError, match=r'but folders.*e\.g\. .*run1'):
        find_probs(tmp_path)
    write_probs(tmp_path / 'a.npy', PROBS)
    assert list(find_probs(tmp_path)) == ['a']


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
