"""Time what the model does, and only that."""

import time
from collections.abc import Callable
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from zoo.evaluation.environment import hardware_name


@HOOKS.register_module()
class StopwatchHook(Hook):
    """Measure seconds per tested image and per training run.

    A test is timed from the loaded image to the finished prediction,
    post-processing included, scoring and saving not; the first batch, which
    warms up, is left out where there is another. Training is timed by the
    clock on the wall, without validations; the time is kept in the
    checkpoint, so that a resumed run counts what was run before.
    """

    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self.batches: list[tuple[float, int]] = []
        self.train_seconds = 0.0
        self._begun = 0.0
        self._test_step: Callable | None = None

    @property
    def ms_per_image(self) -> float | None:
        """Mean over the images, without the first batch."""
        batches = self.batches[1:] or self.batches
        images = sum(count for _, count in batches)
        return 1000 * sum(s for s, _ in batches) / images if images else None

    def before_train(self, runner: Runner) -> None:
        """Start."""
        self._begun = time.perf_counter()

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Count the iteration and the wait for its data."""
        now = time.perf_counter()
        self.train_seconds += now - self._begun
        self._begun = now

    def after_val_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Do not count the validation."""
        self._begun = time.perf_counter()

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remember the training time so far, and what it ran on."""
        device = next(runner.model.parameters()).device
        checkpoint['meta'].update(
            train_seconds=self.train_seconds,
            hardware=hardware_name(str(device)),
        )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Go on from the training time so far, if this is a resume."""
        if getattr(runner, 'resuming', False):
            seconds = checkpoint['meta'].get('train_seconds', 0.0)
            self.train_seconds = seconds

    def before_test(self, runner: Runner) -> None:
        """Put the clock around the model."""
        self.batches = []
        self._test_step = runner.model.test_step
        runner.model.test_step = self._timed

    def after_test(self, runner: Runner) -> None:
        """Take it off again."""
        del runner.model.test_step

    def _timed(self, data: Any) -> Any:
        assert self._test_step is not None
        _wait()
        begun = time.perf_counter()
        outputs = self._test_step(data)
        _wait()
        self.batches.append((time.perf_counter() - begun, len(outputs)))
        return outputs


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
