"""Escaping, by hand."""

import pytest

from zoo.evaluation.page.markup import Markup, element, join


@pytest.mark.parametrize(
    ('made', 'written'),
    [
        (element('p'), '<p></p>'),
        (element('p', '<b>&"\''), '<p>&lt;b&gt;&amp;&quot;&#x27;</p>'),
        (element('p', Markup('<b>'), '<'), '<p><b>&lt;</p>'),
        (element('p', element('b', '>')), '<p><b>&gt;</b></p>'),
        (
            element('p', title='"><script>'),
            '<p title="&quot;&gt;&lt;script&gt;"></p>',
        ),
        (element('img', alt=''), '<img alt="">'),
        (
            element('p', class_='a b', data_row=0, hidden=True, lang=None),
            '<p class="a b" data-row="0" hidden></p>',
        ),
        (element('input', checked=False, name='tag'), '<input name="tag">'),
        (join(['<', Markup('<i>')]), '&lt;<i>'),
    ],
)
def test_only_markup_is_left_as_it_is(made, written):
    assert made == written
    assert isinstance(made, Markup)
