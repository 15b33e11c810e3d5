"""AP^r by hand on strips of pixels, and against plain loops."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
import torch
from pycocotools import mask as coco

from zoo.evaluation import average_precision, region_ap, region_overlaps

LENGTH = 40


def strip(start, stop):
    mask = np.zeros((1, LENGTH), bool)
    mask[0, start:stop] = True
    return mask


def truth(start, stop, label=3):
    return {'label': label, 'mask': strip(start, stop)}


def found(score, start, stop, label=3):
    return {'label': label, 'score': score, 'mask': strip(start, stop)}


def percent(result, name='AP_0.5'):
    return result[name]['mean']


def test_perfect_regions_score_100_at_every_threshold():
    result = region_ap([[found(0.1, 0, 9)], []], [[truth(0, 9)], []])
    scores = {'mean': 100.0, 'per_class': {3: 100.0}}
    assert result == dict.fromkeys(('AP_0.5', 'AP_0.7', 'AP_vol'), scores)


@pytest.mark.parametrize(
    'detections', [[], [found(0.9, 20, 30)], [found(0.9, 0, 9, label=4)]]
)
def test_missed_regions_score_0(detections):
    result = region_ap([detections], [[truth(0, 9)]])
    assert result['AP_vol'] == {'mean': 0.0, 'per_class': {3: 0.0}}


@pytest.mark.parametrize('matching', ['uncovered', 'any'])
def test_a_duplicate_is_wrong(matching):
    """Right, wrong, right of two: precision 1 to recall 1/2, then 2/3."""
    image = [found(0.9, 0, 10), found(0.8, 0, 10), found(0.7, 10, 20)]
    truths = [truth(0, 10), truth(10, 20)]
    all_points = region_ap([image], [truths], matching=matching)
    assert percent(all_points) == pytest.approx(100 * (1 / 2 + 1 / 3))
    eleven = region_ap([image], [truths], matching=matching, ap='11-point')
    assert percent(eleven) == pytest.approx(100 * (6 + 5 * 2 / 3) / 11)


def test_a_second_best_truth_counts_only_where_the_best_is_out_of_reach():
    """The second detection has IoU 7/16 with the first truth, 6/17 with B."""
    image = [found(0.9, 0, 10), found(0.8, 3, 16)]
    truths = [truth(0, 10), truth(10, 20)]
    scores = [
        percent(region_ap([image], [truths], thresholds=[0.3], **rule), name)
        for rule in ({}, {'matching': 'any'})
        for name in ('AP_0.3', 'AP_vol')
    ]
    # 1, 0.2, 0.3 take both; the others the first alone
    assert scores[:2] == pytest.approx([100, 100 * (3 * 1 + 6 / 2) / 9])
    assert scores[2:] == pytest.approx([50, 50])


@pytest.mark.parametrize('tenths', range(1, 10))
def test_an_overlap_of_exactly_the_threshold(tenths):
    """A miss by SDS's rule, a hit by the other."""
    args = [[found(0.9, 0, tenths)]], [[truth(0, 10)]]
    options = {'thresholds': [tenths / 10]}
    name = f'AP_0.{tenths}'
    strict = region_ap(*args, **options)
    loose = region_ap(*args, matching='any', **options)
    assert (percent(strict, name), percent(loose, name)) == (0, 100)
    assert percent(strict, 'AP_vol') == pytest.approx(100 * (tenths - 1) / 9)
    assert percent(loose, 'AP_vol') == pytest.approx(100 * tenths / 9)


def test_recall_of_exactly_a_tenth_reaches_its_point():
    truths = [truth(i, i + 1) for i in range(10)]
    image = [found(0.9, i, i + 1) for i in range(3)]
    assert percent(region_ap([image], [truths])) == pytest.approx(30)
    eleven = region_ap([image], [truths], ap='11-point')
    assert percent(eleven) == pytest.approx(400 / 11)


