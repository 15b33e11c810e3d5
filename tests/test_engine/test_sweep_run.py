"""Steps run as processes: in order, several at once, ended with us."""

import os
import signal
import subprocess
import sys
import time

import pytest

from zoo.engine.sweep import Step, run_steps


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Return a function that writes a small program and its step."""
    monkeypatch.chdir(tmp_path)

    def make(name, text, *needs):
        program = tmp_path / f'{name}.py'
        program.write_text(text)
        log = tmp_path / 'logs' / f'{name}.log'
        return Step('test', name, 0, (program.name, 'word'), log, needs)

    return make


def touch(name, seconds=0.0):
    return (
        f'import time, pathlib; time.sleep({seconds}); '
        f'pathlib.Path({name!r}).touch()'
    )


def test_a_step_waits_for_what_it_needs(make, tmp_path):
    slow = make('slow', touch('there', 0.5))
    behind = make(
        'behind',
        'import pathlib; assert pathlib.Path("there").exists()',
        slow,
    )
    lines = []
    assert run_steps([slow, behind], jobs=2, say=lines.append) == []
    assert lines[0] == '[0/2] test slow seed 0 ...'
    assert lines[1].startswith('[1/2] test slow seed 0: 0:00:0')
    assert lines[2] == '[1/2] test behind seed 0 ...'
    assert lines[3].startswith('[2/2] test behind seed 0: 0:00:0')


def test_a_failure_is_one_line_and_the_rest_goes_on(make, tmp_path):
    bad = make('bad', 'print("a\\n"); raise SystemExit("error: no data")')
    behind = make('behind', touch('behind'), bad)
    last = make('last', touch('last'), behind)
    other = make('other', touch('other'))
    lines = []
    failed = run_steps([bad, behind, last, other], say=lines.append)
    assert failed == [bad, behind, last]
    assert (tmp_path / 'other').exists()
    assert not (tmp_path / 'behind').exists()
    log = tmp_path / 'logs/bad.log'
    assert f'failed: test bad seed 0: error: no data ({log})' in lines
    assert 'left out: test behind seed 0: needs what has failed' in lines
    assert 'left out: test last seed 0: needs what has failed' in lines
    assert log.read_text() == 'a\n\nerror: no data\n'


def test_a_step_that_says_nothing(make):
    bad = make('bad', 'raise SystemExit(3)')
    lines = []
    run_steps([bad], say=lines.append)
    assert 'failed: test bad seed 0: no output' in lines[-1]


def test_what_was_ended_from_outside_says_so(make):
    lines = []
    run_steps([make('a', 'import os; os.abort()')], say=lines.append)
    assert 'was ended from outside by SIGABRT' in lines[-1]


def test_what_outlived_a_killed_sweep_is_left_alone(make, tmp_path):
    text = 'import pathlib, time\nprint("mine", flush=True)\ntime.sleep(100)'
    step = make('slow', text)
    code = (
        'import pathlib; from zoo.engine.sweep import Step, run_steps; '
        f'run_steps([Step("test", "slow", 0, {step.command!r}, '
        f'pathlib.Path({str(step.log)!r}))])'
    )
    sweep = subprocess.Popen([sys.executable, '-c', code], cwd=tmp_path)
    try:
        _until(step.log.exists, 120)
        _until(lambda: step.log.read_text() == 'mine\n', 60)
        sweep.kill()
        sweep.wait()
        lines = []
        assert run_steps([step], say=lines.append) == [step]
        assert 'another process is at it' in lines[-1]
        assert step.log.read_text() == 'mine\n'
    finally:
        subprocess.run(['pkill', '-f', f'{step.command[0]} word'], check=True)
    fast = make('slow', 'print("again")')
    _until(lambda: run_steps([fast], say=lines.append) == [], 30)
    assert step.log.read_text() == 'again\n'


MEET = """
import pathlib, sys, time
pathlib.Path({own!r}).touch()
end = time.monotonic() + 20
while not pathlib.Path({other!r}).exists():
    if time.monotonic() > end:
        sys.exit('alone')
    time.sleep(0.05)
"""


def test_jobs_run_at_once(make):
    a = make('a', MEET.format(own='a', other='b'))
    b = make('b', MEET.format(own='b', other='a'))
    assert run_steps([a, b], jobs=2, say=lambda _: None) == []


ALONE = """
import os, time
os.mkdir('busy')
time.sleep(0.4)
os.rmdir('busy')
"""


def test_no_more_run_than_asked_for(make):
    steps = [make(name, ALONE) for name in 'abc']
    assert run_steps(steps, jobs=1, say=lambda _: None) == []


def test_steps_know_their_share_of_the_cores_and_our_runs(make, monkeypatch):
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    monkeypatch.setattr(os, 'cpu_count', lambda: 8)
    text = (
        'import os, sys; '
        'print(os.environ["OMP_NUM_THREADS"], os.environ["SEGZOO_RUNS"], '
        'sys.argv[1])'
    )
    step = make('a', text)
    run_steps([step], jobs=3, say=lambda _: None)
    assert step.log.read_text() == '2 work_dirs word\n'
    monkeypatch.setenv('OMP_NUM_THREADS', '5')
    run_steps([step], jobs=3, say=lambda _: None)
    assert step.log.read_text() == '5 work_dirs word\n'


SWEEP = """
import pathlib
from zoo.engine.sweep import Step, run_steps
step = Step('test', 'm/x', 0, ('sleeper.py',), pathlib.Path('x.log'))
run_steps([step])
"""


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_what_runs_ends_with_us(tmp_path, number):
    (tmp_path / 'sleeper.py').write_text(
        'import os, pathlib, time\n'
        'pathlib.Path("pid").write_text(str(os.getpid()))\n'
        'time.sleep(100)\n'
    )
    process = subprocess.Popen(
        [sys.executable, '-c', SWEEP], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    _until(lambda: (tmp_path / 'pid').exists(), 120)
    _until(lambda: (tmp_path / 'pid').read_text(), 10)
    child = int((tmp_path / 'pid').read_text())
    process.send_signal(number)
    process.wait(timeout=30)
    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def _until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
