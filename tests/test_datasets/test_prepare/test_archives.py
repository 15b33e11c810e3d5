"""Archives are read as they are, and not trusted."""

import bz2
import gzip
import io
import lzma
import random
import re
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import pytest
from releases import tar_file, zip_file

from zoo.datasets.prepare.archives import archive_files
from zoo.datasets.prepare.sources import source_files
from zoo.datasets.prepare.unpacking import Place, unpack
from zoo.errors import UserError

FILES = {'top/a.txt': b'first', 'top/sub/b.txt': b'second', 'c.bin': b'third'}
PACKED = {
    'a.zip': zip_file,
    'a.tgz': tar_file,
    'a.tar': partial(tar_file, packed=False),
}
each_kind = pytest.mark.parametrize('name', PACKED)


def write(path, content):
    path.write_bytes(content)
    return path


def everything(name):
    return True


@each_kind
def test_wanted_files_come_in_order(tmp_path, name):
    path = write(tmp_path / name, PACKED[name](FILES))
    assert dict(archive_files(path, everything)) == FILES
    steps = []
    found = archive_files(
        path, lambda n: n.endswith('.txt'), lambda *x: steps.append(x)
    )
    assert [n for n, _ in found] == ['top/a.txt', 'top/sub/b.txt']
    size = path.stat().st_size
    assert {total for _, total in steps} == {size}
    assert 0 < steps[-1][0] <= size


@each_kind
@pytest.mark.parametrize(
    'evil',
    [
        '../x',
        'a/../../x',
        '/etc/x',
        'C:/x',
        'a/D:x.jpg',
        '..\\x',
        'a\\..\\..\\x',
        '\\\\server\\x',
    ],
)
def test_names_that_lead_out_are_refused(tmp_path, name, evil):
    path = write(tmp_path / name, PACKED[name]({**FILES, evil: b'evil'}))
    with pytest.raises(UserError, match='leads out of its folder'):
        unpack([path], lambda p: Place(tmp_path / 'out' / p), of='x')
    assert not (tmp_path / 'x').exists()
    assert not (tmp_path.parent / 'x').exists()


