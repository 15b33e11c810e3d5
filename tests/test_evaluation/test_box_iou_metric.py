"""Overlap of boxes over pixels of things, by hand."""

import math

import pytest
import torch

from zoo.errors import UserError
from zoo.evaluation import BoxIoUMetric

CLASSES = ('ground', 'cat', 'dog', 'cow')
THINGS = [3, 1]  # channels: cow first


def make_sample(path, numbers, labels, boxes, predicted):
    """Return a sample; ``predicted`` maps pixels to (channel, box)."""
    numbers = torch.tensor(numbers)
    maps = torch.full((4 * len(THINGS), *numbers.shape), 50.0)
    for (row, column), (thing, box) in predicted.items():
        maps[4 * thing : 4 * thing + 4, row, column] = torch.tensor(box)
    return {
        'img_path': path,
        'gt_instance_map': {'data': numbers[None]},
        'gt_instances': {
            'labels': torch.tensor(labels, dtype=torch.int64),
            'bboxes': torch.tensor(boxes).float().reshape(-1, 4),
        },
        'pred_boxes': {'data': maps},
    }


def evaluate(*samples):
    metric = BoxIoUMetric(things=THINGS)
    metric.dataset_meta = {'classes': CLASSES}
    metric.process({}, samples)
    return metric, metric.evaluate(size=len(samples))


def first():
    """A cat of two pixels, one right and one off; a cow, two thirds off."""
    return make_sample(
        'a.png',
        [[1, 1, 0, 2], [0, 0, 255, 0]],
        [1, 3],
        [[0, 0, 2, 1], [3, 0, 4, 1]],
        {
            (0, 0): (1, [0.0, 0.5, 1.0, 2.0]),  # exact
            (0, 1): (1, [0.0, 0.5, 1.0, 2.0]),  # one pixel to the right
            (0, 3): (0, [1.0, 0.0, 3.0, 1.0]),  # three times as high
        },
    )


def test_means_over_pixels_then_over_classes():
    metric, scores = evaluate(first())
    cat = (1 + 1 / 3) / 2
    cow = 1 / 3
    assert scores['box_IoU'] == pytest.approx(100 * (cat + cow) / 2)
    assert scores['hit_0.5'] == pytest.approx(100 * (1 / 2 + 0) / 2)
    assert metric.per_class['box_IoU']['cat'] == pytest.approx(100 * cat)
    assert metric.per_class['hit_0.5'] == {'cow': 0.0, 'cat': 50.0}
    assert metric.classes == ['cow', 'cat']


def test_pixels_of_all_images_count_alike():
    second = make_sample(
        'b.png',
        [[1, 1], [1, 1]],
        [1],
        [[0, 0, 2, 2]],
        {(0, 0): (1, [0.5, 0.5, 2.0, 2.0])},
    )
    metric, _ = evaluate(first(), second)
    assert metric.per_image['a'] == [
        [0, 1, pytest.approx(1 / 3), 0],
        [1, 2, pytest.approx(4 / 3), 1],
    ]
    # the other pixels say 50 x 50 from 50 pixels away: no overlap
    whole = 100 * (4 / 3 + 1) / 6
    assert metric.per_class['box_IoU']['cat'] == pytest.approx(whole, abs=2)


def test_half_an_overlap_is_a_hit():
    """The predicted box is the left half of the true one."""
    sample = make_sample(
        'a.png',
        [[1, 0]],
        [1],
        [[0, 0, 2, 1]],
        {(0, 0): (1, [0.0, 0.0, 1.0, 1.0])},
    )
    metric, scores = evaluate(sample)
    assert scores == {'box_IoU': 50.0, 'hit_0.5': 100.0}
    assert metric.per_image['a'] == [[1, 1, 0.5, 1]]


def test_a_class_that_never_occurs_has_no_score():
    sample = make_sample(
        'a.png', [[1]], [1], [[0, 0, 1, 1]], {(0, 0): (1, [0, 0, 1, 1.0])}
    )
    metric, scores = evaluate(sample)
    assert metric.per_class['box_IoU'] == {'cow': None, 'cat': 100.0}
    assert scores == {'box_IoU': 100.0, 'hit_0.5': 100.0}


def test_no_things_at_all_score_nothing():
    _, scores = evaluate(make_sample('a.png', [[0]], [], [], {}))
    assert math.isnan(scores['box_IoU'])


def test_an_image_without_instances_to_compare_is_refused():
    sample = first()
    del sample['gt_instance_map']
    with pytest.raises(UserError, match=r'a\.png: has no instances'):
        evaluate(sample)
