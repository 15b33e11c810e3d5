"""Where runs live, and which checkpoint is the newest."""

import os
from contextlib import suppress

import pytest

from zoo.engine import workdir
from zoo.errors import UserError


def touch(path, age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def test_the_newest_is_the_highest_number_not_the_last_name(tmp_path):
    for number in (9, 1000, 500):
        touch(tmp_path / f'iter_{number}.pth')
    touch(tmp_path / 'iter_2000.pth.suspect')
    touch(tmp_path / '.iter_3000.pth.1.tmp')
    found = [path.name for path in workdir.checkpoints_in(tmp_path)]
    assert found == ['iter_9.pth', 'iter_500.pth', 'iter_1000.pth']
    assert workdir.newest_checkpoint(tmp_path).name == 'iter_1000.pth'


def test_without_a_seed_the_run_that_wrote_last_is_taken(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'work_dirs/method/leaf'
    touch(folder / 'seed0/iter_20.pth', age=5)
    late = touch(folder / 'seed1/iter_10.pth')
    assert workdir.checkpoint_of_leaf('method/leaf').samefile(late)
    zero = workdir.checkpoint_of_leaf('method/leaf', 0)
    assert zero.name == 'iter_20.pth'
    assert workdir.checkpoint_of_leaf('method/leaf', 2) is None
    assert workdir.checkpoint_of_leaf('method/other') is None
    touch(folder / 'seed7/notes.txt')
    touch(folder / 'seed10-old/iter_10.pth')
    touch(folder / 'seed12/iter_3.pth', age=9)
    assert workdir.seeds_of_leaf('method/leaf') == [1, 0, 12]


def test_runs_are_looked_for_below_a_folder_until_the_block_ends(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / 'work_dirs/method/leaf/seed0/iter_1.pth')
    inside = touch(tmp_path / 'work_dirs/fold1/method/leaf/seed3/iter_2.pth')
    with workdir.runs_below('work_dirs/fold1'):
        assert workdir.seeds_of_leaf('method/leaf') == [3]
        assert workdir.checkpoint_of_leaf('method/leaf').samefile(inside)
        with suppress(KeyError), workdir.runs_below('elsewhere'):
            folder = workdir.default_work_dir('configs/m/leaf.py', 1)
            assert folder.as_posix() == 'elsewhere/m/leaf/seed1'
            raise KeyError
        folder = workdir.default_work_dir('configs/m/leaf.py', 1)
        assert folder.as_posix() == 'work_dirs/fold1/m/leaf/seed1'
    assert workdir.seeds_of_leaf('method/leaf') == [0]
    assert workdir.runs_of_leaf('m/leaf').as_posix() == 'work_dirs/m/leaf'


def test_names_follow_the_folders(tmp_path):
    path = tmp_path / 'configs/deeplab_crf/vgg16_voc.py'
    assert workdir.leaf_name(path) == 'deeplab_crf/vgg16_voc'
    folder = workdir.default_work_dir(path, 3).as_posix()
    assert folder == 'work_dirs/deeplab_crf/vgg16_voc/seed3'


def test_the_config_of_a_leaf_is_beside_the_one_that_names_it(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    other = touch(tmp_path / 'mine/crf/leaf.py')
    assert workdir.config_of_leaf('crf/part', other) is None
    zoo = touch(tmp_path / 'configs/crf/part.py')
    assert workdir.config_of_leaf('crf/part', other).samefile(zoo)
    own = touch(tmp_path / 'mine/crf/part.py')
    assert workdir.config_of_leaf('crf/part', other).samefile(own)


def test_leftovers_of_a_name_are_removed_up_to_a_time(tmp_path):
    old = touch(tmp_path / '.whole.pth.1.tmp', age=10)
    late = touch(tmp_path / '.whole.pth.2.tmp', age=5)
    other = touch(tmp_path / '.iter_2.pth.3.tmp', age=99)
    done = touch(tmp_path / 'whole.pth', age=99)
    workdir.remove_leftovers(tmp_path, 'whole.pth', before=1e9 - 5)
    assert not old.exists()
    assert late.exists(), 'its writer may be alive'
    assert other.exists()
    assert done.exists()
    workdir.remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [late, done]
    workdir.remove_leftovers(tmp_path / 'no such folder')


def test_a_file_is_no_folder_to_write_to(tmp_path):
    file = touch(tmp_path / 'file')
    with pytest.raises(UserError, match='cannot be written'):
        workdir.require_writable(file / 'below')
