"""tools/refine.py and tools/tune_crf.py as a user runs them."""

import json
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from support import ROOT

LEAF = """# A chain and nothing else.
model = dict(
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=4.0,
            bilateral_xy_std=6.0,
            bilateral_rgb_std=10.0,
            iterations=2,
        )
    ]
)
"""
FOLDERS = ('--probs', 'probs', '--photos', 'photos', '--labels', 'labels')
HEAD = ['mIoU', 'weight', 'xy std', 'rgb std']
NARROW = (
    *('--bilateral-weight', '1', '3'),
    *('--bilateral-xy-std', '3'),
    *('--bilateral-rgb-std', '5', '25', '10'),
)


@pytest.fixture
def cwd(tmp_path):
    """A folder with a leaf and forty images of 20 x 16 pixels."""
    (tmp_path / 'm').mkdir()
    (tmp_path / 'm/crf_own.py').write_text(LEAF)
    for name in ('photos', 'labels', 'probs'):
        (tmp_path / name).mkdir()
    rng = np.random.default_rng(0)
    for i in range(40):
        labels = np.zeros((16, 20), np.uint8)
        labels[:, rng.integers(5, 15) :] = 1
        photo = np.where(labels[..., None] == 1, 200, 60)
        photo = (photo + rng.normal(0, 5, (16, 20, 3))).astype(np.uint8)
        first = np.clip(
            0.7 - 0.4 * labels + rng.normal(0, 0.3, (16, 20)), 0, 1
        )
        Image.fromarray(photo).save(tmp_path / f'photos/{i:02d}.jpg')
        Image.fromarray(labels).save(tmp_path / f'labels/{i:02d}.png')
        probs = np.stack([first, 1 - first])
        np.savez(tmp_path / f'probs/{i:02d}.npz', probs)
    return tmp_path