def test_scores_rank_over_all_images():
    """Wrong, right, wrong, right of three: 1/2 up to recall 2/3."""
    images = [
        [found(0.2, 10, 20), found(0.9, 20, 30)],
        [found(0.5, 5, 6), found(0.7, 0, 5)],
        [],
    ]
    truths = [[truth(10, 20)], [truth(0, 5)], [truth(0, 5)]]
    result = region_ap(images, truths)
    assert percent(result) == pytest.approx(100 * (1 / 2 + 1 / 2) / 3)
    eleven = region_ap(images, truths, ap='11-point')
    assert percent(eleven) == pytest.approx(100 * 7 / 22)


def test_precision_is_made_monotone():
    """Wrong, right, right of two: precision 2/3 counts for both."""
    image = [found(0.9, 30, 40), found(0.8, 0, 10), found(0.7, 10, 20)]
    result = region_ap([image], [[truth(0, 10), truth(10, 20)]])
    assert percent(result) == pytest.approx(200 / 3)


def test_equal_scores_keep_their_order():
    right, wrong = found(0.5, 0, 10), found(0.5, 20, 30)
    none = [found(0.5, 0, 10)] * 20  # so many that an unstable sort shows
    for first, second, expected in ((right, wrong, 100), (wrong, right, 50)):
        result = region_ap([[first, second, *none]], [[truth(0, 10)]])
        assert percent(result) == expected
        result = region_ap(
            [[first], [second], none], [[truth(0, 10)], [truth(0, 10)], []]
        )
        assert percent(result) == (50 if expected == 100 else 25)


def test_classes_without_a_truth_do_not_count_but_others_do_equally():
    image = [found(0.9, 0, 10, 1), found(0.8, 0, 10, 2), found(0.8, 0, 9, 5)]
    truths = [truth(0, 10, 2), truth(20, 30, 2), truth(5, 9, 4)]
    result = region_ap([image], [truths])['AP_0.5']
    assert result == {'mean': 25.0, 'per_class': {2: 50.0, 4: 0.0}}


def test_detections_where_the_class_has_no_truth_are_wrong():
    images = [[found(0.9, 0, 10)], [found(0.8, 0, 10)]]
    assert percent(region_ap(images, [[], [truth(0, 10)]])) == 50


def test_without_any_truth_the_mean_is_nan():
    for images in ([], [[]], [[found(0.9, 0, 10)]]):
        result = region_ap(images, [[] for _ in images])
        assert list(result) == ['AP_0.5', 'AP_0.7', 'AP_vol']
        assert all(np.isnan(x['mean']) for x in result.values())
        assert all(x['per_class'] == {} for x in result.values())


def test_thresholds_name_the_scores():
    args = [[found(0.9, 0, 6)]], [[truth(0, 10)]]
    result = region_ap(*args, thresholds=(0.75, 0.25))
    assert {k: v['mean'] for k, v in result.items()} == {
        'AP_0.75': 0,
        'AP_0.25': 100,
        'AP_vol': pytest.approx(500 / 9),
    }
    assert list(region_ap(*args, thresholds=())) == ['AP_vol']


def test_void_pixels_are_taken_out_of_the_detections_alone():
    args = [[found(0.9, 0, 20)]], [[truth(0, 10)]]
    assert percent(region_ap(*args)) == 0
    assert percent(region_ap(*args, voids=[strip(10, 20)])) == 100
    rows = region_overlaps(args[0][0], args[1][0], void=strip(8, 20))
    assert rows == [[3, 1, [[0.9, [0.8]]]]]


