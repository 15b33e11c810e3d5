"""A file of what is done that survives a kill."""

import json

import pytest

from zoo.engine.refining.journal import Journal
from zoo.errors import UserError

WHO = {'chain': ['x'], 'seed': 0}


def test_entries_are_there_again(tmp_path):
    path = tmp_path / 'new' / 'j.jsonl'
    journal = Journal(path, WHO)
    assert journal.entries == []
    journal.add({'a': 1})
    # on the disk at once, not at the end
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [WHO, {'a': 1}]
    journal.add({'a': None})
    assert journal.entries == [{'a': 1}, {'a': None}]
    assert Journal(path, WHO).entries == journal.entries


@pytest.mark.parametrize('half', ['{"a', '{"a": 2}', '\xff'])
def test_half_a_line_is_not_read_and_nothing_joins_it(tmp_path, half):
    path = tmp_path / 'j.jsonl'
    Journal(path, WHO).add({'a': 1})
    with path.open('a', encoding='latin-1') as file:
        file.write(half)
    journal = Journal(path, WHO)
    assert journal.entries == [{'a': 1}]
    journal.add({'a': 3})
    assert Journal(path, WHO).entries == [{'a': 1}, {'a': 3}]


def test_half_a_first_line_begins_anew(tmp_path):
    path = tmp_path / 'j.jsonl'
    path.write_text('{"cha')
    assert Journal(path, WHO).entries == []
    assert json.loads(path.read_text()) == WHO


def test_tuples_count_as_lists(tmp_path):
    Journal(tmp_path / 'j', {'a': (1, 2)}).add({'b': 1})
    assert Journal(tmp_path / 'j', {'a': [1, 2]}).entries == [{'b': 1}]


@pytest.mark.parametrize(
    ('other', 'message'),
    [
        ({'chain': ['x'], 'seed': 1}, "another value of 'seed': 0, now 1. "),
        ({'chain': ['x']}, "another value of 'seed': 0, now null. "),
        (WHO | {'more': 5}, "another value of 'more': null, now 5. "),
    ],
)
def test_refuses_what_belongs_to_something_else(tmp_path, other, message):
    path = tmp_path / 'j.jsonl'
    Journal(path, WHO).add({'a': 1})
    before = path.read_bytes()
    with pytest.raises(UserError) as caught:
        Journal(path, other)
    assert message in str(caught.value)
    assert 'Choose another --out' in str(caught.value)
    assert path.read_bytes() == before


def test_of_long_values_the_part_that_differs_is_shown(tmp_path):
    Journal(tmp_path / 'j', {'a': 'x' * 500 + 'before' + 'y' * 500})
    with pytest.raises(UserError, match=r'\.\.\.x+before.*, now \.\.\.x+aft'):
        Journal(tmp_path / 'j', {'a': 'x' * 500 + 'after' + 'y' * 500})


@pytest.mark.parametrize('text', ['no json\n', '[1]\n', '{}\n{"a\n{}\n'])
def test_refuses_a_damaged_file(tmp_path, text):
    (tmp_path / 'j').write_text(text)
    with pytest.raises(UserError, match=r'j: damaged\. Delete it'):
        Journal(tmp_path / 'j', {})


def test_a_full_disk_is_one_line(tmp_path):
    journal = Journal(tmp_path / 'j', WHO)
    journal.path.unlink()
    journal.path.mkdir()
    with pytest.raises(UserError, match='j: cannot be written'):
        journal.add({'a': 1})


@pytest.mark.parametrize(
    ('entry', 'fits'),
    [
        ({'a': 1.5, 'b': None}, True),
        ({'a': 1.5, 'b': 2.0, 'c': 3}, True),
        ({'a': 1.5}, False),
        ({'a': None, 'b': None}, False),
        ({'a': 1.5, 'b': 'x'}, False),
    ],
)
def test_an_entry_of_something_else_is_damage(tmp_path, entry, fits):
    path, keys = tmp_path / 'j', {'a': float, 'b': float | None}
    Journal(path, WHO).add(entry)
    if fits:
        assert Journal(path, WHO, keys=keys).entries == [entry]
        return
    with pytest.raises(UserError, match='damaged'):
        Journal(path, WHO, keys=keys)
