"""Sweeps and claims from their command lines, on leaves of a few moments."""

import importlib.util
import json

import pytest
from support import PARTS, ROOT, write_leaf

from zoo.cli import run

NARROW = (
    'model = dict(backbone=dict(base_channels=2, stem_channels=2), '
    'decode_head=dict(in_channels=16))\n'
    'train_cfg = dict(max_iters=4, val_interval=4)\n'
    'train_dataloader = dict(batch_size=2, num_workers=0, '
    'persistent_workers=False)\n'
    'val_dataloader = dict(num_workers=0, persistent_workers=False)\n'
    'test_dataloader = val_dataloader\n'
)
CLAIMS = """
FCRN:
- claim: bootstrapping
  says: Bootstrapping helps
  published: {dataset: VOC2012, split: val,
    better: 'FCRN-101 stride8 k5 d12, bootstrapping keep 512',
    worse: 'FCRN-101 stride8 k5 d12, bootstrapping off'}
  runs:
  - {better: m/hard_minivoc, worse: m/plain_minivoc}
"""


def load(name):
    path = ROOT / f'tools/{name}.py'
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Return a function: a command line -> exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('OMP_NUM_THREADS', '1')

    def call(name, *words):
        tool = load(name)
        code = run(tool.build_parser(), tool.main, [str(w) for w in words])
        text = capsys.readouterr()
        return code, text.out, text.err

    return call


@pytest.fixture
def leaves(tmp_path):
    """Two leaves that learn four iterations, and a file of claims."""
    folder = tmp_path / 'configs/m'
    folder.mkdir(parents=True)
    write_leaf(folder, 'plain', 'r18-k3d6', NARROW)
    write_leaf(folder, 'hard', 'r18-bs48', NARROW)
    (tmp_path / 'configs/claims.yml').write_text(CLAIMS)
    return folder


def test_claims_run_from_nothing_to_a_verdict(
    call, leaves, mini_root, tmp_path
):
    words = ['run', '--dataset', 'minivoc', '--seeds', 1]
    words += ['--data-root', mini_root, '--records', 'kept']
    code, plan, _ = call('claims', *words, '--plan')
    assert code == 0
    assert plan.count('python tools/train.py') == 2
    assert plan.count('python tools/test.py') == 2
    assert not (tmp_path / 'kept').exists()

    code, text, errors = call('claims', *words, '--jobs', 2)
    assert (code, errors) == (0, '')
    assert '[4/4]' in text
    assert 'Bootstrapping helps' in text
    assert '+1.39' in text  # 74.8 - 73.41 of the paper's Table 7
    assert '1 claims: 1 ' in text
    kept = sorted(path.name for path in (tmp_path / 'kept/minivoc').iterdir())
    assert kept == [
        'm__hard_minivoc_seed0.json',
        'm__plain_minivoc_seed0.json',
    ]

    code, plan, _ = call('claims', *words, '--plan')
    assert plan == '# nothing is missing\n'
    words = ['report', '--dataset', 'minivoc', '--records', 'kept']
    code, again, _ = call('claims', *words)
    assert code == 0
    assert text.endswith(again)


def test_a_shortened_sweep_prints_a_leaderboard_and_writes_a_page(
    call, leaves, mini_root, tmp_path
):
    words = [leaves / 'plain_minivoc.py', '--data-root', mini_root]
    words += ['--shorten', 0.5, '--page', 'page.html']
    code, text, errors = call('sweep', *words)
    assert (code, errors) == (0, '')
    assert 'm/plain_minivoc' in text
    runs = tmp_path / 'work_dirs/short-0.5/m/plain_minivoc/seed0'
    assert (runs / 'iter_2.pth').is_file()
    record = json.loads((runs / 'record_val.json').read_text())
    assert record['training']['iterations'] == 2
    page = (tmp_path / 'page.html').read_text()
    assert 'm/plain_minivoc' in page
    assert page.count('data:image/') >= 2


def test_a_step_that_fails_ends_in_one_line(call, leaves, tmp_path):
    text = "model = dict(backbone=dict(type='Nothing'))\n"
    leaf = write_leaf(leaves, 'broken', 'r18-k3d6', text)
    code, text, errors = call('sweep', leaf)
    assert code == 2
    assert 'failed: train m/broken_minivoc seed 0: error: ' in text
    assert errors == 'error: 2 steps failed, named above\n'


def test_a_sweep_plans_parts(call, leaves, tmp_path):
    for name in ('classes', 'boxes'):
        write_leaf(leaves, name, 'r18-k3d6', NARROW)
    text = f'assembled_from = {PARTS}\n'
    leaf = write_leaf(leaves, 'whole', 'r18-instances', text)
    code, plan, _ = call('sweep', leaf, '--plan', '--seeds', 3)
    assert code == 0
    assert '# stage 1 of 2: 2 commands, independent of each other' in plan
    assert f'python tools/test.py {leaf} --seeds 3' in plan


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--only', 'bootstraping'], "Did you mean 'bootstrapping'?"),
        (['--dataset', 'voc'], '--dataset voc: no claim has leaves for it'),
        (['--seeds', 0], '--seeds 0: must be at least 1'),
        (['--jobs', 0], '--jobs 0: must be at least 1'),
        (['--claims', 'none.yml'], 'none.yml: '),
    ],
)
def test_mistakes_end_in_one_line(call, leaves, words, message):
    code, _, errors = call('claims', 'run', '--dataset', 'minivoc', *words)
    assert code == 2
    assert errors.startswith('error: ')
    assert errors.count('\n') == 1
    assert message in errors
