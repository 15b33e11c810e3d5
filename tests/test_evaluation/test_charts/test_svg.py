"""SVG as text."""

import pytest

from zoo.evaluation.charts.svg import (
    Drawing,
    cut,
    element,
    number,
    stack,
    text,
    text_width,
)


def drawing(title, **changes):
    parts = {'description': f'{title}.', 'width': 50.0, 'height': 20.0}
    return Drawing(title, **{**parts, 'body': [], **changes})


@pytest.mark.parametrize(
    ('value', 'expected'),
    [(1.0, '1'), (1.25, '1.2'), (-0.04, '0'), (-2.5, '-2.5'), (120, '120')],
)
def test_numbers_have_one_decimal_at_most(value, expected):
    assert number(value) == expected


def test_everything_is_escaped(read):
    nasty = '<script>"&\'</script>'
    mark = element('g', text(1, 2, nasty), data_row=nasty, class_='row')
    whole = drawing(nasty, description=nasty, body=[mark]).svg()
    assert '<script' not in whole
    picture = read(whole)
    [group] = picture.all('g', 'row')
    assert group.get('data-row') == nasty
    assert picture.texts() == [nasty]
    assert (picture.says('title'), picture.says('desc')) == (nasty, nasty)


def test_a_picture_names_itself_and_brings_its_own_paper(read):
    root = read(drawing('A board').svg()).root
    names = [child.tag.rpartition('}')[2] for child in root]
    assert names == ['title', 'desc', 'rect']
    assert root.get('viewBox') == '0 0 50 20'
    assert (root.get('role'), root.get('width')) == ('img', None)
    assert root[2].get('fill') == '#ffffff'
    assert root.get('font-family') == 'system-ui, sans-serif'


def test_pictures_stand_below_each_other(read):
    parts = [
        drawing('One', height=30.0),
        drawing('Two', width=80.0),
        drawing('Two'),
    ]
    picture = read(stack(parts))
    inner = picture.all('svg')[1:]
    assert [x.get('y') for x in inner] == ['0', '40', '70']
    assert [x.get('width') for x in inner] == ['50', '80', '50']
    assert [x.get('viewBox') for x in inner] == [
        '0 0 50 30',
        '0 0 80 20',
        '0 0 50 20',
    ]
    assert picture.root.get('viewBox') == '0 0 80 90'
    assert picture.says('title') == 'One; Two'
    assert picture.says('desc') == 'One. Two. Two.'


def test_one_picture_is_not_wrapped():
    one = drawing('One')
    assert stack([one]) == one.svg() + '\n'
    with pytest.raises(ValueError, match='must not be empty'):
        stack([])


def test_a_text_is_cut_where_it_is_too_wide():
    assert cut('short', 100, 12) == 'short'
    shown = cut('a method of many words', 80, 12)
    assert shown.endswith('…')
    assert text_width(shown, 12) <= 80 < text_width(f'{shown}w', 12)
    assert ' …' not in cut('a method of many words', 66, 12)
    assert cut('long', 1, 12) == '…'


def test_wide_letters_take_more_room():
    assert text_width('mm', 10) > text_width('aa', 10) > text_width('ii', 10)
    assert text_width('语义', 10) == 20
    assert text_width('AAA', 20) == 2 * text_width('AAA', 10)
