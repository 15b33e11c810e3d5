"""Which commands are missing, and in what order."""

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch
from support import ROOT

from zoo.engine.config import load_config
from zoo.engine.sweep import SweepOptions, plan_steps, plan_text, stages
from zoo.engine.sweep.steps import Step, longest_first
from zoo.errors import UserError
from zoo.evaluation.records import write_record

CONFIGS = ROOT / 'configs'


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """A folder without runs or records, with the zoo's leaves."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'configs').symlink_to(CONFIGS)
    return tmp_path


def plan(*leaves, **options):
    paths = [f'configs/{leaf}.py' for leaf in leaves]
    return plan_steps(paths, SweepOptions(**options))


def names(steps):
    return [str(step) for step in steps]


def write_run(leaf, seed, iteration):
    """Write a checkpoint that says only how far it is."""
    folder = f'work_dirs/{leaf}/seed{seed}'
    os.makedirs(folder)
    content = {'meta': {'iter': iteration}, 'state_dict': {}}
    torch.save(content, f'{folder}/iter_{iteration}.pth')


def write_kept(leaf, seed, folder='kept'):
    path = f'{folder}/minivoc/{leaf.replace("/", "__")}_seed{seed}.json'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        json.dump({}, file)


def test_steps_are_put_in_stages_by_what_they_need(tmp_path):
    def step(name, *needs):
        return Step('train', name, 0, (), tmp_path, needs)

    a, b = step('a'), step('b')
    c = step('c', a)
    d, e = step('d', b, c), step('e', b)
    assert stages([a, b, c, d, e]) == [[a, b], [c, e], [d]]
    assert stages([]) == []


def test_what_most_wait_for_goes_first(tmp_path):
    def step(name, *needs):
        return Step('train', name, 0, (), tmp_path, needs)

    short, alone = step('short'), step('alone')
    second = step('second', short)
    long = step('long')
    chain = step('c', step('b', long))
    steps = [short, alone, second, long, *chain.needs, chain]
    ordered = [step.leaf for step in longest_first(steps)]
    # two wait behind 'long', one each behind 'short' and 'b'
    assert ordered == ['long', 'short', 'b', 'alone', 'second', 'c']


def test_a_leaf_is_trained_and_tested_with_every_seed():
    steps = plan('fcrn/r18-k3d6_minivoc', seeds=(0, 2))
    assert names(steps) == [
        'train fcrn/r18-k3d6_minivoc seed 0',
        'test fcrn/r18-k3d6_minivoc seed 0',
        'train fcrn/r18-k3d6_minivoc seed 2',
        'test fcrn/r18-k3d6_minivoc seed 2',
    ]
    train, test = steps[:2]
    leaf = 'configs/fcrn/r18-k3d6_minivoc.py'
    assert train.command == ('tools/train.py', leaf, '--seed', '0', '--resume')
    assert test.command == ('tools/test.py', leaf, '--seeds', '0')
    assert test.needs == (train,)
    assert train.needs == ()
    assert str(train.log) == 'work_dirs/fcrn/r18-k3d6_minivoc/seed0/train.log'


def test_weights_of_another_leaf_are_trained_once():
    steps = plan(
        'deeplab_crf/vgg16-nocrf_minivoc', 'deeplab_crf/vgg16_minivoc'
    )
    train = 'train deeplab_crf/vgg16_minivoc seed 0'
    assert names(steps).count(train) == 1
    assert len(steps) == 3
    assert {names(step.needs)[0] for step in steps[1:]} == {train}


def test_what_a_leaf_starts_from_is_trained_before_it():
    steps = plan('deeplab_crf/vgg16-msc-nocrf_minivoc', seeds=(1,))
    assert names(steps) == [
        'train deeplab_crf/vgg16_minivoc seed 1',
        'train deeplab_crf/vgg16-msc_minivoc seed 1',
        'test deeplab_crf/vgg16-msc-nocrf_minivoc seed 1',
    ]
    assert [names(step.needs) for step in steps] == [
        [],
        ['train deeplab_crf/vgg16_minivoc seed 1'],
        ['train deeplab_crf/vgg16-msc_minivoc seed 1'],
    ]


def test_parts_are_trained_instead_of_the_whole():
    steps = plan('context_crf/vgg16_minivoc')
    parts = [
        f'train context_crf/vgg16-{part}_minivoc seed 0'
        for part in ('unary', 'surrounding', 'above-below')
    ]
    assert names(steps) == [*parts, 'test context_crf/vgg16_minivoc seed 0']
    assert names(steps[-1].needs) == parts


def test_a_run_of_the_whole_saves_its_parts():
    write_run('context_crf/vgg16_minivoc', 0, 1200)
    steps = plan('context_crf/vgg16_minivoc')
    assert names(steps) == ['test context_crf/vgg16_minivoc seed 0']


def test_a_part_that_borrows_its_weights():
    # classes of the dense CRF's leaf, which trains nothing itself
    steps = plan('compare/r18-instances-crf_minivoc')
    assert names(steps)[-1] == 'test compare/r18-instances-crf_minivoc seed 0'
    trained = {step.leaf for step in steps if step.action == 'train'}
    assert 'compare/r18-dense-crf_minivoc' not in trained
    assert 'fcrn/r18-bs48_minivoc' in trained


def test_features_are_extracted_once_behind_their_networks():
    steps = plan(
        'zoom_out/vgg16_minivoc',
        'zoom_out/vgg16-local_minivoc',
        'compare/vgg16-zoom-out-crf_minivoc',
        seeds=(1,),
    )
    networks = [
        'train zoom_out/local-convnet_minivoc seed 0',  # features' own seed
        'train zoom_out/vgg16-tags_minivoc seed 0',
    ]
    assert names(steps)[:4] == [
        *networks,
        'extract zoom_out/vgg16_minivoc',
        'train zoom_out/vgg16_minivoc seed 1',
    ]
    [extract] = [step for step in steps if step.action == 'extract']
    assert names(extract.needs) == networks
    classifiers = [s for s in steps if s.action == 'train'][2:]
    assert len(classifiers) == 2
    assert all(step.needs == (extract,) for step in classifiers)
    assert extract.command == (
        'tools/extract_features.py',
        'configs/zoom_out/vgg16_minivoc.py',
    )


def test_an_oracle_has_neither_weights_nor_seeds():
    [step] = plan('fcrn/true-instances_minivoc', seeds=(0, 1, 2))
    assert step.command == (
        'tools/test.py',
        'configs/fcrn/true-instances_minivoc.py',
    )
    assert step.seed is None


@pytest.mark.parametrize(
    ('iteration', 'missing'), [(2500, False), (2499, True)]
)
def test_only_a_finished_training_counts(iteration, missing):
    write_run('fcrn/r18-k3d6_minivoc', 0, iteration)
    steps = plan('fcrn/r18-k3d6_minivoc')
    assert ('train' in {step.action for step in steps}) is missing


def test_what_has_a_kept_record_is_not_run_again():
    write_kept('fcrn/r18-k3d6_minivoc', 1)
    steps = plan('fcrn/r18-k3d6_minivoc', seeds=(0, 1), keep='kept')
    assert names(steps) == [
        'train fcrn/r18-k3d6_minivoc seed 0',
        'test fcrn/r18-k3d6_minivoc seed 0',
    ]
    assert steps[1].command[-2:] == ('--record', 'kept')
    write_kept('fcrn/true-instances_minivoc', 0)
    assert plan('fcrn/true-instances_minivoc', keep='kept') == []


@pytest.fixture
def tested(empty, make_record):
    """A finished run and the record of its test; returns the record's file."""
    leaf = 'fcrn/r18-k3d6_minivoc'
    write_run(leaf, 0, 2500)
    return write_record_of(leaf, make_record)


