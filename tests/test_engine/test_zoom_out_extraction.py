"""Room on the disk: said before, and said when it is gone."""

import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from zoo.engine.zoom_out import prepare_features
from zoo.errors import UserError

Usage = namedtuple('Usage', 'total used free')
NEEDED = 2 * 40 * 546  # bytes of an image


@pytest.fixture
def prepare(zoom_out_config, zoom_out_leaf):
    def prepare(splits=()):
        config = zoom_out_config()
        return prepare_features(config, zoom_out_leaf, splits=splits)

    return prepare


@pytest.fixture
def free(monkeypatch):
    """Return a function that sets how many bytes are free."""

    def free(count):
        usage = Usage(1 << 40, 0, count)
        monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage)

    return free


def files_below(folder):
    return [p for p in folder.rglob('*') if p.is_file()]


def test_too_little_room_is_said_before_it_starts(prepare, free, tmp_path):
    free(6 * NEEDED - 1)
    with pytest.raises(UserError, match=r'not enough room.*features\.folder='):
        prepare()
    names = {path.name for path in files_below(tmp_path / 'features')}
    assert not names


def test_room_for_all_is_enough(prepare, free, capsys):
    free(6 * NEEDED)
    prepare()
    said = capsys.readouterr()
    assert 'features of 6 images (train 6), about 0.00 GiB;' in said.out
    assert '6 of them are missing; 0.0 GiB are free' in said.out
    assert 'extract 6/6' in said.err


def test_what_is_there_needs_no_room(extracted, prepare, free):
    (extracted / 'table.npz').unlink()
    free(0)
    prepare()


@pytest.mark.parametrize(('count', 'enough'), [(3, True), (2, False)])
def test_images_of_another_split_need_room_of_their_own(
    extracted, prepare, free, count, enough
):
    """That the training images are there does not help them."""
    shutil.rmtree(extracted / 'complete')
    trained = np.load(extracted / 'table.npz')['keys']
    for path in (extracted / 'rows').glob('*/*.npy'):
        if path.stem not in trained:
            path.unlink()
    free(count * NEEDED)
    if enough:
        prepare(splits=['val'])
        return
    with pytest.raises(UserError, match='not enough room'):
        prepare(splits=['val'])


def test_a_disk_that_fills_up_meanwhile_ends_in_one_line(
    prepare, monkeypatch, tmp_path
):
    plain, written = Path.write_bytes, []

    def write(self, content):
        if len(written) == 2:
            plain(self, b'half')
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(plain(self, content))

    monkeypatch.setattr(Path, 'write_bytes', write)
    with pytest.raises(UserError, match=r'No space left.*goes on') as info:
        prepare()
    assert '\n' not in str(info.value)
    names = [path.name for path in files_below(tmp_path / 'features')]
    assert len([name for name in names if name.endswith('.npy')]) == 2
    assert not [name for name in names if name.endswith('.tmp')]
    monkeypatch.setattr(Path, 'write_bytes', plain)
    prepare()
