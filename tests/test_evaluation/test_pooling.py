"""Folds together: of the sums of the counts, by hand."""

import copy

import pytest

from zoo.errors import UserError
from zoo.evaluation import read_record, render, summarise, write_record
from zoo.evaluation.fold_table import fold_table
from zoo.evaluation.pooling import pool_folds


def record(fold, rows, *, metrics, date='2024-01-01', ms=10.0):
    classes = {'sky': 50.0, 'tree': None}
    return {
        'schema': 1,
        'kind': 'semantic',
        'config': 'm/leaf_stanford',
        'config_hash': 'f' * 64,
        'title': 'A leaf.',
        'checkpoint': {'file': 'iter_9.pth', 'sha256': str(fold)},
        'dataset': 'stanford',
        'split': f'fold{fold}_test',
        'images': len(rows),
        'classes': ['sky', 'tree'],
        'metrics': dict(zip(('mIoU', 'aAcc', 'mAcc'), metrics, strict=True)),
        'per_class': {'IoU': dict(classes), 'Acc': dict(classes)},
        'per_image': rows,
        'parameters': 7,
        'timing': {
            'ms_per_image': ms,
            'hardware': 'H',
            'device': 'cpu',
            'threads': 1,
        },
        'training': {'iterations': 9, 'seconds': 1.0, 'hardware': 'H'},
        'seed': 2,
        'commit': None,
        'dirty': None,
        'versions': {},
        'date': date,
        'published': [],
        'views': 1,
        'argv': [],
    }


@pytest.fixture
def folds():
    """Sky: 2 of 4 right; tree, in the second fold alone: 9 of 10."""
    return [
        record(0, {'a': [[0, 1, 1, 2], [1, 0, 1, 0]]}, metrics=(50, 50, 50)),
        record(
            1,
            {'b': [[0, 1, 2, 2], [1, 0, 0, 0]], 'c': [[1, 9, 9, 10]]},
            metrics=(60, 83.0, 70),
            date='2024-01-02',
            ms=40.0,
        ),
    ]


def test_scores_are_those_of_all_pixels(folds):
    pooled = pool_folds(folds, [1.5, 2.5])
    # sky: 2 right, 3 predicted, 4 labelled; tree: 9, 10, 10
    iou = {'sky': 100 * 2 / 5, 'tree': 100 * 9 / 11}
    assert pooled['per_class']['IoU'] == pytest.approx(iou)
    assert pooled['per_class']['Acc'] == pytest.approx(
        {'sky': 50.0, 'tree': 90.0}
    )
    assert pooled['metrics'] == pytest.approx(
        {'mIoU': sum(iou.values()) / 2, 'aAcc': 100 * 11 / 14, 'mAcc': 70.0}
    )


def test_the_record_says_what_each_fold_was(folds, tmp_path):
    before = copy.deepcopy(folds)
    pooled = pool_folds(folds, [1.5, 2.5])
    assert folds == before
    assert pooled['split'] == '2 folds'
    assert pooled['images'] == 3
    assert list(pooled['per_image']) == ['a', 'b', 'c']
    assert pooled['checkpoint'] is None
    assert pooled['date'] == '2024-01-02'
    assert pooled['timing']['ms_per_image'] == pytest.approx(30)
    assert pooled['training']['seconds'] == 4.0
    assert pooled['training']['iterations'] == 9
    assert pooled['folds'][1] == {
        'split': 'fold1_test',
        'images': 2,
        'metrics': {'mIoU': 60, 'aAcc': 83.0, 'mAcc': 70},
        'seconds': 2.5,
        'checkpoint': {'file': 'iter_9.pth', 'sha256': '1'},
    }
    write_record(tmp_path / 'r.json', pooled)
    assert read_record(tmp_path / 'r.json') == pooled
    assert 'stanford 2 folds' in render(summarise([pooled]), format='md')


def test_what_is_not_known_of_one_fold_is_not_known_of_all(folds):
    folds[0]['timing'] = None
    pooled = pool_folds(folds, [1.5, None])
    assert pooled['timing'] is None
    assert pooled['training']['seconds'] is None
    assert pooled['folds'][0]['seconds'] == 1.5


def test_folds_that_do_not_go_together_are_refused(folds):
    folds[1]['per_image']['a'] = []
    with pytest.raises(UserError, match='a is tested in two folds'):
        pool_folds(folds, [1, 1])
    folds[1]['classes'] = ['tree', 'sky']
    with pytest.raises(UserError, match='disagree about the classes'):
        pool_folds(folds, [1, 1])


def test_the_table_shows_folds_mean_and_all_pixels(folds):
    pooled = pool_folds(folds, [1.5, 3723])
    where = {'dataset': 'StanfordBackground', 'split': '5-fold-cv'}
    pooled['published'] = [
        {'method': 'Pylon', 'metric': metric, **where}
        for metric in ('pixel_acc', 'mean_acc')
    ]
    lines = [line.split() for line in fold_table(pooled).splitlines()]
    assert ['fold0_test', '1', '50.00', '50.00', '50.00', '0:00:02'] in lines
    assert ['fold1_test', '2', '83.00', '70.00', '60.00', '1:02:03'] in lines
    # half the difference times the root of 2
    spread = 'mean ± std 66.50 ± 23.33 60.00 ± 14.14 55.00 ± 7.07'
    assert spread.split() in lines
    pooled_line = 'all pixels 3 78.57 70.00 60.91 1:02:04'
    assert pooled_line.split() in lines
    assert ['published:', 'Pylon', '81.9', '72.4', '—'] in lines


def test_the_table_shows_what_is_not_known(folds):
    folds[0]['metrics']['mAcc'] = None
    text = fold_table(pool_folds(folds, [None, 2]))
    lines = [line.split() for line in text.splitlines()]
    assert ['fold0_test', '1', '50.00', '—', '50.00', '—'] in lines
    spread = 'mean ± std 66.50 ± 23.33 — 55.00 ± 7.07'
    assert spread.split() in lines