def test_rows_of_an_image_by_hand():
    detections = [
        found(0.25, 0, 3, 7),
        found(0.5, 0, 10),
        found(0.75, 2, 8),
        found(1, 0, 1, 1),
    ]
    truths = [truth(0, 9), truth(10, 20), truth(0, 5, 9), truth(8, 10)]
    rows = region_overlaps(detections, truths)
    assert rows == [
        [1, 0, [[1.0, []]]],
        [3, 3, [[0.5, [0.9, 0.0, 0.2]], [0.75, [0.666667, 0.0, 0.0]]]],
        [7, 0, [[0.25, []]]],
        [9, 1, []],
    ]
    assert json.loads(json.dumps(rows)) == rows
    assert region_overlaps([], []) == []


def rle(mask, text=False):
    code = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {**code, 'counts': code['counts'].decode()} if text else code


@pytest.mark.parametrize(
    'form', [torch.from_numpy, rle, lambda mask: rle(mask, text=True)]
)
def test_tensors_and_rle_equal_arrays(form):
    detections, truths, void = random_split(seed=1)
    expected = region_ap(detections, truths, voids=void)
    others = [
        [[{**x, 'mask': form(x['mask'])} for x in image] for image in side]
        for side in (detections, truths)
    ]
    voids = [torch.from_numpy(mask) for mask in void]
    assert region_ap(*others, voids=voids) == expected


def test_masks_of_any_memory_order():
    masks = np.random.default_rng(0).random((6, 5, 2)) < 0.5
    for mask in (masks[..., 0], masks[::-1, :, 1], masks[..., 0].T):
        copy = mask.copy()
        rows = region_overlaps(
            [{'label': torch.tensor(1), 'score': np.float32(1), 'mask': mask}],
            [{'label': np.int64(1), 'mask': copy}],
        )
        assert rows == [[1, 1, [[1.0, [1.0]]]]]


def random_split(seed, images=12):
    """Regions of random blocks, often moved truths, with equal scores."""
    rng = np.random.default_rng(seed)

    def block():
        mask = np.zeros((8, 9), bool)
        top, left = rng.integers(0, 6, 2)
        height, width = rng.integers(2, 7, 2)
        mask[top : top + height, left : left + width] = True
        return mask

    truths = [
        [
            {'label': int(rng.integers(0, 3)), 'mask': block()}
            for _ in range(rng.integers(0, 6))
        ]
        for _ in range(images)
    ]
    detections = [
        [
            {
                'label': int(rng.integers(0, 4)),
                'score': float(rng.integers(1, 8)) / 8,
                'mask': block(),
            }
            for _ in range(rng.integers(0, 7))
        ]
        + [
            {
                'label': one['label'],
                'score': float(rng.integers(1, 8)) / 8,
                'mask': np.roll(one['mask'], int(rng.integers(0, 2)), 1),
            }
            for one in image
        ]
        for image in truths
    ]
    return detections, truths, [block() for _ in range(images)]


def pixels(mask, void=None):
    taken = mask if void is None else mask & ~void
    return set(zip(*np.nonzero(taken), strict=True))


def slow_hit(region, truths, covered, threshold, matching):
    """Return the truth that a detection covers, or None."""
    ious = [Fraction(len(region & t), len(region | t)) for t in truths]
    free = [
        i for i in range(len(truths)) if matching == 'any' or i not in covered
    ]
    if not free:
        return None
    best = max(free, key=lambda i: (ious[i], -i))
    if matching == 'any':
        return (
            best if ious[best] >= threshold and best not in covered else None
        )
    return best if ious[best] > threshold else None


def slow_ap(split, label, threshold, matching, ap):
    """The definitions, in exact fractions, one detection at a time."""
    detections, truths, voids = split
    true = [
        [pixels(t['mask']) for t in image if t['label'] == label]
        for image in truths
    ]
    ranked = [
        (-d['score'], i, j)
        for i, image in enumerate(detections)
        for j, d in enumerate(image)
        if d['label'] == label
        # what is void altogether does not count
        and (not voids or pixels(d['mask'], voids[i]))
    ]
    covered = [set() for _ in true]
    total = sum(map(len, true))
    curve, right = [], 0
    for n, (_, i, j) in enumerate(sorted(ranked), 1):
        region = pixels(detections[i][j]['mask'], voids and voids[i])
        hit = slow_hit(region, true[i], covered[i], threshold, matching)
        if hit is not None:
            covered[i].add(hit)
            right += 1
        curve.append((Fraction(right, total), Fraction(right, n)))

    def best(recall):
        return max((p for r, p in curve if r >= recall), default=Fraction(0))

    if ap == '11-point':
        return sum(best(Fraction(i, 10)) for i in range(11)) / 11
    return sum(best(Fraction(i, total)) for i in range(1, total + 1)) / total


