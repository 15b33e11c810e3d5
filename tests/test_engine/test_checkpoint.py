"""Checkpoints: plain in, plain out, and no code from a foreign file."""

import pickle
import socket
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from zoo.engine.checkpoint import (
    fetch,
    from_plain,
    load_meta,
    load_plain,
    save_plain,
    to_plain,
)
from zoo.engine.runner import require_fit
from zoo.errors import UserError


class Bomb:
    """Unpickling it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def bomb(tmp_path):
    """A checkpoint that runs code when it is fully unpickled."""
    target = tmp_path / 'exploded'
    file = tmp_path / 'bomb.pth'
    state = {'weight': torch.zeros(1), 'evil': Bomb(target)}
    torch.save({'state_dict': state, 'meta': {}}, file)
    yield file
    assert not target.exists(), 'code from the checkpoint was run'


def test_the_bomb_is_one(tmp_path):
    """Otherwise the tests below would prove nothing."""
    target = tmp_path / 'exploded'
    pickle.loads(pickle.dumps(Bomb(target)))
    assert target.exists()


@pytest.mark.parametrize(
    'load',
    [
        load_plain,
        partial(load_plain, lazy=True),
        load_meta,
        CheckpointLoader.load_checkpoint,
        partial(load_checkpoint, nn.Linear(1, 1)),
        lambda path: CheckpointLoader.load_checkpoint(str(path), 'cpu'),
    ],
)
def test_every_loader_refuses_a_malicious_pickle(bomb, load):
    with pytest.raises(UserError, match=r'bomb\.pth: refused.*--trust'):
        load(str(bomb))


@pytest.mark.parametrize('zipped', [True, False])
def test_meta_is_read_from_either_format_of_torch(tmp_path, zipped):
    path = tmp_path / 'a.pth'
    content = {'meta': {'seed': 1}, 'state_dict': {'w': torch.ones(99)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert load_meta(path) == {'seed': 1}
    state = load_plain(path, lazy=True)['state_dict']
    assert torch.equal(state['w'], torch.ones(99))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match=r'a\.pth: damaged'):
        load_meta(path)


@pytest.mark.parametrize(
    'content', [[1], {'w': torch.ones(1)}, {'meta': None}, {'meta': 'x'}]
)
def test_a_file_may_say_nothing_of_itself(tmp_path, content):
    torch.save(content, tmp_path / 'a.pth')
    assert load_meta(tmp_path / 'a.pth') == {}


def test_pretrained_weights_refuse_a_malicious_pickle(bomb):
    from mmengine.model import BaseModule

    model = BaseModule({'type': 'Pretrained', 'checkpoint': str(bomb)})
    with pytest.raises(UserError, match='refused'):
        model.init_weights()


@pytest.fixture
def server(tmp_path):
    """Serve ``tmp_path`` at 127.0.0.1; yields the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{http.server_port}'
        http.shutdown()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A torch cache of its own."""
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    return tmp_path / 'torch' / 'hub' / 'checkpoints'


def test_fetches_once(tmp_path, server, hub, capsys):
    torch.save({'a': torch.ones(2)}, tmp_path / 'plain.pth')
    assert fetch(f'{server}/plain.pth')['a'].tolist() == [1, 1]
    (tmp_path / 'plain.pth').unlink()
    again = CheckpointLoader.load_checkpoint(f'{server}/plain.pth')
    assert again['a'].tolist() == [1, 1]
    assert [p.name for p in hub.iterdir()] == ['plain.pth']


def test_a_fetched_bomb_does_not_explode(bomb, server, hub, capsys):
    with pytest.raises(UserError, match='refused'):
        CheckpointLoader.load_checkpoint(f'{server}/bomb.pth')


def test_a_wrong_hash_is_refused(tmp_path, server, hub, capsys):
    torch.save({}, tmp_path / 'net-00000000.pth')
    with pytest.raises(UserError, match=r'cannot fetch.*hash'):
        fetch(f'{server}/net-00000000.pth')
    assert not list(hub.iterdir())


def test_an_address_that_does_not_answer_names_the_file_to_put_where(hub):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        address = f'http://127.0.0.1:{free.getsockname()[1]}/vgg16.pth'
    with pytest.raises(UserError) as caught:
        fetch(address)
    line = caught.value.line
    assert '\n' not in line
    assert str(hub / 'vgg16.pth') in line
    assert '--cfg-options model.backbone.init_cfg=None' in line


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('torchvision://vgg16', 'not supported'),
        ('s3://bucket/file.pth', 'not supported'),
        ('open-mmlab://no_such_net', 'unknown to mmengine'),
        ('no/such/file.pth', 'no such checkpoint'),
    ],
)
def test_other_schemes_end_in_one_line(name, message):
    with pytest.raises(UserError, match=message):
        CheckpointLoader.load_checkpoint(name)


def test_a_truncated_file_is_called_damaged(tmp_path):
    path = tmp_path / 'a.pth'
    torch.save({'a': torch.randn(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UserError, match=r'a\.pth: damaged'):
        load_plain(path)


def test_resume_state_survives_as_plain_data(tmp_path):
    history = HistoryBuffer([1.5, 2.5], [1, 3])
    content = {
        'message_hub': {'log_scalars': {'train/loss': history}},
        'meta': {'iter': np.int64(7), 'where': tmp_path, 'size': (1, 2)},
        'score': np.float64(0.5),
        'array': np.arange(3),
    }
    save_plain(content, tmp_path / 'a.pth')
    raw = torch.load(tmp_path / 'a.pth', weights_only=True)
    assert raw['meta'] == {'iter': 7, 'where': str(tmp_path), 'size': (1, 2)}
    back = from_plain(raw)['message_hub']['log_scalars']['train/loss']
    assert isinstance(back, HistoryBuffer)
    assert back.data[0].tolist() == [1.5, 2.5]
    assert back.data[1].tolist() == [1, 3]
    assert back.mean(window_size=2) == history.mean(window_size=2)


@pytest.mark.parametrize('content', [b'abc', b'<html>not found</html>', b''])
def test_what_is_no_checkpoint_is_not_called_dangerous(tmp_path, content):
    path = tmp_path / 'a.pth'
    path.write_bytes(content)
    with pytest.raises(UserError, match=r'a\.pth: damaged'):
        load_plain(path)


def test_what_has_no_plain_form_is_named():
    with pytest.raises(TypeError, match=r'checkpoint\.a\[1\] is a object'):
        to_plain({'a': [1, object()]})


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / 'a.pth'
    save_plain({'a': 1}, path)
    with pytest.raises(TypeError):
        save_plain({'a': object()}, path)
    assert load_plain(path) == {'a': 1}
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']


def test_what_cannot_be_written_names_a_remedy(tmp_path):
    file = tmp_path / 'file'
    file.touch()
    with pytest.raises(UserError, match=r'a\.pth: cannot be .* --resume$'):
        save_plain({'a': 1}, file / 'a.pth')
    with pytest.raises(UserError, match=r'cannot be written\. Pray$'):
        save_plain({'a': 1}, file / 'a.pth', remedy='Pray')


def test_weights_of_another_network_are_refused():
    model = {'a': torch.zeros(2), 'b': torch.zeros(3)}
    wrong = {'a': torch.zeros(4), 'b': torch.zeros(3)}
    with pytest.raises(UserError, match=r'a is \(4,\) there and \(2,\) here'):
        require_fit(model, wrong, 'f.pth', strict=False)
    with pytest.raises(UserError, match='no weight has a name'):
        require_fit(model, {'c': torch.zeros(1)}, 'f.pth', strict=False)
    part = {'a': torch.zeros(2), 'c': torch.zeros(1)}
    require_fit(model, part, 'f.pth', strict=False)
    with pytest.raises(UserError, match=r'b is missing \(and 1 more\)'):
        require_fit(model, part, 'f.pth', strict=True)
