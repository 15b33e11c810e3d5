"""Commit, versions and hardware, also where there are none."""

import subprocess
from datetime import datetime

import pytest
import torch

from zoo import __version__
from zoo.evaluation import environment, hardware_name
from zoo.evaluation.environment import cpu_name, git_state


def git(folder, *arguments):
    identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c']
    subprocess.run(
        ['git', '-C', str(folder), *identity, *arguments],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in ('GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / 'zoo').mkdir()
    (tmp_path / 'zoo' / 'a.py').write_text('1\n')
    git(tmp_path, 'init')
    git(tmp_path, 'add', '.')
    git(tmp_path, 'commit', '-m', 'x')
    return tmp_path


def test_states_what_a_record_needs():
    found = environment()
    assert set(found) == {'commit', 'dirty', 'versions', 'date', 'argv'}
    assert found['versions']['torch'] == torch.__version__
    assert found['versions']['zoo'] == __version__
    assert found['versions']['mmcv']
    assert datetime.fromisoformat(found['date']).utcoffset().seconds == 0


def test_dirty_means_changed_code_not_new_records(repository):
    clean = git_state(repository)
    assert len(clean['commit']) == 40
    assert clean['dirty'] is False
    (repository / 'record.json').write_text('{}')
    assert git_state(repository) == clean
    (repository / 'zoo' / 'b.py').write_text('2\n')
    assert git_state(repository) == {**clean, 'dirty': True}


def test_no_commit_outside_git_or_inside_another_repository(
    repository, tmp_path_factory
):
    nothing = {'commit': None, 'dirty': None}
    assert git_state(repository / 'zoo') == nothing
    outside = tmp_path_factory.mktemp('outside')
    assert git_state(outside) == nothing
    git(outside, 'init')
    assert git_state(outside) == nothing


def test_cpu_name_comes_from_the_list_where_it_has_one(tmp_path):
    path = tmp_path / 'cpuinfo'
    assert cpu_name(path)
    path.write_text('processor\t: 0\nmodel name\t: Abacus 3000 @ 1 Hz: fast\n')
    assert cpu_name(path) == 'Abacus 3000 @ 1 Hz: fast'
    path.write_text('processor\t: 0\n')
    assert cpu_name(path) not in ('', '0')
    assert hardware_name('cpu')


def test_gpu_name_is_asked_for_the_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda d: f'GPU {d}')
    assert hardware_name('cuda:1') == 'GPU cuda:1'
