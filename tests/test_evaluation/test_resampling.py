"""Replicates against a loop that repeats the images of every draw."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from zoo.evaluation.kinds import KINDS, RULES
from zoo.evaluation.resampling import (
    DRAWS,
    draw_totals,
    interval,
    mean_interval,
    multiplicities,
    replicates,
    seed_shares,
)

CLASSES = 3
IMAGES = 6
CHECKED = 40  # draws that the slow loop scores


def semantic_rows(generator):
    rows = []
    for k in range(CLASSES):
        if generator.random() < 0.6:
            right, more, missed = generator.integers(0, 50, 3).tolist()
            rows.append([k, right, right + more, right + missed])
    return rows


def box_rows(generator):
    rows = []
    for k in range(CLASSES):
        if generator.random() < 0.6:
            pixels = int(generator.integers(1, 90))
            overlap = round(pixels * generator.random(), 6)
            hits = int(generator.integers(0, pixels + 1))
            rows.append([k, pixels, overlap, hits])
    return rows


def tag_rows(generator):
    """Scores of one decimal: there are ties, within truth and across it."""
    return [
        [k, int(generator.random() < 0.4), round(generator.random(), 1)]
        for k in range(CLASSES)
    ]


def region_rows(generator):
    """Scores without ties; detections above, below and at a threshold."""
    rows = []
    for k in range(CLASSES):
        truths, found = generator.integers(0, 4, 2).tolist()
        ious = generator.choice([0.0, 0.05, 0.3, 0.5, 0.6, 0.7, 0.9], 12)
        rows.append(
            [
                k,
                truths,
                [
                    [generator.random(), ious[3 * i :][:truths].tolist()]
                    for i in range(found)
                ],
            ]
        )
    return rows


ROWS = {
    'semantic': semantic_rows,
    'instance': region_rows,
    'boxes': box_rows,
    'tags': tag_rows,
}


def any_record(kind, seed, **rules):
    generator = np.random.default_rng(seed)
    names = [f'image{i}' for i in generator.permutation(IMAGES)]
    return {
        'kind': kind,
        'classes': [f'class{k}' for k in range(CLASSES)],
        'per_image': {name: ROWS[kind](generator) for name in names},
        'rules': {'matching': 'uncovered', 'ap': 'all-point', **rules},
    }


def mean(values):
    values = [value for value in values if value is not None]
    return 100 * sum(values) / len(values) if values else float('nan')


def ratio(rows, part, whole):
    """Return the mean over classes of sums over sums."""
    values = []
    for k in range(CLASSES):
        own = [row[1:] for row in rows if row[0] == k]
        total = sum(whole(*row) for row in own)
        parts = sum(part(*row) for row in own)
        values.append(parts / total if total else None)
    return mean(values)


def pixel_accuracy(rows):
    total = sum(row[3] for row in rows)
    return 100 * sum(row[1] for row in rows) / total


def tag_precision(rows):
    values = []
    for k in range(CLASSES):
        own = [row[1:] for row in rows if row[0] == k]
        truth, score = zip(*own, strict=True)
        known = any(truth)
        values.append(average_precision_score(truth, score) if known else None)
    return mean(values)


def region_hits(found, truths, level, matching):
    """Match by hand: candidates in turn, each truth once."""
    taken, hits = set(), [False] * len(found)
    for i in sorted(range(len(found)), key=lambda i: -found[i][0]):
        ious = found[i][1]
        if matching == 'any':
            best = max(range(truths), key=lambda j: ious[j], default=None)
            good = best is not None and ious[best] >= level
            hits[i] = good and best not in taken
        else:
            free = [j for j in range(truths) if j not in taken]
            best = max(free, key=lambda j: ious[j], default=None)
            hits[i] = best is not None and ious[best] > level
        if hits[i]:
            taken.add(best)
    return hits


def region_precision(rows, level, rules):
    """Rank one detection after the other; precision is made monotone."""
    values = []
    for k in range(CLASSES):
        own = [row[1:] for row in rows if row[0] == k]
        truths = sum(count for count, _ in own)
        if not truths:
            continue
        ranked = []
        for count, found in own:
            hits = region_hits(found, count, level, rules['matching'])
            ranked += zip((score for score, _ in found), hits, strict=True)
        ranked.sort(key=lambda pair: -pair[0])
        right = list(itertools.accumulate(hit for _, hit in ranked))
        curve = [
            (r / truths, max(right[j] / (j + 1) for j in range(i, len(right))))
            for i, r in enumerate(right)
        ]
        if rules['ap'] == '11-point':
            steps = [
                max([p for r, p in curve if 10 * r >= i - 1e-9], default=0)
                for i in range(11)
            ]
            values.append(sum(steps) / 11)
        else:
            hits = (hit for _, hit in ranked)
            pairs = zip(hits, curve, strict=True)
            values.append(sum(p for hit, (_, p) in pairs if hit) / truths)
    return mean(values)


def slow_score(rows, metric, rules):
    if metric == 'aAcc':
        return pixel_accuracy(rows)
    if metric == 'mAP':
        return tag_precision(rows)
    if metric.startswith('AP_'):
        levels = {'AP_0.5': [0.5], 'AP_0.7': [0.7]}.get(
            metric, [i / 10 for i in range(1, 10)]
        )
        found = [region_precision(rows, level, rules) for level in levels]
        return sum(found) / len(found)
    parts = {
        'mIoU': (lambda t, p, n: t, lambda t, p, n: p + n - t),
        'mAcc': (lambda t, p, n: t, lambda t, p, n: n),
        'box_IoU': (lambda p, overlap, hits: overlap, lambda p, o, h: p),
        'hit_0.5': (lambda p, overlap, hits: hits, lambda p, o, h: p),
    }
    return ratio(rows, *parts[metric])


def slow_replicates(record, metric):
    """Repeat the rows of an image as often as it was drawn."""
    names = sorted(record['per_image'])
    place = {name: i for i, name in enumerate(names)}
    found = []
    for weights in multiplicities(len(names))[:CHECKED]:
        rows = [
            row
            for name, rows in record['per_image'].items()
            for row in rows * int(weights[place[name]])
        ]
        found.append(slow_score(rows, metric, record['rules']))
    return found


KIND_METRICS = [(k, m) for k, kind in KINDS.items() for m in kind.metrics]


@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize(('kind', 'metric'), KIND_METRICS)
def test_every_metric_equals_a_slow_loop(kind, metric, seed):
    record = any_record(kind, seed)
    fast = replicates(record, metric)
    assert fast.shape == (DRAWS,)
    slow = slow_replicates(record, metric)
    np.testing.assert_allclose(fast[:CHECKED], slow, rtol=1e-9)
    assert np.nanstd(slow) > 0.5


@pytest.mark.parametrize('metric', ['AP_0.5', 'AP_vol'])
@pytest.mark.parametrize('ap', RULES['ap'])
@pytest.mark.parametrize('matching', RULES['matching'])
def test_instances_are_scored_by_the_rules_of_the_record(matching, ap, metric):
    record = any_record('instance', 5, matching=matching, ap=ap)
    slow = slow_replicates(record, metric)
    fast = replicates(record, metric)[:CHECKED]
    np.testing.assert_allclose(fast, slow, rtol=1e-9)


def test_the_rules_make_a_difference():
    found = [
        replicates(any_record('instance', 5, matching=m, ap=ap), 'AP_0.5')
        for m, ap in itertools.product(RULES['matching'], RULES['ap'])
    ]
    for one, other in itertools.combinations(found, 2):
        assert np.abs(one - other).max() > 0.1


def test_detections_on_images_without_a_truth_count_as_wrong():
    """Hand-worked: a hit of rank 2 behind a miss of another image."""
    rows = {'a': [[0, 1, [[0.5, [0.9]]]]], 'b': [[0, 0, [[0.8, []]]]]}
    record = any_record('instance', 0) | {'per_image': rows}
    drawn = multiplicities(2)
    expected = {(1, 1): 50.0, (2, 0): 100.0}
    found = replicates(record, 'AP_0.5')
    for weights, value in zip(drawn.tolist(), found, strict=True):
        if weights == [0, 2]:
            assert np.isnan(value)
        else:
            assert value == expected[tuple(weights)]


def test_a_draw_without_anything_to_score_is_nan_and_left_out():
    record = any_record('semantic', 0)
    record['per_image'] = {'a': [[0, 3, 4, 5]], 'b': []}
    found = replicates(record, 'mIoU')
    empty = multiplicities(2)[:, 0] == 0
    assert 200 < empty.sum() < 300  # a quarter
    assert np.isnan(found[empty]).all()
    assert set(found[~empty]) == {50.0}
    assert interval(found) == (50.0, 50.0)
    assert interval(found[empty]) is None


def test_classes_that_a_draw_lacks_are_left_out():
    record = any_record('semantic', 0)
    record['per_image'] = {'a': [[0, 1, 1, 1]], 'b': [[2, 1, 2, 3]]}
    found = replicates(record, 'mIoU')
    for (a, b), value in zip(multiplicities(2), found, strict=True):
        assert value == {(2, 0): 100, (1, 1): 62.5, (0, 2): 25}[(a, b)]


def test_the_order_of_the_images_in_the_record_does_not_matter():
    record = any_record('semantic', 1)
    turned = dict(reversed(record['per_image'].items()))
    np.testing.assert_array_equal(
        replicates(record | {'per_image': turned}, 'mIoU'),
        replicates(record, 'mIoU'),
    )


def test_draws_are_of_as_many_images_and_the_same_everywhere():
    drawn = multiplicities(257)
    assert drawn.shape == (DRAWS, 257)
    assert set(drawn.sum(1)) == {257}
    assert drawn.mean(0) == pytest.approx(np.ones(257), abs=0.2)
    assert drawn.var(0).mean() == pytest.approx(256 / 257, abs=0.02)
    # Three raw numbers of PCG64 a draw, each below 2**64, times 3.
    raw = [int(number) for number in np.random.PCG64(0).random_raw(9)]
    chosen = [3 * number // 2**64 for number in raw]
    assert chosen == [1, 0, 0, 0, 2, 2, 1, 2, 1]
    assert multiplicities(3)[:3].tolist() == [[2, 1, 0], [1, 0, 2], [0, 2, 1]]
    assert not drawn.flags.writeable


def test_sums_are_exact_on_either_side_of_single_precision():
    """Odd pixels, so that a sum that is rounded differs."""
    generator = np.random.default_rng(0)
    columns = 2 * generator.integers(0, 100_000, (200, 6)) + 1
    columns[:, 1:3] = 2 * generator.integers(0, 39_000, (200, 2)) + 1
    expected = [
        [
            sum(int(w) * value for w, value in zip(row, column, strict=True))
            for column in columns.T.tolist()
        ]
        for row in multiplicities(200)
    ]
    largest = [max(column) for column in zip(*expected, strict=True)]
    assert min(largest) < 2**24 < max(largest)
    assert draw_totals(columns.astype(float)).tolist() == expected


def test_sums_of_fractions_are_in_double_precision():
    columns = np.array([[1 / 3], [2.0]])
    expected = multiplicities(2) @ columns
    assert (draw_totals(columns) == expected).all()


def test_seeds_are_drawn_in_streams():
    one, other = seed_shares(3), seed_shares(3, stream=2)
    assert set(np.unique(one * 3)) == {0, 1, 2, 3}
    np.testing.assert_allclose(one.sum(1), 1)
    assert (one != other).any()
    assert (seed_shares(1) == 1).all()


def test_the_interval_is_the_middle_of_the_draws():
    values = np.arange(1001.0)
    assert interval(values) == (25.0, 975.0)
    holes = np.concatenate([values, [np.nan] * 500])
    assert interval(holes) == (25.0, 975.0)


def test_seeds_widen_the_interval_of_their_mean():
    images = np.linspace(-1, 1, DRAWS)
    alone = mean_interval([images])
    assert alone == pytest.approx((-0.95, 0.95), abs=0.01)
    low, high = mean_interval([images - 9, images, images + 9])
    # One draw in 27 is three times the first seed, and one the last.
    assert low < -8
    assert high > 8


@pytest.mark.parametrize(
    ('kind', 'rows', 'message'),
    [
        ('semantic', [[3, 1, 1, 1]], r"'a': \[3, 1, 1, 1\] .* of 3 classes"),
        ('semantic', [[-1, 1, 1, 1]], r'\[-1, 1, 1, 1\]'),
        ('semantic', [[0, -1, 1, 1]], r'\[0, -1, 1, 1\]'),
        ('semantic', [[0, 3, 2, 2]], r'\[0, 3, 2, 2\]'),
        ('semantic', [[0.5, 1, 2, 2]], r'\[0\.5, 1, 2, 2\]'),
        ('semantic', [[0, 1, 1, 1]] * 2, 'each once'),
        ('semantic', [[0, 1, 1]], 'has 3 numbers, not 4'),
        ('boxes', [[0, 2, 2.5, 1]], r'\[0, 2, 2\.5, 1\]'),
        ('boxes', [[4, 2, 1.5, 1]], 'of 3 classes'),
        ('tags', [[3, 1, 0.5]], r"'a': \[3\] are not distinct ones of 3"),
        ('tags', [[1, 1, 0.5], [1, 0, 0.5]], r'\[1, 1\] are not'),
        ('tags', [[1, 2, 0.5]], "'a': 2 is not 0 or 1"),
        ('instance', [[-1, 0, []]], r"'a': \[-1\] are not"),
        ('instance', [[0, 2, [[0.5, [0.5]]]]], "'a': a detection .* 2 truths"),
        ('instance', [[0, -1, []]], '-1 truths'),
    ],
)
def test_refuses_rows_that_cannot_be(kind, rows, message):
    record = any_record(kind, 0) | {'per_image': {'a': rows, 'b': []}}
    metric = KINDS[kind].rank
    with pytest.raises(ValueError, match=message):
        replicates(record, metric)


def test_refuses_a_metric_of_another_kind():
    with pytest.raises(ValueError, match="one of mIoU, aAcc, mAcc, got 'mAP'"):
        replicates(any_record('semantic', 0), 'mAP')


def test_refuses_to_draw_from_nothing():
    with pytest.raises(ValueError, match='something to draw, got 0'):
        multiplicities(0)
