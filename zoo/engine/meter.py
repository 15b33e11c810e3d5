"""How far something is: a bar on a terminal, lines in a log."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


class Meter(Protocol):
    """What ``open_meter`` returns."""

    def step(self, text: Callable[[], str]) -> None:
        """Move on by one; ``text`` is asked only if it is shown."""

    def close(self) -> None:
        """Take the bar off the terminal."""


def open_meter(
    what: str, total: int, *, done: int = 0, seconds: float = 15.0
) -> Meter:
    """Return a live bar on a terminal, elsewhere a line now and then.

    Args:
        what: A word, said in front.
        total: Steps in all.
        done: Steps that are behind already.
        seconds: Time between two lines where there is no terminal.
    """
    if sys.stderr.isatty():
        return _Bar(what, total, done)
    return _Lines(what, total, done, seconds)


class _Bar:
    """A live bar."""

    def __init__(self, what: str, total: int, done: int) -> None:
        self.progress = Progress(
            TextColumn('{task.description:>8}'),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn('{task.fields[text]}'),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.progress.start()
        self.task = self.progress.add_task(
            what, total=total, completed=done, text=''
        )

    def step(self, text: Callable[[], str]) -> None:
        self.progress.update(self.task, advance=1, text=text())

    def close(self) -> None:
        self.progress.stop()


class _Lines:
    """A line now and then."""

    def __init__(
        self, what: str, total: int, done: int, seconds: float
    ) -> None:
        self.what, self.total, self.done = what, total, done
        self.first, self.begun = done, time.monotonic()
        self.seconds, self.said = seconds, time.monotonic()

    def step(self, text: Callable[[], str]) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.said < self.seconds and self.done < self.total:
            return
        self.said = now
        pace = (now - self.begun) / (self.done - self.first)
        left = timedelta(seconds=round(pace * (self.total - self.done)))
        line = f'{self.what} {self.done}/{self.total}  left {left}  {text()}'
        print(line.rstrip(), file=sys.stderr, flush=True)

    def close(self) -> None:
        pass
