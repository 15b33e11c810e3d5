"""Boxes and labels of superpixels: against loops over pixels."""

from collections import Counter

import numpy as np
import pytest

from zoo.ops.regions import majority_labels, superpixel_boxes, union_boxes

RNG = np.random.default_rng(5)


def random_superpixels(height, width, count):
    labels = RNG.integers(0, count, (height, width))
    labels.ravel()[:count] = range(count)  # each has a pixel
    return labels


def boxes_by_loops(labels):
    boxes = {}
    for (y, x), number in np.ndenumerate(labels):
        x0, y0, x1, y1 = boxes.get(number, (x, y, x + 1, y + 1))
        boxes[number] = (
            min(x0, x),
            min(y0, y),
            max(x1, x + 1),
            max(y1, y + 1),
        )
    return [list(boxes[i]) for i in sorted(boxes)]


def majority_by_loops(superpixels, labels, ignore_index):
    votes = [Counter() for _ in range(superpixels.max() + 1)]
    for place, number in np.ndenumerate(superpixels):
        if labels[place] != ignore_index:
            votes[number][int(labels[place])] += 1
    return [
        min(vote, key=lambda label: (-vote[label], label))
        if vote
        else ignore_index
        for vote in votes
    ]


def test_boxes_by_hand():
    labels = np.array([[0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 1, 0]])
    boxes = superpixel_boxes(labels)
    assert boxes.dtype == np.int64
    assert boxes.tolist() == [[0, 0, 4, 3], [1, 0, 3, 3], [3, 0, 4, 2]]


@pytest.mark.parametrize('kind', [np.int64, np.int32, np.uint8])
def test_boxes_are_those_of_loops(kind):
    labels = random_superpixels(24, 31, 256)
    found = superpixel_boxes(labels.astype(kind))
    assert found.tolist() == boxes_by_loops(labels)


def test_boxes_of_a_map_with_holes_are_refused():
    with pytest.raises(ValueError, match='no pixel of 1 of 0 to 2'):
        superpixel_boxes(np.array([[0, 2, 2]]))


@pytest.mark.parametrize('kind', [np.int64, np.float32])
@pytest.mark.parametrize('shift', [0, -300, 300])
def test_unions_are_those_of_loops(kind, shift):
    boxes = RNG.integers(0, 100, (20, 4))
    boxes[:, 2:] += boxes[:, :2] + 1
    boxes = (boxes + shift).astype(kind)
    members = RNG.random((15, 20)) < 0.2
    members[np.arange(15), np.arange(15)] = True
    expected = []
    for row in members:
        group = [box for box, inside in zip(boxes, row, strict=True) if inside]
        x0, y0, x1, y1 = zip(*group, strict=True)
        expected.append([min(x0), min(y0), max(x1), max(y1)])
    found = union_boxes(boxes, members)
    assert found.dtype == kind
    assert found.tolist() == np.array(expected).tolist()


def test_no_group_has_no_box():
    found = union_boxes(np.zeros((3, 4), int), np.zeros((0, 3), bool))
    assert found.shape == (0, 4)


@pytest.mark.parametrize(
    ('boxes', 'members', 'message'),
    [
        (np.zeros((2, 3)), np.ones((1, 2), bool), r'boxes .* got \(2, 3\)'),
        (np.zeros(4), np.ones((1, 2), bool), r'boxes .* got \(4,\)'),
        (np.zeros((2, 4)), np.ones((1, 3), bool), r'\(R, 2\) .* got \(1, 3\)'),
        (np.zeros((2, 4)), np.ones(2, bool), r'got \(2,\)'),
        (np.zeros((2, 4)), np.ones((1, 2), int), 'bool .* int64'),
        (np.zeros((2, 4)), np.eye(3, 2) > 0, 'group 2 has no box'),
    ],
)
def test_other_groups_are_refused(boxes, members, message):
    with pytest.raises(ValueError, match=message):
        union_boxes(boxes, members)


def test_majorities_by_hand():
    superpixels = np.array([[0, 0, 0, 1, 1], [2, 2, 3, 3, 3]])
    labels = np.array([[4, 4, 1, 3, 0], [255, 255, 255, 255, 2]])
    found = majority_labels(superpixels, labels, num_classes=5)
    assert found.dtype == np.int64
    assert found.tolist() == [4, 0, 255, 2]  # a tie; void; void has no vote


@pytest.mark.parametrize('kind', [np.int64, np.uint8])
@pytest.mark.parametrize('ignore_index', [255, 0, 100])
def test_majorities_are_those_of_loops(kind, ignore_index):
    superpixels = random_superpixels(30, 30, 150).astype(kind)
    labels = RNG.integers(0, 6, (30, 30)).astype(kind)
    labels[RNG.random((30, 30)) < 0.5] = ignore_index
    found = majority_labels(
        superpixels, labels, num_classes=6, ignore_index=ignore_index
    )
    expected = majority_by_loops(superpixels, labels, ignore_index)
    assert ignore_index in expected  # one is all void
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ('labels', 'num_classes', 'message'),
    [
        ([[0, 1]], 0, 'num_classes must be at least 1, got 0'),
        ([[0, 1, 1]], 2, r'labels must be \(1, 2\) .* got \(1, 3\)'),
        ([[0, 0.5]], 2, 'integers .* float64'),
        ([[0, 2]], 2, 'must be 0 to 1 or 255, got 2'),
        ([[0, -1]], 2, 'must be 0 to 1 or 255, got -1'),
    ],
)
def test_other_labels_are_refused(labels, num_classes, message):
    with pytest.raises(ValueError, match=message):
        majority_labels(
            np.array([[0, 1]]), np.array(labels), num_classes=num_classes
        )


def test_other_superpixels_are_refused():
    with pytest.raises(ValueError, match='got 0 to 7 on 2 pixels'):
        majority_labels(
            np.array([[0, 7]]), np.zeros((1, 2), int), num_classes=2
        )
