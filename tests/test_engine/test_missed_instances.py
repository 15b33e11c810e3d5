"""What kinds of instances are missed, by hand and by one oracle."""

import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample
from support import ROOT

from zoo.engine.missed_instances import (
    Instance,
    _instances,
    instances_of_test,
    kinds_of_missed,
)
from zoo.engine.testing import TestOptions
from zoo.errors import UserError

FCRN = ROOT / 'configs/fcrn'


def test_what_is_known_of_an_instance():
    """Two of class 1, the second in two parts; one of class 2 between."""
    numbers = torch.zeros(4, 12, dtype=torch.int64)
    numbers[:, 0:4] = 1
    numbers[:, 4:6] = 2
    numbers[0, 2] = numbers[3, 8] = 3
    sample = SegDataSample()
    sample.gt_instance_map = PixelData(data=numbers[None])
    sample.gt_instances = InstanceData(
        labels=torch.tensor([1, 2, 1]),
        bboxes=torch.tensor([[0.0, 0, 4, 4], [4, 0, 6, 4], [2, 0, 9, 4]]),
    )
    rows = {1: [[0.9, [0.6, 0.1]], [0.8, [0.7, 0.2]]], 2: [[0.5, [0.4]]]}
    first, between, second = _instances(sample, rows, 2)
    overlap = 2 * 4 / (16 + 28 - 8)
    # cells lie on rows 0, 2 and columns 0, 2, ...; number 3 took one
    assert first == Instance(0.7, 3, pytest.approx(overlap), 1)
    assert between == Instance(0.4, 2, 0.0, 1)
    assert second == Instance(0.2, 1, pytest.approx(overlap), 2)


def test_kinds_are_counted_by_hand():
    found = [
        Instance(0.9, 20, 0.0, 1),
        Instance(0.5, 20, 0.0, 1),
        Instance(0.0, 3, 0.6, 1),
        Instance(0.9, 3, 0.5, 2),
    ]
    lines = kinds_of_missed(found, {'min_pixels': 4, 'box_iou': 0.5})
    assert lines == [
        ('all', 4, 2),
        ('on fewer than 4 cells', 2, 1),
        ('box overlaps another of its class by more than 0.5', 1, 1),
        ('in several parts', 1, 0),
        ('none of these', 2, 1),
    ]


def test_an_oracle_misses_what_its_grouping_drops(
    mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = FCRN / 'true-instances_minivoc.py'
    options = [
        'model.grouper.min_pixels=120',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
    ]
    options = TestOptions(data_root=str(mini_root), options=options)
    found, grouper = instances_of_test(path, None, options)
    lines = {w: counts for w, *counts in kinds_of_missed(found, grouper)}
    there, missed = lines['on fewer than 120 cells']
    assert there == missed > 0
    assert lines['all'][0] == len(found) > there
    assert lines['none of these'] == [lines['none of these'][0], 0]


def test_only_leaves_of_instances_miss_any():
    with pytest.raises(UserError, match='is no leaf of instances'):
        instances_of_test(FCRN / 'r18-k3d6_minivoc.py', None, TestOptions())
