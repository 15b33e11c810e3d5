"""What several processes do together; alone they change nothing."""

import subprocess
import sys

import pytest
from mmengine.config import Config
from support import LEAF

from zoo.engine import experiment, processes
from zoo.engine.processes import join_processes, on_main_process
from zoo.errors import UserError

# two processes on a CPU, which mmengine's own launchers do not start
SCRIPT = """
import sys, time
from pathlib import Path
import torch.distributed as dist
from zoo.engine.processes import join_processes, on_main_process

rank, folder = int(sys.argv[1]), Path(sys.argv[2])
dist.init_process_group(
    'gloo', init_method=f'file://{folder}/meet', rank=rank, world_size=2
)
join_processes({'launcher': 'pytorch'})  # they know each other already

def find():
    time.sleep(0.5)
    path = folder / f'written by {rank}'
    path.touch()
    return path

found = on_main_process(find)
assert found.is_file()
print(found.name)
dist.destroy_process_group()
"""


def test_one_process_needs_no_launcher():
    join_processes(Config({'launcher': 'none'}))
    join_processes(Config())
    assert on_main_process(lambda: [3]) == [3]


@pytest.mark.parametrize('launcher', ['pytorch', 'slurm'])
def test_a_launcher_without_a_gpu_is_refused(launcher, monkeypatch):
    monkeypatch.setenv('RANK', '0')
    monkeypatch.setattr(processes, 'get_device', lambda: 'cpu')
    with pytest.raises(UserError, match=f'--launcher {launcher}: needs a GPU'):
        join_processes(Config({'launcher': launcher}))


def test_a_launcher_without_its_processes_is_refused(monkeypatch):
    monkeypatch.delenv('RANK', raising=False)
    with pytest.raises(UserError, match='not started by torchrun'):
        join_processes(Config({'launcher': 'pytorch'}))


def test_the_config_says_how_the_processes_talk(monkeypatch):
    monkeypatch.setenv('RANK', '0')
    monkeypatch.setattr(processes, 'get_device', lambda: 'cuda')
    seen = []
    for name in ('set_multi_processing', 'init_dist'):
        monkeypatch.setattr(
            processes,
            name,
            lambda *args, **kwargs: seen.append((args, kwargs)),
        )
    env = {
        'mp_cfg': {'mp_start_method': 'fork'},
        'dist_cfg': {'backend': 'gloo'},
    }
    join_processes(Config({'launcher': 'pytorch', 'env_cfg': env}))
    join_processes(Config({'launcher': 'slurm'}))
    assert seen == [
        ((), {'mp_start_method': 'fork', 'distributed': True}),
        (('pytorch',), {'backend': 'gloo'}),
        ((), {'distributed': True}),
        (('slurm',), {}),
    ]


def test_a_training_joins_before_it_looks_for_weights(
    mini_root, tmp_path, monkeypatch
):
    """Otherwise each process would take itself for the main one."""
    seen = []

    def look(find):
        seen.append('look')
        return find()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(experiment, 'on_main_process', look)
    monkeypatch.setattr(
        experiment, 'join_processes', lambda c: seen.append(c.launcher)
    )
    leaf = tmp_path / 'next_minivoc.py'
    leaf.write_text(f"_base_ = {str(LEAF)!r}\nstarts_from = 'no/such'\n")
    options = experiment.TrainOptions(
        launcher='slurm', data_root=str(mini_root)
    )
    with pytest.raises(UserError, match='of which there is no run'):
        experiment.train(leaf, options)
    assert seen == ['slurm', 'look']


@pytest.mark.slow
def test_only_the_main_process_looks_and_all_know(tmp_path):
    command = (sys.executable, '-c', SCRIPT)
    running = [
        subprocess.Popen(
            [*command, str(rank), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    printed = [process.communicate(timeout=120)[0] for process in running]
    assert printed == ['written by 0\n'] * 2
    assert not (tmp_path / 'written by 1').exists()
