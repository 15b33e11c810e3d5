import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

import zoo.engine  # noqa: F401  loads safely from here on
from zoo.errors import UserError
from zoo.models import imagenet_file
from zoo.models.imagenet_file import read_imagenet_file

REMEDY = (
    'Put a Net-5 file there or name another with --cfg-options '
    'model.backbone.init_cfg.checkpoint=PATH, or start without: '
    'model.backbone.init_cfg=None (docs/weights.md)'
)


def read(checkpoint, convert=dict):
    return read_imagenet_file(str(checkpoint), network='Net-5', read=convert)


@pytest.mark.parametrize('wrapped', [False, True])
def test_reads_a_state_dict_bare_or_wrapped(tmp_path, wrapped):
    state = {'weight': torch.ones(2)}
    content = {'state_dict': state, 'meta': {}} if wrapped else state
    torch.save(content, tmp_path / 'a.pth')
    found = read(tmp_path / 'a.pth', lambda state: {'w': state['weight'] + 1})
    assert found['w'].tolist() == [2, 2]
    assert list(read(tmp_path / 'a.pth')) == ['weight']


def test_reads_from_an_address_into_torchs_cache(
    tmp_path, monkeypatch, capsys
):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    torch.save({'weight': torch.ones(2)}, tmp_path / 'a.pth')
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        found = read(f'http://127.0.0.1:{http.server_port}/a.pth')
        http.shutdown()
    assert found['weight'].tolist() == [1, 1]
    assert (tmp_path / 'torch/hub/checkpoints/a.pth').is_file()


def test_loads_tensors_and_plain_data_only(tmp_path):
    torch.save({'state_dict': {}, 'meta': Path('x')}, tmp_path / 'a.pth')
    with pytest.raises(UserError, match=r'a\.pth: refused'):
        read(tmp_path / 'a.pth')


def test_a_failing_read_ends_in_one_line(monkeypatch):
    """As mmengine's own loaders fail, where those of the zoo are not in."""

    def fail(*args, **kwargs):
        raise OSError('no\n  such file')

    loader = imagenet_file.CheckpointLoader
    monkeypatch.setattr(loader, 'load_checkpoint', fail)
    with pytest.raises(UserError) as caught:
        read('a.pth')
    expected = f'a.pth: cannot be read (no such file). {REMEDY}'
    assert str(caught.value) == expected


def test_another_network_ends_in_one_line(tmp_path):
    torch.save({'weight': torch.ones(1)}, tmp_path / 'a.pth')

    def refuse(state):
        raise ValueError(f'{next(iter(state))} is wrong')

    with pytest.raises(UserError) as caught:
        read(tmp_path / 'a.pth', refuse)
    expected = f'{tmp_path}/a.pth: not a Net-5 (weight is wrong). {REMEDY}'
    assert str(caught.value) == expected
