"""train, test and predict as a user runs them, on a small network."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from support import LEAF, ROOT, SMALL

ORACLE = ROOT / 'configs/fcrn/true-instances_minivoc.py'
NO_CRF = LEAF.with_name('vgg16-nocrf_minivoc.py')
TOOLS = sorted(p.name for p in (ROOT / 'tools').glob('*.py'))
SHORT = (*SMALL, 'train_cfg.max_iters=2', 'train_cfg.val_interval=2')


def run(tool, *args, cwd, expect=0):
    """Run a tool in a folder; return what it printed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == expect, done.stderr
    return done


@pytest.fixture(scope='module')
def trained(tmp_path_factory, mini_root):
    """A folder with a trained run in it, and what the training printed."""
    cwd = tmp_path_factory.mktemp('user')
    options = ('--data-root', mini_root, '--cfg-options', *SHORT)
    return cwd, run('train.py', LEAF, *options, cwd=cwd), options


@pytest.mark.parametrize('tool', [t for t in TOOLS if t != 'preflight.py'])
def test_help(tool, tmp_path):
    assert 'usage:' in run(tool, '--help', cwd=tmp_path).stdout


@pytest.mark.parametrize(
    'tool',
    [
        *('train.py', 'test.py', 'predict.py', 'assemble.py'),
        *('refine.py', 'tune_crf.py', 'tune_instances.py', 'trimap.py'),
    ],
)
def test_help_imports_nothing_heavy(tool, tmp_path):
    code = (
        'import runpy, sys\n'
        f'sys.argv = [{tool!r}, "--help"]\n'
        'try:\n'
        f'    runpy.run_path({str(ROOT / "tools" / tool)!r}, '
        'run_name="__main__")\n'
        'except SystemExit:\n'
        '    pass\n'
        'assert not {"torch", "numpy", "mmengine"} & set(sys.modules)\n'
    )
    subprocess.run([sys.executable, '-c', code], check=True, cwd=tmp_path)


@pytest.mark.slow
def test_training_says_how_far_it_is_and_where_the_result_lies(trained):
    cwd, done, _ = trained
    folder = 'work_dirs/deeplab_crf/vgg16_minivoc/seed0'
    assert (cwd / folder / 'iter_2.pth').is_file()
    assert done.stdout.strip() == f'trained: {folder}/iter_2.pth'
    assert 'train 2/2' in done.stderr
    assert 'left 0:00:00' in done.stderr
    assert 'iteration 2: mIoU' in done.stderr
    for noise in ('Warning', 'WARNING', 'deprecated'):
        assert noise not in done.stdout + done.stderr


@pytest.mark.slow
def test_one_table_for_several_configs_and_all_kinds_of_output(trained):
    cwd, _, options = trained
    done = run(
        'test.py',
        *(LEAF, NO_CRF),
        *('--save-masks', 'masks', '--save-probs', 'probs'),
        *('--show-dir', 'show', '--out', 'results.json', '--record'),
        *options,
        cwd=cwd,
    )
    assert 'Warning' not in done.stderr
    assert done.stdout.count('minivoc val') == 2  # summary and per class
    for text in ('mIoU', 'pixel acc', 'ms/image', 'deeplab_crf/vgg16_minivoc'):
        assert text in done.stdout
    records = json.loads((cwd / 'results.json').read_text())
    assert [r['config'] for r in records] == [
        'deeplab_crf/vgg16_minivoc',
        'deeplab_crf/vgg16-nocrf_minivoc',
    ]
    sums = [r['checkpoint']['sha256'] for r in records]
    assert sums[0] == sums[1]
    kept = cwd / 'docs/results/minivoc'
    assert len(list(kept.glob('deeplab_crf__vgg16*_seed0.json'))) == 2
    check_outputs(cwd, records)


def check_outputs(cwd, records):
    """The files agree with the record, and with one another."""
    for record in records:
        part = record['config']
        stems = sorted(record['per_image'])
        assert len(stems) == 3
        for stem in stems:
            mask = Image.open(cwd / f'masks/{part}/{stem}.png')
            labels = np.array(mask)
            assert mask.mode == 'P'
            counts = {row[0]: row[2] for row in record['per_image'][stem]}
            ids, pixels = np.unique(labels, return_counts=True)
            for label, count in zip(ids, pixels, strict=True):
                assert counts.get(label, 0) <= count  # void is not counted
            probs = np.load(cwd / f'probs/{part}/{stem}.npy')
            assert (probs.dtype, probs.shape) == (np.float16, (12, 121, 161))
            chosen = np.take_along_axis(probs, labels[None], 0)[0]
            assert (chosen >= probs.max(0) - 1e-3).all()  # float16 ties
            width = Image.open(cwd / f'show/{part}/{stem}.png').width
            panels = 3 if 'nocrf' in part else 4
            assert width == panels * 165 - 4


