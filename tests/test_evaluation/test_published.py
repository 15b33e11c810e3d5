"""The table of published numbers and the rows that a config states."""

import csv
from pathlib import Path

import pytest
from mmengine.config import Config

from zoo.errors import UserError
from zoo.evaluation import find_published, load_published
from zoo.evaluation.published import CSV, Row

CONFIGS = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(p for p in CONFIGS.glob('*/*.py') if p.parent.stem != '_base_')
HEADER = 'method,dataset,split,metric,value,source\n'


def stated(method, dataset='VOC2012', split='val', metric='mIoU'):
    return {
        'method': method,
        'dataset': dataset,
        'split': split,
        'metric': metric,
    }


def test_table_is_read_whole():
    with CSV.open(encoding='utf-8', newline='') as file:
        lines = list(csv.reader(file))
    rows = load_published()
    assert len(rows) == len(lines) - 1 >= 949
    assert [str(value) for value in vars(rows[-1]).values()] == lines[-1]
    assert {row.method for row in rows} == {line[0] for line in lines[1:]}


def test_a_source_may_hold_commas_without_quotes(tmp_path):
    path = tmp_path / 'rows.csv'
    path.write_text(HEADER + 'm,d,s,mIoU,1.5,a book, page 3\n')
    (row,) = load_published(path)
    assert row == Row('m', 'd', 's', 'mIoU', 1.5, 'a book, page 3')


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_what_a_leaf_states_is_in_the_table(path):
    wanted = Config.fromfile(path).get('published', [])
    assert len(find_published(wanted)) >= len(wanted)


@pytest.mark.parametrize(
    ('method', 'pixels', 'mean'),
    [('Unary', 84.0, 76.6), ('Grid CRF', 84.6, 77.2), ('FC CRF', 86.0, 78.3)],
)
def test_msrc_21_as_the_slides_print_it(method, pixels, mean):
    rows = find_published(
        [
            stated(method, 'MSRC-21', 'test', 'pixel_acc'),
            stated(method, 'MSRC-21', 'test', 'mean_acc'),
        ]
    )
    assert [row.value for row in rows] == [pixels, mean]


def test_a_mean_iou_brings_its_classes_along_once():
    method = stated('FCRN-101 stride8 k5 d12')
    rows = find_published([method, method])
    names = [row.metric for row in rows]
    assert names[0] == 'mIoU'
    assert len(names) == len(set(names)) == 21
    assert 'IoU/pottedplant' in names


def test_a_mean_ap_brings_its_own_classes_along():
    table = [
        Row('m', 'VOC2012', 'val', metric, 1.0, 's')
        for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'AP_r@0.5/cat', 'IoU/cat')
    ]
    for metric, extra in (('mAP_r@0.5', ['AP_r@0.5/cat']), ('mAP_r@0.7', [])):
        rows = find_published([stated('m', metric=metric)], table)
        assert [row.metric for row in rows] == [metric, *extra]


def test_classes_come_from_the_same_source():
    table = [
        Row('m', 'VOC2012', 'val', metric, value, source)
        for metric, value, source in (
            ('mIoU', 50.0, 'book'),
            ('IoU/cat', 40.0, 'web'),
            ('IoU/dog', 60.0, 'book'),
            ('pixel_acc', 90.0, 'book'),
        )
    ]
    found = find_published([stated('m')], table)
    assert [row.metric for row in found] == ['mIoU', 'IoU/dog']


def test_refuses_a_row_that_is_not_there_naming_the_nearest():
    with pytest.raises(UserError, match=r"'DeepLab-CRF-LargeFOV'\. Corr"):
        find_published([stated('DeepLab-CRF-LargFOV')])


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('method,value\n', 'the first line must be method,'),
        ('', 'the first line must be method,'),
        (HEADER + 'm,d,s,mIoU,high,x\n', 'line 2 is not method,'),
        (HEADER + 'm,d,s,mIoU,1.0\n', 'line 2 is not method,'),
    ],
)
def test_refuses_a_broken_table(text, message, tmp_path):
    path = tmp_path / 'rows.csv'
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        load_published(path)
