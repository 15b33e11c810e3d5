"""Archives that would fill the memory are refused before they do."""

import gzip
import random
import tarfile
import tracemalloc
import zipfile

import pytest
from releases import tar_file, zip_file

from zoo.datasets.prepare import archive_limits, archive_members
from zoo.datasets.prepare.archives import archive_files
from zoo.errors import UserError

each_kind = pytest.mark.parametrize('name', ['a.zip', 'a.tgz', 'a.tar'])


def pack(name, files):
    if name == 'a.zip':
        return zip_file(files)
    return tar_file(files, packed=name == 'a.tgz')


def write(path, content):
    path.write_bytes(content)
    return path


def everything(name):
    return True


@each_kind
def test_many_bytes_before_a_small_file_make_no_bomb(
    tmp_path, monkeypatch, name
):
    monkeypatch.setattr(archive_limits, 'SMALL', 1 << 20)
    files = {'a.bin': random.Random(1).randbytes(3 << 20), 'b.bin': b'b'}
    path = write(tmp_path / name, pack(name, files))
    assert dict(archive_files(path, everything)) == files


@pytest.mark.parametrize('kind', ['zip', 'tgz'])
def test_bombs_are_refused(tmp_path, monkeypatch, kind):
    """A hundred thousandth of its content, as zeros are."""
    zeros = {f'{i}.bin': bytes(1 << 20) for i in range(20)}
    path = tmp_path / f'a.{kind}'
    path.write_bytes({'zip': zip_file, 'tgz': tar_file}[kind](zeros))
    assert len(dict(archive_files(path, everything))) == 20  # small enough
    monkeypatch.setattr(archive_limits, 'SMALL', 4 << 20)
    with pytest.raises(UserError, match='grows to more than 200 times'):
        list(archive_files(path, everything))
    if kind == 'tgz':  # passed over is decompressed too
        with pytest.raises(UserError, match='grows to more than 200 times'):
            list(archive_files(path, lambda n: False))


def peak(path, message):
    """Return the bytes of memory until an archive is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=message):
            list(archive_files(path, everything))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_zip_bomb_of_one_file_does_not_fill_the_memory(
    tmp_path, monkeypatch
):
    """It is measured before it ends."""
    monkeypatch.setattr(archive_limits, 'SMALL', 4 << 20)
    path = write(tmp_path / 'a.zip', zip_file({'a.bin': bytes(100 << 20)}))
    assert peak(path, 'grows to more than 200 times') < 30 << 20


@pytest.mark.parametrize('method', [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_cannot_unpack_by_pieces_is_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w', method) as archive:
        archive.writestr('a.bin', bytes(100 << 20))
    path = tmp_path / 'a.zip'
    assert list(archive_files(path, lambda n: False)) == []
    said = rf'{path}: packs a\.bin in a rare way .*name the folder with --arch'
    assert peak(path, said) < 1 << 20


def test_a_tar_bomb_of_one_file_does_not_fill_the_memory(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(archive_limits, 'SMALL', 4 << 20)
    path = write(tmp_path / 'a.tgz', tar_file({'a.bin': bytes(100 << 20)}))
    assert peak(path, 'grows to more than 200 times') < 20 << 20


def test_what_a_zip_holds_is_summed_up(tmp_path, monkeypatch):
    """Each file is small; a directory that lies does not make it larger."""
    monkeypatch.setattr(archive_limits, 'SMALL', 4 << 20)
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w', zipfile.ZIP_DEFLATED) as f:
        for i in range(9):
            f.writestr(f'{i}.bin', bytes(1 << 20))
    with pytest.raises(UserError, match='grows to more than 200 times'):
        list(archive_files(tmp_path / 'a.zip', everything))


def header(kind, size):
    info = tarfile.TarInfo('x')
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    'kind', [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME]
)
@pytest.mark.parametrize('size', [80 << 20, -512])
@pytest.mark.parametrize('first', [b'', tar_file({'a': b'x'}, packed=False)])
def test_a_header_beyond_measure_is_not_read(tmp_path, kind, size, first):
    content = first[:1024] + header(kind, size) + bytes(80 << 20)
    path = write(tmp_path / 'a.tgz', gzip.compress(content, 1))
    assert peak(path, r'cannot be read .* header .* too large') < 4 << 20


def test_the_map_of_a_sparse_file_is_a_header_too(tmp_path):
    """Each block of it says that another follows."""
    content = bytearray(header(tarfile.GNUTYPE_SPARSE, 0))
    content[482] = 1
    content[148:156] = b'%06o\0 ' % (
        256 + sum(content[:148]) + sum(content[156:])
    )
    block = (b'%011o\0' % 1) * 42 + b'\1' + bytes(7)
    path = write(tmp_path / 'a.tgz', gzip.compress(content + block * 50000))
    assert peak(path, 'header of it is too large') < 20 << 20


def test_headers_of_one_file_do_not_count_for_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_members, 'HEADERS', 2048)
    files = {f'{i}.bin': bytes(9000) for i in range(20)}
    path = write(tmp_path / 'a.tar', tar_file(files, packed=False))
    assert dict(archive_files(path, everything)) == files
    assert list(archive_files(path, lambda n: False)) == []


def test_a_negative_size_does_not_lead_round_in_circles(tmp_path):
    """A reader would come back to the header for ever."""
    info = tarfile.TarInfo('a')
    info.pax_headers = {'size': '-1536'}
    content = info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)
    path = write(tmp_path / 'a.tar', content)
    with pytest.raises(UserError, match=r'negative size'):
        list(archive_files(path, everything))


def test_a_large_file_that_comes_first_is_no_bomb(tmp_path, monkeypatch):
    """Of it nothing is read yet when it is met."""
    monkeypatch.setattr(archive_limits, 'SMALL', 1 << 20)
    noise = random.Random(1).randbytes(9 << 20)
    files = {'a.bin': noise, 'b.bin': b'b'}
    path = write(tmp_path / 'a.tgz', tar_file(files))
    found = archive_files(path, lambda n: n == 'b.bin')
    assert list(found) == [('b.bin', b'b')]


@each_kind
def test_a_file_beyond_measure_is_refused(tmp_path, monkeypatch, name):
    path = write(tmp_path / name, pack(name, {'big.bin': b'x' * 5000}))
    monkeypatch.setattr(archive_limits, 'LARGEST', 4999)
    # what is passed over in a tar file is decompressed too
    for wanted in (everything, *[lambda n: False] * (name != 'a.zip')):
        with pytest.raises(UserError, match=r'big\.bin has more than'):
            list(archive_files(path, wanted))


def test_a_zip_that_understates_a_size_is_refused(tmp_path):
    """The stated size is what is read at most, and the checksum is wrong."""
    content = bytearray(zip_file({'a.bin': b'x' * 1000}))
    size = (1000).to_bytes(4, 'little')
    assert content.count(size) == 2  # local header and directory
    path = write(
        tmp_path / 'a.zip',
        bytes(content.replace(size, (10).to_bytes(4, 'little'))),
    )
    with pytest.raises(UserError, match='cannot be read as a zip or tar'):
        list(archive_files(path, everything))