def write_record_of(leaf, make_record, **changes):
    text = load_config(f'configs/{leaf}.py').pretty_text
    digest = hashlib.sha256(text.encode()).hexdigest()
    training = {'iterations': 2500, 'seconds': 1.0, 'hardware': 'x'}
    content = {'config_hash': digest, 'training': training, **changes}
    path = Path(f'work_dirs/{leaf}/seed0/record_val.json')
    write_record(path, make_record(config=leaf, **content))
    return path


def test_a_test_of_the_newest_weights_is_not_repeated(tested):
    (tested.parent / 'record_val_views6.json').write_text('{}')
    assert plan('fcrn/r18-k3d6_minivoc') == []


@pytest.mark.parametrize(
    'changes',
    [
        {'config_hash': '0' * 64},  # tested with --cfg-options, or edited
        {'training': {'iterations': 9, 'seconds': 1.0, 'hardware': 'x'}},
    ],
)
def test_a_record_of_something_else_does_not_count(
    tested, make_record, changes
):
    write_record_of('fcrn/r18-k3d6_minivoc', make_record, **changes)
    steps = plan('fcrn/r18-k3d6_minivoc')
    assert names(steps) == ['test fcrn/r18-k3d6_minivoc seed 0']


def test_a_broken_record_does_not_count(tested):
    tested.write_text('{')
    assert len(plan('fcrn/r18-k3d6_minivoc')) == 1


def test_a_record_of_older_weights_does_not_count(tested):
    os.utime(tested, (1, 1))
    steps = plan('fcrn/r18-k3d6_minivoc')
    assert names(steps) == ['test fcrn/r18-k3d6_minivoc seed 0']


