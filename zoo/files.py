"""Files that are written whole or not at all, and their digests."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from zoo.errors import UserError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name beside ``path``, renamed to it on success.

    What was there before stays until then, and also after an error or a
    kill. Missing folders are made.

    Raises:
        UserError: If the disk is full, or the place cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f'.{path.name}.{os.getpid()}.tmp')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be written ({error.strerror or error})'
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(path: str | Path) -> Iterator[None]:
    """Keep other processes from doing the same with a file or folder.

    It ends with the process, however that ends; an empty file ``.NAME.lock``
    stays beside ``path``.

    Raises:
        UserError: If another process is at it, or nothing can be written
            beside it.
    """
    path = Path(path)
    name = f'.{path.name.lstrip(".")}.lock'
    lock = FileLock(path.with_name(name), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(
            f'{path}: another process is at it. Wait for its end, then call '
            'again.'
        ) from None
    except OSError as error:
        raise UserError(
            f'{path.parent}: nothing can be written there '
            f'({error.strerror or error}). Name another folder'
        ) from error
    try:
        yield
    finally:
        lock.release()


def digest(path: str | Path, kind: str) -> str:
    """Return the hexadecimal digest of a file, read piece by piece.

    Args:
        path: The file.
        kind: Name of the hash, e.g. ``'md5'``.
    """
    # not for safety: some lists of checksums have nothing better than MD5
    value = hashlib.new(kind, usedforsecurity=False)
    with Path(path).open('rb') as stream:
        while piece := stream.read(1 << 20):
            value.update(piece)
    return value.hexdigest()


def sha256(path: str | Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    return digest(path, 'sha256')


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding='utf-8', newline='\n')


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write bytes."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
