"""Walk through zip and tar archives, one member at a time."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

from zoo.datasets.prepare.archive_limits import Limits
from zoo.errors import UserError

HEADERS = 1 << 20  # bytes of them before one file; common are a few hundred
_PIECE = 1 << 16  # bytes read at a time
_OPENERS: dict[bytes, Callable[..., IO[bytes]]] = {
    b'\x1f\x8b': cast('Callable[..., IO[bytes]]', gzip.open),
    b'BZh': cast('Callable[..., IO[bytes]]', bz2.open),
    b'\xfd7zXZ\0': cast('Callable[..., IO[bytes]]', lzma.open),
}


class Member(NamedTuple):
    """One entry of an archive.

    Attributes:
        name: With slashes; stays in the folder it is unpacked in.
        is_file: Not a folder, link or device.
        read: Returns the content; of use until the next member is asked for.
        done: Bytes of the archive up to here.
    """

    name: str
    is_file: bool
    read: Callable[[], bytes]
    done: int


def zip_members(path: Path) -> Iterator[Member]:
    """Yield what a zip file holds; raises whatever ``zipfile`` does."""
    limits, size, done = Limits(path), path.stat().st_size, 0
    with path.open('rb') as raw, zipfile.ZipFile(raw) as file:
        infos = file.infolist()
        names = [_inside(path, info.filename) for info in infos]
        for name, info in zip(names, infos, strict=True):
            read = partial(_read_zip, file, raw, info, limits, done)
            # sizes in the directory need not be true
            done = min(done + info.compress_size, size)
            yield Member(name, not name.endswith('/'), read, done)


def _read_zip(
    file: zipfile.ZipFile,
    raw: IO[bytes],
    info: zipfile.ZipInfo,
    limits: Limits,
    before: int,
) -> bytes:
    # Of bzip2 and LZMA, zipfile unpacks what 4 KiB hold: up to gigabytes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(
            f'{file.filename}: packs {info.filename} in a rare way '
            f'({info.compress_type}). Unpack it, and name the folder with '
            '--archive.'
        )
    with file.open(info) as stream:
        return limits.read(
            info.filename,
            stream,
            _PIECE,
            lambda: before + raw.tell() - info.header_offset,
        )


def tar_members(path: Path) -> Iterator[Member]:
    """Yield what a tar file holds; raises whatever ``tarfile`` does.

    Members are read where they are met: going back would decompress from
    the start. Not as a stream ('r|*'), which takes a cut for the end.
    """
    limits = Limits(path)
    with path.open('rb') as raw, _decompressed(raw) as stream:
        guard = _Guard(stream)
        file = tarfile.TarFile(fileobj=cast('IO[bytes]', guard))
        for info in file:
            name = _inside(path, info.name)
            # What is passed over is decompressed as well.
            limits.refuse_large(name, info.size)
            limits.refuse_bomb(stream.tell(), raw.tell())
            if info.size < 0:
                raise tarfile.ReadError('a file has a negative size')
            read = partial(_read_tar, file, raw, info, limits, guard)
            yield Member(name, info.isfile(), read, raw.tell())
            guard.left = HEADERS
        _refuse_cut(file)


def _decompressed(raw: IO[bytes]) -> IO[bytes]:
    start = raw.read(max(map(len, _OPENERS)))
    raw.seek(0)
    for magic, opener in _OPENERS.items():
        if start.startswith(magic):
            return opener(raw, 'rb')
    return raw


class _Guard:
    """A stream that gives out only so many bytes, until it is told again.

    ``tarfile`` reads headers whole, and one may say that it has a gigabyte.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.left: float = HEADERS
        self.tell, self.seek = stream.tell, stream.seek

    def read(self, size: int) -> bytes:
        self.left -= size
        if size < 0 or self.left < 0:
            raise tarfile.TarError('a header of it is too large')
        return self._stream.read(size)


def _read_tar(
    file: tarfile.TarFile,
    raw: IO[bytes],
    info: tarfile.TarInfo,
    limits: Limits,
    guard: _Guard,
) -> bytes:
    guard.left = float('inf')  # the limits watch over contents
    stream = cast('IO[bytes]', file.extractfile(info))
    return limits.read(info.name, stream, _PIECE, raw.tell)


def _refuse_cut(file: tarfile.TarFile) -> None:
    """Python takes a cut between two files for the end, which is zeros."""
    stream = cast('IO[bytes]', file.fileobj)
    stream.seek(file.offset)
    if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError('it ends too early')


def _inside(archive: Path, name: str) -> str:
    """Return a name with slashes that stays in the folder of the archive."""
    slashed = name.replace('\\', '/')
    posix = PurePosixPath(slashed)
    # On Windows, joining with 'D:x' leads to drive D.
    if posix.is_absolute() or '..' in posix.parts or set(name) & {':', '\0'}:
        raise UserError(
            f'{archive}: holds the name {name!r}, which leads out of its '
            'folder. Get the archive from the source.'
        )
    return slashed
