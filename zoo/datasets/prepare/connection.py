"""One connection that fetches the rest of a file."""

import http.client
import ssl
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import write_text

PIECE = 1 << 20  # bytes
PATIENCE = 60  # seconds without a byte
DROPPED = (
    ConnectionError,
    TimeoutError,
    URLError,
    http.client.HTTPException,
    ssl.SSLError,
)


def size_of(part: Path) -> int:
    """Return the bytes that there are."""
    return part.stat().st_size if part.is_file() else 0


def version_note(part: Path) -> Path:
    """Return where it is kept which version of a file has been begun."""
    return part.with_name(f'{part.name}.version')


def fetch_rest(
    url: str,
    part: Path,
    page: str,
    size: int | None,
    progress: Progress | None,
) -> None:
    """Append what a file lacks.

    Args:
        url: ``http`` or ``https``.
        part: What there is of the file, if anything.
        page: Where a person gets the file; for messages.
        size: Bytes of the whole file, if known.
        progress: Called with the bytes that are there, and of how many.

    Raises:
        UserError: If the server has no such file, or one of another size,
            or the disk is full.
        ConnectionError, URLError, HTTPException: If it breaks, or the file
            has changed since it was begun; what has come is kept unless it
            is of no use. See ``DROPPED``.
    """
    have = size_of(part)
    try:
        response = urlopen(_request(url, part, have), timeout=PATIENCE)
    except HTTPError as error:
        with error:
            if error.code == 416 and have:
                _refuse_change(part, _total(error.headers), have)
                return  # nothing follows what is there
            if error.code >= 500:
                raise ConnectionError(f'{error.code} {error.msg}') from error
        raise UserError(
            f'{url}: the server says {error.code} {error.msg}. Get the file '
            f'from {page} and name it with --archive.'
        ) from error
    with response:
        resumed = response.status == 206
        if resumed:
            _refuse_change(part, _first(response.headers), have)
        else:
            write_text(version_note(part), _version(response.headers))
        start = have if resumed else 0
        stated = response.headers.get('Content-Length')
        total = None if stated is None else start + int(stated)
        if size is not None and total is not None and total != size:
            raise UserError(
                f'{url}: the server has {total} bytes, the published file '
                f'has {size}. See {page}, and name a file with --archive.'
            )
        _receive(response, part, start, total, progress)


def _request(url: str, part: Path, have: int) -> Request:
    headers = {'User-Agent': 'segzoo'}
    if have:
        headers['Range'] = f'bytes={have}-'
        note = version_note(part)
        if note.is_file() and (version := note.read_text(encoding='utf-8')):
            headers['If-Range'] = version
    return Request(url, headers=headers)


def _version(headers: Message) -> str:
    """Return what tells one version of a file from another, if anything."""
    tag = headers.get('ETag', '')
    # a weak tag does not vouch for single bytes
    return headers.get('Last-Modified', '') if tag[:2] in ('', 'W/') else tag


def _total(headers: Message) -> int | None:
    total = headers.get('Content-Range', '').rpartition('/')[2]
    return int(total) if total.isdigit() else None


def _first(headers: Message) -> int | None:
    """Return the place of the first byte that is sent: ``bytes 7-9/10``."""
    spans = headers.get('Content-Range', '').removeprefix('bytes ')
    first = spans.partition('-')[0]
    return int(first) if first.isdigit() else None


def discard(part: Path) -> None:
    """Delete what there is of a file: it is of no use."""
    part.unlink(missing_ok=True)
    version_note(part).unlink(missing_ok=True)


def _refuse_change(part: Path, found: int | None, have: int) -> None:
    if found != have:
        discard(part)
        raise ConnectionError('the file on the server has changed')


def _receive(
    response: http.client.HTTPResponse,
    part: Path,
    start: int,
    total: int | None,
    progress: Progress | None,
) -> None:
    done = start
    with part.open('r+b' if start else 'wb') as stream:
        stream.seek(start)
        while piece := response.read(PIECE):
            try:
                stream.write(piece)
                stream.flush()
            except OSError as error:
                raise UserError(
                    f'{part}: cannot be written ({error.strerror}). Make '
                    'room, then call again: it goes on.'
                ) from error
            done += len(piece)
            if progress:
                progress(done, total)
    if total is not None and done < total:
        raise ConnectionError(f'{total - done} bytes are missing')
