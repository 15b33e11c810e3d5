"""YAML that people write is read strictly."""

import pytest

from zoo.errors import UserError
from zoo.evaluation.yaml_file import check_keys, read_yaml, text_of


def read(tmp_path, text):
    path = tmp_path / 'a.yml'
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_yaml(path, 'Look elsewhere.')


def test_reads_what_stands_there(tmp_path):
    text = 'a: {b: 1, c: [2, x]}\nd: {b: 3}\n'
    assert read(tmp_path, text) == {
        'a': {'b': 1, 'c': [2, 'x']},
        'd': {'b': 3},
    }


def test_a_mapping_may_take_over_keys_of_another(tmp_path):
    text = 'a: &a {b: 1, c: 2}\nd: {<<: *a, c: 3}\n'
    assert read(tmp_path, text)['d'] == {'b': 1, 'c': 3}


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('a: 1\nb: 2\na: 3\n', r"the key 'a' stands twice .* line 3"),
        ('a: [{b: 1, b: 2}]\n', r"the key 'b' stands twice .* line 1"),
        ('a: [1\n', r'not YAML: .* line 2, column 1.*\. Correct it\.$'),
        ('a: 2001-99-99\n', 'not YAML: month must be in'),
        ('[a]: 1\n? {b: 1}\n: 2\n', 'not YAML: '),
        (b'a: \xff\n', 'not YAML: .*decode'),
        ('[' * 5000, 'not YAML: '),
    ],
)
def test_refuses_what_is_not_yaml_in_one_line(text, message, tmp_path):
    with pytest.raises(UserError, match=message) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f'{tmp_path / "a.yml"}: ')
    assert '\n' not in str(caught.value)


def test_refuses_a_file_that_is_not_there(tmp_path):
    message = r'b\.yml: cannot be read \(No such file .*\)\. Look elsewhere\.'
    with pytest.raises(UserError, match=message):
        read_yaml(tmp_path / 'b.yml', 'Look elsewhere.')


@pytest.mark.parametrize('entry', [{'one': 1, 'two': 2}, {'two': 2, 'one': 1}])
def test_takes_the_keys_that_are_needed(entry):
    check_keys(entry, ('one', 'two'))
    check_keys({**entry, 'three': 3}, ('one', 'two'), optional=('three',))


@pytest.mark.parametrize(
    ('entry', 'message'),
    [
        ({'one': 1, 'tow': 2}, "unknown key 'tow'. Did you mean 'two'?"),
        ({'one': 1, 'thre': 2}, "unknown key 'thre'. Did you mean 'three'?"),
        ({'one': 1, 'x': 2}, "unknown key 'x'. Delete it."),
        ({'one': 1, 7: 2}, 'unknown key 7. Delete it.'),
        ({'one': 1, 'three': 3}, "has no key 'two'. Add it."),
        (['one', 'two'], 'is not a mapping. Write one, two there.'),
        (None, 'None is not a mapping.'),
    ],
)
def test_refuses_other_keys(entry, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        check_keys(entry, ('one', 'two'), optional=('three',))
    assert message in str(caught.value)


def test_takes_text_and_nothing_else():
    assert text_of({'a': 'b c'}, 'a') == 'b c'
    for wrong in (None, 1, True, [], '', ' \n'):
        with pytest.raises(ValueError, match=r"'a' must be text, got .*\."):
            text_of({'a': wrong}, 'a')
