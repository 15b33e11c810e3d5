"""Take files out of zip and tar archives without trusting them."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from zoo.datasets.writing import Progress
from zoo.errors import UserError

# No file of a data set comes near these: the largest are COCO's outlines,
# 0.5 GB, and text, which shrinks to a fiftieth. A bomb shrinks to a
# thousandth.
LARGEST = 2 << 30  # bytes of one file
RATIO = 200  # of bytes to bytes in the archive ...
SMALL = 64 << 20  # ... once there are more bytes than these

_DAMAGED = (
    EOFError,
    NotImplementedError,  # a compression that Python does not know
    OSError,
    RuntimeError,  # a password
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def archive_files(
    archive: str | Path,
    wanted: Callable[[str], bool],
    progress: Progress | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files, in the archive's order.

    Nothing is written here; links and devices are passed over.

    Args:
        archive: A zip file, or a tar file in any compression.
        wanted: Chooses by name, so that the rest is not decompressed twice.
        progress: Called with the bytes read and those of the archive.

    Raises:
        UserError: If the file is no archive, is damaged, holds a name that
            leads out of the folder it is unpacked in, or grows beyond all
            measure.
    """
    path = Path(archive)
    if not path.is_file():
        raise UserError(f'{path}: no such archive. Correct --archive.')
    report = progress or (lambda done, total: None)
    read = _from_zip if zipfile.is_zipfile(path) else _from_tar
    try:
        yield from read(path, wanted, report)
    except _DAMAGED as error:
        reason = ' '.join(str(error).split()) or type(error).__name__
        raise UserError(
            f'{path}: cannot be read as a zip or tar archive ({reason}). '
            'Download it again.'
        ) from error


def _from_zip(
    path: Path, wanted: Callable[[str], bool], progress: Progress
) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        for member in members:
            _refuse_escape(path, member.filename)
        size, done, grown = path.stat().st_size, 0, 0
        for member in members:
            done += member.compress_size
            if not member.is_dir() and wanted(member.filename):
                with file.open(member) as stream:
                    content = _read(path, member.filename, stream)
                grown += len(content)
                _refuse_bomb(path, grown, done)
                yield member.filename, content
            progress(min(done, size), size)


def _from_tar(
    path: Path, wanted: Callable[[str], bool], progress: Progress
) -> Iterator[tuple[str, bytes]]:
    # Members are read where they are met: going back would decompress from
    # the start. Not as a stream ('r|*'), which takes a cut for the end.
    size, grown = path.stat().st_size, 0
    with path.open('rb') as raw, tarfile.open(fileobj=raw, mode='r:*') as file:
        for member in file:
            _refuse_escape(path, member.name)
            # What is passed over is decompressed as well.
            _refuse_large(path, member.name, member.size)
            grown += member.size
            if member.isfile() and wanted(member.name):
                stream = file.extractfile(member)
                if stream is not None:
                    yield member.name, _read(path, member.name, stream)
            _refuse_bomb(path, grown, raw.tell())
            progress(min(raw.tell(), size), size)
        _refuse_cut(file)


def _refuse_cut(file: tarfile.TarFile) -> None:
    """Python takes a cut between two files for the end, which is zeros."""
    stream = cast('IO[bytes]', file.fileobj)
    stream.seek(file.offset)
    if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError('it ends too early')


def _read(archive: Path, name: str, stream: IO[bytes]) -> bytes:
    """Read one file; its stated size need not be true."""
    content = stream.read(LARGEST + 1)
    _refuse_large(archive, name, len(content))
    return content


def _refuse_large(archive: Path, name: str, size: int) -> None:
    if size > LARGEST:
        raise UserError(
            f'{archive}: {name} has more than {LARGEST >> 30} GiB, which no '
            'file of a data set has. Get the archive from the source.'
        )


def _refuse_bomb(archive: Path, grown: int, read: int) -> None:
    if grown > SMALL and grown > RATIO * read:
        raise UserError(
            f'{archive}: grows to more than {RATIO} times its size. Get the '
            'archive from the source.'
        )


def _refuse_escape(archive: Path, name: str) -> None:
    posix = PurePosixPath(name.replace('\\', '/'))
    drive = len(posix.parts) > 0 and posix.parts[0].endswith(':')
    if posix.is_absolute() or '..' in posix.parts or drive or '\0' in name:
        raise UserError(
            f'{archive}: holds the name {name!r}, which leads out of its '
            'folder. Get the archive from the source.'
        )
