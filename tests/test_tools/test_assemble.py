"""The command that makes one checkpoint of several."""

import importlib.util

import pytest
import torch
from mmseg.registry import MODELS
from support import LEAF, ROOT, SMALL

from zoo.cli import run
from zoo.engine.config import load_config

INSTANCES = ROOT / 'configs/fcrn/r18-instances_minivoc.py'
NARROW = tuple(
    f'model.{part}.{option}'
    for part in ('semantic', 'localisation')
    for option in (
        *('backbone.base_channels=2', 'backbone.stem_channels=2'),
        'decode_head.in_channels=16',
    )
)
OPTIONS = ('--cfg-options', *SMALL)


@pytest.fixture
def assemble(capsys):
    """Run the command line; return its exit code, stdout and stderr."""
    path = ROOT / 'tools/assemble.py'
    spec = importlib.util.spec_from_file_location('assemble', path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    def call(*argv):
        code = run(tool.build_parser(), tool.main, [str(a) for a in argv])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def parts(tmp_path):
    """The weights of a small network in two files."""
    config = load_config(LEAF, options=SMALL)
    config.model.backbone.init_cfg = None
    state = MODELS.build(config.model).state_dict()
    files = []
    for part in ('backbone', 'decode_head'):
        files.append(tmp_path / f'{part}.pth')
        own = {k: v for k, v in state.items() if k.startswith(part)}
        torch.save({'state_dict': own, 'meta': {'seed': 0}}, files[-1])
    return files, state


def test_writes_the_whole_and_says_how_to_test_it(assemble, parts, tmp_path):
    files, state = parts
    out = tmp_path / 'new/whole.pth'
    argv = (LEAF, '--parts', *reversed(files), '--out', out, *OPTIONS)
    code, printed, error = assemble(*argv)
    assert (code, error) == (0, '')
    assert printed.splitlines() == [
        f'wrote {out}',
        f'test it: python tools/test.py {LEAF}={out}',
    ]
    written = torch.load(out, weights_only=True)
    assert written['state_dict'].keys() == state.keys()
    for key, value in state.items():
        assert torch.equal(written['state_dict'][key], value)
    names = [part['file'] for part in written['meta']['assembled_from']]
    assert names == ['decode_head.pth', 'backbone.pth']
    before = out.read_bytes()
    code, _, error = assemble(*argv)
    assert code == 2
    assert '--force' in error
    assert assemble(*argv, '--force')[0] == 0
    assert out.read_bytes() == before


@pytest.fixture
def two_networks(tmp_path):
    """The weights of a leaf's two small networks, by the name of the part."""
    config = load_config(INSTANCES, options=NARROW)
    files = {}
    for part in ('semantic', 'localisation'):
        network = config.model[part]
        network.backbone.init_cfg = None
        state = MODELS.build(network).state_dict()
        files[part] = tmp_path / f'{part}.pth'
        torch.save({'state_dict': state, 'meta': {'seed': 0}}, files[part])
    return files


def test_weights_of_named_parts_begin_with_the_name(
    assemble, two_networks, tmp_path
):
    out = tmp_path / 'whole.pth'
    options = ('--out', out, '--cfg-options', *NARROW)
    files = two_networks.values()
    code, _, error = assemble(INSTANCES, '--parts', *files, *options)
    assert (code, error) == (0, '')
    written = torch.load(out, weights_only=True)['state_dict']
    expected = {
        f'{part}.{key}': value
        for part, file in two_networks.items()
        for key, value in torch.load(file)['state_dict'].items()
    }
    assert written.keys() == expected.keys()
    for key, value in expected.items():
        assert torch.equal(written[key], value)


@pytest.mark.parametrize('count', [1, 3])
def test_named_parts_need_a_file_each(assemble, two_networks, tmp_path, count):
    files = [*two_networks.values()] * 2
    out = tmp_path / 'whole.pth'
    argv = ('--parts', *files[:count], '--out', out)
    code, printed, error = assemble(INSTANCES, *argv)
    assert (code, printed) == (2, '')
    assert error == (
        f'error: --parts: {INSTANCES} has 2 parts, fcrn/r18-k3d6_minivoc, '
        'fcrn/r18-boxes_minivoc. Give a file for each, in this order\n'
    )
    assert not out.exists()


def test_named_parts_in_another_order_do_not_fit(
    assemble, two_networks, tmp_path
):
    out = tmp_path / 'whole.pth'
    files = reversed(two_networks.values())
    options = ('--out', out, '--cfg-options', *NARROW)
    code, _, error = assemble(INSTANCES, '--parts', *files, *options)
    assert code == 2
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_a_base_is_no_leaf(assemble, parts, tmp_path):
    base = ROOT / 'configs/_base_/schedules/deeplab_poly.py'
    out = tmp_path / 'o.pth'
    code, _, error = assemble(base, '--parts', *parts[0], '--out', out)
    assert code == 2
    assert error.endswith('deeplab_poly.py: has no model. Give a leaf\n')


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['--parts', 'backbone.pth', '--out', 'o.pth'], 'is missing'),
        (['--parts', 'no.pth', '--out', 'o.pth'], 'no.pth: no such check'),
        (
            ['--parts', 'backbone.pth', '--out', 'backbone.pth', '--force'],
            'is one of the parts',
        ),
        (['--parts', 'no.pth', '--out', '.'], '.: is a folder'),
        (
            [
                *('--parts', 'backbone.pth', '--out', 'o.pth'),
                *('--cfg-options', 'model.backbone.base_chanels=2'),
            ],
            'base_chanels',
        ),
    ],
)
def test_refuses_in_one_line(
    assemble, parts, tmp_path, monkeypatch, argv, message
):
    monkeypatch.chdir(tmp_path)
    options = () if '--cfg-options' in argv else OPTIONS
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code, _, error = assemble(LEAF, *argv, *options)
    assert code == 2
    (line,) = error.splitlines()
    assert line.startswith('error: ')
    assert message in line
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}