def test_weights_that_are_borrowed_may_be_newer(empty, make_record):
    owner = 'deeplab_crf/vgg16_minivoc'
    leaf = 'deeplab_crf/vgg16-nocrf_minivoc'
    write_run(owner, 0, 1000)
    record = write_record_of(leaf, make_record)
    assert plan(leaf) == []
    os.utime(record, (1, 1))
    assert names(plan(leaf)) == [f'test {leaf} seed 0']


def test_parts_may_be_newer(empty, make_record):
    leaf = 'fcrn/r18-instances_minivoc'
    for part in ('r18-k3d6', 'r18-boxes'):
        write_run(f'fcrn/{part}_minivoc', 0, 2500)
    record = write_record_of(leaf, make_record)
    assert plan(leaf) == []
    os.utime(record, (1, 1))
    assert names(plan(leaf)) == [f'test {leaf} seed 0']


def test_a_test_whose_label_maps_are_missing_is_run_again(tested, empty):
    [step] = plan('fcrn/r18-k3d6_minivoc', save_masks=True)
    folder = 'work_dirs/masks/fcrn/r18-k3d6_minivoc/seed0'
    assert step.command[-2:] == ('--save-masks', folder)
    (empty / folder).mkdir(parents=True)
    (empty / folder / 'a.png').touch()  # of a test that was killed
    assert len(plan('fcrn/r18-k3d6_minivoc', save_masks=True)) == 1
    os.utime(tested)
    assert plan('fcrn/r18-k3d6_minivoc', save_masks=True) == []


def test_nothing_is_trained_for_pictures_of_a_kept_record(empty):
    write_kept('fcrn/r18-k3d6_minivoc', 0)
    options = {'keep': 'kept', 'save_masks': True}
    assert plan('fcrn/r18-k3d6_minivoc', **options) == []
    write_run('fcrn/r18-k3d6_minivoc', 0, 2500)
    [step] = plan('fcrn/r18-k3d6_minivoc', **options)
    assert step.action == 'test'
    assert '--save-masks' in step.command
    assert '--record' not in step.command  # it stands


def test_the_folder_of_the_data_reaches_every_command():
    steps = plan('zoom_out/vgg16_minivoc', data_root='somewhere')
    assert len(steps) == 5
    for step in steps:
        assert step.command[-2:] == ('--data-root', 'somewhere')


def test_a_leaf_that_nothing_trains_is_refused(empty):
    folder = empty / 'own/m'
    folder.mkdir(parents=True)
    base = str(CONFIGS / 'fcrn/r18-k3d6_minivoc.py')
    leaf = folder / 'idle_minivoc.py'
    leaf.write_text(f'_base_ = {base!r}\ntrain_cfg = None\n')
    with pytest.raises(UserError, match=r'idle_minivoc\.py: has nothing'):
        plan_steps([leaf], SweepOptions())


def test_the_plan_is_lines_of_a_shell():
    text = plan_text(
        ['configs/deeplab_crf/vgg16-nocrf_minivoc.py'], SweepOptions()
    )
    assert text.splitlines() == [
        'export SEGZOO_RUNS=work_dirs',
        '# stage 1 of 2: one command',
        'python tools/train.py configs/deeplab_crf/vgg16_minivoc.py --seed 0 '
        '--resume',
        '# stage 2 of 2: one command',
        'python tools/test.py configs/deeplab_crf/vgg16-nocrf_minivoc.py '
        '--seeds 0',
    ]


def test_the_plan_is_quoted():
    options = SweepOptions(data_root='my data', share=0.5)
    text = plan_text(['configs/deeplab_crf/vgg16_voc.py'], options)
    assert "--data-root 'my data'" in text
    assert "'param_scheduler.0.milestones=[1000,2000]'" in text


def test_a_plan_of_nothing_says_so():
    write_kept('fcrn/r18-k3d6_minivoc', 0)
    text = plan_text(
        ['configs/fcrn/r18-k3d6_minivoc.py'], SweepOptions(keep='kept')
    )
    assert text == '# nothing is missing\n'


def test_shortened_runs_are_kept_apart():
    write_run('fcrn/r18-k3d6_minivoc', 0, 2500)
    text = plan_text(
        ['configs/fcrn/r18-k3d6_minivoc.py'], SweepOptions(share=0.1)
    )
    assert text.startswith('export SEGZOO_RUNS=work_dirs/short-0.1\n')
    assert 'train_cfg.max_iters=250 ' in text


def test_records_of_shortened_runs_do_not_stand_among_others():
    options = SweepOptions(share=0.1, keep='kept')
    with pytest.raises(UserError, match='--record and --shorten'):
        plan_text(['configs/fcrn/r18-k3d6_minivoc.py'], options)
