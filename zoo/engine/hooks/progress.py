"""What a person sees of a run: a bar on a terminal, lines in a log."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


@HOOKS.register_module()
class ProgressHook(Hook):
    """Show how far training, validation and testing are, and the time left.

    On a terminal it is one live bar; elsewhere a line every few seconds, so
    that a log file stays readable. mmengine's own log goes to the work dir.

    Args:
        seconds: Time between two lines where there is no terminal.
    """

    priority = 'LOW'

    def __init__(self, *, seconds: float = 15.0) -> None:
        self.seconds = seconds
        self._meter: _Bar | _Lines | None = None

    def _start(self, what: str, total: int, done: int = 0) -> None:
        self.close()
        if is_main_process():
            live = sys.stderr.isatty()
            meter = _Bar if live else _Lines
            self._meter = meter(what, total, done, self.seconds)

    def close(self) -> None:
        """Take the bar off the terminal, also when a run ends in an error."""
        if self._meter is not None:
            self._meter.close()
        self._meter = None

    def before_train(self, runner: Runner) -> None:
        """Open the bar of the training."""
        self._start('train', runner.max_iters, runner.iter)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Move on; show the loss and the learning rate."""
        if self._meter is None:  # a validation came in between
            self._start('train', runner.max_iters, runner.iter)
        if self._meter is not None and outputs is not None:
            self._meter.step(lambda: _state(runner, outputs))

    def after_train(self, runner: Runner) -> None:
        """Close the bar."""
        self.close()

    def before_val_epoch(self, runner: Runner) -> None:
        """Open the bar of a validation."""
        self._start('validate', len(runner.val_dataloader))

    def before_test_epoch(self, runner: Runner) -> None:
        """Open the bar of a test."""
        self._start('test', len(runner.test_dataloader))

    def after_val_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Move on."""
        if self._meter is not None:
            self._meter.step(str)

    def after_test_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Move on."""
        if self._meter is not None:
            self._meter.step(str)

    def after_val_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Close the bar and print the scores."""
        self.close()
        if is_main_process() and metrics:
            scores = '  '.join(f'{k} {v:.2f}' for k, v in metrics.items())
            print(f'iteration {runner.iter}: {scores}', file=sys.stderr)

    def after_test_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Close the bar."""
        self.close()


def _state(runner: Runner, outputs: dict) -> str:
    rate = next(iter(runner.optim_wrapper.get_lr().values()))[0]
    return f'loss {outputs["loss"].item():.4f}  lr {rate:.2e}'


class _Bar:
    """A live bar."""

    def __init__(self, what: str, total: int, done: int, _: float) -> None:
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
