"""All folds of a small data set, by the tool and by its function."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import ROOT, SMALL

from zoo.datasets.prepare.stanford import prepare_stanford
from zoo.engine import cross_validation
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import load_config
from zoo.engine.cross_validation import (
    FoldOptions,
    cross_validate,
    fold_options,
)
from zoo.engine.workdir import runs_of_leaf
from zoo.errors import UserError

SHORT = (*SMALL, 'train_cfg.max_iters=2', 'train_cfg.val_interval=9')
TEXT = """# A narrow network on Stanford Background.
_base_ = [
    '{0}/models/deeplab_narrow_vgg16.py',
    '{0}/datasets/stanford.py',
    '{0}/schedules/scratch_minivoc.py',
    '{0}/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=8))
"""


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Five photographs, prepared: one to test in each fold."""
    source, root = (tmp_path_factory.mktemp(x) for x in ('source', 'root'))
    rng = np.random.default_rng(0)
    for folder in ('images', 'labels'):
        (source / folder).mkdir()
    for i in range(5):
        photo = rng.integers(0, 256, (24, 32, 3), np.uint8)
        Image.fromarray(photo).save(source / f'images/{i}.jpg')
        ids = rng.integers(-1, 8, (24, 32))
        np.savetxt(source / f'labels/{i}.regions.txt', ids, fmt='%d')
    prepare_stanford(root, [source])
    return root


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of a user with two leaves: one, and one that starts from it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'configs/m'
    folder.mkdir(parents=True)
    text = TEXT.format(ROOT / 'configs/_base_')
    (folder / 'part_stanford.py').write_text(text)
    (folder / 'whole_stanford.py').write_text(
        "# A whole.\n_base_ = './part_stanford.py'\n"
        "starts_from = 'm/part_stanford'\n"
    )
    return folder


@pytest.fixture
def options(data):
    return FoldOptions(folds=2, options=SHORT, data_root=str(data))


def meta(fold, leaf, seed=0):
    path = f'work_dirs/fold{fold}/m/{leaf}_stanford/seed{seed}/iter_2.pth'
    return load_meta(path)


def test_parts_and_whole_train_apart_for_each_fold(project, data, options):
    paths = [project / f'{x}_stanford.py' for x in ('part', 'whole')]
    record = cross_validate(paths, options, keep='kept')
    assert runs_of_leaf('m').as_posix() == 'work_dirs/m'
    for fold in range(2):
        config = meta(fold, 'whole')['cfg']
        assert f'splits/fold{fold}_train.txt' in config
        assert f'splits/fold{1 - fold}' not in config
        start = meta(fold, 'whole')['started_from']['file']
        assert (
            start == f'work_dirs/fold{fold}/m/part_stanford/seed0/iter_2.pth'
        )
    assert not list(Path('work_dirs/m').rglob('*.pth'))
    tested = [
        (data / f'splits/fold{k}_test.txt').read_text().split()
        for k in range(2)
    ]
    assert list(record['per_image']) == [*tested[0], *tested[1]]
    assert [fold['split'] for fold in record['folds']] == [
        'fold0_test',
        'fold1_test',
    ]
    for fold, entry in enumerate(record['folds']):
        times = [meta(fold, x)['train_seconds'] for x in ('part', 'whole')]
        assert entry['seconds'] == pytest.approx(sum(times))
    assert record['config'] == 'm/whole_stanford'
    assert record['split'] == '2 folds'
    kept = 'kept/stanford/m__whole_stanford_seed0_2_folds.json'
    own = 'work_dirs/m/whole_stanford/seed0/record_2_folds.json'
    for place in (kept, own):
        assert json.loads(Path(place).read_text()) == record


def test_what_is_done_is_not_done_again(project, options, monkeypatch, capsys):
    path = project / 'part_stanford.py'
    first = cross_validate([path], options)
    for fold in (0, 1):
        shutil.rmtree(f'work_dirs/fold{fold}/m/part_stanford/seed0/test')
    trained = []
    train = cross_validation.train

    def spy(path, options):
        trained.append(options)
        return train(path, options)

    monkeypatch.setattr(cross_validation, 'train', spy)
    again = cross_validate([path], options)
    assert trained == []
    assert again['per_image'] == first['per_image']
    run = Path('work_dirs/fold1/m/part_stanford/seed0')
    capsys.readouterr()
    longer = [*SHORT, 'train_cfg.max_iters=4']
    more = FoldOptions(folds=2, options=longer, data_root=options.data_root)
    shutil.copy(run / 'iter_2.pth', 'keep.pth')
    shutil.rmtree(run)
    run.mkdir()
    shutil.copy('keep.pth', run / 'iter_2.pth')
    cross_validate([path], more)
    assert [x.resume for x in trained] == ['auto', 'auto']
    assert load_meta(run / 'iter_4.pth')['iter'] == 4
    assert 'fold 1: resumes' in capsys.readouterr().out


def test_the_seed_is_one_for_all(project, data):
    paths = [project / f'{x}_stanford.py' for x in ('part', 'whole')]
    options = FoldOptions(folds=2, seed=3, options=SHORT, data_root=str(data))
    record = cross_validate(paths, options)
    assert record['seed'] == 3
    assert meta(1, 'part', seed=3)['seed'] == 3
    start = meta(1, 'whole', seed=3)['started_from']['file']
    assert '/seed3/' in start


def test_a_leaf_that_borrows_its_weights_is_not_trained(project, options):
    borrower = project / 'other_stanford.py'
    borrower.write_text(
        "# Another.\n_base_ = './part_stanford.py'\n"
        "trained_by = 'm/part_stanford'\n"
    )
    record = cross_validate([project / 'part_stanford.py', borrower], options)
    assert record['config'] == 'm/other_stanford'
    assert not list(Path('work_dirs').glob('fold*/m/other*/seed0/*.pth'))
    assert record['folds'][0]['seconds'] == meta(0, 'part')['train_seconds']


def test_lists_are_renamed_inside_wrappers(project):
    path = project / 'part_stanford.py'
    config = load_config(path)
    plain = config.train_dataloader.dataset
    config.train_dataloader.dataset = {
        'type': 'RepeatDataset',
        'times': 2,
        'dataset': {'type': 'ConcatDataset', 'datasets': [plain, plain]},
    }
    config.val_dataloader = None
    key = 'train_dataloader.dataset.dataset.datasets'
    assert fold_options(config, 3, path) == [
        f'{key}.0.ann_file=splits/fold3_train.txt',
        f'{key}.1.ann_file=splits/fold3_train.txt',
        'test_dataloader.dataset.ann_file=splits/fold3_test.txt',
    ]


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ("train_dataloader = dict(dataset=dict(ann_file='splits/all.txt'))",
         r"train_dataloader.dataset.ann_file is 'splits/all.txt', it has no "),
        ("work_dir = 'here'", 'has work_dir, in which all folds'),
        ("test_evaluator = dict(type='BoxIoUMetric', _delete_=True)",
         "test_evaluator.type is 'BoxIoUMetric'; folds are joined"),
    ],
)  # fmt: skip
def test_a_leaf_that_does_not_fit_is_refused(project, options, line, message):
    path = project / 'wrong_stanford.py'
    path.write_text(f"# Wrong.\n_base_ = './part_stanford.py'\n{line}\n")
    good = project / 'part_stanford.py'
    orders = [[good, path], [path, good]]
    if 'evaluator' in line:
        orders.pop()  # parts may have any metric
    for paths in orders:
        with pytest.raises(UserError, match=message):
            cross_validate(paths, options)
    assert not Path('work_dirs').exists()


