"""Download a file; what is there of it already is not fetched again."""

import hashlib
import time
from pathlib import Path
from urllib.parse import urlsplit

from zoo.datasets.prepare.connection import (
    DROPPED,
    PIECE,
    discard,
    fetch_rest,
    size_of,
    version_note,
)
from zoo.datasets.writing import Progress
from zoo.errors import UserError

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
    part = path.with_name(f'{path.name}.part')
    part.parent.mkdir(parents=True, exist_ok=True)
    failures = 0
    while True:
        before = size_of(part)
        try:
            fetch_rest(url, part, page, size, progress)
            break
        except DROPPED as error:
            failures = 1 if size_of(part) > before else failures + 1
            if failures == ATTEMPTS:
                raise UserError(
                    f'{url}: the connection broke {ATTEMPTS} times in a row '
                    f'({error}). Call again to go on from {size_of(part)} '
                    f'bytes, or get the file from {page} and name it with '
                    '--archive.'
                ) from error
            time.sleep(pause * 2 ** (failures - 1))
    _refuse_page(part, url, page)
    try:
        verify(part, size=size, checksum=checksum)
    except UserError as error:
        discard(part)
        raise UserError(f'{url}: {error}') from error
    part.replace(path)
    version_note(part).unlink(missing_ok=True)


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


def digest(path: Path, kind: str) -> str:
    """Return a hexadecimal digest of a file."""
    # not for safety: some lists of checksums have nothing better than MD5
    value = hashlib.new(kind, usedforsecurity=False)
    with path.open('rb') as stream:
        while piece := stream.read(PIECE):
            value.update(piece)
    return value.hexdigest()


def _refuse_page(part: Path, url: str, page: str) -> None:
    """A login or an error may come as a page of its own, with status 200."""
    with part.open('rb') as stream:
        start = stream.read(512).lstrip().lower()
    if start.startswith((b'<!doctype html', b'<html')):
        discard(part)
        raise UserError(
            f'{url}: sends a web page, not the file. Get it from {page} in a '
            'browser and name it with --archive.'
        )
