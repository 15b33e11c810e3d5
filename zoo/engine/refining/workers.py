"""Processes that keep to one core each, or none besides this one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from zoo.errors import UserError


class _Later(Future):
    """Is done when it is asked for, in this process."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self.work = work

    def result(self, timeout: float | None = None) -> Any:
        return self.work()


class _Here(Executor):
    """Is no process besides this one."""

    def submit(self, function: Callable, /, *args, **kwargs) -> Future:
        return _Later(partial(function, *args, **kwargs))


@contextmanager
def open_workers(
    count: int, *, apart: bool = False
) -> Iterator[list[Executor]]:
    """Yield executors with ``count`` processes in all.

    They start afresh: a fork would inherit the locks of other threads and
    hang. One of them is this process itself, which may use all threads that
    torch may; several keep to a thread each.

    Args:
        count: At least 1.
        apart: One executor for each process, so that a process can keep what
            it has loaded; else one for all.

    Raises:
        UserError: If ``count`` is below 1, or a process was killed.
    """
    if count < 1:
        raise UserError(f'--workers must be at least 1, got {count}')
    executors: list[Executor] = []
    try:
        if count == 1:
            executors = [_Here()]
        else:
            sizes = [1] * count if apart else [count]
            executors = [_processes(size) for size in sizes]
        yield executors
    except BrokenProcessPool as error:
        raise UserError(
            f'--workers {count}: a process was killed, mostly for want of '
            'memory. Call again with fewer; what is done stays done'
        ) from error
    finally:
        for executor in executors:
            executor.shutdown(cancel_futures=True)


def _processes(count: int) -> Executor:
    return ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context('spawn'),
        initializer=_begin,
    )


def _begin() -> None:
    """Prepare a process: one thread, and no life after its parent's."""
    import torch

    torch.set_num_threads(1)
    # Ctrl-C reaches all; the parent stops the others in good order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