@pytest.mark.slow
def test_scores_at_borders_from_the_test_to_the_picture(trained):
    cwd, _, options = trained
    done = run('test.py', *(LEAF, NO_CRF, '--trimap'), *options, cwd=cwd)
    assert 'Warning' not in done.stderr
    assert done.stdout.count('minivoc val, within so many pixels') == 1
    assert done.stdout.count('without post-processors') == 2
    leaves = sorted((cwd / 'work_dirs/deeplab_crf').glob('vgg16*'))
    records = [leaf / 'seed0/record_val.json' for leaf in leaves]
    drawn = run('trimap.py', *records, '--out', 'new/borders.svg', cwd=cwd)
    assert drawn.stderr == ''
    assert drawn.stdout.endswith('wrote new/borders.svg\n')
    assert '<svg' in (cwd / 'new/borders.svg').read_text()
    run('test.py', LEAF, *options, cwd=cwd)  # writes the record anew
    refused = run('trimap.py', records[1], '--out', 'a.svg', cwd=cwd, expect=2)
    assert refused.stderr.endswith('deeplab_crf/vgg16_minivoc.py --trimap\n')
    assert refused.stderr.count('\n') == 1


@pytest.mark.slow
def test_multi_view_testing(trained):
    cwd, _, options = trained
    run('test.py', NO_CRF, '--tta', '--out', 'tta.json', *options, cwd=cwd)
    record = json.loads((cwd / 'tta.json').read_text())
    assert record['views'] == 6
    assert record['multi_view']['scales'] == [0.75, 1.0, 1.25]
    assert record['images'] == 3


@pytest.mark.slow
def test_views_that_a_config_names(trained, mini_root):
    cwd, _, options = trained
    shift = 'views.shifts=((0,0),(4,4))'
    alone = ('views.scales=(1.0,)', 'views.flip=False', shift)
    run('test.py', NO_CRF, '--out', 'shifts.json', *options, *alone, cwd=cwd)
    record = json.loads((cwd / 'shifts.json').read_text())
    assert (record['views'], record['images']) == (2, 3)
    assert record['multi_view']['shifts'] == [[0, 0], [4, 4]]
    photo = next((mini_root / 'JPEGImages').iterdir())
    run(
        'predict.py',
        *(photo, '--config', NO_CRF, '--out', 'six', '--tta'),
        *('--cfg-options', *SMALL),
        cwd=cwd,
    )
    assert (cwd / f'six/{photo.stem}_mask.png').is_file()


@pytest.mark.slow
def test_predict_writes_mask_overlay_and_steps(trained, mini_root):
    cwd, _, _ = trained
    photos = sorted((mini_root / 'JPEGImages').iterdir())[:2]
    done = run(
        'predict.py',
        *photos,
        *('--config', LEAF, '--out', 'predicted'),
        *('--cfg-options', *SMALL),
        cwd=cwd,
    )
    assert '2 photographs predicted' in done.stdout
    for photo in photos:
        for kind in ('mask', 'overlay', 'steps'):
            path = cwd / f'predicted/{photo.stem}_{kind}.png'
            assert Image.open(path).size[0] >= 161


@pytest.mark.slow
def test_numbers_of_the_grouping_are_searched(tmp_path, mini_root):
    """Two images of true boxes: only the smallest cluster can be wrong."""
    done = run(
        'tune_instances.py',
        *(ORACLE, '--data-root', mini_root, '--images', 2),
        *('--metric', 'AP_0.7', '--out', 'trials.json', '--cfg-options'),
        *('test_dataloader.num_workers=0', 'model.grouper.min_pixels=1000'),
        'test_dataloader.persistent_workers=False',
        cwd=tmp_path,
    )
    *lines, last = done.stdout.splitlines()
    assert last == 'best: --cfg-options model.grouper.min_pixels=1'
    entries = json.loads((tmp_path / 'trials.json').read_text())
    all_found = dict.fromkeys(('AP_0.5', 'AP_0.7', 'AP_vol'), 100.0)
    assert entries[0] == {**all_found, 'options': {'min_pixels': 1}}
    scores = [entry['AP_0.7'] for entry in entries]
    assert scores == sorted(scores, reverse=True)
    (stated,) = (entry for entry in entries if not entry['options'])
    assert stated['AP_0.7'] < 50
    assert len(lines) == len(entries)
    assert lines[0] == 'AP_0.5 100.00  AP_0.7 100.00  AP_vol 100.00  ' + (
        'min_pixels=1'
    )
    assert any(line.endswith('  as in the leaf') for line in lines)
    for noise in ('Warning', 'WARNING', 'deprecated'):
        assert noise not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ('tool', 'args', 'message'),
    [
        ('train.py', ['no.py'], 'no.py: no such config'),
        ('test.py', [LEAF], 'no checkpoint in work_dirs/deeplab_crf'),
        ('test.py', [f'{LEAF}=x.pth'], 'x.pth: no such checkpoint'),
        ('train.py', [LEAF, '--cfg-options', 'x'], 'write it as key=value'),
        (
            'predict.py',
            ['no.jpg', '--config', LEAF, '--out', 'o'],
            'no.jpg: no such photograph',
        ),
        ('tune_instances.py', [LEAF], 'there is no grouping to search'),
    ],
)
def test_errors_are_one_line_and_code_2(tmp_path, tool, args, message):
    done = run(tool, *args, cwd=tmp_path, expect=2)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith('error: ')
    assert message in line
    debug = run(tool, *args, '--debug', cwd=tmp_path, expect=1)
    assert 'Traceback' in debug.stderr
