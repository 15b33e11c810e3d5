"""Two published numbers that a claim compares."""

import pytest

from zoo.errors import UserError
from zoo.evaluation import published
from zoo.evaluation.published import Row
from zoo.evaluation.published_pair import find_pair

BOOK = 'A. Writer et al., 2015 (A Title)'
ROWS = (
    Row('plain', 'VOC2012', 'val', 'mIoU', 60.0, f'{BOOK} Table 1'),
    Row('crf', 'VOC2012', 'val', 'mIoU', 64.5, f'{BOOK} Table 1'),
    Row('crf', 'VOC2012', 'test', 'mIoU', 70.0, f'{BOOK} Table 3'),
    Row('crf', 'VOC2012', 'val', 'IoU/cat', 90.0, f'{BOOK} Table 1'),
    Row('coco', 'VOC2012', 'val', 'mIoU', 66.0, f'{BOOK} Sec. 4 text'),
    Row('wide', 'VOC2012', 'val', 'mIoU_before_crf', 61.0, f'{BOOK} Tables 2'),
    Row('wide', 'VOC2012', 'val', 'mIoU_after_crf', 65.0, f'{BOOK} Tables 2'),
    Row('tall', 'VOC2012', 'val', 'mIoU_after_crf', 62.0, f'{BOOK} Tables 2'),
    Row('wide', 'VOC2012', 'val', 'pixel_acc', 95.0, f'{BOOK} Tables 2'),
    Row('other', 'VOC2012', 'val', 'mIoU', 50.0, 'B. Else, 2016 Table 1'),
    Row('plain', 'VOC2012', 'val', 'pixel_acc', 91.0, f'{BOOK} Table 1'),
    Row('crf', 'VOC2012', 'val', 'pixel_acc', 92.0, f'{BOOK} Table 1'),
    Row('plain', 'VOC2012', 'val', 'mIoU', 59.0, 'B. Else, 2016 footnote 1'),
    Row('same', 'VOC2012', 'val', 'mIoU', 60.0, f'{BOOK} Table 1'),
)
VAL = {'dataset': 'VOC2012', 'split': 'val'}


@pytest.fixture(autouse=True)
def table(monkeypatch):
    monkeypatch.setattr(published, 'load_published', lambda: ROWS)


def find(better='crf', worse='plain', measure='mIoU', **extra):
    stated = {**VAL, 'better': better, 'worse': worse, **extra}
    return find_pair(stated, measure)


def test_finds_both_rows_of_the_data_set_and_split():
    pair = find()
    assert (pair.better, pair.worse) == (ROWS[1], ROWS[0])
    assert pair.difference == pytest.approx(4.5)
    assert pair.source == f'{BOOK} Table 1'


def test_the_metric_is_that_of_the_claim():
    assert find(measure='pixel_acc').difference == pytest.approx(1.0)


def test_places_of_one_paper_may_differ():
    pair = find('coco', 'crf')
    assert pair.difference == pytest.approx(1.5)
    assert pair.source == f'{BOOK} Sec. 4 text; {BOOK} Table 1'


def test_a_method_of_two_papers_is_read_where_the_other_stands():
    """Both papers have 'plain'."""
    assert find('plain', 'other').difference == pytest.approx(9.0)
    assert find('crf', 'plain').worse.value == 60.0


def test_rows_may_have_a_metric_of_their_own():
    pair = find('wide', 'tall', metric='mIoU_after_crf')
    assert pair.difference == pytest.approx(3.0)
    both = {'better': 'mIoU_after_crf', 'worse': 'mIoU_before_crf'}
    pair = find('wide', 'wide', metric=both)
    assert pair.difference == pytest.approx(4.0)
    assert pair.worse.metric == 'mIoU_before_crf'
    mixed = {'better': 'mIoU_after_crf', 'worse': 'mIoU'}
    assert find('wide', 'plain', metric=mixed).difference == pytest.approx(5.0)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            {'better': 'other', 'worse': 'crf'},
            f'of two papers, .B. Else.* and .{BOOK[:5]}',
        ),
        (
            {'better': 'plain', 'worse': 'crf'},
            "'plain' has 60 published and 'crf' 64.5. Exchange",
        ),
        ({'better': 'same'}, "'same' has 60 published and 'plain' 60. Exch"),
        ({'metric': 'pixel_acc'}, "'pixel_acc' is not a kind of 'mIoU'"),
        ({'metric': 'mIoUx'}, "'mIoUx' is not a kind of 'mIoU'"),
        ({'metric': 3}, '3 is not a kind of'),
        ({'metric': {'better': 'mIoU'}}, "has no key 'worse'"),
        ({'worse': None}, "'worse' must be text"),
        ({'dataset': 2012}, "'dataset' must be text"),
        ({'split': None}, "'split' must be text"),
        ({'year': 2015}, "unknown key 'year'"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        find(**change)


@pytest.mark.parametrize('side', ['better', 'worse'])
def test_refuses_a_row_that_is_not_there_naming_the_nearest(side):
    with pytest.raises(UserError, match=r"nearest method is 'tall'\."):
        find(**{side: 'tal'})


def test_refuses_a_statement_without_a_split():
    with pytest.raises(ValueError, match="has no key 'split'"):
        find_pair({'dataset': 'VOC2012', 'better': 'a', 'worse': 'b'}, 'mIoU')
