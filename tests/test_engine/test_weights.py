"""Which weights a leaf is tested with, or starts from."""

import hashlib
import os
import time
from pathlib import Path

import pytest
import torch
from support import LEAF, SMALL

from zoo.engine import weights
from zoo.engine.assembly import assemble
from zoo.engine.checkpoint import load_plain
from zoo.engine.config import load_config
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.runner import renamed
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.unfinished import warn_if_unfinished
from zoo.engine.weights import find_checkpoint, starting_checkpoint
from zoo.errors import UserError

PARTS = ('backbone', 'decode_head')


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a leaf of two parts, one that tests it, one after it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'configs/m'
    folder.mkdir(parents=True)
    head = f'# A leaf.\n_base_ = {str(LEAF)!r}\n'
    own = {
        'whole_minivoc': f'assembled_from = {[f"m/{p}" for p in PARTS]}',
        'nocrf_minivoc': "trained_by = 'm/whole_minivoc'",
        'next_minivoc': "starts_from = 'm/whole_minivoc'",
    }
    for name, line in own.items():
        (folder / f'{name}.py').write_text(f'{head}{line}\n')
    return folder


def save(name, value, seed=0, iteration=2, age=0):
    """Write a run of ``m/name`` whose only weight has a value."""
    path = Path(f'work_dirs/m/{name}/seed{seed}/iter_{iteration}.pth')
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {f'{name}.w': torch.tensor(float(value))}
    meta = {'seed': seed, 'iter': iteration}
    torch.save({'state_dict': state, 'meta': meta}, path)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def configure(folder, name, **train_cfg):
    """Write the config of a part, by default of a training of 4 iterations."""
    train_cfg = train_cfg or {'max_iters': 4}
    (folder / f'{name}.py').write_text(
        f'_base_ = {str(LEAF)!r}\ntrain_cfg = dict(**{train_cfg!r})\n'
    )


def find(path, seed=None):
    return find_checkpoint(path, load_config(path), seed)


def values(path):
    state = load_plain(path)['state_dict']
    return {key: value.item() for key, value in state.items()}


def test_a_joint_run_goes_before_parts(project, capsys):
    leaf = project / 'whole_minivoc.py'
    for part in PARTS:
        save(part, 1)
    assembled = find(leaf)
    assert assembled.as_posix() == 'work_dirs/m/whole_minivoc/seed0/' + (
        weights.ASSEMBLED
    )
    assert values(assembled) == {'backbone.w': 1.0, 'decode_head.w': 1.0}
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        f'{assembled}: assembled from work_dirs/m/backbone/seed0/iter_2.pth, '
        'work_dirs/m/decode_head/seed0/iter_2.pth'
    )
    joint = save('whole_minivoc', 5)
    assert find(leaf) == joint
    assert not capsys.readouterr().out


def test_it_is_written_again_only_when_a_part_has_changed(project):
    leaf = project / 'whole_minivoc.py'
    save('backbone', 1)
    save('decode_head', 1)
    out = find(leaf)
    os.utime(out, (5, 5))
    assert find(leaf).stat().st_mtime == 5
    save('decode_head', 2, iteration=4)
    assert values(find(leaf))['decode_head.w'] == 2
    save('decode_head', 3, iteration=4)  # under the same name
    assert values(find(leaf))['decode_head.w'] == 3
    out.write_bytes(out.read_bytes()[:-99])
    assert values(find(leaf))['decode_head.w'] == 3


def test_parts_are_of_one_seed(project):
    """The newest run of the first part that has a fellow."""
    leaf = project / 'whole_minivoc.py'
    for seed, age in ((1, 30), (2, 20), (3, 10)):
        save('backbone', seed, seed=seed, age=age)
    for seed, age in ((1, 1), (2, 9), (4, 0)):
        save('decode_head', seed, seed=seed, age=age)
    assert values(find(leaf)) == {'backbone.w': 2, 'decode_head.w': 2}
    assert find(leaf).parent.name == 'seed2'
    assert values(find(leaf, 1)) == {'backbone.w': 1, 'decode_head.w': 1}
    with pytest.raises(UserError, match=r'm/decode_head has no run of seed 3'):
        find(leaf, 3)
    with pytest.raises(UserError, match=r'm/backbone has no run of seed 4'):
        find(leaf, 4)


def test_a_part_without_a_run_is_named_with_its_command(project):
    leaf = project / 'whole_minivoc.py'
    first = 'python tools/train.py configs/m/backbone.py'
    with pytest.raises(UserError, match='its part m/backbone ') as caught:
        find(leaf)
    assert f'{first}, or all parts' in caught.value.line
    save('decode_head', 1, seed=7)
    with pytest.raises(UserError) as caught:
        find(leaf)
    assert str(leaf) in caught.value.line
    assert f'{first} --seed 7, or all parts jointly: ' in caught.value.line
    assert caught.value.line.endswith('configs/m/whole_minivoc.py --seed 7')
    assert not (project.parents[1] / 'work_dirs/m/whole_minivoc').exists()


