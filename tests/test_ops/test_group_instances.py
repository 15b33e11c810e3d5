"""Grouping: discs come back, small cases by hand, noise as by loops."""

import math
import re

import numpy as np
import pytest
import torch
from grouping_reference import reference

from zoo.ops import group_instances
from zoo.ops.box_clusters import box_clusters

SETTINGS = {
    'top_n': 2,
    'box_iou': 0.5,
    'mask_iou': 0.3,
    'min_pixels': 16,
    'max_per_class': 100,
}
NAN = float('nan')


def box_planes(boxes, size):
    """Return dy, dx, height, width for one box of every pixel."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    x0, y0, x1, y1 = np.broadcast_to(boxes, (*size, 4)).transpose(2, 0, 1)
    return np.stack([(y0 + y1) / 2 - y, (x0 + x1) / 2 - x, y1 - y0, x1 - x0])


def scene(discs, *, classes, size):
    """Return exact maps of ``(label, score, y, x, radius)``, and masks.

    Later discs hide earlier ones; boxes are those of the whole discs.
    """
    owner = np.full(size, -1)
    y, x = np.mgrid[: size[0], : size[1]]
    for index, (_, _, cy, cx, radius) in enumerate(discs):
        owner[(y - cy) ** 2 + (x - cx) ** 2 <= radius**2] = index
    probs = np.zeros((classes, *size))
    corners = np.zeros((classes, *size, 4))
    boxes = []
    for index, (label, score, cy, cx, radius) in enumerate(discs):
        inside = owner == index
        probs[label][inside] = score
        low, high = (cx - radius, cy - radius), (cx + radius, cy + radius)
        boxes.append([*low, high[0] + 1, high[1] + 1])
        corners[label][inside] = boxes[-1]
    planes = np.stack([box_planes(plane, size) for plane in corners])
    return probs, planes, [owner == i for i in range(len(discs))], boxes


def check_exactly(discs, *, shift=(0, 0), **settings):
    """Compare what is found with the discs themselves, one by one."""
    moved = [
        (label, score, y + shift[0], x + shift[1], radius)
        for label, score, y, x, radius in discs
    ]
    size = (40 + shift[0], 50 + shift[1])
    probs, planes, masks, boxes = scene(moved, classes=3, size=size)
    found = group_instances(probs, planes, **settings)
    ranked = sorted(range(len(discs)), key=lambda i: -discs[i][1])
    assert len(found) == len(discs)
    for item, index in zip(found, ranked, strict=True):
        label, score = discs[index][:2]
        assert item['label'] == label
        assert item['score'] == pytest.approx(score, abs=1e-12)
        assert item['rank'] == 1
        assert np.array_equal(item['mask'], masks[index])
        assert item['box'] == pytest.approx(boxes[index])
    return found


DISCS = {
    'one': [(0, 0.9, 20, 20, 6)],
    'two classes': [(0, 0.9, 10, 10, 6), (2, 0.8, 30, 35, 8)],
    'a class twice': [(1, 0.9, 10, 10, 6), (1, 0.8, 30, 35, 8)],
    # columns 10..22 and 23..35: no pixel between them
    'touching': [(1, 0.9, 20, 16, 6), (1, 0.8, 20, 29, 6)],
    'touching, of two classes': [(0, 0.9, 20, 16, 6), (1, 0.8, 20, 29, 6)],
    # boxes of 13 x 13, 5 columns shared: 65 of 273
    'overlapping': [(1, 0.9, 20, 16, 6), (1, 0.8, 20, 24, 6)],
    # one hides a part of the other
    'overlapping, the worse in front': [
        (1, 0.7, 20, 16, 6),
        (1, 0.8, 22, 24, 6),
        (1, 0.9, 8, 40, 3),
    ],
    'one inside the other': [(0, 0.9, 20, 20, 14), (0, 0.8, 20, 20, 5)],
}


@pytest.mark.parametrize('name', DISCS)
@pytest.mark.parametrize('top_n', [1, 2, 3])
def test_discs_with_exact_boxes_come_back(name, top_n):
    check_exactly(DISCS[name], top_n=top_n)


@pytest.mark.parametrize('name', DISCS)
def test_a_translation_moves_the_result(name):
    """Every mask and box moves along, and nothing else changes."""
    still = check_exactly(DISCS[name])
    moved = check_exactly(DISCS[name], shift=(3, 7))
    for before, after in zip(still, moved, strict=True):
        assert np.array_equal(after['mask'][3:, 7:], before['mask'])
        assert after['box'] == pytest.approx(before['box'] + [7, 3, 7, 3])
        assert after['score'] == before['score']


def test_two_that_predict_the_same_box_are_one():
    """Not in pieces, either: parts apart belong to one instance."""
    probs = np.zeros((1, 8, 20))
    probs[0, :, :6] = probs[0, :, 14:] = 0.75
    planes = box_planes([0, 0, 20, 8], (8, 20))[None]
    (found,) = group_instances(probs, planes)
    assert np.array_equal(found['mask'], probs[0] > 0)


def noisy(kind, classes=3, size=(9, 11)):
    """Return random maps, of several kinds that break ties differently."""
    rng = np.random.default_rng(sum(map(ord, kind)))
    probs = rng.dirichlet(np.ones(classes + 1), size).transpose(2, 0, 1)[1:]
    if kind == 'sixteenths':  # many equals, whose sums are exact
        probs = np.floor(probs * 16) / 16
    spread = {'alike': 0.5, 'wild': 5.0}.get(kind, 2.0)
    corners = rng.uniform(-spread, spread, (classes, *size, 4))
    corners += np.array([1, 2, 8, 7])
    if kind == 'whole numbers':  # many equal overlaps
        corners = np.round(corners)
    planes = np.stack([box_planes(plane, size) for plane in corners])
    if kind == 'broken':
        planes[rng.random(planes.shape) < 0.05] = np.inf
        planes[rng.random(planes.shape) < 0.05] = NAN
    return probs, planes


@pytest.mark.parametrize(
    'kind', ['plain', 'sixteenths', 'alike', 'wild', 'whole numbers', 'broken']
)
@pytest.mark.parametrize(
    'settings',
    [
        {'min_pixels': 1},
        {'min_pixels': 4},
        {'min_pixels': 2, 'top_n': 3, 'mask_iou': 1.0},
        {'min_pixels': 2, 'top_n': 1, 'mask_iou': 0.0},
        {'min_pixels': 3, 'top_n': 4, 'mask_iou': 0.0, 'box_iou': 0.2},
        {'min_pixels': 1, 'box_iou': 0.75, 'mask_iou': 0.5},
        {'min_pixels': 1, 'max_per_class': 2, 'mask_iou': 0.6},
    ],
)
def test_does_what_loops_over_pixels_do(kind, settings):
    probs, planes = noisy(kind)
    settings = {**SETTINGS, **settings}
    found = group_instances(probs, planes, **settings)
    expected = reference(probs, planes, **settings)
    assert len(found) == len(expected) > 0
    for item, (label, score, pixels, box, rank) in zip(
        found, expected, strict=True
    ):
        assert (item['label'], item['rank']) == (label, rank)
        assert item['score'] == pytest.approx(score, abs=1e-12)
        assert set(zip(*np.nonzero(item['mask']), strict=True)) == pixels
        np.testing.assert_allclose(item['box'], box)


def test_many_pixels_are_clustered_as_by_loops():
    """Enough of them that clusters are resolved in blocks."""
    probs, planes = noisy('plain', classes=1, size=(24, 30))
    probs = 0.5 + probs / 2
    planes[:, :2] = planes[:, :2] % 2 - 1  # they stay near their pixel
    planes[:, 2:] = 4
    settings = {**SETTINGS, 'top_n': 1, 'min_pixels': 1}
    settings['max_per_class'] = 1000
    found = group_instances(probs, planes, **settings)
    expected = reference(probs, planes, **settings)
    assert len(found) == len(expected) > 50
    for item, (_, _, pixels, _, _) in zip(found, expected, strict=True):
        assert set(zip(*np.nonzero(item['mask']), strict=True)) == pixels


def row(*cells):
    """Return maps of one row of ``(score, x0, x1)``; boxes are 1 high."""
    probs = np.array([[[score for score, *_ in cells]]])
    corners = np.array([[[x0, 0, x1, 1] for _, x0, x1 in cells]])
    return probs, box_planes(corners, probs.shape[1:])[None]


def columns(found):
    """Return the columns of each mask of one row."""
    return [np.flatnonzero(item['mask']).tolist() for item in found]


def test_more_pixels_than_are_compared_at_once_are_one_cluster():
    corners = np.tile(np.array([[0.0], [0.0], [9.0], [5.0]]), 70_000)
    (cluster,) = box_clusters(corners, box_iou=0.5)
    assert np.array_equal(cluster, np.arange(70_000))


def test_the_best_pixel_draws_the_box_and_the_mean_is_the_score():
    maps = row((0.5, 0, 8), (0.9, 0, 10), (0.7, 1, 10))
    (found,) = group_instances(*maps, min_pixels=3)
    assert found['score'] == pytest.approx((0.5 + 0.9 + 0.7) / 3)
    assert found['box'].tolist() == pytest.approx([0, 0, 10, 1])


def test_a_pixel_belongs_to_the_first_that_suppresses_it():
    """Suppressed pixels suppress no others: 2 is near to 1, not to 0."""
    maps = row((0.9, 0, 10), (0.8, 4, 13), (0.85, 3, 11))
    found = group_instances(*maps, min_pixels=1, top_n=1)
    # 0 with 2: 7 of 11; 0 with 1: 6 of 13; 1 with 2: 7 of 10
    assert columns(found) == [[0, 2], [1]]
    found = group_instances(*maps, min_pixels=1, top_n=1, box_iou=0.4)
    assert columns(found) == [[0, 1, 2]]


def test_an_overlap_at_the_threshold_does_not_suppress():
    maps = row((0.9, 0, 4), (0.8, 2, 4), (0.7, 0, 3))  # 2 of 4, 3 of 4
    found = group_instances(*maps, min_pixels=1, box_iou=0.5)
    assert columns(found) == [[0, 2], [1]]
    maps = row((0.9, 0, 10), (0.8, 0, 3))
    found = group_instances(*maps, min_pixels=1, box_iou=0.3)
    assert columns(found) == [[0], [1]]


def test_small_clusters_go_and_their_pixels_with_them():
    """Pixel 1 is taken by 0, whose cluster is dropped; 2 lacks it."""
    maps = row((0.9, 0, 10), (0.8, 3, 10), (0.7, 5, 10), (0.6, 5, 10))
    found = group_instances(*maps, min_pixels=1, top_n=1)
    assert columns(found) == [[0, 1], [2, 3]]
    assert columns(group_instances(*maps, min_pixels=2)) == [[0, 1], [2, 3]]
    maps = row((0.9, 0, 10), (0.7, 5, 9), (0.6, 5, 9), (0.8, 3, 10))
    assert len(group_instances(*maps, min_pixels=2)) == 2
    assert group_instances(*maps, min_pixels=3) == []


@pytest.mark.parametrize('score', [0.3, 0.4])
def test_equals_survive_in_row_major_order(score):
    maps = row((score, 0, 4), (score, 1, 5), (score, 2, 6))
    found = group_instances(*maps, min_pixels=1)
    assert columns(found) == [[0, 1], [2]]  # 1 and 2 would pair as well


def test_a_hidden_object_is_found_in_second_place():
    """Class 1 is nowhere the most probable; its rank-2 mask finds it."""
    probs = np.zeros((2, 6, 8))
    probs[0], probs[1, 1:5, 2:7] = 0.5, 0.375
    planes = np.stack([box_planes([0, 0, 8, 6], (6, 8))] * 2)
    alone = group_instances(probs, planes, top_n=1)
    assert [item['label'] for item in alone] == [0]
    both = group_instances(probs, planes, top_n=2)
    assert [(i['label'], i['rank']) for i in both] == [(0, 1), (1, 2)]
    assert np.array_equal(both[1]['mask'], probs[1] > 0)


def test_the_background_takes_a_place():
    probs = np.full((2, 4, 4), 0.25)
    probs[1] = 0.125  # the background has 0.625
    planes = np.stack([box_planes([0, 0, 4, 4], (4, 4))] * 2)
    counts = [
        len(group_instances(probs, planes, top_n=n)) for n in (1, 2, 3, 9)
    ]
    assert counts == [0, 1, 2, 2]


def ranks_apart():
    """Class 0 leads in 20 pixels and is second in 4 or 20 more."""
    probs = np.zeros((2, 4, 10))
    probs[0, :, :5], probs[0, :, 5:] = 0.75, 0.25
    probs[1, :, 5:] = 0.5
    return probs, np.stack([box_planes([0, 0, 10, 4], (4, 10))] * 2)


def test_the_better_of_two_ranks_suppresses_the_other():
    """Masks of 20 and 40 pixels: an overlap of a half, by hand."""
    probs, planes = ranks_apart()
    found = group_instances(probs, planes, mask_iou=0.5)
    assert [(i['label'], i['rank'], i['score']) for i in found] == [
        (0, 1, 0.75),
        (0, 2, 0.5),
        (1, 1, 0.5),
    ]
    assert [int(i['mask'].sum()) for i in found] == [20, 40, 20]
    found = group_instances(probs, planes, mask_iou=0.49)
    assert [(i['label'], i['rank']) for i in found] == [(0, 1), (1, 1)]


def test_a_second_rank_may_be_the_better():
    """20 pixels of 0.375 in first place, 20 of 0.4375 in second."""
    probs = np.zeros((2, 4, 10))
    probs[0, :, :5], probs[0, :, 5:] = 0.375, 0.4375
    probs[1, :, :5], probs[1, :, 5:] = 0.3125, 0.5
    planes = np.stack([box_planes([0, 0, 10, 4], (4, 10))] * 2)
    found = [i for i in group_instances(probs, planes) if i['label'] == 0]
    assert [(i['rank'], i['score']) for i in found] == [(2, 0.40625)]


def test_a_class_suppresses_no_other():
    """Label 1 lies within label 0's second mask, and stays."""
    probs, planes = ranks_apart()
    found = group_instances(probs, planes, mask_iou=0.0)
    assert [i['label'] for i in found] == [0, 1]


