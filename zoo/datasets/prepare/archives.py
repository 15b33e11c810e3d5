"""Take files out of zip and tar archives without trusting them."""

import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from zoo.datasets.prepare.archive_members import (
    Member,
    tar_members,
    zip_members,
)
from zoo.datasets.writing import Progress
from zoo.errors import UserError

_T = TypeVar('_T')


def archive_files(
    archive: str | Path,
    wanted: Callable[[str], bool],
    progress: Progress | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files, in the archive's order.

    Nothing is written here; links and devices are passed over.

    Args:
        archive: A zip file, or a tar file: plain, gzip, bzip2 or xz.
        wanted: Chooses by name, with slashes; the rest is not read into
            memory. Its own errors are raised as they are.
        progress: Called with the bytes read and those of the archive.

    Raises:
        UserError: If the file is no archive, is damaged, holds a name that
            leads out of the folder it is unpacked in, or grows beyond all
            measure.
    """
    path = Path(archive)
    if not path.is_file():
        raise UserError(f'{path}: no such archive. Correct --archive.')
    size = path.stat().st_size
    report = progress or (lambda done, total: None)
    with closing(_members(path)) as members:
        while member := _reading(path, lambda: next(members, None)):
            if member.is_file and wanted(member.name):
                yield member.name, _reading(path, member.read)
            report(member.done, size)
    report(size, size)


def _members(path: Path) -> Generator[Member, None, None]:
    walk = zip_members if zipfile.is_zipfile(path) else tar_members
    yield from walk(path)


def _reading(path: Path, step: Callable[[], _T]) -> _T:
    """Do a step that only reads: if it fails, the archive is at fault."""
    try:
        return step()
    except UserError:
        raise
    # A damaged archive makes its reader fail in ways that no list covers
    # (LZMAError, UnicodeDecodeError, RecursionError ...).
    except Exception as error:
        reason = ' '.join(str(error).split()) or type(error).__name__
        remedy = 'Remove it and get it again.'
        if isinstance(error, PermissionError):
            reason, remedy = str(error.strerror), 'Correct its permissions.'
        raise UserError(
            f'{path}: cannot be read as a zip or tar archive ({reason}). '
            f'{remedy}'
        ) from error