@pytest.mark.parametrize('wrong', ['part', 'whole'])
def test_a_fold_that_trains_on_what_it_tests_is_refused(
    project, data, tmp_path, wrong
):
    root = tmp_path / 'data'
    shutil.copytree(data, root)
    tested = (root / 'splits/fold1_test.txt').read_text().split()[0]
    (root / 'splits/fold1_mine.txt').write_text(f'{tested}\n')
    (root / 'splits/fold0_mine.txt').write_text(
        (root / 'splits/fold0_train.txt').read_text()
    )
    path = project / f'{wrong}_stanford.py'
    path.write_text(
        f'{path.read_text()}train_dataloader = dict(dataset=dict('
        "ann_file='splits/fold0_mine.txt'))\n"
    )
    paths = [project / f'{x}_stanford.py' for x in ('part', 'whole')]
    options = FoldOptions(folds=2, options=SHORT, data_root=str(root))
    with pytest.raises(UserError, match=rf'{tested}.jpg is trained .*fold 1'):
        cross_validate(paths, options)
    assert not Path('work_dirs').exists()


def test_what_counts_as_tested_is_what_the_last_leaf_tests(project, options):
    part = project / 'part_stanford.py'
    whole = project / 'whole_stanford.py'
    whole.write_text(part.read_text())
    lists = {
        'train': 'fold0_test',
        'val': 'fold0_train',
        'test': 'fold0_train',
    }
    text = ''.join(
        f"{key}_dataloader = dict(dataset=dict(ann_file='splits/{x}.txt'))\n"
        for key, x in lists.items()
    )
    part.write_text(part.read_text() + text)
    with pytest.raises(UserError, match=r'part_stanford.py: .*in fold 0'):
        cross_validate([part, whole], options)


def test_mistakes_in_numbers_end_before_any_training(project, data, options):
    path = project / 'part_stanford.py'
    with pytest.raises(UserError, match='--folds 1: needs 2 or more'):
        cross_validate([path], FoldOptions(folds=1))
    many = FoldOptions(folds=6, options=SHORT, data_root=str(data))
    with pytest.raises(UserError, match=r'fold5_train.txt: no such split'):
        cross_validate([path], many)
    Path('file').touch()
    with pytest.raises(UserError, match='cannot be written'):
        cross_validate([path], options, keep='file/below')
    assert not Path('work_dirs').exists()
