"""What a person sees of a run: a bar on a terminal, lines in a log."""

import sys

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from zoo.engine.meter import Meter, open_meter


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
        self._meter: Meter | None = None

    def _start(self, what: str, total: int, done: int = 0) -> None:
        self.close()
        if is_main_process():
            self._meter = open_meter(
                what, total, done=done, seconds=self.seconds
            )

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
