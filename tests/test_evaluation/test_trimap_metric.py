"""Bands of a data set: by hand, and against scores of dilated maps."""

import pickle

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import PixelData
from mmseg.evaluation import IoUMetric
from mmseg.registry import METRICS
from mmseg.structures import SegDataSample
from scipy.ndimage import binary_dilation

from zoo.errors import UserError
from zoo.evaluation import SegmentationMetric, TrimapMetric
from zoo.evaluation.trimap_block import check_trimap

CLASSES = ('ground', 'cat', 'dog', 'cow')
LABEL = [[0, 1, 255, 1, 0, 0]]
FINAL = [[0, 1, 0, 1, 1, 0]]
RAW = [[0, 0, 0, 1, 1, 0]]


def sample(prediction, label, raw=None, name='a'):
    maps = {'pred_sem_seg': prediction, 'gt_sem_seg': label}
    if raw is not None:
        maps['raw_sem_seg'] = raw
    return {
        'img_path': f'images/{name}.jpg',
        **{k: {'data': torch.as_tensor(v)[None]} for k, v in maps.items()},
    }


def score(metric, samples, classes=CLASSES):
    metric.dataset_meta = {'classes': classes}
    for one in samples:
        metric.process({}, [one])
    return metric.evaluate(size=len(samples))


def random_samples(count=4):
    """Maps of which class 2 is only predicted and class 3 is nowhere."""
    rng = np.random.default_rng(3)
    found = []
    for i in range(count):
        label = rng.integers(0, 2, (20, 31 + i)).astype(np.uint8)
        label[rng.random(label.shape) < 0.006 * i] = 255  # the first: none
        final, raw = (rng.integers(0, 3, label.shape) for _ in range(2))
        found.append(sample(final, label, raw, str(i)))
    return found


def outside_void(one, key, width):
    """Return a sample whose pixels outside the band are void."""
    label = one['gt_sem_seg']['data'][0].numpy()
    band = binary_dilation(label == 255, np.ones((2 * width + 1,) * 2))
    kept = np.where(band, label, 255)
    return sample(one[key]['data'][0].numpy(), kept, name=one['img_path'])


@pytest.mark.parametrize('reference', [SegmentationMetric, IoUMetric])
def test_equals_the_usual_metric_of_what_is_in_the_band(reference):
    samples = random_samples()
    metric = TrimapMetric(widths=(1, 2, 4, 9))
    found = score(metric, samples)
    for key, block, before in (
        ('pred_sem_seg', 'final', ''),
        ('raw_sem_seg', 'raw', 'raw_'),
    ):
        for i, width in enumerate((1, 2, 4, 9)):
            usual = score(
                reference(), [outside_void(s, key, width) for s in samples]
            )
            for name in ('mIoU', 'aAcc'):
                value = metric.curves[block][name][i]
                assert value == pytest.approx(float(usual[name]), abs=0.0051)
                assert found[f'trimap/{before}{name}_{width}'] == value
    assert metric.curves['widths'] == [1, 2, 4, 9]
    assert metric.curves['final'] != metric.curves['raw']


def test_by_hand():
    metric = TrimapMetric(widths=[1, 2, 3])
    score(metric, [sample(FINAL, LABEL, RAW)])
    # within 1: truth 1 1, final 1 1, raw 0 1; within 2: 0 1 1 0 against
    # 0 1 1 1 and 0 0 1 1; within 3 one 0 more, which is right
    assert metric.curves == {
        'widths': [1, 2, 3],
        'final': {
            'mIoU': pytest.approx([100, 100 * (1 / 2 + 2 / 3) / 2, 200 / 3]),
            'aAcc': pytest.approx([100, 75, 80]),
        },
        'raw': {
            'mIoU': pytest.approx([25, 100 / 3, 100 * (1 / 2 + 1 / 3) / 2]),
            'aAcc': pytest.approx([50, 50, 60]),
        },
    }
    check_trimap(metric.curves)


