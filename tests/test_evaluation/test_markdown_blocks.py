"""Blocks between markers are replaced, and nothing else is."""

import pytest

from zoo.errors import UserError
from zoo.evaluation.markdown import fill_blocks

START = '<!-- results: {} start -->'
END = '<!-- results: {} end -->'


def fill(text, render=lambda name: f'<{name}>\n'):
    renderers = {'results': render, 'ladder': lambda name: f'[{name}]'}
    return fill_blocks(text, renderers, path='a.md')


def block(name, inner=''):
    return f'{START.format(name)}\n{inner}{END.format(name)}\n'


def test_replaces_blocks_and_keeps_the_rest():
    first = block('x y', 'old\n')
    text = f'# A\n\n{first}\nmiddle\n{block("z")}end\n'
    filled = fill(text)
    expected = text.replace('old\n', '\n<x y>\n\n')
    expected = expected.replace(
        START.format('z'), f'{START.format("z")}\n\n<z>\n'
    )
    assert filled == expected
    assert fill(filled) == filled


def test_text_without_blocks_stays():
    assert fill('# A\n\nword\n') == '# A\n\nword\n'


def test_markers_in_fenced_code_are_text():
    text = f'```md\n{block("x")}```\n'
    assert fill(text) == text


def test_each_kind_of_block_has_a_renderer_of_its_own():
    text = block('x') + block('y z').replace('results', 'ladder')
    filled = fill(text)
    assert '\n<x>\n' in filled
    assert '\n[y z]\n' in filled
    assert fill(filled) == filled


def test_other_comments_are_text():
    text = '<!-- notes: x start -->\n<!-- a word -->\n'
    assert fill(text) == text


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (START.format('x'), "'results: x': start without its end"),
        (END.format('x'), "'results: x end': marker out of place"),
        (f'{START.format("x")}\n{END.format("y")}', "y end': marker out"),
        (f'{START.format("x")}\n{START.format("x")}', "x start': marker"),
        (
            f'{START.format("x")}\n<!-- ladder: x end -->',
            "'ladder: x end': marker out of place",
        ),
        ('<!-- results: start -->', 'not a marker'),
        ('<!-- resultss: x start -->', 'not a marker'),
        ('<!-- results:x start -->', 'not a marker'),
    ],
)
def test_refuses_markers_that_do_not_pair(text, message):
    with pytest.raises(UserError, match=rf'^a\.md: .*{message}'):
        fill(text)
