"""Run the steps of a sweep, several at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, Any

import zoo
from zoo.engine.sweep.steps import Step, longest_first
from zoo.engine.workdir import RUNS, require_writable, runs_root

HOME = Path(zoo.__file__).parents[1]  # holds tools/
BUSY = 'another process is at it. Wait for it, or end it'
PAUSE = 0.2  # seconds between two looks at what runs


def run_steps(
    steps: Sequence[Step], *, jobs: int = 1, say: Callable[[str], None] = print
) -> list[Step]:
    """Run steps as processes of their own; return those that failed.

    A step starts once all that it needs has ended well; those behind a
    failed one are left out and count as failed. Output goes to each step's
    log. If this process is stopped, so are the steps: the same sweep goes on
    from their checkpoints. A step that another sweep is at, or that outlived
    a killed one, fails: two would write to one folder.

    Args:
        steps: Each one behind all that it needs.
        jobs: How many run at once; they share the cores evenly, unless
            OMP_NUM_THREADS says otherwise.
        say: Takes a line whenever a step starts, ends or fails.
    """
    waiting = longest_first(steps)
    done: set[Step] = set()
    failed: list[Step] = []
    running: list[_Running] = []
    environment = _environment(jobs)
    with _ends_on_sigterm():
        try:
            while waiting or running:
                failed += _drop(waiting, failed, say)
                ready = [x for x in waiting if done.issuperset(x.needs)]
                for step in ready[: jobs - len(running)]:
                    waiting.remove(step)
                    try:
                        running.append(_Running.start(step, environment))
                        say(f'{_count(steps, done)} {step} ...')
                    except BlockingIOError:
                        failed.append(step)
                        say(f'failed: {step}: {BUSY} ({step.log})')
                for job in [job for job in running if job.ended()]:
                    running.remove(job)
                    _sort(job, done, failed)
                    say(job.outcome(_count(steps, done)))
                time.sleep(PAUSE)
        finally:
            for job in running:
                job.stop()
    return failed


def _sort(job: '_Running', done: set[Step], failed: list[Step]) -> None:
    if job.process.returncode == 0:
        done.add(job.step)
    else:
        failed.append(job.step)


@contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    """Let a kill end this process as an exception, so that steps end too."""

    def leave(*_: Any) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass
class _Running:
    step: Step
    process: subprocess.Popen
    output: IO[str]
    began: float

    @classmethod
    def start(cls, step: Step, environment: dict[str, str]) -> '_Running':
        """Start a step.

        Raises:
            BlockingIOError: If a process of another sweep is at it.
        """
        require_writable(step.log.parent)
        output = step.log.open('a', encoding='utf-8')
        # The process inherits the open file, and with it the lock.
        flock(output, LOCK_EX | LOCK_NB)
        output.truncate(0)
        process = subprocess.Popen(
            [sys.executable, _tool(step.command[0]), *step.command[1:]],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        return cls(step, process, output, time.monotonic())

    def ended(self) -> bool:
        if self.process.poll() is None:
            return False
        self.output.close()
        return True

    def stop(self) -> None:
        """End the process, with its own ending first."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def outcome(self, count: str) -> str:
        """Say in one line how long it took; or why, and where to read on."""
        if self.process.returncode == 0:
            seconds = round(time.monotonic() - self.began)
            return f'{count} {self.step}: {timedelta(seconds=seconds)}'
        text = self.step.log.read_text(encoding='utf-8', errors='replace')
        lines = [line for line in text.splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else 'no output'
        if self.process.returncode < 0:
            name = signal.Signals(-self.process.returncode).name
            reason = f'was ended from outside by {name}'
        return f'failed: {self.step}: {reason} ({self.step.log})'


def _drop(
    waiting: list[Step], failed: list[Step], say: Callable[[str], None]
) -> list[Step]:
    """Take out the steps that need a failed one."""
    lost: list[Step] = []
    for step in list(waiting):
        if not {*failed, *lost}.isdisjoint(step.needs):
            waiting.remove(step)
            lost.append(step)
            say(f'left out: {step}: needs what has failed')
    return lost


def _tool(name: str) -> str:
    """Return the path of a tool, short where this is the repository."""
    return name if Path(name).is_file() else str(HOME / name)


def _count(steps: Sequence[Step], done: set[Step]) -> str:
    width = len(str(len(steps)))
    return f'[{len(done):>{width}}/{len(steps)}]'


def _environment(jobs: int) -> dict[str, str]:
    """Share the cores among the jobs; keep their runs where ours are."""
    cores = os.cpu_count() or 1
    threads = str(max(1, cores // jobs))
    runs = str(runs_root())
    return {'OMP_NUM_THREADS': threads, **os.environ, RUNS: runs}
