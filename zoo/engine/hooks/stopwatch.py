"""Time what the model does, and only that."""

import time

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from zoo.evaluation.environment import hardware_name


@HOOKS.register_module()
class StopwatchHook(Hook):
    """Measure seconds per tested image and per training run.

    A test is timed from the loaded image to the finished prediction,
    post-processing included; the first image, which warms up, is left out
    where there is another. The training time is kept in the checkpoint, so
    that a resumed run counts what was run before.
    """

    priority = 'VERY_LOW'

    def __init__(self) -> None:
        self.test_seconds: list[float] = []
        self.train_seconds = 0.0
        self._begun = 0.0

    @property
    def ms_per_image(self) -> float | None:
        """Mean over the images, without the first."""
        seconds = self.test_seconds[1:] or self.test_seconds
        return 1000 * sum(seconds) / len(seconds) if seconds else None

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Start."""
        self._begun = time.perf_counter()

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Stop; validation and saving are not counted."""
        self.train_seconds += time.perf_counter() - self._begun

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remember the training time so far, and what it ran on."""
        device = next(runner.model.parameters()).device
        checkpoint['meta'].update(
            train_seconds=self.train_seconds,
            hardware=hardware_name(str(device)),
        )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Go on from the training time so far."""
        meta = checkpoint.get('meta', {})
        self.train_seconds = meta.get('train_seconds', 0.0)

    def before_test_epoch(self, runner: Runner) -> None:
        """Forget an earlier test."""
        self.test_seconds = []

    def before_test_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Start when the device is idle."""
        _wait()
        self._begun = time.perf_counter()

    def after_test_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Stop when the device is done."""
        _wait()
        self.test_seconds.append(time.perf_counter() - self._begun)


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