def start(cwd, tool, *args):
    """Start a tool in a folder."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / 'tools' / tool), 'm/crf_own.py', *args],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(cwd, tool, *args, expect=0):
    """Run a tool; return what it printed on both streams."""
    process = start(cwd, tool, *args)
    out, err = process.communicate()
    assert process.returncode == expect, err
    for noise in ('Warning', 'Traceback'):
        assert noise not in out + err
    return out, err


def kill_after(cwd, path, count, tool, *args):
    """Kill a tool with SIGKILL when so many lines are in its file."""
    process, end = start(cwd, tool, *args), time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if path.is_file() and path.read_text().count('\n') > count:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return path.read_text().count('\n')


@pytest.mark.slow
def test_refine_goes_on_after_a_kill_and_scores_all(cwd):
    args = ('refine.py', *FOLDERS, '--workers', '2', '--save-probs')
    journal = cwd / 'killed/refined.jsonl'
    kill_after(cwd, journal, 3, *args, '--out', 'killed')
    whole, err = run(cwd, *args, '--out', 'whole')
    assert 'refine 40/40  left 0:00:00' in err
    first, *scores = whole.splitlines()
    assert first == '40 images refined: whole/masks'
    assert [line.split('  ')[0] for line in scores] == [
        'mean IoU',
        'pixel accuracy',
        'per cent, over 40 of 40 images',
    ]
    again, _ = run(cwd, *args, '--out', 'killed')
    assert again.splitlines()[1:] == scores
    for path in (cwd / 'whole').glob('*/*'):
        other = cwd / 'killed' / path.relative_to(cwd / 'whole')
        assert other.read_bytes() == path.read_bytes()
    done, _ = run(cwd, *args, '--out', 'killed')
    assert done.startswith('0 images refined, 40 were there already: killed')


@pytest.mark.slow
def test_bad_files_are_named_at_the_end_with_code_2(cwd):
    path = cwd / 'probs/07.npz'
    path.write_bytes(path.read_bytes()[:100])
    (cwd / 'photos/08.jpg').unlink()
    args = ('refine.py', *FOLDERS, '--out', 'out', '--workers', '1')
    out, err = run(cwd, *args, expect=2)
    assert out.startswith('38 images refined: out/masks\n')
    assert 'per cent, over 38 of 38 images' in out
    first, second = err.splitlines()[-2:]
    assert first.startswith('error: probs/07.npz: cut short')
    assert second.startswith('error: probs/08.npz: no photograph is called 08')


@pytest.mark.slow
def test_tune_goes_on_after_a_kill_and_writes_a_preset(cwd):
    args = ('tune_crf.py', *FOLDERS, *NARROW, '--images', '12')
    trials = cwd / 'killed/trials.jsonl'
    lines = kill_after(
        cwd, trials, 2, *args, '--workers', '2', '--out', 'killed'
    )
    whole, err = run(cwd, *args, '--workers', '1', '--out', 'whole')
    assert 'coarse ' in err
    assert trials.read_text() in (cwd / 'whole/trials.jsonl').read_text()
    again, _ = run(cwd, *args, '--workers', '2', '--out', 'killed')
    assert again == whole.replace('whole/', 'killed/')
    assert trials.read_text() == (cwd / 'whole/trials.jsonl').read_text()
    assert lines <= trials.read_text().count('\n')
    assert re.split('  +', whole.splitlines()[0].strip()) == HEAD
    assert whole.splitlines()[-1] == 'preset: whole/preset.json'
    check_preset(cwd, float(whole.splitlines()[1].split()[0]))


def check_preset(cwd, best):
    """Refining the chosen images with the preset gives the score again."""
    found = json.loads((cwd / 'whole/preset.json').read_text())['found']
    assert round(found['mIoU'], 2) == best
    assert len(found['images']) == 12
    for path in (cwd / 'probs').iterdir():
        if path.stem not in found['images']:
            path.unlink()
    leaf = cwd / 'm/tuned_own.py'
    leaf.write_text(
        "# Tuned.\nmodel = dict(post_processors=[dict(type='DenseCRF', "
        "preset='whole/preset.json', iterations=2)])\n"
    )
    (cwd / 'm/crf_own.py').write_text(leaf.read_text())
    args = ('refine.py', *FOLDERS, '--out', 'tuned', '--workers', '1')
    out, _ = run(cwd, *args)
    assert out.splitlines()[1].split()[-1] == f'{best:.2f}'


@pytest.mark.slow
@pytest.mark.parametrize(
    ('tool', 'args', 'message'),
    [
        ('refine.py', ('--probs', 'no'), 'no: no such folder'),
        ('refine.py', ('--workers', '0'), '--workers must be at least 1'),
        ('tune_crf.py', ('--images', '0'), '--images must be at least 1'),
        ('tune_crf.py', ('--workers', '0'), '--workers must be at least 1'),
        (
            'tune_crf.py',
            ('--bilateral-weight', '5', '2'),
            '--bilateral-weight 5 2: needs LOW <= HIGH',
        ),
        (
            'tune_crf.py',
            ('--bilateral-weight', '1', 'inf'),
            '--bilateral-weight 1 inf: must be finite',
        ),
    ],
)
def test_errors_are_one_line_and_code_2(cwd, tool, args, message):
    out, err = run(cwd, tool, *FOLDERS, '--out', 'out', *args, expect=2)
    (line,) = err.strip().splitlines()
    assert line.startswith(f'error: {message}')
    assert not out


@pytest.mark.slow
def test_says_how_many_of_the_images_were_scored(cwd):
    for i in range(5, 40):
        (cwd / f'probs/{i:02d}.npz').unlink()
    (cwd / 'labels/01.png').unlink()
    args = ('refine.py', *FOLDERS, '--out', 'out', '--workers', '1')
    out, _ = run(cwd, *args)
    assert out.splitlines()[-1] == 'per cent, over 4 of 5 images'
    (cwd / 'empty').mkdir()
    out, _ = run(cwd, *args, '--labels', 'empty')
    assert out.splitlines()[1:] == [
        'empty: holds no label map of them, nothing is scored'
    ]
