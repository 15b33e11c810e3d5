"""What a data set is prepared from: archives, folders, single files."""

import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo.datasets.prepare.archives import archive_files
from zoo.datasets.writing import Progress
from zoo.errors import UserError

# Also as browsers and wget leave it: x.tgz.part, x.zip?dl=1, x.tar.1, ...
_ARCHIVE = re.compile(r'\.(zip|tar|tgz|gz|tbz2|bz2|txz|xz)(\W|$)', re.I)
_PLAIN = ('.bmp', '.jpg', '.json', '.mat', '.png', '.txt')


def source_files(
    source: Path,
    wanted: Callable[[str], bool],
    progress: Progress | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files of one source.

    An archive that is unpacked already may be given as its folder, and a
    file as it is.

    Args:
        source: Archive, folder, or file.
        wanted: Chooses by name: path in the archive or below the folder,
            with slashes; of a single file, its name.
        progress: Called with what is done and the total.

    Raises:
        UserError: If it does not exist or cannot be read; see
            ``archive_files``.
    """
    if source.is_dir():
        yield from _from_folder(source, wanted, progress)
    elif is_archive(source):
        yield from archive_files(source, wanted, progress)
    elif wanted(source.name):
        yield source.name, read_source(source)


def read_source(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UserError: If it cannot be read.
    """
    with permitted(path):
        return path.read_bytes()


@contextmanager
def permitted(path: Path) -> Iterator[None]:
    """Say which file or folder the system does not let us read.

    Args:
        path: Named where the error names none.

    Raises:
        UserError: If there is one.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f'{error.filename or path}: cannot be read '
            f'({error.strerror or error}). Correct its permissions, or get '
            'it again.'
        ) from error


def is_archive(path: Path) -> bool:
    """Tell an archive from a file that is taken as it is.

    By its name, so that one that is damaged is said to be; where that tells
    nothing, by its content.
    """
    name = path.name.lower()
    if name.endswith(_PLAIN):
        return not path.is_file()
    if _ARCHIVE.search(name) or not path.is_file():
        return True
    with permitted(path):
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def _from_folder(
    folder: Path, wanted: Callable[[str], bool], progress: Progress | None
) -> Iterator[tuple[str, bytes]]:
    with permitted(folder):
        names = sorted(_names(folder))
    known = [name for name in names if wanted(name)]
    for done, name in enumerate(known, start=1):
        yield name, read_source(folder / name)
        if progress:
            progress(done, len(known))


def _names(
    folder: Path, inner: str = '', above: frozenset[Path] = frozenset()
) -> Iterator[str]:
    """Yield the files below a folder, also where links lead to them.

    Args:
        folder: Where to begin.
        inner: Path below it that is looked at.
        above: What is being looked at already: a link may lead back there.
    """
    here = (folder / inner).resolve()
    if here in above:
        return
    try:
        entries = os.listdir(folder / inner)
    except PermissionError:
        if inner and _is_foreign(inner):
            return
        raise
    for entry in entries:
        name = f'{inner}/{entry}' if inner else entry
        path = folder / name
        if path.is_dir():
            yield from _names(folder, name, above | {here})
        elif path.is_file():
            yield name


def _is_foreign(name: str) -> bool:
    """Tell folders that systems make where a disk begins."""
    last = name.rpartition('/')[2]
    return last.startswith('.') or last == 'lost+found'
