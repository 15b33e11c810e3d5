"""Fields of view as printed: the 37 rows of two tables, typed from them."""

import re

import pytest

from zoo.evaluation.published import load_published
from zoo.ops import field_of_view

# (stride, kernel, dilation, FoV), row by row
TABLE_1 = {
    50: [
        (16, 3, 6, 208),
        (8, 3, 6, 104),
        (8, 3, 12, 200),
        (8, 3, 18, 296),
        (8, 5, 6, 200),
        (8, 5, 12, 392),
        (8, 7, 6, 296),
    ],
    101: [
        (16, 3, 6, 208),
        (8, 3, 6, 104),
        (8, 3, 12, 200),
        (8, 3, 18, 296),
        (8, 5, 6, 200),
        (8, 5, 12, 392),
        (8, 7, 6, 296),
    ],
}
TABLE_3 = {
    50: [
        (16, 3, 6, 208),
        (8, 3, 6, 104),
        (8, 3, 12, 200),
        (8, 3, 18, 296),
        (8, 5, 6, 200),
        (8, 5, 12, 392),
        (8, 5, 18, 584),
        (8, 7, 6, 296),
        (8, 7, 12, 584),
    ],
    101: [
        (16, 3, 6, 208),
        (8, 3, 6, 104),
        (8, 3, 12, 200),
        (8, 3, 18, 296),
        (8, 5, 6, 200),
        (8, 5, 12, 392),
        (8, 7, 6, 296),
    ],
    152: [
        (16, 3, 6, 208),
        (8, 3, 6, 104),
        (8, 3, 12, 200),
        (8, 3, 18, 296),
        (8, 5, 6, 200),
        (8, 5, 12, 392),
        (8, 7, 6, 296),
    ],
}
TABLES = {'Table 1': TABLE_1, 'Table 3': TABLE_3}
ROWS = [
    (table, depth, *row)
    for table, depths in TABLES.items()
    for depth, rows in depths.items()
    for row in rows
]
METHOD = r'FCRN-(\d+) stride(\d+) k(\d+) d(\d+) \(FoV (\d+)\)'


def test_all_rows_are_here():
    assert [r[0] for r in ROWS] == ['Table 1'] * 14 + ['Table 3'] * 23


@pytest.mark.parametrize(
    ('table', 'depth', 'stride', 'kernel_size', 'dilation', 'printed'), ROWS
)
def test_reproduces_the_printed_row(
    table, depth, stride, kernel_size, dilation, printed
):
    assert field_of_view(stride, kernel_size, dilation) == printed


def test_published_rows_are_named_after_the_same_numbers():
    named = {
        (row.source.split()[-2] + ' ' + row.source.split()[-1], *numbers)
        for row in load_published()
        if (match := re.fullmatch(METHOD, row.method))
        for numbers in [tuple(int(n) for n in match.groups())]
    }
    assert named == set(ROWS)
    assert len(named) == 37


@pytest.mark.parametrize(
    ('stride', 'kernel_size', 'dilation'),
    [(1, 1, 1), (8, 1, 5), (1, 3, 1), (4, 3, 2), (2, 4, 3), (3, 2, 7)],
)
def test_is_the_span_of_the_taps(stride, kernel_size, dilation):
    """Count the pixels of all cells from the first tap to the last."""
    cells = range(0, 10_000, dilation)[:kernel_size]
    pixels = [
        cell * stride + pixel
        for cell in range(cells[0], cells[-1] + 1)
        for pixel in range(stride)
    ]
    assert field_of_view(stride, kernel_size, dilation) == len(pixels)


@pytest.mark.parametrize('wrong', [(0, 5, 12), (8, 0, 12), (8, 5, 0)])
def test_refuses(wrong):
    message = 'must be at least 1, got {}, {} and {}'.format(*wrong)
    with pytest.raises(ValueError, match=message):
        field_of_view(*wrong)