def test_parts_in_the_wrong_form_are_refused(project):
    leaf = project / 'whole_minivoc.py'
    config = load_config(leaf)
    config.assembled_from = 'm/backbone'
    with pytest.raises(UserError, match="mapping to them, got 'm/back"):
        find_checkpoint(leaf, config, None)
    config.assembled_from = []
    with pytest.raises(UserError, match='no checkpoint in work_dirs'):
        find_checkpoint(leaf, config, None)


def test_a_leaf_is_tested_with_the_parts_of_the_one_that_it_names(project):
    leaf = project / 'nocrf_minivoc.py'
    with pytest.raises(UserError, match=r'whole_minivoc\.py: its part m/back'):
        find(leaf, 1)
    for part in PARTS:
        save(part, 1, seed=1)
    found = find(leaf, 1)
    assert found.parts[-3:] == ('whole_minivoc', 'seed1', 'assembled.pth')
    joint = save('whole_minivoc', 5, seed=1)
    assert find(leaf, 1) == joint
    assert find(leaf) == joint


def test_a_part_may_be_trained_by_a_leaf_of_parts(project):
    """The file names the leaf that was asked for, and is written once."""
    leaf = project / 'pair_minivoc.py'
    own = "assembled_from = dict(semantic='m/nocrf_minivoc')"
    leaf.write_text(f'# Two.\n_base_ = {str(LEAF)!r}\n{own}\n')
    for part in PARTS:
        save(part, 3)
    found = find(leaf, 0)
    assert found.parts[-3:] == ('pair_minivoc', 'seed0', 'assembled.pth')
    assert values(found) == {f'semantic.{part}.w': 3 for part in PARTS}
    (origin,) = load_plain(found)['meta']['assembled_from']
    assert origin['leaf'] == 'm/nocrf_minivoc'
    os.utime(found, (1e9, 1e9))
    assert find(leaf, 0).stat().st_mtime == 1e9


def test_a_leaf_starts_from_a_run_then_from_parts(project):
    leaf = project / 'next_minivoc.py'
    config = load_config(leaf, seed=1)
    with pytest.raises(UserError, match=r'm/backbone has no run of seed 1\.'):
        starting_checkpoint(leaf, config)
    for part in PARTS:
        save(part, 2, seed=2, age=5)
    save('backbone', 3, seed=3)
    found = starting_checkpoint(leaf, config)
    assert found.parent.name == 'seed2', 'another seed will do'
    for part in PARTS:
        save(part, 1, seed=1, age=9)
    assert starting_checkpoint(leaf, config).parent.name == 'seed1'
    joint = save('whole_minivoc', 5, seed=9)
    assert starting_checkpoint(leaf, config) == joint


def test_parts_in_the_middle_of_their_training_are_named(project, capsys):
    leaf = project / 'whole_minivoc.py'
    for part in PARTS:
        configure(project, part)
        save(part, 1, seed=5, iteration=3)
    warnings = [
        f'part m/{part}: iteration 3 of 4; finish it with python '
        f'tools/train.py configs/m/{part}.py --seed 5 --resume'
        for part in PARTS
    ]
    for _ in range(2):  # and again though the file is up to date
        find(leaf)
        *lines, last = capsys.readouterr().out.splitlines()
        assert lines == warnings
        assert 'assembled.pth: assembled from' in last
    save('backbone', 1, seed=5, iteration=4)
    save('decode_head', 1, seed=5, iteration=5)  # more than the config says
    out = find(leaf)
    assert len(capsys.readouterr().out.splitlines()) == 1
    origins = load_plain(out)['meta']['assembled_from']
    assert [origin['iter'] for origin in origins] == [4, 5]


def test_nothing_is_said_of_an_end_that_is_not_known(project, capsys):
    base = project / 'backbone.py'
    base.write_text('randomness = dict(seed=0)\n')
    configure(project, 'decode_head')
    for part in PARTS:
        save(part, 1)
    content = load_plain(path := save('decode_head', 1))
    del content['meta']['iter']
    torch.save(content, path)
    find(project / 'whole_minivoc.py')
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_command_for_an_unfinished_part_of_no_known_seed(project, capsys):
    configure(project, 'backbone')
    path = Path('work_dirs/m/backbone/seed0/iter_3.pth')
    path.parent.mkdir(parents=True)
    torch.save({'meta': {'iter': 3}, 'state_dict': {}}, path)
    whole = project / 'whole_minivoc.py'
    warn_if_unfinished(path, 'm/backbone', whole, role='start')
    assert capsys.readouterr().out == (
        'start m/backbone: iteration 3 of 4; finish it with python '
        'tools/train.py configs/m/backbone.py --resume\n'
    )


