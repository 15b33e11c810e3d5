"""What is drawn and written of instances."""

import json

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample
from pycocotools import mask as coco

from zoo.engine.instance_pictures import (
    draw_instances,
    enlargement,
    true_instances,
    write_instances,
)


def test_drawing_shows_sure_instances_only():
    image = np.zeros((200, 300, 3), np.uint8)
    masks = torch.zeros(2, 200, 300, dtype=torch.bool)
    masks[0, 50:90, 20:60] = True
    masks[1, 120:160, 200:260] = True
    found = InstanceData(
        labels=torch.tensor([1, 1]),
        scores=torch.tensor([0.9, 0.2]),
        masks=masks,
    )
    drawn = draw_instances(image, found, ('ground', 'cat'))
    factor = drawn.shape[0] // 200
    assert drawn.shape == (200 * factor, 300 * factor, 3)
    touched = drawn.any(-1)[::factor, ::factor]
    assert touched[50:90, 20:60].all()
    assert not touched[100:, 100:].any()


def test_the_best_is_drawn_over_others_and_one_half_is_enough():
    """Rims only: the two best ones share a box, the third stands apart."""
    masks = torch.zeros(3, 400, 300, dtype=torch.bool)
    masks[:2, 50:90, 20:60] = True
    masks[2, 220:260, 200:260] = True
    found = InstanceData(
        labels=torch.tensor([1, 1, 1]),
        scores=torch.tensor([0.9, 0.7, 0.5]),
        masks=masks,
    )
    image = np.zeros((400, 300, 3), np.uint8)
    drawn = draw_instances(image, found, ('ground', 'cat'))
    best = draw_instances(image, found[:1], ('ground', 'cat'))
    assert drawn[220:260, 200:260].any(-1).all()
    # colours go from the worst to the best: red is the first of them
    red = [255, 25, 25]
    assert best[89, 40].tolist() == red
    assert drawn[259, 230].tolist() == red
    assert drawn[89, 40].tolist() not in (red, [0, 0, 0])
    second = draw_instances(image, found[[1, 2]], ('ground', 'cat'))
    assert drawn[89, 40].tolist() != second[89, 40].tolist()


def test_words_stand_above_the_left_corner():
    mask = torch.zeros(1, 400, 300, dtype=torch.bool)
    mask[0, 300:340, 100:140] = True
    found = InstanceData(labels=torch.tensor([1]), masks=mask)
    image = np.full((400, 300, 3), 128, np.uint8)
    drawn = draw_instances(image, found, ('ground', 'cat'))
    rows, columns = np.nonzero((drawn != image).any(-1))
    assert 285 <= rows.min() < 300
    assert 95 <= columns.min() <= 102
    assert rows.max() == 339


def test_pictures_are_enlarged_to_about_360_rows():
    heights = (1000, 360, 250, 239, 121)
    assert [enlargement(height) for height in heights] == [1, 1, 1, 2, 3]


def test_true_instances_are_masks_by_number():
    sample = SegDataSample()
    numbers = torch.tensor([[[0, 1, 2], [255, 2, 2]]])
    sample.gt_instance_map = PixelData(data=numbers)
    sample.gt_instances = InstanceData(labels=torch.tensor([7, 5]))
    found = true_instances(sample)
    assert found.labels.tolist() == [7, 5]
    assert found.masks.tolist() == [
        [[False, True, False], [False, False, False]],
        [[False, False, True], [False, True, True]],
    ]


# pycocotools' decode has not caught up with numpy 2
@pytest.mark.filterwarnings('ignore:__array__:DeprecationWarning')
def test_instances_are_written_with_classes_boxes_and_masks(tmp_path):
    masks = torch.zeros(2, 4, 6, dtype=torch.bool)
    masks[0, 1:3, 2:6] = True
    masks[1, 3, 0] = True
    sample = SegDataSample()
    sample.pred_instances = InstanceData(
        labels=torch.tensor([2, 1]),
        scores=torch.tensor([0.75, 0.25]),
        masks=masks,
        bboxes=torch.tensor([[2.0, 1, 6, 3.004], [0, 3, 1, 4]]),
    )
    path = tmp_path / 'a.json'
    write_instances(sample, ('ground', 'cat', 'dog'), path)
    entries = json.loads(path.read_text())
    decoded = [coco.decode(entry.pop('mask')) for entry in entries]
    assert np.array_equal(np.stack(decoded), masks.numpy())
    assert entries == [
        {'label': 2, 'class': 'dog', 'score': 0.75, 'box': [2, 1, 6, 3]},
        {'label': 1, 'class': 'cat', 'score': 0.25, 'box': [0, 3, 1, 4]},
    ]
    sample.pred_instances = sample.pred_instances[:0]
    write_instances(sample, ('ground', 'cat', 'dog'), path)
    assert json.loads(path.read_text()) == []
