"""How far something is: lines without a terminal, a bar on one."""

import sys
import time

import pytest

from zoo.engine.meter import open_meter


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_every_step_is_said_where_no_time_is_to_pass(capsys):
    meter = open_meter('extract', 3, seconds=0)
    for word in ('a', 'b', ''):
        meter.step(lambda word=word: word)
    meter.close()
    said = lines(capsys)
    assert [line.split()[:2] for line in said] == [
        ['extract', '1/3'],
        ['extract', '2/3'],
        ['extract', '3/3'],
    ]
    assert said[0].endswith('  a')
    assert said[2].endswith('left 0:00:00')


def test_meanwhile_nothing_is_said_but_the_end(capsys):
    meter = open_meter('extract', 5, seconds=1000)
    asked = []
    for step in range(5):
        meter.step(lambda step=step: asked.append(step) or 'done')
    assert asked == [4], 'text is asked only if it is shown'
    [line] = lines(capsys)
    assert line.startswith('extract 5/5')


def test_time_left_is_that_of_the_steps_since_the_start(capsys):
    """Those that were done before took none."""
    meter = open_meter('train', 110, done=100, seconds=0)
    meter.begun = time.monotonic() - 40
    meter.step(str)
    assert 'train 101/110  left 0:06:0' in lines(capsys)[0]  # 9 x 40 s


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)


def test_on_a_terminal_there_is_a_bar(terminal):
    meter = open_meter('extract', 4, done=1)
    meter.step(lambda: 'loss 1')
    task = meter.progress.tasks[0]
    assert (task.completed, task.total) == (2, 4)
    assert task.fields['text'] == 'loss 1'
    meter.close()
    assert meter.progress.finished or not meter.progress.live.is_started
