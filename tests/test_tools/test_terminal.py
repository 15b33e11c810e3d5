"""What a person at a terminal sees, through a pseudo-terminal."""

import os
import pty
import subprocess
import sys

import pytest
from support import LEAF, ROOT, SMALL

OPTIONS = (*SMALL, 'train_cfg.max_iters=3', 'train_cfg.val_interval=3')


def run_at_a_terminal(tmp_path, *args):
    """Run a command with stderr at a terminal; return code, stdout, stderr."""
    ours, theirs = pty.openpty()
    with open(tmp_path / 'stdout', 'w+') as stdout:
        process = subprocess.Popen(
            [sys.executable, *map(str, args)],
            cwd=tmp_path,
            stdout=stdout,
            stderr=theirs,
            env={**os.environ, 'TERM': 'xterm', 'COLUMNS': '100'},
        )
        os.close(theirs)
        seen = b''
        try:
            while chunk := os.read(ours, 4096):
                seen += chunk
        except OSError:  # Linux says so when the other side is closed
            pass
        os.close(ours)
        code = process.wait()
        stdout.seek(0)
        return code, stdout.read(), seen.decode()


def train(tmp_path, root, *extra):
    return run_at_a_terminal(
        tmp_path,
        *(ROOT / 'tools/train.py', LEAF, '--data-root', root),
        *('--cfg-options', *OPTIONS, *extra),
    )


@pytest.mark.slow
def test_a_bar_with_loss_and_time_left_that_cleans_up(tmp_path, mini_root):
    code, stdout, seen = train(tmp_path, mini_root)
    assert code == 0, seen
    assert '3/3' in seen
    assert 'loss' in seen
    assert seen.count('\x1b[?25l') == seen.count('\x1b[?25h') > 0  # cursor
    assert stdout.startswith('trained: ')


@pytest.mark.slow
def test_an_error_is_one_line_on_stderr_below_the_bar(tmp_path, mini_root):
    code, stdout, seen = train(
        tmp_path, mini_root, 'optim_wrapper.optimizer.lr=1e38'
    )
    assert code == 2
    assert stdout == ''
    lines = [line for line in seen.splitlines() if 'error: ' in line]
    assert len(lines) == 1
    assert 'the loss is no number' in lines[0]
    assert seen.count('\x1b[?25l') == seen.count('\x1b[?25h')
