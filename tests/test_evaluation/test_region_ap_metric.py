"""The metric of instances: what it reads, keeps and refuses."""

import json
import pickle

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample

from zoo.errors import UserError
from zoo.evaluation import RegionAPMetric, average_precision, region_ap

CLASSES = ('sky', 'boat', 'grass', 'cow', 'yak')
THINGS = (3, 1, 4)  # neither sorted nor all


def sample(name, numbers, labels, found):
    """Found: ``(label, score, mask)`` of each."""
    numbers = torch.as_tensor(numbers)
    empty = torch.zeros((0, *numbers.shape), dtype=torch.bool)
    masks = [torch.as_tensor(mask)[None] for *_, mask in found]
    return {
        'img_path': f'images/{name}.jpg',
        'gt_instance_map': {'data': numbers[None]},
        'gt_instances': {'labels': torch.tensor(labels, dtype=torch.int64)},
        'pred_instances': {
            'labels': torch.tensor([x[0] for x in found], dtype=torch.int64),
            'scores': torch.tensor([x[1] for x in found]),
            'masks': torch.cat([empty, *masks]),
        },
    }


def score(metric, samples):
    metric.dataset_meta = {'classes': CLASSES}
    for one in samples:
        metric.process({}, [one])
    return metric.evaluate(size=len(samples))


def random_samples(count=8):
    """Vertical bars; classes 3 and 1 occur, detections move by a pixel."""
    rng = np.random.default_rng(5)
    samples = []
    for i in range(count):
        numbers = np.zeros((4, 12 + i), np.int64)
        labels, found = [], []
        for n in range(int(rng.integers(0, 4))):
            numbers[:, 4 * n : 4 * n + 3] = n + 1
            labels.append(int(rng.choice([1, 3])))
        numbers[0, rng.random(12 + i) < 0.4] = 255
        for n, label in enumerate(labels):
            moved = np.roll(numbers == n + 1, rng.integers(0, 3), 1)
            found.append((label, float(rng.random()), moved))
        found.append((3, float(rng.random()), rng.random(numbers.shape) < 0.3))
        samples.append(sample(str(i), numbers, labels, found))
    return samples


def as_lists(one):
    """The regions of a sample as the function takes them."""
    numbers = one['gt_instance_map']['data'][0]
    found = one['pred_instances']
    detections = [
        {'label': THINGS.index(label), 'score': float(s), 'mask': mask}
        for label, s, mask in zip(
            found['labels'].tolist(),
            found['scores'],
            found['masks'],
            strict=True,
        )
    ]
    truths = [
        {'label': THINGS.index(label), 'mask': numbers == number}
        for number, label in enumerate(one['gt_instances']['labels'], 1)
    ]
    return detections, truths, numbers == 255


@pytest.mark.parametrize('void', ['count', 'remove'])
@pytest.mark.parametrize('matching', ['uncovered', 'any'])
def test_any_subset_scores_from_its_rows_like_its_masks(void, matching):
    samples = random_samples()
    metric = RegionAPMetric(things=THINGS, void=void, matching=matching)
    whole = score(metric, samples)
    rows = json.loads(json.dumps(metric.per_image))
    for chosen in (range(8), [5], [6, 1, 3], []):
        detections, truths, voids = (
            zip(*(as_lists(samples[i]) for i in chosen), strict=True)
            if chosen
            else ((), (), ())
        )
        expected = region_ap(
            detections,
            truths,
            voids=voids if void == 'remove' else None,
            matching=matching,
        )
        found = average_precision(
            [rows[str(i)] for i in chosen], matching=matching
        )
        np.testing.assert_equal(found, expected)
        if len(chosen) == 8:
            means = {name: value['mean'] for name, value in expected.items()}
            assert whole == means
            assert 0 < whole['AP_0.5'] < 100


@pytest.mark.parametrize(('void', 'expected'), [('count', 0), ('remove', 100)])
def test_void_pixels_count_or_are_removed(void, expected):
    one = sample('x', [[1, 1, 255, 255]], [3], [(3, 0.5, [[True] * 4])])
    metric = RegionAPMetric(things=THINGS, void=void)
    assert score(metric, [one])['AP_0.5'] == expected
    iou = 0.5 if void == 'count' else 1.0
    assert metric.per_image == {'x': [[0, 1, [[0.5, [iou]]]]]}


def test_what_a_record_takes_from_it():
    one = sample(
        'x',
        [[1, 1, 2, 2, 0, 0]],
        [1, 3],
        [
            (1, 0.5, [[True, True, False, False, False, False]]),
            (4, 0.25, [[False] * 4 + [True] * 2]),
        ],
    )
    metric = RegionAPMetric(things=THINGS, ap='11-point')
    scores = score(metric, [one])
    assert scores == {'AP_0.5': 50.0, 'AP_0.7': 50.0, 'AP_vol': 50.0}
    by_class = {'cow': 0.0, 'boat': 100.0, 'yak': None}
    names = ('AP_0.5', 'AP_0.7', 'AP_vol')
    assert metric.per_class == dict.fromkeys(names, by_class)
    assert list(metric.per_class['AP_0.5']) == ['cow', 'boat', 'yak']
    assert metric.classes == ['cow', 'boat', 'yak']
    assert metric.per_image == {
        'x': [[0, 1, []], [1, 1, [[0.5, [1.0]]]], [2, 0, [[0.25, []]]]]
    }
    assert metric.kind == 'instance'
    assert metric.rules == {
        'matching': 'uncovered',
        'ap': '11-point',
        'void': 'count',
    }


