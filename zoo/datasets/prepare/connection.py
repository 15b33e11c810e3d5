"""One connection that fetches the rest of a file."""

import http.client
import ssl
from email.message import Message
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from zoo.datasets.prepare.part_file import PartFile
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.photo import is_web_page

PIECE = 1 << 20  # bytes
PATIENCE = 60  # seconds without a byte
DROPPED = (
    ConnectionError,
    TimeoutError,
    URLError,
    http.client.HTTPException,
    ssl.SSLError,
)


def fetch_rest(
    url: str,
    part: PartFile,
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
            or a web page in its place, or the disk is full.
        ConnectionError, URLError, HTTPException: If it breaks, or the file
            has changed since it was begun; what has come is kept unless it
            is of no use. See ``DROPPED``.
    """
    have = part.usable()
    response = _ask(url, part, page, have)
    if response is None:
        return
    with response:
        resumed = have > 0 and response.status == 206
        if resumed:
            _refuse_change(part, _first(response.headers), have)
        stated = response.length
        total = stated if stated is None or not resumed else have + stated
        piece = response.read(PIECE)
        # What is there stays until what comes in its place looks right.
        if not resumed:
            _refuse_page(url, page, piece)
        if size is not None and total is not None and total != size:
            raise UserError(
                f'{url}: the server has {total} bytes, the published file '
                f'has {size}. See {page}, and name a file with --archive.'
            )
        if not piece:
            raise ConnectionError('the server sent nothing')
        if not resumed:
            part.begin(_version(response.headers))
        _receive(response, piece, part, total, progress)


def _ask(
    url: str, part: PartFile, page: str, have: int
) -> http.client.HTTPResponse | None:
    """Return an answer to read from; ``None`` if nothing is left to come."""
    try:
        return urlopen(_request(url, part, have), timeout=PATIENCE)
    except HTTPError as error:
        with error:
            if error.code == 416 and have:
                _refuse_change(part, _total(error.headers), have)
                return None
            if error.code >= 500:
                raise ConnectionError(f'{error.code} {error.msg}') from error
        raise UserError(
            f'{url}: the server says {error.code} {error.msg}. Get the file '
            f'from {page} and name it with --archive.'
        ) from error


def _request(url: str, part: PartFile, have: int) -> Request:
    headers = {'User-Agent': 'segzoo'}
    if have:
        headers['Range'] = f'bytes={have}-'
        if version := part.version():
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


def _refuse_change(part: PartFile, found: int | None, have: int) -> None:
    if found != have:
        part.discard()
        raise ConnectionError('the file on the server has changed')


def _refuse_page(url: str, page: str, content: bytes) -> None:
    """A login or an error may come as a page of its own, with status 200."""
    if is_web_page(content):
        raise UserError(
            f'{url}: sends a web page, not the file. Get it from {page} in a '
            'browser and name it with --archive.'
        )


def _receive(
    response: http.client.HTTPResponse,
    piece: bytes,
    part: PartFile,
    total: int | None,
    progress: Progress | None,
) -> None:
    """Append a piece and those that follow it."""
    done = part.size()
    with part.path.open('ab') as stream:
        while piece:
            try:
                stream.write(piece)
                stream.flush()
            except OSError as error:
                raise UserError(
                    f'{part.path}: cannot be written ({error.strerror}). '
                    'Make room, then call again.'
                ) from error
            done += len(piece)
            if progress:
                progress(done, total)
            piece = response.read(PIECE)
    if total is not None and done < total:
        raise ConnectionError(f'{total - done} bytes are missing')
