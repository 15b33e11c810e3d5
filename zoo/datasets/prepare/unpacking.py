"""Bring files from sources to their places, converted on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from zoo.datasets.prepare.sources import source_files
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import write_bytes

Convert = Callable[[bytes, str], bytes]
KNOWN = Path()


@dataclass(frozen=True)
class Place:
    """Where a file of a source goes.

    Attributes:
        path: Of what is written; ``KNOWN`` for what is of the data set but
            not unpacked.
        convert: From the content, and the name for a message, to what is
            written; ``None`` where that is the content.
    """

    path: Path
    convert: Convert | None = None


def unpack(
    sources: Sequence[Path],
    place: Callable[[PurePosixPath], Place | None],
    *,
    of: str,
    progress: Progress | None = None,
) -> None:
    """Write the files that ``place`` knows and that are not there yet.

    Each file is written whole or not at all, so that a call that was stopped
    goes on where it was.

    Args:
        sources: Archives, folders or files; a folder may hold the results.
        place: From a name in a source to where it goes; ``None`` for what
            is not needed.
        of: What a source must hold, as a message says it.
        progress: Called with what is done of a source, and the total; where
            it has ``finished``, that is called with each source in the end.

    Raises:
        UserError: If a source cannot be read, holds nothing that is known,
            or a file in it cannot be converted.
    """
    for source in sources:
        taken: set[Path] = set()

        def wanted(name: str, taken: set[Path] = taken) -> bool:
            target = _place(place, name)
            if target is None:
                return False
            twice = target.path in taken  # an archive may hold a name so
            taken.add(target.path)
            new = not twice and target.path != KNOWN
            return new and not target.path.exists()

        with Workers() as workers:
            for name, content in source_files(source, wanted, progress):
                target = _place(place, name)
                workers.add(_write, target, content, f'{source}: {name}')
        if finished := getattr(progress, 'finished', None):
            finished(source)
        if not taken:
            raise UserError(
                f'{source}: holds nothing of {of}. Is it the right file?'
            )


def _place(
    place: Callable[[PurePosixPath], Place | None], name: str
) -> Place | None:
    path = PurePosixPath(name)
    # copies that macOS leaves in archives
    return None if path.name.startswith('.') else place(path)


def _write(target: Place, content: bytes, name: str) -> None:
    if target.convert is not None:
        content = target.convert(content, name)
    write_bytes(target.path, content)


class Workers:
    """Threads on all cores that never fall far behind who feeds them.

    Decoders, encoders and zlib release Python's lock. An error in one of
    them is raised where the next job is added, or at the end.
    """

    def __init__(self) -> None:
        self._count = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._count)
        self._waiting: deque[Future] = deque()

    def __enter__(self) -> 'Workers':
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        try:
            while kind is None and self._waiting:
                self._waiting.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def add(self, work: Callable, *arguments: Any) -> None:
        """Do it soon; wait while many are waiting."""
        self._waiting.append(self._pool.submit(work, *arguments))
        if len(self._waiting) > 8 * self._count:
            self._waiting.popleft().result()


def in_parallel(
    work: Callable, jobs: Iterable, progress: Progress | None = None
) -> None:
    """Do the same with each job, on all cores."""
    todo = list(jobs)
    with Workers() as workers:
        for done, job in enumerate(todo, start=1):
            workers.add(work, job)
            if progress:
                progress(done, len(todo))
