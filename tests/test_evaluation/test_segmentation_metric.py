"""The metric against loops over pixels, and against mmseg's own."""

import math
import pickle

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import PixelData
from mmseg.evaluation import IoUMetric
from mmseg.structures import SegDataSample

from zoo.errors import UserError
from zoo.evaluation import SegmentationMetric
from zoo.evaluation.segmentation_metric import image_keys

CLASSES = ('ground', 'cat', 'dog', 'cow', 'yak')


def sample(name, prediction, label):
    return {
        'img_path': f'images/{name}.jpg',
        'pred_sem_seg': {'data': torch.as_tensor(prediction)[None]},
        'gt_sem_seg': {'data': torch.as_tensor(label)[None]},
    }


def score(metric, samples, classes=CLASSES):
    metric.dataset_meta = {'classes': classes}
    for one in samples:
        metric.process({}, [one])
    return metric.evaluate(size=len(samples))


def random_samples(count=6):
    """Maps in which class 4 never occurs and 3 is only predicted."""
    rng = np.random.default_rng(7)
    return [
        sample(
            str(i),
            rng.integers(0, 4, (5 + i, 7)),
            rng.choice([0, 1, 2, 255], (5 + i, 7)).astype(np.uint8),
        )
        for i in range(count)
    ]


def slow_scores(samples, k):
    """The definitions, one pixel at a time; None where undefined."""
    right = both = labelled = 0
    for one in samples:
        prediction = one['pred_sem_seg']['data'][0].tolist()
        label = one['gt_sem_seg']['data'][0].tolist()
        for row, true_row in zip(prediction, label, strict=True):
            for p, t in zip(row, true_row, strict=True):
                if t == 255:
                    continue
                right += p == k and t == k
                both += p == k or t == k
                labelled += t == k
    iou = 100 * right / both if both else None
    return iou, 100 * right / labelled if labelled else None, right, labelled


def test_equals_the_definitions():
    samples = random_samples()
    metric = SegmentationMetric()
    found = score(metric, samples)
    slow = [slow_scores(samples, k) for k in range(5)]
    ious = [s[0] for s in slow]
    accs = [s[1] for s in slow]
    assert ious[3] == 0
    assert ious[4] is None
    assert accs[3] is None
    assert list(metric.per_class['IoU'].values()) == pytest.approx(ious)
    assert list(metric.per_class['Acc'].values()) == pytest.approx(accs)
    assert found['mIoU'] == pytest.approx(sum(ious[:4]) / 4)
    assert found['mAcc'] == pytest.approx(sum(accs[:3]) / 3)
    pixels = 100 * sum(s[2] for s in slow) / sum(s[3] for s in slow)
    assert found['aAcc'] == pytest.approx(pixels)


def test_equals_mmseg_to_its_two_decimals():
    samples = random_samples()
    reference = IoUMetric(ignore_index=255)
    expected = score(reference, samples)
    found = score(SegmentationMetric(), samples)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(float(value), abs=0.0051), name


def test_hand_worked_image_without_its_ignored_pixel():
    metric = SegmentationMetric()
    samples = [sample('x', [[0, 0, 1], [1, 1, 0]], [[0, 1, 1], [1, 255, 0]])]
    found = score(metric, samples, ('cat', 'dog'))
    assert metric.per_image == {'x': [[0, 2, 3, 2], [1, 2, 2, 3]]}
    assert found['mIoU'] == pytest.approx(200 / 3)
    assert found['aAcc'] == pytest.approx(80)
    assert found['mAcc'] == pytest.approx((100 + 200 / 3) / 2)


def test_rows_name_only_the_classes_that_occur():
    metric = SegmentationMetric()
    score(metric, [sample('x', [[2]], [[4]]), sample('y', [[1]], [[255]])])
    assert metric.per_image == {'x': [[2, 0, 1, 0], [4, 0, 0, 1]], 'y': []}


def test_nothing_but_ignored_pixels_is_nan_without_a_warning():
    metric = SegmentationMetric(ignore_index=9)
    found = score(metric, [sample('x', [[0]], [[9]])])
    assert all(math.isnan(value) for value in found.values())
    assert set(metric.per_class['IoU'].values()) == {None}


def test_through_an_evaluator_with_data_samples_in_silence(capfd, monkeypatch):
    def complain(message, **kwargs):
        raise AssertionError(message)

    monkeypatch.setattr('mmengine.evaluator.metric.print_log', complain)
    evaluator = Evaluator([SegmentationMetric()])
    evaluator.dataset_meta = {'classes': ('cat', 'dog')}
    data = SegDataSample(metainfo={'img_path': 'a.png'})
    data.pred_sem_seg = PixelData(data=torch.tensor([[[0, 1]]]))
    data.gt_sem_seg = PixelData(data=torch.tensor([[[0, 0]]]))
    evaluator.process(data_samples=[data], data_batch={})
    assert evaluator.evaluate(1) == {'mIoU': 25.0, 'aAcc': 50.0, 'mAcc': 50.0}
    assert capfd.readouterr() == ('', '')


def test_what_ranks_exchange_is_small_and_plain():
    metric = SegmentationMetric()
    metric.dataset_meta = {'classes': CLASSES}
    metric.process({}, [sample('x', [[1] * 1000] * 1000, [[1] * 1000] * 1000)])
    assert len(pickle.dumps(metric.results)) < 200


def test_evaluating_again_starts_afresh():
    metric = SegmentationMetric(prefix='val')
    score(metric, [sample('x', [[0]], [[1]])])
    assert score(metric, [sample('y', [[0]], [[0]])])['val/mIoU'] == 100
    assert list(metric.per_image) == ['y']


@pytest.mark.parametrize(
    ('prediction', 'label', 'message'),
    [
        ([[0]], [[5]], r'images/x.jpg: label 5 is outside 0..4\. Compare'),
        ([[0, 0]], [[-1, 0]], r'images/x.jpg: label -1 is outside'),
        ([[7]], [[0]], r'images/x.jpg: prediction 7 is outside'),
        ([[0, 0]], [[0]], r'images/x.jpg: prediction is \(1, 2\)'),
    ],
)
def test_refuses_naming_the_image(prediction, label, message):
    with pytest.raises(UserError, match=message) as caught:
        score(SegmentationMetric(), [sample('x', prediction, label)])
    assert '\n' not in str(caught.value)


def test_refuses_an_image_without_labels():
    one = sample('x', [[0]], [[0]])
    del one['gt_sem_seg']
    with pytest.raises(UserError, match=r'images/x\.jpg: has no labels'):
        score(SegmentationMetric(), [one])


def test_takes_no_unknown_option():
    with pytest.raises(TypeError, match='iou_metrics'):
        SegmentationMetric(iou_metrics=['mIoU'])


def test_images_are_called_by_stem_or_by_path_where_stems_repeat():
    assert image_keys(['d/a/1.jpg', 'd/b/2.jpg']) == ['1', '2']
    assert image_keys(['d/a/1.jpg', 'd/b/1.jpg']) == ['a/1', 'b/1']
    with pytest.raises(UserError, match=r'd/1\.jpg: scored twice'):
        image_keys(['d/1.jpg', 'd/2.jpg', 'd/1.jpg'])