def test_a_training_says_what_it_starts_from(project, capsys):
    leaf = project / 'next_minivoc.py'
    configure(project, 'whole_minivoc')
    config = load_config(leaf, seed=1)
    other = save('whole_minivoc', 2, seed=2, iteration=4)
    assert starting_checkpoint(leaf, config) == other
    assert capsys.readouterr().out == (
        f'{leaf}: starts from {other}, which has seed 2: there is none of '
        'seed 1\n'
    )
    same = save('whole_minivoc', 1, seed=1, age=9)
    assert starting_checkpoint(leaf, config) == same
    assert capsys.readouterr().out.splitlines() == [
        'start m/whole_minivoc: iteration 2 of 4; finish it with python '
        'tools/train.py configs/m/whole_minivoc.py --seed 1 --resume',
        f'{leaf}: starts from {same}',
    ]


def test_a_training_from_parts_of_another_seed_says_so(project, capsys):
    leaf = project / 'next_minivoc.py'
    for part in PARTS:
        save(part, 2, seed=2)
    found = starting_checkpoint(leaf, load_config(leaf, seed=1))
    _, line = capsys.readouterr().out.splitlines()
    assert line.startswith(f'{leaf}: starts from {found}, which has seed 2: ')


def test_the_seed_is_named_where_it_could_be_another(project, capsys):
    leaf = project / 'nocrf_minivoc.py'
    save('whole_minivoc', 1, seed=10, age=1)
    find(leaf)
    assert not capsys.readouterr().out
    save('whole_minivoc', 1, seed=9, age=5)
    find(leaf)
    assert capsys.readouterr().out == (
        f'{leaf}: takes seed 10; there are runs of seeds 9, 10\n'
    )
    find(leaf, 9)
    assert not capsys.readouterr().out


def test_the_seed_of_parts_is_named_where_it_could_be_another(project, capsys):
    whole = project / 'whole_minivoc.py'
    for part in PARTS:
        save(part, 1, seed=1)
    save('decode_head', 1, seed=3)
    find(project / 'nocrf_minivoc.py')
    line, _ = capsys.readouterr().out.splitlines()
    assert line == f'{whole}: takes seed 1; there are runs of seeds 1, 3'
    find(whole, 1)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_what_a_kill_left_of_an_assembling_is_removed(project):
    leaf = project / 'whole_minivoc.py'
    for part in PARTS:
        save(part, 1)
    folder = find(leaf).parent
    names = [f'.{weights.ASSEMBLED}.{number}.tmp' for number in (1, 2)]
    joint = folder / '.iter_2.pth.3.tmp'  # of a run that is under way
    for path in (joint, *(folder / name for name in names)):
        path.touch()
    os.utime(folder / names[0], (time.time() - 3700,) * 2)
    os.utime(joint, (5, 5))
    find(leaf)
    left = {path.name for path in folder.glob('.*')}
    assert left == {names[1], joint.name}


def test_a_leaf_elsewhere_finds_the_configs_of_the_zoo(project, tmp_path):
    for part in PARTS:
        save(part, 1)
    leaf = tmp_path / 'mine/sub/leaf_minivoc.py'
    leaf.parent.mkdir(parents=True)
    leaf.write_text((project / 'next_minivoc.py').read_text())
    found = starting_checkpoint(leaf, load_config(leaf))
    assert found.name == weights.ASSEMBLED


def test_configs_are_found_from_another_folder(project, tmp_path, monkeypatch):
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for part in PARTS:
        save(part, 1)
    leaf = project / 'next_minivoc.py'
    found = starting_checkpoint(leaf, load_config(leaf))
    assert found.name == weights.ASSEMBLED
    assert (elsewhere / found).is_file()


@pytest.fixture
def two_parts(train_small):
    """A run of the whole network, and its weights as runs of two parts."""
    whole = load_plain(train_small('run', 2))
    for part in PARTS:
        state = {
            key: value
            for key, value in whole['state_dict'].items()
            if key.startswith(f'{part}.')
        }
        path = save(part, 0)
        torch.save({**whole, 'state_dict': state}, path)
    return whole


