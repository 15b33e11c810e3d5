"""Processes of a thread each."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from zoo.engine.refining.workers import open_workers
from zoo.errors import UserError

SCRIPT = """
import os, sys, time
from zoo.engine.refining.workers import open_workers
if __name__ == '__main__':
    with open_workers(2, apart=True) as workers:
        pids = [worker.submit(os.getpid).result() for worker in workers]
        print(*pids, flush=True)
        time.sleep(60)
"""


def test_one_worker_is_this_process_and_works_when_asked():
    done = []
    with open_workers(1, apart=True) as (worker,):
        futures = [worker.submit(done.append, i) for i in (1, 2)]
        assert done == []
        futures[1].result()
        assert done == [2]
        assert worker.submit(os.getpid).result() == os.getpid()


@pytest.mark.slow
def test_each_of_several_keeps_to_itself_and_to_one_thread(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '2')
    with open_workers(2, apart=True) as workers:
        futures = [[w.submit(os.getpid) for _ in range(4)] for w in workers]
        pids = [{future.result() for future in own} for own in futures]
        started = multiprocessing.active_children()
        threads = [w.submit(torch.get_num_threads).result() for w in workers]
    assert len(started) == 2
    assert [len(own) for own in pids] == [1, 1]
    assert len({os.getpid()}.union(*pids)) == 3
    assert threads == [1, 1]


def run_in(count, function, *args):
    """Call a function in one of so many processes."""
    with open_workers(count) as (worker,):
        return worker.submit(function, *args).result()


def test_refuses_no_workers():
    with pytest.raises(UserError, match='--workers must be at least 1, got 0'):
        run_in(0, os.getpid)


@pytest.mark.slow
def test_a_process_that_is_killed_is_one_line():
    with pytest.raises(UserError, match=r'a process was killed.*fewer'):
        run_in(2, os._exit, 9)


@pytest.mark.slow
def test_nobody_outlives_a_parent_that_was_killed(tmp_path):
    path = tmp_path / 'script.py'
    path.write_text(SCRIPT)
    parent = subprocess.Popen(
        [sys.executable, str(path)], stdout=subprocess.PIPE, text=True
    )
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 20
    while any(map(alive, children)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(alive, children))


def alive(pid):
    """Tell whether a process runs; one that only waits for its parent not."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False