def test_a_mask_is_not_clustered_twice():
    """Ranks 1 and 2 are the same here, and mask_iou 1 keeps doubles."""
    probs = np.full((1, 4, 4), 0.75)
    planes = box_planes([0, 0, 4, 4], (4, 4))[None]
    (found,) = group_instances(probs, planes, mask_iou=1.0, top_n=5)
    assert found['rank'] == 1


@pytest.mark.parametrize('bad', [0.0, -3.0, NAN, math.inf, -math.inf])
@pytest.mark.parametrize('plane', [0, 1, 2, 3])
def test_a_broken_box_is_alone(bad, plane):
    """It takes no pixel with it, though it comes first."""
    probs = np.full((1, 4, 5), 0.5)
    probs[0, 1, 2] = 0.75
    planes = box_planes([0, 0, 5, 4], (4, 5))[None]
    planes[0, plane, 1, 2] = bad
    broken = plane > 1 or not math.isfinite(bad)
    found = group_instances(probs, planes, min_pixels=1)
    if not broken:  # an offset may be anything
        assert max(item['mask'].sum() for item in found) >= 19
        return
    assert [int(item['mask'].sum()) for item in found] == [1, 19]
    assert found[0]['mask'][1, 2]


@pytest.mark.parametrize('corners', [[3, 3, 0, 0], [1, 1, 1, 1]])
def test_negative_sides_and_none_make_no_box(corners):
    probs = np.full((1, 3, 3), 0.5)
    planes = box_planes(corners, (3, 3))[None]
    found = group_instances(probs, planes, min_pixels=1)
    assert len(found) == 9
    assert found[0]['box'].tolist() == corners