def test_the_record_of_parts_says_so(project, two_parts, mini_root, tmp_path):
    options = TestOptions(options=SMALL, data_root=str(mini_root))
    leaf = project / 'whole_minivoc.py'
    record = evaluate(leaf, None, options)
    assert record['checkpoint']['file'] == weights.ASSEMBLED
    assert record['checkpoint']['assembled_from'] == [
        'm/backbone',
        'm/decode_head',
    ]
    meta = two_parts['meta']
    assert record['seed'] == 0
    assert record['training'] == {
        'iterations': 2,
        'seconds': 2 * meta['train_seconds'],
        'hardware': meta['hardware'],
    }
    joint = evaluate(leaf, tmp_path / 'run/iter_2.pth', options)
    assert joint['per_image'] == record['per_image']
    assert 'assembled_from' not in joint['checkpoint']
    parts = [Path(f'work_dirs/m/{part}/seed0/iter_2.pth') for part in PARTS]
    by_hand = assemble(parts, tmp_path / 'by_hand.pth')
    record = evaluate(leaf, by_hand, options)
    names = ['iter_2.pth', 'iter_2.pth']
    assert record['checkpoint']['assembled_from'] == names


def test_a_training_starts_from_parts_but_cannot_resume_from_them(
    project, two_parts, mini_root
):
    leaf = project / 'next_minivoc.py'
    options = (
        *SMALL,
        'train_cfg.max_iters=2',
        'train_cfg.val_interval=2',
        'optim_wrapper.optimizer.lr=0.0',
    )
    trained = load_plain(
        train(leaf, TrainOptions(options=options, data_root=str(mini_root)))
    )
    key = 'decode_head.conv_seg.weight'
    expected = two_parts['state_dict'][key]
    assert torch.equal(trained['state_dict'][key], expected)
    assert 'assembled_from' not in trained['meta']
    file = 'work_dirs/m/whole_minivoc/seed0/assembled.pth'
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    origin = {'file': file, 'sha256': digest}
    assert trained['meta']['started_from'] == origin
    with pytest.raises(UserError, match='holds weights, but no state'):
        train(
            leaf,
            TrainOptions(
                resume='work_dirs/m/whole_minivoc/seed0/assembled.pth',
                options=options,
                data_root=str(mini_root),
            ),
        )


def test_a_file_that_is_named_goes_before_starts_from(
    project, train_small, mini_root
):
    path = train_small('run', 2)
    options = (
        *SMALL,
        f'load_from={path}',
        'train_cfg.max_iters=2',
        'train_cfg.val_interval=2',
    )
    leaf = project / 'next_minivoc.py'
    train(leaf, TrainOptions(options=options, data_root=str(mini_root)))
    options = tuple(o for o in options if not o.startswith('load_from'))
    with pytest.raises(UserError, match='its part m/backbone has no run'):
        train(leaf, TrainOptions(options=options, data_root=str(mini_root)))


def test_an_assembled_file_is_no_run_to_resume(
    project, two_parts, mini_root, capsys
):
    leaf = project / 'whole_minivoc.py'
    find(leaf)
    options = (*SMALL, 'train_cfg.max_iters=2', 'train_cfg.val_interval=2')
    last = train(
        leaf,
        TrainOptions(resume='auto', options=options, data_root=str(mini_root)),
    )
    assert 'nothing to resume' in capsys.readouterr().out
    assert last.name == 'iter_2.pth'
    assert find(leaf) == last


def test_weights_to_start_from_can_go_by_other_names():
    state = {'backbone.a.w': 1, 'backbone.ab.w': 2, 'head.backbone.a.w': 3}
    names = {'backbone.a.': 'backbone.b.', 'head.': 'neck.'}
    assert renamed(state, names) == {
        'backbone.b.w': 1,
        'backbone.ab.w': 2,
        'neck.backbone.a.w': 3,
    }


def test_a_training_starts_from_weights_of_another_name(
    train_small, mini_root, tmp_path
):
    content = load_plain(train_small('run', 2))
    old, new = 'backbone.conv1_1.weight', 'elsewhere.conv1_1.weight'
    first = content['state_dict'].pop(old)
    content['state_dict'][new] = first
    torch.save(content, tmp_path / 'other.pth')
    leaf = tmp_path / 'next_minivoc.py'
    leaf.write_text(
        f'_base_ = {str(LEAF)!r}\n'
        f'load_from = {str(tmp_path / "other.pth")!r}\n'
        "starts_as = {'elsewhere.': 'backbone.'}\n"
        f'work_dir = {str(tmp_path / "next")!r}\n'
        'optim_wrapper = dict(optimizer=dict(lr=0.0))\n'
        'train_cfg = dict(max_iters=1, val_interval=1)\n'
    )
    options = TrainOptions(options=SMALL, data_root=str(mini_root))
    trained = load_plain(train(leaf, options))
    assert torch.equal(trained['state_dict'][old], first)