def test_links_are_passed_over(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo('top/link')
            info.type, info.linkname = kind, '/etc/passwd'
            archive.addfile(info)
    path = write(tmp_path / 'a.tar', buffer.getvalue())
    assert list(archive_files(path, everything)) == []


def test_long_names_are_read(tmp_path):
    name = '/'.join(['folder' * 9] * 30)
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        with tarfile.open(tmp_path / 'a.tgz', 'w:gz', format=form) as archive:
            for i in range(3):
                archive.addfile(tarfile.TarInfo(f'{name}/{i}'))
        found = dict(archive_files(tmp_path / 'a.tgz', everything))
        assert list(found) == [f'{name}/{i}' for i in range(3)]


def test_names_of_windows_get_slashes(tmp_path):
    files = {'top\\sub\\': b'', 'top\\sub\\a.txt': b'a'}
    path = write(tmp_path / 'a.zip', zip_file(files))
    asked = []
    found = archive_files(path, lambda n: asked.append(n) or True)
    assert list(found) == [('top/sub/a.txt', b'a')]
    assert asked == ['top/sub/a.txt']


def test_a_password_is_named(tmp_path):
    content = bytearray(zip_file({'a.bin': b'x'}))
    for start in (b'PK\x03\x04', b'PK\x01\x02'):
        place = content.index(start)
        place += 6 if start == b'PK\x03\x04' else 8
        content[place] |= 1  # the flag of encryption
    path = write(tmp_path / 'a.zip', bytes(content))
    with pytest.raises(UserError, match='password'):
        list(archive_files(path, everything))


@each_kind
@pytest.mark.parametrize('kept', [0, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_cut_archive_is_named(tmp_path, name, kept):
    content = PACKED[name](FILES).rstrip(b'\0')
    path = write(tmp_path / name, content[: int(kept * len(content))])
    with pytest.raises(UserError, match=f'{path}: cannot be read') as told:
        list(archive_files(path, everything))
    assert str(told.value).endswith('Remove it and get it again.')


@pytest.mark.parametrize('blocks', range(1, 9))
def test_a_tar_cut_between_two_files_is_named(tmp_path, blocks):
    content = tar_file(FILES, packed=False)[: 512 * blocks]
    path = write(tmp_path / 'a.tar', content)
    with pytest.raises(UserError, match='cannot be read'):
        list(archive_files(path, lambda n: False))


def test_a_damaged_stream_is_named(tmp_path):
    content = bytearray(gzip.compress(tar_file(FILES, packed=False)))
    content[len(content) // 2] ^= 255
    path = write(tmp_path / 'a.tgz', bytes(content))
    with pytest.raises(UserError, match='cannot be read'):
        list(archive_files(path, everything))


def tar_xz(files):
    return lzma.compress(tar_file(files, packed=False))


def tar_bz2(files):
    return bz2.compress(tar_file(files, packed=False))


@pytest.mark.parametrize('pack', [zip_file, tar_file, tar_xz, tar_bz2])
def test_a_damaged_archive_is_one_line(tmp_path, pack):
    """Whatever byte is wrong: no traceback, but a line or the files."""
    files = {'top/\xe9.txt': b'x' * 500, 'b.bin': bytes(range(256))}
    content = pack(files)
    path = write(tmp_path / 'a', content)
    assert dict(archive_files(path, everything)) == files
    generator = random.Random(1)
    lines = 0
    for _ in range(300):
        damaged = bytearray(content)
        damaged[generator.randrange(len(content))] ^= generator.randrange(256)
        write(path, damaged)
        said = line(path)
        lines += said != ''
        assert said == '' or re.fullmatch(f'{path}: .+', said)
    assert lines > 100


def line(path):
    """Return what is said of an archive; nothing if it can be read."""
    try:
        list(archive_files(path, everything))
    except UserError as error:
        return str(error)
    return ''


def test_a_name_that_is_no_utf8_is_a_damage(tmp_path):
    content = zip_file({'\xe9.txt': b'x'})
    damaged = content.replace('\xe9'.encode(), b'\xff\xff')
    path = write(tmp_path / 'a.zip', damaged)
    with pytest.raises(UserError, match=r'utf-8.* Remove it and get it again'):
        list(archive_files(path, everything))


@each_kind
def test_an_error_of_the_caller_is_not_one_of_the_archive(tmp_path, name):
    path = write(tmp_path / name, PACKED[name](FILES))
    error = PermissionError(13, 'Permission denied', '/target')

    def fail(*_):
        raise error

    for found in (
        archive_files(path, fail),
        archive_files(path, everything, fail),
    ):
        with pytest.raises(PermissionError) as told:
            list(found)
        assert told.value is error


def test_an_archive_one_may_not_read_is_said_to_be(tmp_path, monkeypatch):
    path = write(tmp_path / 'a.zip', zip_file(FILES))
    kind, plain = type(path), Path.open

    def refuse(self, *a, **k):
        if self == path:
            raise PermissionError(13, 'Permission denied', str(self))
        return plain(self, *a, **k)

    monkeypatch.setattr(kind, 'open', refuse)
    with pytest.raises(
        UserError, match=r'\(Permission denied\)\. Correct its permissions\.$'
    ):
        list(archive_files(path, everything))


def test_a_folder_and_a_file_are_sources_too(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / 'folder' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert dict(source_files(tmp_path / 'folder', everything)) == FILES
    one = tmp_path / 'folder/c.bin'
    assert list(source_files(one, everything)) == [('c.bin', b'third')]
    assert list(source_files(one, lambda n: n == 'd.bin')) == []
    loud = write(tmp_path / 'A.ZIP', zip_file(FILES))
    assert dict(source_files(loud, everything)) == FILES
    with pytest.raises(UserError, match=r'none: no such archive'):
        list(source_files(tmp_path / 'none', everything))


def test_unpacking_writes_what_is_not_there(tmp_path):
    path = write(tmp_path / 'a.zip', zip_file(FILES))
    out = tmp_path / 'out'
    write_text = out / 'a.txt'
    out.mkdir()
    write_text.write_bytes(b'mine')

    def place(name):
        if name.suffix != '.txt':
            return None
        return Place(out / name.name, lambda content, said: content[::-1])

    unpack([path], place, of='x')
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {
        'a.txt': b'mine',
        'b.txt': b'dnoces',
    }
    with pytest.raises(UserError, match='holds nothing of x'):
        unpack([path], lambda name: None, of='x')


def test_copies_that_a_mac_leaves_are_passed_over(tmp_path):
    files = {'top/._a.txt': b'mac', 'top/a.txt': b'a'}
    path = write(tmp_path / 'a.zip', zip_file(files))
    unpack([path], lambda name: Place(tmp_path / name.name), of='x')
    assert not (tmp_path / '._a.txt').exists()


def test_a_name_that_comes_twice_is_written_once(tmp_path):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        archive.writestr('a.txt', b'first')
        with pytest.warns(UserWarning, match='Duplicate name'):
            archive.writestr('a.txt', b'second')
    unpack([tmp_path / 'a.zip'], lambda n: Place(tmp_path / n), of='x')
    assert (tmp_path / 'a.txt').read_bytes() == b'first'


def test_an_error_of_a_worker_reaches_the_caller(tmp_path):
    names = {f'{i}.txt': b'x' for i in range(100)}
    path = write(tmp_path / 'a.zip', zip_file(names))

    def convert(content, name):
        if name.endswith('50.txt'):
            raise UserError(f'{name}: bad. Get another')
        return content

    with pytest.raises(UserError, match=r'a\.zip: 50\.txt: bad'):
        unpack([path], lambda n: Place(tmp_path / n, convert), of='x')
    assert not (tmp_path / '50.txt').exists()