def test_the_best_of_a_class_and_rank_are_kept():
    cells = [
        (score, 10 * i, 10 * i + 5)
        for i, score in enumerate((0.6, 0.9, 0.7, 0.8, 0.9))
    ]
    found = group_instances(*row(*cells), min_pixels=1, max_per_class=3)
    assert columns(found) == [[1], [4], [3]]


def test_order_of_equal_scores_is_label_rank_survival():
    probs = np.full((2, 4, 8), 0.5)
    planes = np.stack([box_planes([0, 0, 4, 4], (4, 8))] * 2)
    planes[1] = box_planes([4, 0, 8, 4], (4, 8))
    probs[1, :, 4:] = 0.25
    found = group_instances(probs, planes, mask_iou=0.9)
    assert [(i['label'], i['rank'], i['score']) for i in found] == [
        (0, 1, 0.5),
        (1, 1, 0.5),
        (1, 2, 0.375),
    ]


@pytest.mark.parametrize('kind', [torch.float32, torch.float64])
def test_tensors_in_tensors_out(kind):
    probs, planes = noisy('sixteenths')
    planes = planes.astype(np.float32).astype(np.float64)
    expected = group_instances(probs, planes, min_pixels=2)
    tensors = [torch.from_numpy(a).to(kind) for a in (probs, planes)]
    found = group_instances(*tensors, min_pixels=2)
    assert len(found) == len(expected) > 0
    for ours, theirs in zip(found, expected, strict=True):
        assert isinstance(ours['score'], float)
        assert ours['mask'].dtype == torch.bool
        assert ours['box'].dtype == kind
        assert isinstance(theirs['mask'], np.ndarray)
        assert theirs['box'].dtype == np.float64
        assert ours['score'] == theirs['score']
        assert np.array_equal(ours['mask'].numpy(), theirs['mask'])
        np.testing.assert_allclose(ours['box'].numpy(), theirs['box'], 1e-6)