@pytest.mark.parametrize('removed', [False, True])
@pytest.mark.parametrize('seed', [2, 3])
def test_equals_the_definitions(seed, removed):
    detections, truths, voids = random_split(seed)
    split = (detections, truths, voids if removed else None)
    labels = sorted({t['label'] for image in truths for t in image})
    for matching, ap in itertools.product(
        ('uncovered', 'any'), ('all-point', '11-point')
    ):
        result = region_ap(
            detections, truths, voids=split[2], matching=matching, ap=ap
        )
        slow = {
            (label, i): 100
            * float(slow_ap(split, label, Fraction(i, 10), matching, ap))
            for label in labels
            for i in range(1, 10)
        }
        for name, tenths in (
            ('AP_0.5', [5]),
            ('AP_0.7', [7]),
            ('AP_vol', range(1, 10)),
        ):
            expected = {
                label: float(np.mean([slow[label, i] for i in tenths]))
                for label in labels
            }
            assert result[name]['per_class'] == pytest.approx(expected)
            mean = np.mean(list(expected.values()))
            assert percent(result, name) == pytest.approx(mean)


@pytest.mark.parametrize('matching', ['uncovered', 'any'])
def test_rows_from_json_score_like_the_masks(matching):
    detections, truths, _ = random_split(seed=4)
    rows = [
        region_overlaps(*image)
        for image in zip(detections, truths, strict=True)
    ]
    again = json.loads(json.dumps(rows))
    expected = region_ap(detections, truths, matching=matching)
    assert average_precision(again, matching=matching) == expected


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'matching': 'best'}, 'matching must be one of uncovered, any, got'),
        ({'ap': '11point'}, "ap must be one of all-point, 11-point, got '11p"),
        ({'thresholds': [0.5, 50]}, r'threshold must be in 0\.\.1, got 50'),
        ({'thresholds': [-0.1]}, r'threshold must be in 0\.\.1, got -0\.1'),
        ({'voids': []}, 'of 1 images, ground truths of 1 and voids of 0'),
    ],
)
def test_refuses_options(options, message):
    with pytest.raises(ValueError, match=message):
        region_ap([[]], [[]], **options)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'score': float('nan')}, 'score must be finite, got nan'),
        ({'score': float('inf')}, 'score must be finite, got inf'),
        ({'mask': np.ones((1, 41), bool)}, r'size, got \(1, 41\) and \(1, 40'),
        ({'mask': rle(np.ones((40, 1)))}, r'size, got \(40, 1\) and \(1, 40'),
        ({'mask': np.ones((1, 40))}, r'bool, got \(1, 40\) float64'),
        ({'mask': torch.ones(1, 1, 40) > 0}, r'bool, got \(1, 1, 40\) torch'),
    ],
)
def test_refuses_detections(change, message):
    with pytest.raises(ValueError, match=message):
        region_overlaps([{**found(0.5, 0, 9), **change}], [truth(0, 9)])


def test_refuses_a_void_of_another_size_and_lists_of_unequal_length():
    with pytest.raises(ValueError, match=r'size, got \(1, 40\) and \(2, 40\)'):
        region_overlaps([], [truth(0, 9)], void=np.ones((2, 40), bool))
    with pytest.raises(ValueError, match='of 2 images, ground truths of 1'):
        region_ap([[], []], [[]])
