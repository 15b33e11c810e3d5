"""Get the archives of a data set."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from zoo.datasets.catalogue import Archive, Entry
from zoo.datasets.prepare.downloads import download
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import one_at_a_time, sha256

Bar = Callable[[str], AbstractContextManager[Progress]]


def obtain(
    entry: Entry,
    needed: Sequence[Archive],
    root: Path,
    folder: Path,
    bar: Bar,
    say: Callable[[str], None],
) -> dict[Path, str]:
    """Return the files of archives, downloaded where they are not here.

    Args:
        entry: Of the data set.
        needed: Its archives that are wanted.
        root: Folder of the data set, for the command that is named.
        folder: That downloads are kept in.
        bar: From a text to a context that shows progress.
        say: Called with lines for the user.

    Returns:
        The digest of each file, as ``'md5:...'`` or ``'sha256:...'``.

    Raises:
        UserError: If one has to log in to get any, the disk has no room, or
            a download fails.
    """
    paths = [folder / archive.file for archive in needed]
    absent = [a for a, p in zip(needed, paths, strict=True) if not p.is_file()]
    by_hand = [a for a in absent if a.url is None]
    if by_hand:
        files = ', '.join(a.file for a in by_hand)
        raise UserError(
            f'{entry.title}: one has to log in to get {files}. Get them from '
            f'{by_hand[0].page}, then: {entry.command(root)}'
        )
    _refuse_full_disk(absent, folder)
    if absent:
        say(f'terms of {entry.title}: {entry.licence} ({absent[0].page})')
    digests = {}
    for archive, path in zip(needed, paths, strict=True):
        with one_at_a_time(path), bar(archive.file) as progress:
            download(
                str(archive.url),
                path,
                page=archive.page,
                size=archive.size,
                checksum=archive.checksum,
                progress=progress,
            )
        digests[path] = archive.checksum or f'sha256:{sha256(path)}'
        if archive.checksum is None and archive in absent:
            known = digests[path].replace(':', ' ')
            say(f'{path}: {known}; nobody has published one to compare with')
    return digests


def _refuse_full_disk(absent: Sequence[Archive], folder: Path) -> None:
    wanted = sum(archive.size or 0 for archive in absent)
    wanted -= sum(
        part.stat().st_size
        for a in absent
        if (part := folder / f'{a.file}.part').is_file()
    )
    place = folder
    while not place.is_dir() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if wanted > free:
        raise UserError(
            f'{folder}: {wanted / 1e9:.1f} GB are to be downloaded, '
            f'{free / 1e9:.1f} GB are free. Make room, or name another '
            'folder: --downloads DIR'
        )


def warn_of_sizes(
    entry: Entry, sources: Sequence[Path], say: Callable[[str], None]
) -> None:
    """Say which file has a published name but another size: cut off?"""
    known = {archive.file: archive.size for archive in entry.archives}
    for path in sources:
        size = known.get(path.name)
        if size is not None and path.is_file() and path.stat().st_size != size:
            say(
                f'warning: {path} has {path.stat().st_size} bytes, the '
                f'published file {size}'
            )
