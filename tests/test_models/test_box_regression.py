"""The localisation head and its loss, by hand and against loops."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample

from zoo.models.decode_heads import BoxRegressionHead
from zoo.models.losses import BoxRegressionLoss


def smooth_l1(error, beta=1.0):
    error = abs(error)
    if error < beta:
        return error**2 / (2 * beta)
    return error - beta / 2


def give(loss, errors, known, *, iou=None, boxes=None, pixels=None):
    """Call the loss with outputs that are ``errors`` off at each pixel."""
    errors = torch.tensor(errors, dtype=torch.float32)[None, None, None]
    outputs = errors.permute(0, 4, 1, 2, 3).reshape(1, 4, 1, -1)
    known = torch.tensor(known)[None, None]
    some = torch.ones(known.shape)
    parts = {'iou': iou, 'boxes': boxes, 'pixels': pixels}
    parts = {
        name: some if x is None else torch.tensor(x)[None, None].float()
        for name, x in parts.items()
    }
    return float(loss(outputs, torch.zeros_like(outputs), known, **parts))


def test_loss_sums_four_channels_and_averages_over_pixels_of_instances():
    errors = [[0.5, -2.0, 0.0, 1.0], [3.0, 0.0, 0.0, 0.0], [9.0] * 4]
    expected = (
        smooth_l1(0.5) + smooth_l1(2) + smooth_l1(1) + smooth_l1(3)
    ) / 2
    found = give(BoxRegressionLoss(), errors, [True, True, False])
    assert found == pytest.approx(expected)


def test_beta_is_where_the_square_becomes_a_line():
    errors = [[0.1, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]
    expected = (smooth_l1(0.1, 0.5) + smooth_l1(1.0, 0.5)) / 2
    loss = BoxRegressionLoss(beta=0.5)
    assert give(loss, errors, [True, True]) == pytest.approx(expected)


def test_bootstrapping_keeps_the_pixels_of_lowest_overlap():
    errors = [[2.0, 0, 0, 0], [3.0, 0, 0, 0], [4.0, 0, 0, 0], [8.0, 0, 0, 0]]
    # the second and third overlap least; the fourth is no instance, and the
    # largest error is not what decides
    found = give(
        BoxRegressionLoss(k=2),
        errors,
        [True, True, True, False],
        iou=[0.9, 0.1, 0.2, 0.0],
    )
    assert found == pytest.approx((smooth_l1(3) + smooth_l1(4)) / 2)


@pytest.mark.parametrize('sizes', [(2, 9, 3), (9, 2, 3), (9, 3, 2)])
def test_among_boxes_that_do_not_meet_the_larger_error_is_harder(sizes):
    """In whatever order they lie in the image."""
    errors = [[float(size), 0, 0, 0] for size in (*sizes, 8)]
    found = give(
        BoxRegressionLoss(k=2), errors, [True] * 4, iou=[0.0, 0.0, 0.0, 0.001]
    )
    assert found == pytest.approx((smooth_l1(9) + smooth_l1(3)) / 2)


def test_no_error_is_so_large_that_it_outweighs_the_overlap():
    errors = [[1.0, 0, 0, 0], [20000.0, 0, 0, 0]]
    loss = BoxRegressionLoss(k=1)
    found = give(loss, errors, [True, True], iou=[0.1, 0.2])
    assert found == pytest.approx(smooth_l1(1))


def test_all_are_kept_where_there_are_fewer():
    errors = [[2.0, 0, 0, 0], [3.0, 0, 0, 0]]
    found = give(BoxRegressionLoss(k=9), errors, [True, True], iou=[0.9, 0.1])
    assert found == pytest.approx((smooth_l1(2) + smooth_l1(3)) / 2)


@pytest.mark.parametrize(
    ('weight', 'inverse'),
    [
        ('box', [1 / 100, 1 / 25, 1 / 25]),
        ('side', [1 / 10, 1 / 5, 1 / 5]),
        ('pixels', [1 / 80, 1 / 8, 1 / 8]),
    ],
)
def test_weights_fall_with_the_size_and_have_mean_one(weight, inverse):
    errors = [[2.0, 0, 0, 0], [3.0, 0, 0, 0], [4.0, 0, 0, 0], [7.0, 0, 0, 0]]
    mean = sum(inverse) / 3
    expected = sum(
        w / mean * smooth_l1(e)
        for w, e in zip(inverse, (2, 3, 4), strict=True)
    )
    found = give(
        BoxRegressionLoss(weight=weight),
        errors,
        [True, True, True, False],
        boxes=[100, 25, 25, 1],
        pixels=[80, 8, 8, 1],
    )
    assert found == pytest.approx(expected / 3)


def test_weights_are_clipped():
    errors = [[2.0, 0, 0, 0]] * 9
    boxes = [1] + [1000] * 8
    inverse = [1 / b for b in boxes]
    mean = sum(inverse) / 9
    weights = [min(w / mean, 3.0) for w in inverse]
    assert max(w / mean for w in inverse) > 3
    found = give(
        BoxRegressionLoss(weight='box', clip=3.0),
        errors,
        [True] * 9,
        boxes=boxes,
    )
    assert found == pytest.approx(sum(weights) * smooth_l1(2) / 9)


def test_each_image_has_its_own_mean_weight():
    loss = BoxRegressionLoss(weight='box')
    outputs = torch.full((2, 4, 1, 2), 2.0)
    known = torch.ones(2, 1, 2, dtype=torch.bool)
    boxes = torch.tensor([[[1.0, 1.0]], [[900.0, 900.0]]])
    found = loss(
        outputs,
        torch.zeros_like(outputs),
        known,
        iou=torch.zeros(2, 1, 2),
        boxes=boxes,
        pixels=boxes,
    )
    assert float(found) == pytest.approx(4 * smooth_l1(2))


def test_an_image_without_instances_costs_nothing():
    outputs = torch.full((1, 4, 2, 2), 3.0, requires_grad=True)
    none = torch.zeros(1, 2, 2, dtype=torch.bool)
    zeros = torch.zeros(1, 2, 2)
    for loss in (BoxRegressionLoss(), BoxRegressionLoss(weight='box', k=3)):
        value = loss(
            outputs,
            torch.zeros_like(outputs),
            none,
            iou=zeros,
            boxes=zeros,
            pixels=zeros,
        )
        value.backward()
        assert value.item() == 0
        assert not outputs.grad.any()


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'weight': 'area'}, "got 'area'"),
        ({'beta': 0}, 'got 0, 10'),
        ({'clip': 0}, 'got 1.0, 0'),
        ({'k': 0}, 'k must be'),
        ({'loss_name': 'box'}, "got 'box'"),
    ],
)
def test_loss_refuses_settings(wrong, words):
    with pytest.raises(ValueError, match=words):
        BoxRegressionLoss(**wrong)


def make_head(**options):
    options = {
        'things': [2, 5],
        'in_channels': 3,
        'kernel_size': 1,
        'dilation': 1,
        'output_stride': 4,
        'scale': 10.0,
        'align_corners': True,
        **options,
    }
    return BoxRegressionHead(**options)


def make_sample(numbers, labels, boxes, areas=None):
    sample = SegDataSample()
    sample.gt_sem_seg = PixelData(data=torch.as_tensor(numbers)[None])
    sample.gt_instances = InstanceData(
        labels=torch.tensor(labels),
        bboxes=torch.tensor(boxes).float().reshape(-1, 4),
        areas=torch.tensor(areas or [1.0] * len(labels)),
    )
    return sample


def two_instances():
    """Return a sample: class 5 on the left, class 2 on the right, 8 x 12."""
    numbers = np.zeros((8, 12), np.int64)
    numbers[0:6, 0:5] = 1
    numbers[3:8, 7:12] = 2
    numbers[0, 8] = 255
    return make_sample(numbers, [5, 2], [[0, 0, 5, 6], [7, 3, 12, 8]])


def expected_targets():
    """Return (cell, thing, dy, dx, h, w) at stride 4, by hand.

    Cells lie at rows 0, 4 and columns 0, 4, 8; their centres are half a
    pixel further.
    """
    return [
        ((0, 0), 1, 2.5, 2.0, 6, 5),
        ((0, 1), 1, 2.5, -2.0, 6, 5),
        ((1, 0), 1, -1.5, 2.0, 6, 5),
        ((1, 1), 1, -1.5, -2.0, 6, 5),
        ((1, 2), 0, 1.0, 1.0, 5, 5),
    ]


def test_perfect_outputs_cost_nothing_and_overlap_fully():
    head = make_head()
    outputs = torch.full((1, 8, 2, 3), 7.0)  # other channels do not count
    for (row, column), thing, *box in expected_targets():
        part = slice(4 * thing, 4 * thing + 4)
        outputs[0, part, row, column] = torch.tensor(box) / 10
    losses = head.loss_by_feat(outputs, [two_instances()])
    assert float(losses['loss_box']) == pytest.approx(0, abs=1e-10)
    assert float(losses['box_IoU']) == pytest.approx(100, abs=1e-3)


def test_loss_is_that_of_the_five_cells_of_instances():
    head = make_head()
    losses = head.loss_by_feat(torch.zeros(1, 8, 2, 3), [two_instances()])
    each = [
        sum(smooth_l1(x / 10) for x in box)
        for _, _, *box in expected_targets()
    ]
    assert float(losses['loss_box']) == pytest.approx(sum(each) / 5)
    assert float(losses['box_IoU']) == 0


def test_only_the_channels_of_the_true_class_learn():
    head = make_head()
    outputs = torch.zeros(1, 8, 2, 3, requires_grad=True)
    head.loss_by_feat(outputs, [two_instances()])['loss_box'].backward()
    learned = outputs.grad[0].unflatten(0, (2, 4)).abs().sum(1) > 0
    expected = torch.zeros(2, 2, 3, dtype=torch.bool)
    for (row, column), thing, *_ in expected_targets():
        expected[thing, row, column] = True
    assert torch.equal(learned, expected)


def test_log_sizes_are_learned_as_logarithms():
    head = make_head(log_size=True)
    outputs = torch.zeros(1, 8, 2, 3)
    for (row, column), thing, dy, dx, height, width in expected_targets():
        part = slice(4 * thing, 4 * thing + 4)
        outputs[0, part, row, column] = torch.tensor(
            [dy / 10, dx / 10, np.log(height / 10), np.log(width / 10)]
        )
    losses = head.loss_by_feat(outputs, [two_instances()])
    assert float(losses['loss_box']) == pytest.approx(0, abs=1e-10)
    assert float(losses['box_IoU']) == pytest.approx(100, abs=1e-3)


def test_a_cell_lies_where_the_label_offset_says():
    """Cells at rows 1, 5 and columns 1, 5, 9: three are of an instance."""
    head = make_head(label_offset=1)
    outputs = torch.full((1, 8, 2, 3), 7.0)
    for row, column, thing, box in (
        (0, 0, 1, (1.5, 1.0, 6, 5)),
        (1, 0, 1, (-2.5, 1.0, 6, 5)),
        (1, 2, 0, (0.0, 0.0, 5, 5)),
    ):
        part = slice(4 * thing, 4 * thing + 4)
        outputs[0, part, row, column] = torch.tensor(box) / 10
    losses = head.loss_by_feat(outputs, [two_instances()])
    assert float(losses['loss_box']) == pytest.approx(0, abs=1e-10)
    assert float(losses['box_IoU']) == pytest.approx(100, abs=1e-3)


def test_an_instance_of_another_class_is_not_learned():
    """Class 2 is none of the things: the four cells of class 5 are left."""
    head = make_head(things=[5])
    outputs = torch.zeros(1, 4, 2, 3)
    each = []
    for (row, column), thing, *box in expected_targets():
        if thing == 1:
            each.append(sum(smooth_l1(x / 20) for x in box))
            outputs[0, :, row, column] = torch.tensor(box) / 20
        else:
            outputs[0, :, row, column] = torch.tensor(box) / 10
    losses = head.loss_by_feat(outputs, [two_instances()])
    assert float(losses['loss_box']) == pytest.approx(sum(each) / 4)
    # half of each length: 3 x 2.5 pixels, all of them within the 6 x 5
    assert float(losses['box_IoU']) == pytest.approx(25)


def test_weights_reach_the_loss():
    sample = make_sample(
        np.array([[1, 1, 1, 1, 2]]),
        [2, 2],
        [[0, 0, 4, 1], [4, 0, 44, 1]],
        [4.0, 1.0],
    )
    zeros = torch.zeros(1, 8, 1, 2)
    each = [
        sum(smooth_l1(x / 10) for x in box)
        for box in ((0, 1.5, 1, 4), (0, 19.5, 1, 40))
    ]

    def cost(weight, inverse):
        head = make_head(loss_decode={'type': 'BoxRegressionLoss', **weight})
        mean = sum(inverse) / 2
        expected = sum(
            w / mean * e for w, e in zip(inverse, each, strict=True)
        )
        found = float(head.loss_by_feat(zeros, [sample])['loss_box'])
        assert found == pytest.approx(expected / 2)

    cost({}, [1, 1])
    cost({'weight': 'box'}, [1 / 4, 1 / 40])
    cost({'weight': 'pixels'}, [1 / 4, 1 / 1])


def test_an_image_without_things_can_be_learned_from():
    sample = make_sample(np.zeros((8, 12), np.int64), [], [], [])
    sample.gt_instances.labels = torch.zeros(0, dtype=torch.int64)
    losses = make_head().loss_by_feat(torch.ones(1, 8, 2, 3), [sample])
    assert float(losses['loss_box']) == 0


def test_prediction_is_in_pixels_at_every_pixel():
    head = make_head()
    outputs = torch.rand(1, 8, 3, 4)
    meta = {'img_shape': (9, 13), 'pad_shape': (9, 13)}
    boxes = head.predict_by_feat(outputs, [meta])
    assert boxes.shape == (1, 8, 9, 13)
    assert torch.allclose(boxes[..., ::4, ::4], 10 * outputs)
    between = (outputs[..., 0, 0] + outputs[..., 0, 1]) / 2
    assert torch.allclose(boxes[..., 0, 2], 10 * between)


def test_prediction_drops_the_pixels_of_the_score_offset():
    head = make_head(score_offset=1, label_offset=3)
    outputs = torch.rand(1, 8, 4, 5)
    meta = {'img_shape': (9, 13), 'pad_shape': (9, 13)}
    boxes = head.predict_by_feat(outputs, [meta])
    assert boxes.shape == (1, 8, 9, 13)
    expected = 10 * outputs[..., 1:3, 1:4]
    assert torch.allclose(boxes[..., 3::4, 3::4], expected)


def test_prediction_of_log_sizes_is_in_pixels():
    outputs = torch.rand(1, 8, 3, 4)
    meta = {'img_shape': (9, 13), 'pad_shape': (9, 13)}
    boxes = make_head(log_size=True).predict_by_feat(outputs, [meta])
    at_cells = boxes[0, :, ::4, ::4]
    assert torch.allclose(at_cells[4], 10 * outputs[0, 4])
    assert torch.allclose(at_cells[5], 10 * outputs[0, 5])
    assert torch.allclose(at_cells[6], 10 * outputs[0, 6].exp())
    assert torch.allclose(at_cells[3], 10 * outputs[0, 3].exp())


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'things': []}, 'different classes'),
        ({'things': [1, 1]}, 'different classes'),
        ({'scale': 0}, 'scale must be above 0, got 0'),
        ({'loss_at': 'pixels'}, 'at the cells'),
        ({'loss_decode': [{'type': 'BoxRegressionLoss'}]}, 'one loss'),
    ],
)
def test_head_refuses_settings(wrong, words):
    with pytest.raises(ValueError, match=words):
        make_head(**wrong)
