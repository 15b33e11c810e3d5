"""PNG of our SVG: every element where it belongs, in its colour."""

import io

import numpy as np
import pytest
from PIL import Image

from zoo.evaluation.charts import dot_plot, trimap_chart
from zoo.evaluation.charts.png import to_png
from zoo.evaluation.charts.svg import Drawing, element, stack, text

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def draw(*body, width=40, height=20):
    drawing = Drawing('t', 'd', width=width, height=height, body=body)
    return pixels(to_png(drawing.svg()))


def pixels(png):
    image = Image.open(io.BytesIO(png))
    assert image.format == 'PNG'
    return np.array(image.convert('RGB'))


def at(image, x, y):
    """Return the colour at a place in user units: two dots for each."""
    return tuple(image[int(2 * y), int(2 * x)].tolist())


def test_two_dots_for_each_user_unit_on_a_white_card():
    image = draw()
    assert image.shape == (40, 80, 3)
    assert at(image, 20, 10) == WHITE


@pytest.mark.parametrize(
    'body',
    [
        element('rect', x=10, y=4, width=12, height=8, fill='#ff0000'),
        element('circle', cx=16, cy=8, r=3, fill='#ff0000'),
        element('polygon', points='10,4 22,4 22,12 10,12', fill='#ff0000'),
        element(
            'line', x1=10, x2=22, y1=8, y2=8, stroke='#ff0000', stroke_width=4
        ),
        element(
            'polyline',
            points='10,8 16,8 22,8',
            stroke='#ff0000',
            stroke_width=4,
            fill='none',
        ),
    ],
)
def test_a_shape_stands_in_its_place(body):
    for image, x, y in (
        (draw(body), 16, 8),
        (draw(element('g', body)), 16, 8),
        (draw(element('svg', body, x=3, y=5)), 19, 13),
        (draw(element('svg', element('g', body), x=3, y=5)), 19, 13),
    ):
        assert at(image, x, y) == RED
        assert at(image, x, y - 6) == WHITE
        assert at(image, x - 8, y) == WHITE
        assert at(image, x + 8, y) == WHITE


def test_what_comes_later_lies_on_top():
    area = {'x': 5, 'y': 5, 'width': 10, 'height': 10}
    line = element(
        'line', x1=5, x2=15, y1=10, y2=10, stroke='#ff0000', stroke_width=4
    )
    rect = element('rect', **area, fill='#0000ff')
    assert at(draw(rect, line), 10, 10) == RED
    assert at(draw(line, rect), 10, 10) == BLUE


def test_paint_may_be_thin():
    half = element(
        'rect',
        x=5,
        y=5,
        width=10,
        height=10,
        fill='#ff0000',
        fill_opacity='0.5',
    )
    red, green, blue = at(draw(half), 10, 10)
    assert red == 255
    assert green == blue == pytest.approx(128, abs=2)
    line = element(
        'line',
        x1=5,
        x2=35,
        y1=10,
        y2=10,
        stroke='#ff0000',
        stroke_width=6,
        stroke_opacity=0.5,
    )
    assert at(draw(line), 20, 10)[1] == pytest.approx(128, abs=2)


def test_an_edge_has_its_width_and_colour():
    body = element(
        'rect',
        x=10,
        y=5,
        width=20,
        height=10,
        fill='#ff0000',
        stroke='#0000ff',
        stroke_width=4,
    )
    image = draw(body)
    assert at(image, 20, 10) == RED
    assert at(image, 9, 10) == at(image, 11, 10) == BLUE
    assert at(image, 7, 10) == WHITE


def test_dashes_are_in_user_units():
    body = element(
        'line',
        x1=4,
        x2=34,
        y1=10,
        y2=10,
        stroke='#ff0000',
        stroke_width=4,
        stroke_dasharray='6 6',
    )
    image = draw(body)
    assert [at(image, x, 10) == RED for x in (4.5, 9, 11, 15, 17, 21)] == [
        *(True, True, False, False, True, True)
    ]


def ink(image):
    """Return the columns and rows that are not white, within the card."""
    inside = (image < 128).any(axis=2)[4:-4, 4:-4]
    rows, columns = (
        np.flatnonzero(inside.any(axis=axis)) + 4 for axis in (1, 0)
    )
    return columns / 2, rows / 2


@pytest.mark.parametrize(
    ('anchor', 'left', 'right'),
    [('start', 50, 100), ('middle', 25, 75), ('end', 0, 50)],
)
def test_text_stands_on_its_baseline_beside_its_anchor(anchor, left, right):
    body = text(50, 20, 'HEH', size=14, text_anchor=anchor)
    columns, rows = ink(draw(body, width=100, height=40))
    assert rows.max() == pytest.approx(20, abs=1)
    assert 8 < rows.min() < 12
    assert left <= columns.min()
    assert columns.max() <= right
    ends = {'start': columns.min(), 'end': columns.max()}
    assert ends.get(anchor, columns.mean()) == pytest.approx(50, abs=3)


def test_bold_is_bolder(caplog):
    plain, bold = (
        draw(text(5, 20, 'HEH', size=14, **style), width=100, height=40)
        for style in ({}, {'font_weight': 600})
    )
    assert bold.astype(int).sum() < plain.astype(int).sum()
    assert not caplog.records


def test_dollars_are_dollars():
    widths = []
    for words in ('xxxx', '$xxxx$'):
        body = text(5, 20, words, size=14)
        columns, _ = ink(draw(body, width=100, height=40))
        widths.append(columns.max() - columns.min())
    assert widths[1] - widths[0] > 12


def test_refuses_what_it_cannot_paint():
    with pytest.raises(ValueError, match='path is an element that to_png'):
        draw(element('path', d='M 0 0'))


def test_whole_pictures(make_summary, make_record):
    from example_records import TRIMAP

    png = to_png(dot_plot([make_summary('fcrn/a', 40.0, 50.0)]))
    assert pixels(png).shape[1] == 1640
    records = [make_record(trimap=TRIMAP, seed=seed) for seed in (0, 1)]
    svg = trimap_chart(records)
    image = pixels(to_png(svg))
    colour = np.array([0xD5, 0x5E, 0x00])
    assert (image == colour).all(axis=2).sum() > 500
    assert to_png(svg) == to_png(svg)


def test_pictures_on_top_of_each_other():
    parts = [
        Drawing(
            't',
            'd',
            width=40,
            height=20,
            body=[
                element('rect', x=10, y=5, width=20, height=10, fill=colour)
            ],
        )
        for colour in ('#ff0000', '#0000ff')
    ]
    image = pixels(to_png(stack(parts)))
    assert image.shape == (100, 80, 3)
    assert at(image, 20, 10) == RED
    assert at(image, 20, 40) == BLUE
    assert at(image, 20, 25) == WHITE