def test_takes_half_precision_and_gradients_and_leaves_them_alone():
    probs = torch.full((1, 4, 4), 0.75, dtype=torch.bfloat16)
    planes = torch.from_numpy(box_planes([0, 0, 4, 4], (4, 4)))[None].half()
    probs.requires_grad_()
    (found,) = group_instances(probs, planes)
    assert found['box'].dtype == torch.float32
    assert found['box'].tolist() == [0, 0, 4, 4]
    whole = group_instances(np.ones((1, 4, 4), int), planes.numpy())
    assert whole[0]['score'] == 1.0


def test_an_empty_image_has_no_instances():
    planes = box_planes([0, 0, 9, 9], (9, 9))[None]
    assert group_instances(np.zeros((1, 9, 9)), planes) == []
    assert group_instances(np.full((1, 9, 9), 0.4), planes, top_n=1) == []


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'top_n': 0}, 'top_n must be a whole number, at least 1, got 0'),
        ({'top_n': 1.5}, 'top_n must be a whole number, at least 1, got 1.5'),
        ({'min_pixels': 0}, 'min_pixels must be a whole number, at least 1'),
        ({'max_per_class': 0}, 'max_per_class must be a whole number'),
        ({'box_iou': 0}, r'box_iou must be in \(0, 1\), got 0'),
        ({'box_iou': 1.0}, r'box_iou must be in \(0, 1\), got 1.0'),
        ({'mask_iou': -0.1}, r'mask_iou must be in \[0, 1\], got -0.1'),
        ({'mask_iou': 1.1}, r'mask_iou must be in \[0, 1\], got 1.1'),
        ({'mask_iou': NAN}, r'mask_iou must be in \[0, 1\], got nan'),
    ],
)
def test_refuses_options(settings, message):
    with pytest.raises(ValueError, match=message):
        group_instances(
            np.zeros((1, 2, 3)), np.zeros((1, 4, 2, 3)), **settings
        )


@pytest.mark.parametrize(
    ('probs', 'boxes'),
    [
        ((2, 3), (4, 2, 3)),
        ((1, 2, 3), (4, 2, 3)),
        ((2, 2, 3), (1, 4, 2, 3)),
        ((1, 2, 3), (1, 4, 3, 2)),
        ((1, 2, 3), (1, 5, 2, 3)),
    ],
)
def test_refuses_shapes(probs, boxes):
    message = f'got {probs} and {boxes}'
    with pytest.raises(ValueError, match=re.escape(message)):
        group_instances(np.zeros(probs), np.zeros(boxes))


@pytest.mark.parametrize('value', [-0.5, 1.5, NAN, math.inf])
def test_refuses_what_is_no_probability(value):
    probs = np.full((1, 2, 3), 0.5)
    probs[0, 1, 1] = value
    with pytest.raises(ValueError, match=r'probs must lie in 0..1, got .*sof'):
        group_instances(probs, np.zeros((1, 4, 2, 3)))
