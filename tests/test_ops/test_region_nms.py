"""Suppression of masks, by hand and by sets."""

import numpy as np
import pytest

from zoo.ops.region_nms import region_nms


def runs(*ends):
    """Return masks of columns ``start`` to ``stop`` of ten."""
    masks = np.zeros((len(ends), 10), bool)
    for mask, (start, stop) in zip(masks, ends, strict=True):
        mask[start:stop] = True
    return masks


@pytest.mark.parametrize(
    ('mask_iou', 'kept'),
    [(0.0, [0, 3]), (0.1, [0, 3]), (0.2, [0, 2, 3]), (0.6, [0, 1, 2, 3])],
)
def test_by_hand(mask_iou, kept):
    """Against the first: 3 of 5, 1 of 6 and none."""
    masks = runs((0, 4), (1, 5), (3, 6), (6, 8))
    # the second and the third share 2 of 5
    assert region_nms(masks, mask_iou=mask_iou) == kept


def test_an_overlap_at_the_threshold_stays():
    masks = runs((0, 10), (0, 3), (0, 4))
    assert region_nms(masks, mask_iou=0.3) == [0, 1]  # 3 of 10; 4 of 10


def test_what_is_suppressed_suppresses_nothing():
    masks = runs((0, 4), (2, 6), (4, 8))
    assert region_nms(masks, mask_iou=0.1) == [0, 2]


def test_of_two_alike_the_first_stays_but_at_one():
    masks = runs((0, 4), (0, 4))
    assert region_nms(masks, mask_iou=0.99) == [0]
    assert region_nms(masks, mask_iou=1.0) == [0, 1]
    assert region_nms(masks[:0], mask_iou=0.5) == []


@pytest.mark.parametrize('mask_iou', [0.0, 0.25, 0.5])
def test_does_what_sets_do(mask_iou):
    masks = np.random.default_rng(0).random((30, 8)) < 0.4
    masks[:, 0] |= ~masks.any(axis=1)
    kept = []
    for index, mask in enumerate(masks):
        own = set(np.flatnonzero(mask))
        others = [set(np.flatnonzero(masks[k])) for k in kept]
        ious = [len(own & other) / len(own | other) for other in others]
        if all(iou <= mask_iou for iou in ious):
            kept.append(index)
    assert region_nms(masks, mask_iou=mask_iou) == kept
    assert 1 <= len(kept) < 30
