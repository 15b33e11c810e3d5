"""Share the work of a compiled loop among threads."""

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import torch

# More pieces than threads: a thread that the machine holds up leaves its
# share to the others. Each piece costs a few microseconds.
PIECES = 4


class Ranges:
    """Threads that run one function over pieces of a range.

    The function must release the interpreter's lock, and must write a place
    from one piece only, whatever the pieces: then the number of threads
    changes no result. As many threads as torch may use: its own setting,
    ``OMP_NUM_THREADS``, ``threadpoolctl`` and torch's data loaders, which
    set 1 in each worker, hold here too. They live as long as the context,
    hence no process forks with them.

    Args:
        threads: At least 1; by default torch's number.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = torch.get_num_threads() if threads is None else threads
        if self.threads < 1:
            raise ValueError(f'threads must be at least 1, got {threads}')
        self._pool = ThreadPoolExecutor(max(self.threads - 1, 1))

    def __enter__(self) -> 'Ranges':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def even(self, count: int) -> list[int]:
        """Return the borders of pieces of ``range(count)``."""
        pieces = 1 if self.threads == 1 else self.threads * PIECES
        return [count * piece // pieces for piece in range(pieces + 1)]

    def run(
        self, function: Callable[..., Any], borders: Sequence[int], *args: Any
    ) -> None:
        """Call ``function(start, stop, *args)`` on each piece.

        Args:
            function: Compiled, without the interpreter's lock.
            borders: Of the pieces, rising.
            *args: Of the function.
        """
        tickets, lock = itertools.count(), threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    piece = next(tickets)
                if piece >= len(borders) - 1:
                    return
                start, stop = borders[piece], borders[piece + 1]
                if start < stop:
                    function(start, stop, *args)

        helpers = min(self.threads, len(borders) - 1) - 1
        others = [self._pool.submit(work) for _ in range(helpers)]
        work()
        for other in others:
            other.result()
