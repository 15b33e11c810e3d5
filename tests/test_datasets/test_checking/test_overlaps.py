"""Images that are there twice, in lists worked by hand."""

from zoo.datasets.checking.files import Pair
from zoo.datasets.checking.overlaps import overlaps


def whats(splits, digests=None):
    pairs = {
        split: [Pair(f'/d/{name}.jpg', f'/l/{name}.png') for name in names]
        for split, names in splits.items()
    }
    digests = {f'/d/{k}.jpg': v.encode() for k, v in (digests or {}).items()}
    return [item['what'] for item in overlaps(pairs, digests)]


def test_splits_without_common_images():
    assert whats({'train': 'ab', 'val': 'cd', 'test': 'e'}) == []


def test_a_list_that_contains_others_may_share():
    assert whats({'train': 'ab', 'trainaug': 'abc', 'val': 'd'}) == []
    assert whats({'all': 'abc', 'val': 'ab', 'test': 'c'}) == []


def test_what_one_fold_tests_the_others_train_on():
    folds = {'fold0_train': 'ab', 'fold0_test': 'c', 'fold1_train': 'bc'}
    assert whats(folds) == []
    assert whats({**folds, 'fold1_test': 'c'}) == [
        '1 images of fold0_test are also in fold1_test, first c.jpg = c.jpg',
        '1 images of fold1_train are also in fold1_test, first c.jpg = c.jpg',
    ]


def test_copies_are_told_once_though_two_lists_have_them():
    same = {'a': 'x', 'b': 'x', 'c': 'y'}
    assert whats({'all': 'abc', 'fold0_train': 'ab'}, same) == [
        '1 images of all are there under two names, first a.jpg = b.jpg'
    ]


def test_without_digests_the_name_counts():
    assert whats({'train': 'ab', 'val': 'b'}) == [
        '1 images of train are also in val, first b.jpg = b.jpg'
    ]
