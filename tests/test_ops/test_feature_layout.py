"""Names of features and where they lie in a row."""

from itertools import pairwise

import pytest

from zoo.ops.feature_layout import FeatureLayout

BLOCKS = {
    'local.lab': 3,
    'local.lab_entropy': 1,
    'local.sift': 4,
    'proximal.lab': 3,
    'distant': 5,
    'global': 2,
}
# every column's name, written out
ROW = [name for name, count in BLOCKS.items() for _ in range(count)]
USES = [
    ['local'],
    ['local.lab'],
    ['local.sift', 'local.lab'],
    ['global', 'local'],
    ['proximal', 'local'],
    ['distant', 'global'],
    ['local.lab_entropy', 'proximal.lab', 'global'],
    ['local', 'local.lab'],
    ['global', 'distant', 'proximal', 'local'],
]


def meant(name, use):
    return name in use or name.split('.')[0] in use


@pytest.mark.parametrize('use', USES, ids=' '.join)
def test_columns_are_those_with_the_names(use):
    layout = FeatureLayout(BLOCKS)
    expected = [i for i, name in enumerate(ROW) if meant(name, use)]
    spans = layout.columns(use)
    assert [i for a, b in spans for i in range(a, b)] == expected
    assert layout.size(*use) == len(expected)
    for (_, stop), (start, _) in pairwise(spans):
        assert stop < start, 'spans that touch are one'


def test_names_are_in_the_order_of_the_row():
    layout = FeatureLayout(BLOCKS)
    use = ['global', 'local.sift', 'local.lab']
    assert layout.names(use) == ['local.lab', 'local.sift', 'global']
    assert layout.levels == ['local', 'proximal', 'distant', 'global']
    assert layout.size() == 18


def test_a_name_that_only_begins_alike_is_another():
    layout = FeatureLayout({'a.lab': 1, 'a.lab_entropy': 2, 'ab': 4})
    assert layout.columns(['a.lab']) == [(0, 1)]
    assert layout.columns(['a']) == [(0, 3)]


@pytest.mark.parametrize('use', [['far'], ['local.far'], ['local', 'loc']])
def test_an_unknown_name_is_refused_with_the_known_ones(use):
    with pytest.raises(
        ValueError, match=rf"'{use[-1]}'; known: local, .*sift"
    ):
        FeatureLayout(BLOCKS).columns(use)


def test_no_name_is_refused():
    with pytest.raises(ValueError, match='at least one feature'):
        FeatureLayout(BLOCKS).names([])


def test_a_block_without_columns_is_refused():
    with pytest.raises(ValueError, match=r'local\.lab must have .* got 0'):
        FeatureLayout({'local.lab': 0})


def test_a_level_is_a_block_or_has_blocks():
    with pytest.raises(ValueError, match='local is both'):
        FeatureLayout({'local': 2, 'local.lab': 1})