def test_the_rules_reach_the_score():
    """IoU of exactly 1/2; then right, wrong, right of two."""
    half = sample('x', [[1, 1]], [3], [(3, 0.5, [[True, False]])])
    assert score(RegionAPMetric(things=THINGS), [half])['AP_0.5'] == 0
    metric = RegionAPMetric(things=THINGS, matching='any')
    assert score(metric, [half])['AP_0.5'] == 100
    cows = [[[True, False]], [[True, False]], [[False, True]]]
    ranked = zip((0.75, 0.5, 0.25), cows, strict=True)
    one = sample('x', [[1, 2]], [3, 3], [(3, s, m) for s, m in ranked])
    for ap, expected in (('all-point', 5 / 6), ('11-point', 28 / 33)):
        metric = RegionAPMetric(things=THINGS, ap=ap)
        assert score(metric, [one])['AP_0.5'] == pytest.approx(100 * expected)


def test_in_a_run_it_reads_data_samples_and_prints_nothing(capfd):
    evaluator = Evaluator([RegionAPMetric(things=[1])])
    evaluator.dataset_meta = {'classes': CLASSES}
    data = SegDataSample(metainfo={'img_path': 'a.png'})
    data.gt_instance_map = PixelData(data=torch.tensor([[[0, 1]]]))
    data.gt_instances = InstanceData(labels=torch.tensor([1]))
    data.pred_instances = InstanceData(
        labels=torch.tensor([1]),
        scores=torch.tensor([0.5]),
        masks=torch.tensor([[[False, True]]]),
        bboxes=torch.tensor([[1.0, 0, 2, 1]]),
    )
    evaluator.process(data_samples=[data], data_batch={})
    assert evaluator.evaluate(1)['AP_vol'] == 100
    assert capfd.readouterr() == ('', '')


def test_what_ranks_exchange_is_small_and_plain():
    metric = RegionAPMetric(things=THINGS)
    metric.dataset_meta = {'classes': CLASSES}
    full = torch.ones(1000, 1000, dtype=torch.int64)
    metric.process({}, [sample('x', full, [3], [(3, 0.5, full > 0)] * 10)])
    ((path, rows),) = metric.results
    assert path == 'images/x.jpg'
    assert rows == [[0, 1, [[0.5, [1.0]]] * 10]]
    assert len(pickle.dumps(metric.results)) < 400


def test_evaluating_again_starts_afresh():
    metric = RegionAPMetric(things=THINGS, prefix='val')
    score(metric, [sample('x', [[1]], [3], [])])
    again = sample('y', [[1]], [3], [(3, 0.5, [[True]])])
    assert score(metric, [again])['val/AP_0.5'] == 100
    assert list(metric.per_image) == ['y']


def test_without_truths_there_is_no_score():
    metric = RegionAPMetric(things=THINGS)
    scores = score(metric, [sample('x', [[0]], [], [(3, 0.5, [[True]])])])
    assert all(np.isnan(value) for value in scores.values())
    assert set(metric.per_class['AP_vol'].values()) == {None}


@pytest.mark.parametrize('key', ['gt_instances', 'gt_instance_map'])
def test_refuses_an_image_without_instances(key):
    one = sample('x', [[1]], [3], [])
    del one[key]
    with pytest.raises(UserError, match=r'x\.jpg: has no instances .*LoadIns'):
        score(RegionAPMetric(things=THINGS), [one])


def test_refuses_a_model_without_instances():
    one = sample('x', [[1]], [3], [])
    del one['pred_instances']
    with pytest.raises(UserError, match=r'x\.jpg: the model predicts no inst'):
        score(RegionAPMetric(things=THINGS), [one])


@pytest.mark.parametrize(
    ('labels', 'found', 'message'),
    [
        ([2], [], r'x\.jpg: class 2 is not among the things\. Compare'),
        ([3], [(0, 0.5, [[True]])], 'class 0 is not among the things'),
        ([3], [(3, float('nan'), [[True]])], 'score must be finite, got nan'),
    ],
)
def test_refuses_instances_naming_the_image(labels, found, message):
    with pytest.raises(UserError, match=message) as caught:
        score(
            RegionAPMetric(things=THINGS), [sample('x', [[1]], labels, found)]
        )
    assert '\n' not in str(caught.value)
    assert '[3, 1, 4]' in str(caught.value)


def test_refuses_masks_of_another_size():
    one = sample('x', [[1]], [3], [(3, 0.5, [[True]])])
    one['gt_instance_map']['data'] = torch.ones(1, 2, 1, dtype=torch.int64)
    with pytest.raises(UserError, match=r'x\.jpg: .* got \(1, 1\) and \(2, 1'):
        score(RegionAPMetric(things=THINGS), [one])


def test_refuses_things_that_the_data_set_lacks():
    metric = RegionAPMetric(things=[1, 5])
    with pytest.raises(UserError, match=r'things: 5 is none of the 5 classes'):
        score(metric, [sample('x', [[1]], [1], [])])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'matching': 'all'}, "matching must be one of .*, got 'all'"),
        ({'ap': 'voc'}, "ap must be one of .*, got 'voc'"),
        ({'void': 'ignore'}, "void must be one of count, remove, got 'ignore"),
        ({'things': []}, r'things must be distinct classes, got \[\]'),
        ({'things': [2, 2]}, r'distinct classes, got \[2, 2\]'),
    ],
)
def test_refuses_options(options, message):
    with pytest.raises(ValueError, match=message):
        RegionAPMetric(**{'things': THINGS, **options})
