"""Average precision of tags, by hand."""

import math

import pytest
import torch

from zoo.errors import UserError
from zoo.evaluation import TagMetric

CLASSES = ('cat', 'dog', 'cow')


def evaluate(*rows):
    """Score images given as (name, truth, probabilities)."""
    metric = TagMetric()
    metric.dataset_meta = {'classes': CLASSES}
    for name, truth, scores in rows:
        sample = {
            'img_path': f'{name}.png',
            'gt_tags': torch.tensor(truth, dtype=torch.float32),
            'pred_tags': torch.tensor(scores),
        }
        metric.process({}, [sample])
    return metric, metric.evaluate(size=len(rows))


FOUR = (
    ('a', [1, 0, 0], [0.9, 0.1, 0.5]),
    ('b', [0, 1, 0], [0.8, 0.9, 0.5]),
    ('c', [1, 1, 0], [0.7, 0.2, 0.1]),
    ('d', [0, 0, 0], [0.1, 0.3, 0.1]),
)


def test_precision_at_each_hit():
    """Cats are first and third, dogs first and third of four images."""
    metric, scores = evaluate(*FOUR)
    expected = 100 * (1 / 1 + 2 / 3) / 2
    assert metric.per_class == {
        'AP': {
            'cat': pytest.approx(expected),
            'dog': pytest.approx(expected),
            'cow': None,
        }
    }
    assert scores == {'mAP': pytest.approx(expected)}
    assert metric.classes == list(CLASSES)
    assert metric.kind == 'tags'


def test_mean_is_over_tags_that_occur():
    changed = [(n, [t[0], 1 - t[1], 0], s) for n, t, s in FOUR]
    metric, scores = evaluate(*changed)
    dog = 100 * (1 / 2 + 2 / 4) / 2  # second and fourth now
    cat = 100 * (1 / 1 + 2 / 3) / 2
    assert metric.per_class['AP']['dog'] == pytest.approx(dog)
    assert scores['mAP'] == pytest.approx((cat + dog) / 2)


def test_equal_probabilities_are_one_step():
    rows = [('a', [1, 0, 0], [0.5] * 3), ('b', [0, 0, 0], [0.5] * 3)]
    assert evaluate(*rows)[1] == {'mAP': 50.0}
    assert evaluate(*rows[::-1])[1] == {'mAP': 50.0}


def test_rows_say_all_that_was_scored():
    metric, _ = evaluate(*FOUR)
    assert metric.per_image['c'] == [
        [0, 1, pytest.approx(0.7)],
        [1, 1, pytest.approx(0.2)],
        [2, 0, pytest.approx(0.1)],
    ]
    assert list(metric.per_image) == ['a', 'b', 'c', 'd']


def test_no_tag_at_all_scores_nothing():
    _, scores = evaluate(('a', [0, 0, 0], [0.1, 0.2, 0.3]))
    assert math.isnan(scores['mAP'])


def test_an_image_without_tags_is_refused():
    metric = TagMetric()
    metric.dataset_meta = {'classes': CLASSES}
    sample = {'img_path': 'a.png', 'pred_tags': torch.zeros(3)}
    with pytest.raises(UserError, match=r'a\.png: has no tags'):
        metric.process({}, [sample])
