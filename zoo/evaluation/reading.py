"""Many records at once: their counts per image become an interval each."""

import contextlib
import functools
import gc
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from zoo.errors import UserError

from .comparison import image_digest
from .published import find_published
from .records import read_record
from .resampling import Table, draw_totals, rank_table

_BATCH = 32  # records in a matrix product
_AHEAD = 2  # products that may wait; more would fill the memory


@dataclass
class Results:
    """Records by the folder that they lie in, and what could not be read."""

    folders: dict[str, list[dict]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def records(self) -> list[dict]:
        """Return the records of all folders."""
        return [r for records in self.folders.values() for r in records]


def read_results(paths: Iterable[str | Path]) -> Results:
    """Read records; a bad one becomes a line of ``problems``.

    The counts per image, nearly all of a record, are dropped. In their place
    stand ``replicates``, those of the metric that ranks as ``(1000,)``
    float32 (see ``zoo.evaluation.resampling``), and ``image_digest``, by
    which ``compare`` knows the same images; neither where there are no
    images.
    """
    results = Results()
    with _no_garbage_collection(), _Resampler() as resampler:
        for path in paths:
            try:
                record = _read(path, resampler)
            except UserError as error:
                results.problems.append(str(error))
                continue
            folder = results.folders.setdefault(Path(path).parent.name, [])
            folder.append(record)
    return results


def _read(path: str | Path, resampler: '_Resampler') -> dict:
    record = read_record(path, lists=False)
    _require_published(path, record['published'])
    if record['images']:
        try:
            table = rank_table(record)
        except ValueError as error:
            raise UserError(
                f'{path}: not a run record ({error}). Delete it or write it '
                'again with tools/test.py.'
            ) from error
        record['image_digest'] = image_digest(record['per_image'])
        resampler.add(record, table)
    del record['per_image']
    return record


def _require_published(path: str | Path, stated: list[dict]) -> None:
    """Refuse rows that no table has, here where the record has a name."""
    try:
        _look_up(tuple(tuple(sorted(row.items())) for row in stated))
    except UserError as error:
        raise UserError(f'{path}: {error}') from error


@functools.cache
def _look_up(rows: tuple[tuple[tuple[str, str], ...], ...]) -> None:
    find_published(dict(row) for row in rows)


class _Resampler:
    """Computes replicates, with the sums in a thread beside the reading.

    A matrix product leaves the interpreter to the reader, but after each the
    thread waits milliseconds for its turn: so there are few, of many records.
    They take one core, because the reader needs the other.
    """

    def __init__(self):
        self._waiting: list[tuple[dict, Table]] = []
        self._running: deque[tuple[list, Future]] = deque()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> '_Resampler':
        self._stack.enter_context(threadpool_limits(1, 'blas'))
        self._pool = self._stack.enter_context(ThreadPoolExecutor(1))
        return self

    def add(self, record: dict, table: Table) -> None:
        """Take a record, whose ``replicates`` are there after the exit."""
        images = len(table.columns)
        if self._waiting and len(self._waiting[0][1].columns) != images:
            self._submit()
        self._waiting.append((record, table))
        if len(self._waiting) == _BATCH:
            self._submit()

    def __exit__(self, *error: object) -> None:
        with self._stack:
            if self._waiting:
                self._submit()
            while self._running:
                self._finish()

    def _submit(self) -> None:
        if len(self._running) == _AHEAD:
            self._finish()
        columns = np.hstack([table.columns for _, table in self._waiting])
        totals = self._pool.submit(draw_totals, columns)
        self._running.append((self._waiting, totals))
        self._waiting = []

    def _finish(self) -> None:
        batch, future = self._running.popleft()
        totals, start = future.result(), 0
        for record, table in batch:
            end = start + table.columns.shape[1]
            values = table.scores(totals[:, start:end])
            record['replicates'] = values.astype(np.float32)
            start = end


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector: records have no cycles, and it took 4/5 of the time.

    Every few thousand new lists it walks over all that has been imported.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
