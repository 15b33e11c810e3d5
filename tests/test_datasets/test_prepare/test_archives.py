"""Archives are read as they are, and not trusted."""

import gzip
import io
import tarfile
import zipfile
from functools import partial

import pytest
from releases import tar_file, zip_file

from zoo.datasets.prepare import archives
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
    'evil', ['../x', 'a/../../x', '/etc/x', 'C:/x', '..\\x', 'a\\..\\..\\x']
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


@pytest.mark.parametrize('kind', ['zip', 'tgz'])
def test_bombs_are_refused(tmp_path, monkeypatch, kind):
    """A hundred thousandth of its content, as zeros are."""
    zeros = {f'{i}.bin': bytes(1 << 20) for i in range(20)}
    path = tmp_path / f'a.{kind}'
    path.write_bytes({'zip': zip_file, 'tgz': tar_file}[kind](zeros))
    assert len(dict(archive_files(path, everything))) == 20  # small enough
    monkeypatch.setattr(archives, 'SMALL', 4 << 20)
    with pytest.raises(UserError, match='grows to more than 200 times'):
        list(archive_files(path, everything))
    if kind == 'tgz':  # passed over is decompressed too
        with pytest.raises(UserError, match='grows to more than 200 times'):
            list(archive_files(path, lambda n: False))


@each_kind
def test_a_file_beyond_measure_is_refused(tmp_path, monkeypatch, name):
    path = write(tmp_path / name, PACKED[name]({'big.bin': b'x' * 5000}))
    monkeypatch.setattr(archives, 'LARGEST', 4999)
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
    assert 'Download it again' in str(told.value)


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
