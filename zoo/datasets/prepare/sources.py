"""What a data set is prepared from: archives, folders, single files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from zoo.datasets.prepare.archives import archive_files
from zoo.datasets.writing import Progress
from zoo.errors import UserError

_SUFFIXES = ('.zip', '.tar', '.tgz', '.gz', '.tbz2', '.bz2', '.txz', '.xz')


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
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f'{path}: cannot be read ({error.strerror or error}). Correct '
            'its permissions, or get it again.'
        ) from error


def is_archive(path: Path) -> bool:
    """Tell an archive from a file that is taken as it is.

    By its name, so that one that is damaged is said to be.
    """
    return path.name.lower().endswith(_SUFFIXES) or not path.is_file()


def _from_folder(
    folder: Path, wanted: Callable[[str], bool], progress: Progress | None
) -> Iterator[tuple[str, bytes]]:
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob('*')
        if path.is_file()
    )
    known = [name for name in names if wanted(name)]
    for done, name in enumerate(known, start=1):
        yield name, read_source(folder / name)
        if progress:
            progress(done, len(known))
