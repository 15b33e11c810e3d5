import hashlib
import importlib.util
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

from zoo.cli import run

TOOL = Path(__file__).parents[2] / 'tools' / 'convert.py'


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('convert', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def convert(tool, capsys):
    """Run the command line; return its exit code, stdout and stderr."""

    def call(*argv):
        code = run(tool.build_parser(), tool.main, [str(a) for a in argv])
        return code, *capsys.readouterr()

    return call


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


class Tagged(torch.Tensor):
    """A tensor type that only the project it comes from knows."""


def foreign(path):
    """Write a training checkpoint with what a stranger may put in it."""
    weight = torch.randn(100, 3)
    state = {
        'head.weight': torch.nn.Parameter(weight[:2]),
        'head.counts': np.arange(3),
        'head.bias': torch.ones(2).as_subclass(Tagged),
        'head.extra': Namespace(),
    }
    meta = {
        'epoch': 3,
        'classes': ('sky', 'sea'),
        'cfg': {'lr': 0.1, 'hooks': Namespace(a=1)},
        'sizes': [1, Namespace()],
    }
    content = {'state_dict': state, 'meta': meta, 'optimizer': Namespace()}
    torch.save(content, path)
    return weight


def load(path):
    return torch.load(path, weights_only=True)


def test_trust_keeps_tensors_and_plain_meta_and_names_the_rest(
    convert, tmp_path
):
    path = tmp_path / 'foreign.pth'
    weight = foreign(path)
    code, out, err = convert('--trust', path)
    written = tmp_path / 'foreign-plain.pth'
    result = load(written)
    assert code == 0
    state = result['state_dict']
    assert set(state) == {'head.weight', 'head.counts', 'head.bias'}
    assert all(type(tensor) is torch.Tensor for tensor in state.values())
    assert torch.equal(state['head.weight'], weight[:2])
    assert not state['head.weight'].requires_grad
    assert state['head.counts'].tolist() == [0, 1, 2]
    assert result['meta'] == {
        'epoch': 3,
        'classes': ('sky', 'sea'),
        'cfg': {'lr': 0.1},
    }
    for name in ('optimizer', 'meta.cfg.hooks', 'meta.sizes', 'head.extra'):
        assert name in out
    assert hashlib.sha256(written.read_bytes()).hexdigest() in out
    assert 'RUNS CODE' in err


def test_nothing_runs_without_trust(convert, tmp_path):
    path, folder = tmp_path / 'trap.pth', tmp_path / 'made'
    torch.save({'state_dict': {'w': torch.ones(1)}, 'x': Trap(folder)}, path)
    code, _, err = convert(path)
    assert code == 2
    assert str(path) in err
    assert '--trust' in err
    assert err.count('\n') == 1
    assert not folder.exists()
    assert sorted(tmp_path.iterdir()) == [path]
    assert convert(path, '--trust')[0] == 0
    assert folder.exists()


def test_a_safe_file_is_not_unpickled_even_with_trust(convert, tmp_path):
    torch.save({'w': torch.ones(1)}, tmp_path / 'a.pth')
    code, _, err = convert('--trust', tmp_path / 'a.pth')
    assert (code, err) == (0, '')
    assert load(tmp_path / 'a-plain.pth')['state_dict']['w'] == 1


def test_a_whole_module_gives_its_state_dict(convert, tmp_path):
    model = torch.nn.Linear(2, 3)
    torch.save(model, tmp_path / 'model.pth')
    out = tmp_path / 'new' / 'out.pth'
    assert convert('--trust', tmp_path / 'model.pth', '--out', out)[0] == 0
    assert torch.equal(load(out)['state_dict']['bias'], model.bias)


def test_a_view_is_saved_without_the_rest_of_its_storage(convert, tmp_path):
    torch.save({'w': torch.zeros(10**6)[:10]}, tmp_path / 'a.pth')
    convert(tmp_path / 'a.pth')
    assert (tmp_path / 'a-plain.pth').stat().st_size < 10**4


def test_never_overwrites_unless_forced(convert, tmp_path):
    path, out = tmp_path / 'a.pth', tmp_path / 'b.pth'
    torch.save({'w': torch.ones(1)}, path)
    out.write_text('mine')
    code, _, err = convert(path, '--out', out)
    assert (code, out.read_text()) == (2, 'mine')
    assert '--force' in err
    reader = tmp_path / 'c.pth'
    os.link(out, reader)  # like a program that holds the old file open
    assert convert(path, '--out', out, '--force')[0] == 0
    assert load(out)['state_dict']['w'] == 1
    assert reader.read_text() == 'mine'
    assert sorted(tmp_path.iterdir()) == [path, out, reader]


def test_a_write_that_fails_leaves_nothing(convert, tmp_path, monkeypatch):
    path, out = tmp_path / 'a.pth', tmp_path / 'b.pth'
    torch.save({'w': torch.ones(1)}, path)
    out.write_text('mine')

    def fail(content, stream):
        stream.write(b'half')
        raise OSError('disc full')

    monkeypatch.setattr(torch, 'save', fail)
    code, _, error = convert(path, '--out', out, '--force')
    assert code == 2
    assert error == f'error: {out}: cannot be written (disc full)\n'
    assert out.read_text() == 'mine'
    assert sorted(tmp_path.iterdir()) == [path, out]


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['absent.pth'], 'absent.pth: no such file'),
        (['a.pth', '--vgg16', '7x7'], '--vgg16 needs --convention'),
        (['a.pth', '--seed', '1'], 'need --vgg16'),
        (['a.pth', '--convention', 'caffe'], 'need --vgg16'),
        (['a.pth', '--out', 'a.pth', '--force'], 'is the input'),
        (['a.pth', '--out', '.', '--force'], 'is a folder'),
        (['text.pth'], 'damaged'),
        (['text.pth', '--trust'], 'cannot be unpickled'),
        (['empty.pth'], 'no tensors'),
        (
            ['a.pth', '--vgg16', '7x7', '--convention', 'caffe'],
            'not a whole VGG-16',
        ),
    ],
)
def test_refuses_in_one_line(convert, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    torch.save({'w': torch.ones(1)}, 'a.pth')
    torch.save([1, 2], 'empty.pth')
    Path('text.pth').write_text('not a checkpoint')
    code, _, err = convert(*argv)
    assert code == 2
    assert message in err.splitlines()[-1]
    assert 'Traceback' not in err


@pytest.fixture(scope='module')
def vgg16_file(tmp_path_factory):
    """A whole VGG-16 under Caffe's names; weights repeat one row on disc."""
    state, before = {}, 3
    blocks = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
    for block, (width, count) in enumerate(blocks, 1):
        for i in range(1, count + 1):
            row = torch.randn(width, 1, 3, 3).expand(-1, before, -1, -1)
            state[f'conv{block}_{i}.weight'] = row
            state[f'conv{block}_{i}.bias'] = torch.randn(width)
            before = width
    taps = torch.arange(49.0).repeat(512)
    state['fc6.weight'] = taps.expand(4096, -1)
    state['fc6.bias'] = torch.arange(4096.0)
    state['fc7.weight'] = torch.arange(4096.0).expand(4096, -1)
    state['fc7.bias'] = torch.arange(4096.0)
    path = tmp_path_factory.mktemp('vgg') / 'vgg16.pth'
    torch.save(state, path)
    return path, state


def test_largefov_gets_the_keys_and_shapes_of_the_model(
    convert, vgg16_file, tmp_path
):
    path, state = vgg16_file
    argv = [path, '--vgg16', 'largefov', '--convention', 'caffe']
    code, first, _ = convert(*argv, '--out', tmp_path / 'a.pth')
    assert code == 0
    _, second, _ = convert(*argv, '--out', tmp_path / 'b.pth', '--seed', '0')
    assert first.splitlines()[-1] == second.splitlines()[-1]  # SHA-256

    result = load(tmp_path / 'a.pth')
    assert result['meta'] == {
        'vgg16': 'largefov',
        'convention': 'caffe',
        'seed': 0,
    }
    model = result['state_dict']
    convolutions = {k for k in state if k.startswith('conv')}
    head = {'fc6.weight', 'fc6.bias', 'fc7.weight', 'fc7.bias'}
    assert set(model) == {f'backbone.{k}' for k in convolutions} | {
        f'decode_head.{k}' for k in head
    }
    for key in convolutions:
        assert torch.equal(model[f'backbone.{key}'], state[key])
    assert model['decode_head.fc6.weight'].shape == (1024, 512, 3, 3)
    assert model['decode_head.fc6.weight'][7, 9].flatten().tolist() == [
        *(0, 3, 6),
        *(21, 24, 27),
        *(42, 45, 48),
    ]
    kept6 = model['decode_head.fc6.bias']
    assert len(kept6.unique()) == 1024
    assert torch.equal(model['decode_head.fc7.weight'][5, :, 0, 0], kept6)


@pytest.mark.parametrize(
    ('head', 'kernel_size'), [('deeplab', 4), ('4x4', 4), ('7x7', 7)]
)
def test_other_heads_keep_every_filter(tool, vgg16_file, head, kernel_size):
    path, state = vgg16_file
    args = Namespace(file=path, vgg16=head, convention='caffe', seed=None)
    model = tool.deeplab_state(state, args)
    side = (kernel_size, kernel_size)
    assert model['decode_head.fc6.weight'].shape == (4096, 512, *side)
    assert model['decode_head.fc7.weight'].shape == (4096, 4096, 1, 1)


def test_help_needs_no_torch():
    script = (
        'import runpy, sys\n'
        f'sys.argv = [{str(TOOL)!r}, "--help"]\n'
        'try:\n'
        f'    runpy.run_path({str(TOOL)!r}, run_name="__main__")\n'
        'except SystemExit:\n'
        '    sys.exit("torch" in sys.modules)\n'
    )
    result = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert '--trust' in result.stdout