def test_where_no_post_processor_ran_there_is_one_curve():
    metric = TrimapMetric(widths=[1])
    found = score(metric, [sample(FINAL, LABEL)])
    assert metric.curves['raw'] is None
    assert found == {'trimap/mIoU_1': 100, 'trimap/aAcc_1': 100}
    check_trimap(metric.curves)


def test_widths_are_1_to_40():
    metric = METRICS.build({'type': 'TrimapMetric'})
    score(metric, [sample(FINAL, LABEL)])
    assert metric.curves['widths'] == list(range(1, 41))
    assert len(metric.curves['final']['mIoU']) == 40
    # no pixel is further away than 3
    assert len(set(metric.curves['final']['aAcc'][2:])) == 1


def test_an_image_without_void_counts_nowhere():
    wrong = sample([[1, 1, 1]], [[0, 0, 0]], name='b')
    metric = TrimapMetric(widths=[1, 40])
    score(metric, [sample(FINAL, LABEL), wrong])
    assert metric.curves['final']['aAcc'] == [100, 80]


@pytest.mark.parametrize('label', [[[0, 1, 1]], [[255, 255, 255]]])
def test_without_a_band_there_is_a_line_and_no_score(label, capsys):
    metric = TrimapMetric()
    two = [sample(label, label), sample(label, label, name='b')]
    assert score(metric, two) == {}
    assert metric.curves == {}
    assert capsys.readouterr().out == (
        'images: no label map of its 2 images has a void pixel (label 255) '
        'beside a labelled one, so no border can be scored\n'
    )


def test_another_label_is_void():
    label = [[0, 1, 3, 1, 0, 0]]
    metric = TrimapMetric(widths=[2], ignore_index=3)
    score(metric, [sample(FINAL, label)], CLASSES[:3])
    assert metric.curves['final']['aAcc'] == [75]
    assert score(TrimapMetric(), [sample(FINAL, label)]) == {}


def test_through_an_evaluator_beside_the_usual_metric(capfd):
    trimap = TrimapMetric(widths=[1])
    evaluator = Evaluator([SegmentationMetric(), trimap])
    evaluator.dataset_meta = {'classes': ('cat', 'dog')}
    data = SegDataSample(metainfo={'img_path': 'a.png'})
    for key, labels in (
        ('pred_sem_seg', FINAL),
        ('raw_sem_seg', RAW),
        ('gt_sem_seg', LABEL),
    ):
        data.set_data({key: PixelData(data=torch.tensor([labels]))})
    evaluator.process(data_samples=[data], data_batch={})
    found = evaluator.evaluate(1)
    assert (found['aAcc'], found['trimap/raw_aAcc_1']) == (80, 50)
    assert capfd.readouterr() == ('', '')


def test_what_ranks_exchange_is_small_and_by_image():
    big = np.ones((500, 500), int)
    label = big.copy()
    label[0, 0] = 255
    metric = TrimapMetric()
    metric.dataset_meta = {'classes': [str(i) for i in range(150)]}
    metric.process({}, [sample(big, label, big)] * 2)
    assert len(metric.results) == 2  # padded doubles can be cut off
    assert len(pickle.dumps(metric.results[0])) < 3000


def test_evaluating_again_starts_afresh():
    metric = TrimapMetric(widths=[1])
    score(metric, [sample(RAW, LABEL)])
    score(metric, [sample(FINAL, LABEL)])
    assert metric.curves['final']['aAcc'] == [100]


def test_refuses_naming_the_image():
    with pytest.raises(UserError, match=r'images/a\.jpg: label must be 0 to'):
        score(TrimapMetric(), [sample(FINAL, [[0, 9, 255, 0, 0, 0]])])
    with pytest.raises(UserError, match=r'images/a\.jpg: prediction is'):
        score(TrimapMetric(), [sample([[0]], LABEL)])
    one = sample(FINAL, LABEL)
    del one['gt_sem_seg']
    with pytest.raises(UserError, match=r'images/a\.jpg: has no labels'):
        score(TrimapMetric(), [one])


def test_refuses_widths():
    with pytest.raises(ValueError, match=r'must be whole and .* got \[3, 2\]'):
        TrimapMetric(widths=[3, 2])
