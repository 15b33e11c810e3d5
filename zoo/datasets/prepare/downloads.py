"""Download a file; what is there of it already is not fetched again."""

import time
from pathlib import Path
from urllib.parse import urlsplit

from zoo.datasets.prepare.archives import archive_files
from zoo.datasets.prepare.connection import DROPPED, fetch_rest
from zoo.datasets.prepare.part_file import PartFile
from zoo.datasets.prepare.sources import is_archive
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import digest

ATTEMPTS = 5  # in a row that bring nothing


def download(
    url: str,
    path: str | Path,
    *,
    page: str,
    size: int | None = None,
    checksum: str | None = None,
    progress: Progress | None = None,
    pause: float = 1.0,
) -> None:
    """Fetch a file, go on where it was cut, and verify it.

    It grows beside ``path`` as ``NAME.part`` and is renamed once it is whole
    and right. A broken connection is taken up again, in this call and in a
    later one; whether the file has changed in between, the server is asked.
    Where it cannot say and no checksum is known, all is fetched anew.

    Args:
        url: ``http`` or ``https``.
        path: Where it goes; if it is there, it is only verified.
        page: Where a person gets the file; for messages.
        size: Bytes, if known.
        checksum: ``'md5:...'`` or ``'sha256:...'``, if known.
        progress: Called with the bytes that are there, and of how many.
        pause: Seconds before the second attempt in a row; doubles.

    Raises:
        UserError: If the server has no such file, cannot be reached, or
            what it sends is not the file.
    """
    path = Path(path)
    if path.is_file():
        verify(path, size=size, checksum=checksum)
        return
    if urlsplit(url).scheme not in ('http', 'https'):
        raise UserError(f'{url}: not an address to download from.')
    path.parent.mkdir(parents=True, exist_ok=True)
    part = PartFile(path, verified=checksum is not None)
    failures = 0
    while True:
        before = part.size()
        try:
            fetch_rest(url, part, page, size, progress)
            break
        except DROPPED as error:
            failures = 1 if part.size() > before else failures + 1
            if failures == ATTEMPTS:
                raise UserError(
                    f'{url}: the connection broke {ATTEMPTS} times in a row '
                    f'({error}). Call again to go on from {part.usable()} '
                    f'bytes, or get the file from {page} and name it with '
                    '--archive.'
                ) from error
            time.sleep(pause * 2 ** (failures - 1))
    try:
        verify(part.path, size=size, checksum=checksum)
        if size is None and checksum is None:
            _refuse_damage(part.path)
    except UserError as error:
        part.discard()
        raise UserError(f'{url}: {error}') from error
    part.finish(path)


def verify(
    path: Path, *, size: int | None = None, checksum: str | None = None
) -> None:
    """Compare a file with what is known of it.

    Raises:
        UserError: If it differs; names both values.
    """
    if size is not None and path.stat().st_size != size:
        raise UserError(
            f'{path}: has {path.stat().st_size} bytes, the published file '
            f'has {size}. Remove it and get it again.'
        )
    if checksum is not None:
        kind, _, known = checksum.partition(':')
        if (found := digest(path, kind)) != known:
            raise UserError(
                f'{path}: has {kind} {found}, the published file has '
                f'{known}. Remove it and get it again.'
            )


def _refuse_damage(path: Path) -> None:
    """Walk through an archive of which nothing else is known.

    A server that states no length may break off unnoticed. This takes as
    long as decompressing it.
    """
    if is_archive(path):
        for _ in archive_files(path, lambda name: False):
            pass
