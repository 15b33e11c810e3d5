"""Small files found in archives, folders, and by themselves."""

import pytest
from releases import lay_out, pack

from zoo.datasets.prepare.tables import read_tables
from zoo.errors import UserError

PATTERNS = ('Main/train.txt', 'ids.mat')


def found(sources, patterns=PATTERNS, enough=lambda found: False):
    tables = read_tables(sources, patterns, enough=enough)
    return {name: table.content for name, table in tables.items()}


@pytest.mark.parametrize('name', ['a.zip', 'a.tar', 'a.tgz'])
def test_a_pattern_is_the_end_of_a_path(tmp_path, name):
    archive = pack(
        tmp_path / name,
        {
            'VOC/ImageSets/Main/train.txt': b'1',
            'VOC/ImageSets/Other/train.txt': b'2',
            'VOC/Main/cat_train.txt': b'3',
            'VOC/my_ids.mat': b'4',
        },
    )
    assert found([archive]) == {'Main/train.txt': b'1'}


def test_the_name_of_a_source_counts(tmp_path):
    folder = lay_out(tmp_path / 'Main', {'train.txt': b'1', 'a/ids.mat': b'2'})
    both = {'Main/train.txt': b'1', 'ids.mat': b'2'}
    assert found([folder]) == both
    assert found([folder / 'a/ids.mat', folder / 'train.txt']) == both


def test_the_first_one_is_taken(tmp_path):
    folder = lay_out(tmp_path, {'a/ids.mat': b'1', 'b/ids.mat': b'2'})
    assert found([folder / 'b', folder / 'a']) == {'ids.mat': b'2'}


def test_it_ends_when_there_is_enough(tmp_path):
    """What follows is not read: here it is damaged."""
    archive = pack(
        tmp_path / 'a.tar', {'ids.mat': b'1', 'rest': bytes(40_000)}
    )
    archive.write_bytes(archive.read_bytes()[:20_000])
    assert found([archive], enough=lambda f: 'ids.mat' in f) == {
        'ids.mat': b'1'
    }
    with pytest.raises(UserError, match=r'a\.tar: cannot be read'):
        found([archive])


def test_a_table_tells_where_it_is_from(tmp_path):
    archive = pack(tmp_path / 'a.zip', {'b/ids.mat': b'1'})
    (table,) = read_tables([archive], PATTERNS, enough=bool).values()
    assert table.name == f'{archive}: b/ids.mat'
