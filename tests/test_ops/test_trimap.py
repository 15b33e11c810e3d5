"""Bands around void: by hand, and against a dilation for every width."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from zoo.ops.trimap import NEVER, band_confusion, entry_widths

VOID = 255


def random_maps(seed, *, void=0.01, classes=4, size=(37, 29)):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, size).astype(np.uint8)
    label[rng.random(size) < void] = VOID
    return rng.integers(0, classes, size), label


def slow_confusion(prediction, label, width, classes, void=VOID):
    """One dilation by a square, then one pixel after the other."""
    square = np.ones((2 * width + 1, 2 * width + 1), bool)
    band = binary_dilation(label == void, square) & (label != void)
    counts = np.zeros((classes, classes), int)
    for true, predicted in zip(label[band], prediction[band], strict=True):
        counts[true, predicted] += 1
    return counts


def test_widths_by_hand():
    label = np.zeros((4, 6), np.uint8)
    label[1, 1] = VOID
    assert entry_widths(label).tolist() == [
        [1, 1, 1, 2, 3, 4],
        [1, 0, 1, 2, 3, 4],
        [1, 1, 1, 2, 3, 4],
        [2, 2, 2, 2, 3, 4],
    ]


def test_the_nearest_void_pixel_counts():
    label = np.array([[VOID, 0, 0, 0, 0, VOID]])
    assert entry_widths(label).tolist() == [[0, 1, 2, 2, 1, 0]]


@pytest.mark.parametrize('seed', range(5))
def test_a_band_is_the_dilation_by_a_square(seed):
    prediction, label = random_maps(seed, void=0.002 * 3**seed)
    entered = entry_widths(label)
    widths = list(range(1, 41))
    found = band_confusion(
        entered, prediction, label, widths=widths, num_classes=4
    )
    assert found.shape == (40, 4, 4)
    assert found.dtype == np.int64
    for width, counts in zip(widths, found, strict=True):
        slow = slow_confusion(prediction, label, width, 4)
        assert (counts == slow).all(), width


def test_any_widths_in_their_order():
    prediction, label = random_maps(9)
    entered = entry_widths(label)
    found = band_confusion(
        entered, prediction, label, widths=(2, 3, 7), num_classes=4
    )
    for width, counts in zip((2, 3, 7), found, strict=True):
        slow = slow_confusion(prediction, label, width, 4)
        assert (counts == slow).all(), width


def test_confusions_by_hand():
    label = np.array([[0, 1, VOID, 1, 0, 0]])
    prediction = np.array([[0, 0, 0, 1, 1, 0]])
    found = band_confusion(
        entry_widths(label), prediction, label, widths=[1, 2], num_classes=2
    )
    assert found.tolist() == [[[0, 0], [1, 1]], [[1, 1], [1, 1]]]


def test_another_label_can_be_void():
    label = np.array([[9, 1, 1, 0]])
    assert entry_widths(label, ignore_index=9).tolist() == [[0, 1, 2, 3]]
    assert entry_widths(label).tolist() == [[NEVER] * 4]


def test_without_void_there_is_no_band():
    prediction, label = random_maps(0, void=0)
    found = band_confusion(
        entry_widths(label), prediction, label, widths=[40], num_classes=4
    )
    assert not found.any()


def test_nothing_but_void_is_no_band():
    label = np.full((3, 3), VOID, np.uint8)
    entered = entry_widths(label)
    assert not entered.any()
    found = band_confusion(entered, label, label, widths=[2], num_classes=4)
    assert not found.any()


@pytest.mark.parametrize('widths', [[], [0, 1], [2, 1], [1, 1], [-1], [1.5]])
def test_refuses_widths(widths):
    entered = np.ones((2, 2), np.int32)
    with pytest.raises(ValueError, match=r'must be whole and .* got \['):
        band_confusion(entered, entered, entered, widths=widths, num_classes=2)


@pytest.mark.parametrize(
    ('prediction', 'label', 'message'),
    [
        ([[0, 2]], [[0, 0]], 'prediction must be 0 to 1, got 0 to 2'),
        ([[0, 0]], [[0, 2]], 'label must be 0 to 1, got 0 to 2'),
        ([[0, -1]], [[0, 0]], 'prediction must be 0 to 1, got -1 to 0'),
        ([[0]], [[0, 0]], r'prediction is \(1, 1\), label is \(1, 2\)'),
    ],
)
def test_refuses_what_it_cannot_count(prediction, label, message):
    with pytest.raises(ValueError, match=message):
        band_confusion(
            np.ones((1, 2), np.int32),
            np.array(prediction),
            np.array(label),
            widths=[1],
            num_classes=2,
        )
