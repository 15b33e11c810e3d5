"""Take files out of zip and tar archives without trusting their names."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from zoo.errors import UserError

_DAMAGED = (
    EOFError,
    OSError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def archive_files(
    archive: str | Path, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files, in the archive's order.

    Nothing is written here; links and devices are passed over.

    Args:
        archive: A zip file, or a tar file in any compression.
        wanted: Chooses by name, so that the rest is not decompressed twice.

    Raises:
        UserError: If the file is no archive, is damaged, or holds a name
            that leads out of the folder it is unpacked in.
    """
    path = Path(archive)
    if not path.is_file():
        raise UserError(f'{path}: no such archive. Correct --archive.')
    read = _from_zip if zipfile.is_zipfile(path) else _from_tar
    try:
        yield from read(path, wanted)
    except _DAMAGED as error:
        reason = ' '.join(str(error).split()) or type(error).__name__
        raise UserError(
            f'{path}: cannot be read as a zip or tar archive ({reason}). '
            'Download it again.'
        ) from error


def _from_zip(
    path: Path, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        for member in members:
            _refuse_escape(path, member.filename)
        for member in members:
            if not member.is_dir() and wanted(member.filename):
                yield member.filename, file.read(member)


def _from_tar(
    path: Path, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    # Members are read where they are met: going back would decompress from
    # the start. Not as a stream ('r|*'), which takes a cut for the end.
    with tarfile.open(path, 'r:*') as file:
        for member in file:
            _refuse_escape(path, member.name)
            if member.isfile() and wanted(member.name):
                content = file.extractfile(member)
                if content is not None:
                    yield member.name, content.read()


def _refuse_escape(archive: Path, name: str) -> None:
    posix = PurePosixPath(name.replace('\\', '/'))
    drive = len(posix.parts) > 0 and posix.parts[0].endswith(':')
    if posix.is_absolute() or '..' in posix.parts or drive:
        raise UserError(
            f'{archive}: holds the name {name!r}, which leads out of its '
            'folder. Get the archive from the source.'
        )
