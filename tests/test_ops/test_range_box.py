"""Edges of the range boxes, against a double loop over the nodes."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from zoo.ops import neighbour_tables, range_box_edges

RELATIONS = ['surrounding', 'above_below']
# Among them boxes whose float product falls short of a whole number.
BOXES = ['0.05', '0.29', '0.4', '0.7', '1', '1.1', '3']
SIZES = [(1, 1), (1, 9), (9, 1), (5, 5), (7, 10), (10, 7)]


def edges_by_loops(height, width, relation, box):
    """Compare every node with every other, in exact arithmetic."""
    side = Fraction(box) * min(height, width)
    found = []
    for p in range(height * width):
        for q in range(height * width):
            dy, dx = q // width - p // width, q % width - p % width
            if 2 * abs(dx) > side:
                continue
            if relation == 'surrounding':
                joined = p != q and 2 * abs(dy) <= side
            else:
                joined = 1 <= dy <= side
            if joined:
                found.append([p, q])
    return found


def offsets_from(edges, node, width):
    """Sorted ``(dy, dx)`` of the edges that start at a node."""
    ends = edges[edges[:, 0] == node, 1]
    dy = ends.div(width, rounding_mode='floor') - node // width
    dx = ends % width - node % width
    return sorted(zip(dy.tolist(), dx.tolist(), strict=True))


@pytest.mark.parametrize('relation', RELATIONS)
@pytest.mark.parametrize('box', BOXES)
@pytest.mark.parametrize('size', SIZES)
def test_edges_equal_the_loops(size, box, relation):
    found = range_box_edges(*size, relation=relation, box=float(box))
    assert found.dtype == torch.int64
    assert found.shape[1:] == (2,)
    assert found.tolist() == edges_by_loops(*size, relation, box)


def test_a_side_one_float_short_of_whole_keeps_its_last_cell():
    """0.29 * 100 and 0.58 * 100 / 2 are both 28.999999999999996."""
    below = range_box_edges(100, 100, relation='above_below', box=0.29)
    assert (below[:, 1] - below[:, 0]).max() == 29 * 100 + 14
    around = range_box_edges(100, 100, relation='surrounding', box=0.58)
    assert (around[:, 1] - around[:, 0]).max() == 29 * 100 + 29


def test_the_default_box_on_the_map_of_a_500_x_375_image():
    """Short side 28: a node has 11 x 11 - 1 neighbours around it."""
    around = range_box_edges(28, 38, relation='surrounding')
    counts = around[:, 0].bincount()
    assert counts.max() == 120
    assert counts.min() == 6 * 6 - 1
    below = range_box_edges(28, 38, relation='above_below')
    assert below[:, 0].bincount().max() == 11 * 11


@pytest.mark.parametrize('size', [(28, 38), (38, 28), (7, 6)])
def test_surrounding_holds_both_orders_and_above_below_one(size):
    around = range_box_edges(*size, relation='surrounding').tolist()
    assert sorted([q, p] for p, q in around) == around
    below = range_box_edges(*size, relation='above_below')
    upper, lower = below.div(size[1], rounding_mode='floor').unbind(1)
    assert (upper < lower).all()


def test_a_grid_of_five_leaves_24_neighbours_around_and_25_below():
    width = 38
    node = 14 * width + 19
    around = range_box_edges(28, width, relation='surrounding', grid=5)
    across = [-5, -2, 0, 2, 5]
    assert offsets_from(around, node, width) == [
        (dy, dx) for dy in across for dx in across if (dy, dx) != (0, 0)
    ]
    below = range_box_edges(28, width, relation='above_below', grid=5)
    assert offsets_from(below, node, width) == [
        (dy, dx) for dy in [1, 4, 6, 8, 11] for dx in across
    ]


@pytest.mark.parametrize('relation', RELATIONS)
@pytest.mark.parametrize('grid', [2, 3, 4, 5, 6])
@pytest.mark.parametrize('size', [(9, 7), (5, 12), (4, 4), (2, 2), (1, 3)])
@pytest.mark.parametrize('box', [0.4, 1.0, 1.9])
def test_a_grid_keeps_rounded_evenly_spaced_offsets(size, grid, relation, box):
    height, width = size
    side = box * min(size)
    reach = int(side / 2)
    across = np.rint(np.linspace(-reach, reach, grid))
    if relation == 'surrounding':
        down = across
    else:
        down = np.rint(np.linspace(1, int(side), grid)) if side >= 1 else []
    kept = {(y, x) for y in down for x in across if (y, x) != (0, 0)}
    expected = [
        [p, q]
        for p in range(height * width)
        for q in range(height * width)
        if (q // width - p // width, q % width - p % width) in kept
    ]
    found = range_box_edges(*size, relation=relation, box=box, grid=grid)
    assert found.tolist() == expected


def test_a_fine_grid_is_the_whole_box():
    for relation in RELATIONS:
        whole = range_box_edges(9, 8, relation=relation)
        fine = range_box_edges(9, 8, relation=relation, grid=50)
        assert torch.equal(fine, whole)


@pytest.mark.parametrize(('half', 'grid'), [(21, 37), (29, 29), (50, 25)])
def test_a_grid_is_symmetric_where_floats_are_not(half, grid):
    """Here ``np.linspace`` rounds a tie up on one side, down on the other."""
    size = 2 * half + 1
    edges = range_box_edges(
        1, size, relation='surrounding', box=size, grid=grid
    )
    found = [x for _, x in offsets_from(edges, half, size)]
    assert found == sorted(-x for x in found)


def test_results_are_the_callers_own():
    first = range_box_edges(5, 5, relation='surrounding')
    kept = first.clone()
    first.zero_()
    assert torch.equal(range_box_edges(5, 5, relation='surrounding'), kept)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'height': 0}, r'at least 1, got 0 x 4'),
        ({'width': -2}, r'at least 1, got 4 x -2'),
        ({'relation': 'left'}, r"surrounding, above_below, got 'left'"),
        ({'box': 0}, 'box must be finite and above 0, got 0'),
        ({'box': -0.4}, 'box must be .* got -0.4'),
        ({'box': float('nan')}, 'box must be .* got nan'),
        ({'box': float('inf')}, 'box must be .* got inf'),
        ({'grid': 1}, 'grid must be at least 2 or None, got 1'),
    ],
)
def test_edges_refuse(change, message):
    options = {'height': 4, 'width': 4, 'relation': 'surrounding'} | change
    with pytest.raises(ValueError, match=message):
        range_box_edges(options.pop('height'), options.pop('width'), **options)


def tables_by_loops(edges, nodes):
    below = {node: [] for node in range(nodes)}
    above = {node: [] for node in range(nodes)}
    for p, q in edges.tolist():
        below[p].append(q)
        above[q].append(p)
    padded = []
    for rows in (below, above):
        longest = max(len(row) for row in rows.values())
        padded.append(
            [
                sorted(rows[node]) + [-1] * (longest - len(rows[node]))
                for node in range(nodes)
            ]
        )
    return padded


@pytest.mark.parametrize('nodes', [1, 2, 5, 12])
@pytest.mark.parametrize('count', [0, 1, 7, 30])
def test_tables_equal_the_loops(nodes, count):
    edges = torch.randint(nodes, (count, 2))
    found = neighbour_tables(edges, nodes)
    assert [table.dtype for table in found] == [torch.int64] * 2
    assert [len(table) for table in found] == [nodes] * 2
    assert [table.tolist() for table in found] == tables_by_loops(edges, nodes)


@pytest.mark.parametrize('relation', RELATIONS)
def test_tables_of_a_range_box(relation):
    edges = range_box_edges(6, 5, relation=relation, box=0.9)
    found = [table.tolist() for table in neighbour_tables(edges, 30)]
    assert found == tables_by_loops(edges, 30)
    assert (found[0] == found[1]) is (relation == 'surrounding')


@pytest.mark.parametrize(
    ('edges', 'nodes', 'message'),
    [
        (torch.tensor([[0, 4]]), 4, r'ids in 0..3, got 0..4'),
        (torch.tensor([[2, -1]]), 4, r'ids in 0..3, got -1..2'),
        (torch.zeros(2, 3, dtype=torch.int64), 4, r'\(E, 2\) .* got \(2, 3\)'),
        (torch.zeros(2, dtype=torch.int64), 4, r'\(E, 2\) .* got \(2,\)'),
        (torch.zeros(1, 2), 4, r'int64, got \(1, 2\) torch.float32'),
        (torch.zeros(0, 2, dtype=torch.int64), 0, 'nodes must be .* got 0'),
    ],
)
def test_tables_refuse(edges, nodes, message):
    with pytest.raises(ValueError, match=message):
        neighbour_tables(edges, nodes)
