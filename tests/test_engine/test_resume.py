"""A run that was killed and resumed ends where the other one does."""

import hashlib
import signal
import subprocess
import sys
import time

import pytest
import torch
from support import ROOT, SMALL

from zoo.engine.checkpoint import load_plain
from zoo.errors import UserError

LENGTH = ('train_cfg.max_iters=12', 'train_cfg.val_interval=12')


def weights(path):
    return load_plain(path)['state_dict']


def assert_same(a, b):
    a, b = weights(a), weights(b)
    assert a.keys() == b.keys()
    for key in a:
        assert torch.equal(a[key], b[key]), key


@pytest.mark.parametrize('workers', [0, 2])
def test_a_stopped_run_goes_on_bit_for_bit(train_small, workers):
    """Dropout, crops and order all follow from seed and iteration."""
    extra = (
        f'train_dataloader.num_workers={workers}',
        'model.decode_head.dropout_ratio=0.5',
    )
    whole = train_small('whole', 6, extra=extra)
    # max_iters changes the schedule's end, not what an iteration computes
    stopped = train_small('cut', 6, extra=(*extra, 'custom_hooks=[]'))
    assert_same(whole, stopped)
    stopped.unlink()
    resumed = train_small('cut', 6, resume='auto', extra=extra)
    assert_same(whole, resumed)
    first, second = load_plain(whole), load_plain(resumed)
    states = [x['optimizer']['state'] for x in (first, second)]
    for key, state in states[0].items():
        buffer = 'momentum_buffer'
        assert torch.equal(state[buffer], states[1][key][buffer])


def test_two_seeds_differ(train_small):
    one = weights(train_small('one', 2))
    other = weights(train_small('other', 2, extra=('randomness.seed=1',)))
    assert any(not torch.equal(one[key], other[key]) for key in one)


@pytest.mark.slow
def test_kill_9_in_the_middle_loses_nothing(train_small, mini_root, tmp_path):
    whole = train_small('whole', 12)
    folder = tmp_path / 'killed'
    command = [
        sys.executable,
        str(ROOT / 'tools/train.py'),
        str(ROOT / 'configs/deeplab_crf/vgg16_minivoc.py'),
        *('--work-dir', str(folder), '--data-root', str(mini_root)),
        *('--cfg-options', *SMALL, *LENGTH),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        for _ in range(1200):
            if (folder / 'iter_4.pth').exists():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert not (folder / 'iter_12.pth').exists(), 'it was not in the middle'
    command[5:5] = ['--resume']
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert_same(whole, folder / 'iter_12.pth')
    assert not list(folder.glob('.*')), 'a temporary file was left behind'


def test_resume_does_not_run_a_config_from_the_file(train_small, tmp_path):
    """Mmengine executes ``meta['config']`` as Python when it resumes."""
    path, target = train_small('run', 2), tmp_path / 'exploded'
    content = load_plain(path)
    content['meta']['config'] = f'open({str(target)!r}, "w").close()'
    torch.save(content, path)
    train_small('run', 4, resume='auto')
    assert not target.exists()


def test_nothing_to_resume_starts_afresh(train_small, capsys):
    assert train_small('new', 2, resume='auto').name == 'iter_2.pth'
    assert 'nothing to resume' in capsys.readouterr().out


def test_resume_from_a_file_that_is_not_there(train_small):
    with pytest.raises(UserError, match='no such checkpoint'):
        train_small('new', 2, resume='no/such.pth')


def test_a_fresh_run_sets_an_earlier_one_aside(train_small, capsys):
    """Neither deletes it nor takes its checkpoints for its own."""
    old = train_small('run', 4)
    before = old.read_bytes()
    new = train_small('run', 2)
    assert new.name == 'iter_2.pth'
    assert 'earlier_1' in capsys.readouterr().out
    assert (new.parent / 'earlier_1/iter_4.pth').read_bytes() == before
    train_small('run', 2)
    assert (new.parent / 'earlier_2/iter_2.pth').is_file()
    assert [p.name for p in new.parent.glob('iter_*')] == ['iter_2.pth']


def test_half_written_checkpoints_are_removed(train_small, tmp_path):
    left = tmp_path / 'run/.iter_2.pth.123.tmp'
    left.parent.mkdir()
    left.write_bytes(b'half')
    train_small('run', 2)
    assert not left.exists()


def test_resuming_with_another_seed_is_refused(train_small):
    path = train_small('run', 2)
    with pytest.raises(UserError, match=r'seed 0.* seed 1\. Add --seed 0'):
        train_small('other', 4, str(path), extra=('randomness.seed=1',))


def test_resuming_from_weights_alone_is_refused(train_small):
    path = train_small('run', 2)
    content = load_plain(path)
    torch.save({'state_dict': content['state_dict']}, path)
    with pytest.raises(UserError, match=r'no state to resume from.*load_from'):
        train_small('run', 4, resume='auto')


def test_training_time_is_counted_over_a_resume(train_small):
    first = load_plain(train_small('run', 2))['meta']
    second = load_plain(train_small('run', 4, resume='auto'))['meta']
    assert 0 < first['train_seconds'] < second['train_seconds']
    assert first['hardware']


def test_a_fresh_start_from_weights_counts_its_own_time(train_small):
    path = train_small('run', 4)
    content = load_plain(path)
    content['meta']['train_seconds'] = 1e6
    torch.save(content, path)
    extra = (f'load_from={path}',)
    meta = load_plain(train_small('next', 2, extra=extra))['meta']
    assert meta['train_seconds'] < 1e5


def test_a_resume_keeps_what_the_run_started_from(train_small):
    first = train_small('run', 2)
    assert 'started_from' not in load_plain(first)['meta']
    extra = (f'load_from={first}',)
    train_small('next', 2, extra=extra)
    meta = load_plain(train_small('next', 4, resume='auto'))['meta']
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert meta['started_from'] == {'file': str(first), 'sha256': digest}
    again = train_small('run', 4, resume='auto')
    assert 'started_from' not in load_plain(again)['meta']


def test_processes_meet_before_an_earlier_run_is_set_aside(
    train_small, monkeypatch
):
    """Another one may still be reading what this run starts from."""
    old, seen = train_small('run', 2), []
    monkeypatch.setattr(
        'zoo.engine.hooks.checkpoint.barrier',
        lambda: seen.append(old.is_file()),
    )
    train_small('run', 2)
    assert seen == [True]
    assert not (old.parent / 'earlier_2').exists()


def test_a_fresh_run_can_start_from_the_run_that_it_sets_aside(train_small):
    """As the message about a loss that is no number tells the user to."""
    old = train_small('run', 2)
    weights_before = weights(old)
    extra = (f'load_from={old}', 'optim_wrapper.optimizer.lr=0.0')
    new = weights(train_small('run', 2, extra=extra))
    key = 'decode_head.conv_seg.weight'
    assert torch.equal(new[key], weights_before[key])


def test_a_run_that_does_not_begin_moves_nothing(train_small):
    old = train_small('run', 2)
    with pytest.raises(UserError, match='has no such option'):
        train_small('run', 2, extra=('model.decode_head.kernal_size=3',))
    assert old.is_file()
