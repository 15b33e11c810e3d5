"""The command line for data sets, on small copies of each layout."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from zoo.cli import run
from zoo.datasets import msrc21, voc_aug  # noqa: F401  registers
from zoo.datasets.catalogue import CATALOGUE

TOOL = Path(__file__).parents[2] / 'tools/data.py'
RNG = np.random.default_rng(3)


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('data_tool', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def call(tool, capsys):
    """Run the tool; returns exit code, stdout and stderr."""

    def call(*args):
        argv = [str(a) for a in args]
        code = run(tool.build_parser(), tool.main, argv)
        return code, *capsys.readouterr()

    return call


def msrc(root, *, size=(6, 5)):
    """Write three images; returns their pixels and labels."""
    images, labels = [], []
    for i, split in enumerate(('train', 'val', 'test')):
        images.append(RNG.integers(0, 256, (*size, 3), np.uint8))
        labels.append(RNG.integers(0, 21, size).astype(np.uint8))
        labels[-1][0, 0] = 255
        for folder in ('Images', 'SegmentationClass21', 'splits'):
            (root / folder).mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[-1]).save(root / f'Images/1_{i}_s.bmp')
        label = root / f'SegmentationClass21/1_{i}_s.png'
        Image.fromarray(labels[-1]).save(label)
        (root / f'splits/{split}.txt').write_text(f'1_{i}_s\n')
    return np.stack(images), np.stack(labels)


def report(call, root, name='msrc21'):
    code, out, _ = call('check', name, '--root', root, '--json')
    found = json.loads(out)
    errors = [p for p in found['problems'] if p['level'] == 'error']
    assert code == (2 if errors else 0)
    assert all(p['remedy'] for p in found['problems'])
    return found, [p['what'] for p in errors]


def test_help_is_there_without_loading_the_stack():
    code = 'import sys, runpy; sys.argv = ["data.py", "--help"]\n'
    code += f'try: runpy.run_path({str(TOOL)!r}, run_name="__main__")\n'
    code += 'finally: assert not {"torch", "mmseg"} & set(sys.modules)'
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert 'prepare' in done.stdout


def test_list_names_everything(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call('list')
    assert code == 0
    for entry in CATALOGUE.values():
        assert entry.name in out
        assert entry.where in out


def test_list_says_what_is_here_and_where_the_rest_is(
    call, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('COLUMNS', '300')
    voc(tmp_path / 'data/VOCdevkit/VOC2012')
    _, out, _ = call('list')
    rows = {x.split()[0]: x for x in out.splitlines() if x.strip()}
    assert rows['voc'].split()[-1] == 'data/VOCdevkit/VOC2012'
    assert 'data/sbd/dataset: missing img' in rows['sbd']
    assert 'train 276, val 58, test' in rows['msrc21']
    assert (
        'VOCtrainval_11-May-2012.tar (2.0 GB, md5): http://host.robots' in out
    )
    page = 'https://www.cityscapes-dataset.com/downloads/'
    assert f'zip (241 MB, no checksum): after logging in at {page}' in out
    _, out, _ = call('list', '--json')
    missing = {x['name']: x['missing'] for x in json.loads(out)}
    assert missing['voc'] == []
    assert missing['sbd'] == ['img', 'cls', 'inst']


def test_statistics_equal_those_of_all_pixels(call, tmp_path):
    images, labels = msrc(tmp_path)
    found, errors = report(call, tmp_path)
    assert errors == []
    pixels = images.reshape(-1, 3)[:, ::-1].astype(float)
    np.testing.assert_allclose(found['mean'], pixels.mean(0), atol=1e-3)
    np.testing.assert_allclose(found['std'], pixels.std(0), atol=1e-3)
    for i, seen in enumerate(found['classes'].values()):
        assert seen['pixels'] == (labels == i).sum()
        assert seen['images'] == (labels == i).any((1, 2)).sum()
    assert found['void'] == round(3 / labels.size, 4)
    assert found['splits'] == {'train': 1, 'val': 1, 'test': 1}
    whats = ' '.join(p['what'] for p in found['problems'])
    assert 'train has 1 images, MSRC-21 (MSRC v2) has 276' in whats
    assert 'val has 1 images, MSRC-21 (MSRC v2) has 58 or 59' in whats


def cut(path):
    path.write_bytes(path.read_bytes()[:60])


def relabel(path, labels):
    Image.fromarray(np.array(labels, np.uint8)).save(path)


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda r: cut(r / 'Images/1_1_s.bmp'), '1_1_s.bmp: cannot be read'),
        (
            lambda r: cut(r / 'SegmentationClass21/1_1_s.png'),
            '1_1_s.png: cannot be read as a label map',
        ),
        (
            lambda r: relabel(r / 'SegmentationClass21/1_1_s.png', [[0]]),
            'label map of 1x1 pixels for an image of 5x6 pixels',
        ),
        (
            lambda r: relabel(
                r / 'SegmentationClass21/1_1_s.png', [[21, 255, 99, 1, 1]] * 6
            ),
            'ids 21, 99 are beyond the 21 classes',
        ),
        (
            lambda r: (r / 'splits/val.txt').write_text('1_2_s'),
            '1 images of val are also in test, first 1_2_s.bmp = 1_2_s.bmp',
        ),
        (lambda r: (r / 'splits/val.txt').write_text(''), 'names no image'),
    ],
)
def test_check_names_the_damage(call, tmp_path, damage, message):
    msrc(tmp_path)
    damage(tmp_path)
    _, errors = report(call, tmp_path)
    assert len(errors) == 1
    assert message in errors[0]


def test_check_names_copies_across_splits(call, tmp_path):
    msrc(tmp_path)
    images = tmp_path / 'Images'
    content = (images / '1_0_s.bmp').read_bytes()
    (images / '1_1_s.bmp').write_bytes(content)
    found, errors = report(call, tmp_path)
    assert errors == []
    assert found['problems'][-1]['what'] == (
        '1 images of train are also in val, first 1_0_s.bmp = 1_1_s.bmp'
    )


def test_check_goes_on_when_nothing_can_be_read(call, tmp_path):
    msrc(tmp_path)
    for path in (tmp_path / 'Images').iterdir():
        cut(path)
    found, errors = report(call, tmp_path)
    assert len(errors) == 3
    assert found['mean'] is None
    code, out, _ = call('check', 'msrc21', '--root', tmp_path)
    assert code == 2
    assert 'verdict: not fit for use (3 errors' in out


def test_check_goes_on_when_no_label_map_can_be_read(call, tmp_path):
    msrc(tmp_path)
    for path in (tmp_path / 'SegmentationClass21').iterdir():
        path.write_bytes(b'')
    found, errors = report(call, tmp_path)
    assert len(errors) == 3
    assert found['void'] is None
    code, out, _ = call('check', 'msrc21', '--root', tmp_path)
    assert code == 2
    assert 'mean BGR' in out
    assert 'of all pixels' not in out


def test_many_problems_of_one_kind_are_counted(call, tmp_path):
    msrc(tmp_path)
    content = (tmp_path / 'SegmentationClass21/1_0_s.png').read_bytes()
    names = [f'2_{i}_s' for i in range(22)]
    for name in names:
        (tmp_path / f'Images/{name}.bmp').write_bytes(b'')
        label = tmp_path / f'SegmentationClass21/{name}.png'
        label.write_bytes(content)
    (tmp_path / 'splits/train.txt').write_text('\n'.join(['1_0_s', *names]))
    _, errors = report(call, tmp_path)
    assert len(errors) == 22
    code, out, _ = call('check', 'msrc21', '--root', tmp_path)
    assert code == 2
    assert out.count('the file is empty') == 20
    assert '2 more of this kind: image. See all with --json.' in out
    assert 'not fit for use (22 errors' in out


def test_check_prints_classes_and_verdict(call, tmp_path):
    _, labels = msrc(tmp_path)
    code, out, _ = call('check', 'msrc21', '--root', tmp_path)
    assert code == 0
    [row] = [x for x in out.splitlines() if x.split()[:1] == ['grass']]
    number = (labels == 1).sum()
    labelled = (labels != 255).sum()
    assert row.split()[2:4] == [str(number), f'{100 * number / labelled:.2f}']
    assert 'void 3.33 % of all pixels' in out  # 3 of 90
    assert 'verdict: fit for use (0 errors' in out


def test_check_prints_ids_of_no_class_and_names_as_they_are(call, tmp_path):
    root = tmp_path / 'my [red] set'
    msrc(root)
    path = root / 'SegmentationClass21/1_1_s.png'
    relabel(path, [[21, 255, 99, 99, 1]] * 6)
    code, out, _ = call('check', 'msrc21', '--root', root)
    assert code == 2
    assert f'msrc21 in {root}: train 1, val 1, test 1 images' in out
    assert f'{path}: ids 21, 99 are beyond' in out
    assert 'id 21, which is no class: 6 pixels' in out
    assert 'id 99, which is no class: 12 pixels' in out


def test_check_measures_superpixels(call, tmp_path):
    msrc(tmp_path)
    code, out, _ = call(
        *('check', 'msrc21', '--root', tmp_path, '--json'),
        *('--superpixels', 1, '--split', 'test', '--compactness', 20),
    )
    assert code == 0
    found = json.loads(out)['superpixels']
    assert (found['split'], found['n_segments']) == ('test', 1)
    assert found['compactness'] == 20
    labels = np.array(Image.open(tmp_path / 'SegmentationClass21/1_2_s.png'))
    counts = np.bincount(labels[labels != 255])
    best = 100 * counts.max() / counts.sum()  # one superpixel, one label
    assert found['aAcc'] == pytest.approx(best, abs=0.006)
    _, out, _ = call(
        *('check', 'msrc21', '--root', tmp_path),
        *('--superpixels', 1, '--split', 'test', '--compactness', 20),
    )
    lowest = out.partition('lowest IoU: ')[2].splitlines()[0]
    shown = [float(x.split()[-1]) for x in lowest.split(', ')]
    known = [x for x in found['IoU'].values() if x is not None]
    assert shown == sorted(known)[:3] != sorted(known)[-3:]
    code, out, _ = call('check', 'msrc21', '--root', tmp_path, '--superpixels')
    assert code == 0
    assert 'superpixels of val (--superpixels 500 --compactness 15)' in out
    assert 'each with its most frequent label: aAcc ' in out


def test_superpixels_are_measured_where_asked_and_possible(call, tmp_path):
    msrc(tmp_path)
    assert 'superpixels' not in report(call, tmp_path)[0]
    cut(tmp_path / 'Images/1_1_s.bmp')
    code, out, _ = call(
        'check', 'msrc21', '--root', tmp_path, '--json', '--superpixels'
    )
    assert code == 2
    assert json.loads(out)['superpixels'] is None
    _, out, _ = call('check', 'msrc21', '--root', tmp_path, '--superpixels')
    assert 'superpixels: not measured while there are errors' in out


def test_check_names_classes_never_seen(call, tmp_path):
    msrc(tmp_path)
    for i in range(3):
        path = tmp_path / f'SegmentationClass21/1_{i}_s.png'
        relabel(path, np.clip(np.arange(30).reshape(6, 5), 0, 19))
    found, errors = report(call, tmp_path)
    assert errors == []
    assert 'classes never seen: boat' in [p['what'] for p in found['problems']]


def voc(root):
    for i, split in enumerate(('train', 'val')):
        for folder in ('JPEGImages', 'SegmentationClass'):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / 'ImageSets/Segmentation').mkdir(parents=True, exist_ok=True)
        pixels = RNG.integers(0, 256, (4, 4, 3), np.uint8)
        Image.fromarray(pixels).save(root / f'JPEGImages/{split}.jpg')
        relabel(root / f'SegmentationClass/{split}.png', np.full((4, 4), i))
        path = root / f'ImageSets/Segmentation/{split}.txt'
        path.write_text(f'{split}\n')


def test_voc_is_checked_then_prepared_then_checked(call, tmp_path):
    root = tmp_path / 'voc'
    voc(root)
    found, errors = report(call, root, 'voc')
    assert errors == []
    assert found['splits'] == {'train': 1, 'val': 1}
    assert found['problems'][0]['what'].startswith('trainaug is not there')

    pixels = RNG.integers(0, 256, (4, 4, 3), np.uint8)
    Image.fromarray(pixels).save(root / 'JPEGImages/more.jpg')
    (tmp_path / 'dataset/cls').mkdir(parents=True)
    labels = {'Segmentation': np.full((4, 4), 20, np.uint8)}
    savemat(tmp_path / 'dataset/cls/more.mat', {'GTcls': labels})
    code, out, _ = call(
        'prepare', 'voc', '--root', root, '--archive', tmp_path
    )
    assert code == 0
    assert 'ready (train 1, val 1, trainaug 2 images)' in out
    found, errors = report(call, root, 'voc')
    assert errors == []
    assert found['splits'] == {'train': 1, 'val': 1, 'trainaug': 2}
    assert found['classes']['tvmonitor'] == {'pixels': 16, 'images': 1}


@pytest.mark.parametrize(
    ('name', 'root', 'last'),
    [
        ('context60', 'tiny_context60', 'wood'),
        ('nyud40', 'tiny_nyud40', 'otherprop'),
        ('siftflow', 'tiny_siftflow', 'window'),
    ],
)
def test_other_data_sets_are_checked(request, call, name, root, last):
    found, errors = report(call, request.getfixturevalue(root), name)
    train, test = CATALOGUE[name].splits
    # the tiny copies list the same two images twice
    assert len(errors) == 1
    assert f'2 images of {train} are also in {test}' in errors[0]
    assert found['splits'] == {train: 2, test: 2}
    assert list(found['classes'])[-1] == last
    assert all(c['images'] == 2 for c in found['classes'].values())
    whats = ' '.join(p['what'] for p in found['problems'])
    assert f'{train} has 2 images, {CATALOGUE[name].title} has' in whats


def test_cityscapes_is_checked_without_lists(call, tiny_cityscapes):
    found, errors = report(call, tiny_cityscapes, 'cityscapes')
    assert errors == []
    assert found['splits'] == {'train': 2, 'val': 2}
    assert list(found['classes'])[-1] == 'bicycle'
    code, out, _ = call('check', 'cityscapes', '--root', tiny_cityscapes)
    assert code == 0
    assert 'verdict: fit for use (0 errors, 2 warnings)' in out


def test_cityscapes_without_train_ids_ends_in_one_line(
    call, tiny_cityscapes, tmp_path
):
    for part in ('leftImg8bit', 'gtFine'):
        shutil.copytree(tiny_cityscapes / part, tmp_path / part)
    for path in tmp_path.rglob('*_labelTrainIds.png'):
        path.unlink()
    code, _, err = call('check', 'cityscapes', '--root', tmp_path)
    assert code == 2
    [line] = [x for x in err.splitlines() if x.startswith('error: ')]
    assert '_gtFine_labelTrainIds.png' in line
    assert f'prepare cityscapes --root {tmp_path}; or' in line
    code, out, _ = call('prepare', 'cityscapes', '--root', tmp_path)
    assert code == 0
    assert 'ready (train 2, val 2 images)' in out
    for path in tmp_path.rglob('*_labelTrainIds.png'):
        ids = np.array(Image.open(str(path).replace('TrainIds', 'Ids')))
        # 7 is road, the first of the classes, and 33 bicycle, the last
        made = np.array(Image.open(path))
        assert (made[ids == 7] == 0).all()
        assert (made[ids == 33] == 18).all()
        assert (made[ids == 1] == 255).all()


def test_absent_label_maps_are_counted(call, tmp_path):
    msrc(tmp_path)
    (tmp_path / 'splits/val.txt').write_text('1_1_s\n1_2_s\n')
    labels = tmp_path / 'SegmentationClass21'
    for name in ('1_1_s', '1_2_s'):
        (labels / f'{name}.png').unlink()
    found, errors = report(call, tmp_path)
    assert errors == [
        f'2 label maps of val are not there, first {labels}/1_1_s.png',
        f'1 label maps of test are not there, first {labels}/1_2_s.png',
    ]
    assert found['splits'] == {'train': 1, 'val': 0, 'test': 0}
    assert found['images'] == 1


def test_coco_may_have_any_number_of_images(call, tiny_voc):
    found, errors = report(call, tiny_voc, 'coco_voc20')
    assert found['splits'] == {'train': 2, 'val': 2, 'trainval': 2}
    # the tiny copy lists the same two images twice
    assert len(errors) == len(found['problems']) == 1
    assert '2 images of train are also in val' in errors[0]


def test_msrc21_is_prepared(call, tmp_path):
    msrc(tmp_path)
    (tmp_path / 'splits/train.txt').unlink()
    code, _, err = call('prepare', 'msrc21', '--root', tmp_path)
    assert code == 2
    assert 'has val.txt but not train.txt' in err
    for name in ('val', 'test'):
        (tmp_path / f'splits/{name}.txt').unlink()
    code, out, _ = call('prepare', 'msrc21', '--root', tmp_path)
    assert code == 0
    assert 'train 1, val 1, test 1 images' in out


def test_minivoc_is_generated(call, tmp_path, monkeypatch):
    minivoc = pytest.importorskip('zoo.datasets.minivoc')
    seen = {}

    def generate(root, *, seed, progress):
        seen.update(root=root, seed=seed)
        progress(1, 1)
        return Path(root)

    monkeypatch.setattr(minivoc, 'ensure_minivoc', generate)
    code, out, _ = call('minivoc', '--root', tmp_path, '--seed', 7)
    assert code == 0
    assert seen == {'root': str(tmp_path), 'seed': 7}
    assert f'{tmp_path}: ready.' in out


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (
            ['check', 'vok'],
            'vok: choose one of voc, sbd, coco_voc20, context59',
        ),
        (['prepare', 'minivoc'], 'minivoc: choose one of voc, sbd, '),
        (
            ['prepare', 'cityscapes'],
            'one has to log in to get leftImg8bit_trainvaltest.zip, gtFine',
        ),
        (['prepare', 'voc', '--archive', 'x.tar'], 'x.tar: no such archive'),
        (['check', 'voc', '--root', 'none'], 'VOC 2012 not found in none'),
        (
            ['check', 'voc', '--superpixels', '0'],
            'n_segments must be at least 1, got 0',
        ),
        (
            ['check', 'voc', '--superpixels', '--compactness', 'nan'],
            'compactness must be finite and above 0, got nan',
        ),
        (
            ['check', 'voc', '--superpixels', '--split', 'test'],
            '--split test: choose one of train, val, trainaug.',
        ),
        (['check', 'voc', '--split', 'val'], '--split: add --superpixels.'),
        (
            ['check', 'voc', '--compactness', '3'],
            '--compactness: add --superpixels.',
        ),
    ],
)
def test_mistakes_end_in_one_line(call, tmp_path, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(*args)
    assert code == 2
    [line] = [x for x in err.splitlines() if x.startswith('error: ')]
    assert message in line
