"""Batches of a table in training, of images in testing."""

import torch
from mmengine.registry import init_default_scope
from mmseg.models import SegDataPreProcessor
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

PLAN = {'mean': [104.0, 116.0, 122.0], 'std': [1.0, 2.0, 4.0]}


def build(**options):
    init_default_scope('mmseg')
    return MODELS.build({'type': 'TablePreProcessor', **PLAN, **options})


def test_rows_and_labels_pass_while_training():
    rows = torch.randn(4, 7).half()
    batch = {'inputs': rows, 'data_samples': torch.tensor([0, 1, 2, 0])}
    found = build()(batch, training=True)
    assert found['inputs'] is rows
    assert found['data_samples'].tolist() == [0, 1, 2, 0]


def test_images_are_mmsegs_while_testing():
    image = torch.randint(0, 256, (3, 9, 12), dtype=torch.uint8)
    batch = {'inputs': [image], 'data_samples': [SegDataSample()]}
    expected = SegDataPreProcessor(**PLAN)(dict(batch), False)['inputs']
    torch.testing.assert_close(build()(batch)['inputs'], expected)
    mean, std = (torch.tensor(PLAN[k])[:, None, None] for k in PLAN)
    torch.testing.assert_close(expected[0], (image.float() - mean) / std)
