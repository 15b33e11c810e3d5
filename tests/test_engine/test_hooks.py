"""Hooks: time, and post-processing left out of a training's validation."""

import time

import torch
from torch import nn

from zoo.engine.hooks import (
    ProgressHook,
    StopwatchHook,
    ValidateNetworkAloneHook,
)


class Runner:
    """As much of mmengine's as the hooks look at."""

    def __init__(self):
        self.model = nn.Linear(1, 1)
        self.model.test_step = lambda data: [time.sleep(data / 1000)] * 2


def test_images_are_timed_without_the_first_batch_and_without_scoring():
    runner, hook = Runner(), StopwatchHook()
    hook.before_test(runner)
    for milliseconds in (200, 20, 40):
        runner.model.test_step(milliseconds)
        time.sleep(0.05)  # scoring and saving
    hook.after_test(runner)
    # 60 ms for four images; a busy machine sleeps longer, never shorter
    assert 15 <= hook.ms_per_image < 45
    assert [count for _, count in hook.batches] == [2, 2, 2]


def test_post_processing_is_off_only_inside_a_training_run():
    runner, hook = Runner(), ValidateNetworkAloneHook()
    hook.before_val_epoch(runner)
    assert runner.model.post_processing
    hook.before_train(runner)
    hook.before_val_epoch(runner)
    assert not runner.model.post_processing
    hook.after_val_epoch(runner)
    assert runner.model.post_processing
    hook.after_train(runner)
    hook.before_val_epoch(runner)
    assert runner.model.post_processing


def test_training_validates_without_the_crf(train_small, monkeypatch):
    """Through the real loop: the CRF would be called three times."""
    from zoo.models.post_processors import DenseCRF

    monkeypatch.setattr(DenseCRF, 'forward', lambda *args: 1 / 0)
    train_small('run', 2)


def test_time_left_does_not_wrap_at_a_day(capsys):
    hook = ProgressHook(seconds=0)
    hook._start('train', 1_000_000)
    hook._meter.begun -= 1  # one second for the first of a million
    hook._meter.step(lambda: 'loss 1')
    assert 'left 11 days' in capsys.readouterr().err


def test_the_loss_shown_is_that_of_the_iteration(train_small, capsys):
    train_small('run', 2)
    shown = capsys.readouterr().err
    assert 'loss' in shown
    assert torch.tensor(float(shown.split('loss ')[1].split()[0])) > 0
