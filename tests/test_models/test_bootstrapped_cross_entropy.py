"""Bootstrapping: its scale and gradient by hand, and in every head."""

import math

import pytest
import torch
from crf_reference import samples
from mmseg.registry import MODELS
from torch.nn import functional

from zoo.models.losses import BootstrappedCrossEntropyLoss

LOSS = {'type': 'BootstrappedCrossEntropyLoss', 'k': 7}
SIZE = (33, 41)  # pixels: 5 x 6 cells of stride 8


def scores_of(*images):
    """Return scores ``(N, 2, 1, W)`` that give class 0 these probabilities."""
    p = torch.tensor(images, dtype=torch.float64)[:, None, None]
    return torch.cat([p.log(), (1 - p).log()], dim=1)


def zeros(images, width):
    return torch.zeros(images, 1, width, dtype=torch.long)


def test_four_pixels_by_hand():
    """The hardest has no label; of the others the two below 0.6 count."""
    scores, labels = scores_of([0.5, 0.1, 0.01, 0.6]), zeros(1, 4)
    labels[0, 0, 2] = 255
    loss = BootstrappedCrossEntropyLoss(k=2)(scores, labels)
    expected = -(math.log(0.5) + math.log(0.1)) / 2
    assert loss.item() == pytest.approx(expected)


def test_two_images_by_hand():
    """Each gives two pixels, the second has but one: three in the mean."""
    scores = scores_of([0.2, 0.8, 0.6, 0.7], [0.3, 0.95, 0.1, 0.2])
    labels = zeros(2, 4)
    labels[1, 0, [0, 2, 3]] = 255
    loss = BootstrappedCrossEntropyLoss(k=2)(scores, labels)
    expected = -(math.log(0.2) + math.log(0.6) + math.log(0.95)) / 3
    assert loss.item() == pytest.approx(expected)


def test_the_label_decides_what_is_hard():
    """Probabilities of class 1 are 0.9, 0.4, 0.3: its hardest is the last."""
    scores, labels = scores_of([0.1, 0.6, 0.7]), zeros(1, 3) + 1
    loss = BootstrappedCrossEntropyLoss(k=1)(scores, labels)
    assert loss.item() == pytest.approx(-math.log(0.3))


@pytest.mark.parametrize(
    ('settings', 'kept'),
    [
        ({'k': 1, 'threshold': 0.5}, [0.1, 0.2, 0.4]),
        ({'k': 1, 'threshold': 0.5, 'most': 2}, [0.1, 0.2]),
        ({'k': 4, 'threshold': 0.5}, [0.1, 0.2, 0.4, 0.7]),
        ({'k': 4}, [0.1, 0.2, 0.4, 0.7]),
    ],
)
def test_settings_reach_the_choice(settings, kept):
    scores = scores_of([0.4, 0.9, 0.1, 0.7, 0.2])
    loss = BootstrappedCrossEntropyLoss(**settings)(scores, zeros(1, 5))
    expected = -sum(math.log(p) for p in kept) / len(kept)
    assert loss.item() == pytest.approx(expected)


def test_keeps_512_pixels_unless_told():
    scores = scores_of([0.001 * (i + 1) for i in range(900)])
    loss = BootstrappedCrossEntropyLoss()(scores, zeros(1, 900))
    expected = -sum(math.log(0.001 * (i + 1)) for i in range(512)) / 512
    assert loss.item() == pytest.approx(expected)


def problem(images=2, classes=4, height=5, width=6):
    shape = images, classes, height, width
    scores = 2 * torch.randn(shape, dtype=torch.float64)
    labels = torch.randint(classes, (images, height, width))
    labels[torch.rand(labels.shape) < 0.2] = 255
    return scores.requires_grad_(), labels


def by_loops(scores, labels, k):
    """Sort each image's losses; average the first ``k`` of all images."""
    kept = []
    for image in range(len(scores)):
        losses = []
        for y in range(scores.shape[2]):
            for x in range(scores.shape[3]):
                label = labels[image, y, x].item()
                column = scores[image, :, y, x].tolist()
                if label != 255:
                    total = sum(math.exp(value) for value in column)
                    losses.append(math.log(total) - column[label])
        kept += sorted(losses, reverse=True)[:k]
    return sum(kept) / len(kept)


@pytest.mark.parametrize('k', [1, 5, 20, 30])
def test_equals_the_loops(k):
    scores, labels = problem(3)
    loss = BootstrappedCrossEntropyLoss(k=k)(scores, labels)
    assert loss.item() == pytest.approx(by_loops(scores, labels, k))


@pytest.mark.parametrize('ignore_index', [255, 0, -1])
def test_of_all_pixels_is_the_plain_cross_entropy(ignore_index):
    scores, labels = problem()
    labels[labels == 255] = ignore_index
    loss = BootstrappedCrossEntropyLoss(k=30)(
        scores, labels, ignore_index=ignore_index
    )
    plain = functional.cross_entropy(scores, labels, ignore_index=ignore_index)
    torch.testing.assert_close(loss, plain)


def test_gradient_is_softmax_minus_one_hot_over_the_number_kept():
    scores, labels = problem()
    BootstrappedCrossEntropyLoss(k=6)(scores, labels).backward()
    p = scores.detach().softmax(dim=1)
    for image in range(2):
        true = [
            (p[image, labels[image, y, x], y, x].item(), y, x)
            for y, x in (labels[image] != 255).nonzero().tolist()
        ]
        kept = {(y, x) for _, y, x in sorted(true)[:6]}
        for y in range(5):
            for x in range(6):
                expected = torch.zeros(4, dtype=torch.float64)
                if (y, x) in kept:
                    expected = p[image, :, y, x].clone()
                    expected[labels[image, y, x]] -= 1
                found = scores.grad[image, :, y, x]
                torch.testing.assert_close(found, expected / 12)
                assert found.any() == ((y, x) in kept)


@pytest.mark.parametrize(
    'settings', [{}, {'threshold': 0.3}, {'threshold': 0.9, 'most': 9}]
)
def test_gradient_against_finite_differences(settings):
    scores, labels = problem(height=3, width=4)
    loss = BootstrappedCrossEntropyLoss(k=4, **settings)
    assert torch.autograd.gradcheck(lambda x: loss(x, labels), scores)


def test_loss_weight_scales_the_loss():
    scores, labels = problem()
    plain = BootstrappedCrossEntropyLoss(k=6)(scores, labels)
    loss = BootstrappedCrossEntropyLoss(k=6, loss_weight=0.4)(scores, labels)
    torch.testing.assert_close(loss, 0.4 * plain)


def test_weights_multiply_losses_and_have_no_say_in_the_choice():
    scores, labels = scores_of([0.5, 0.1, 0.8, 0.3]), zeros(1, 4)
    weight = torch.tensor([[[9.0, 0.25, 9.0, 0.5]]])
    loss = BootstrappedCrossEntropyLoss(k=2)(scores, labels, weight)
    expected = -(0.25 * math.log(0.1) + 0.5 * math.log(0.3)) / 2
    assert loss.item() == pytest.approx(expected)


@pytest.mark.parametrize('settings', [{}, {'threshold': 0.5, 'most': 600}])
def test_nothing_to_learn_without_labels(settings):
    scores, labels = problem()
    labels.fill_(255)
    loss = BootstrappedCrossEntropyLoss(**settings)(scores, labels)
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(scores.grad, torch.zeros_like(scores))


def test_an_image_without_labels_leaves_the_others_their_share():
    scores, labels = problem()
    labels[0] = 255
    both = BootstrappedCrossEntropyLoss(k=6)(scores, labels)
    alone = BootstrappedCrossEntropyLoss(k=6)(scores[1:], labels[1:])
    torch.testing.assert_close(both, alone)


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    'settings', [{}, {'threshold': 0.1}, {'threshold': 0.9, 'most': 1}]
)
def test_a_score_that_is_no_number_is_noticed(value, settings):
    scores, labels = problem()
    labels[1, 2, 3] = 1
    with torch.no_grad():
        scores[1, 1, 2, 3] = value
    loss = BootstrappedCrossEntropyLoss(k=1, **settings)(scores, labels)
    assert not loss.isfinite()


def test_an_infinite_loss_that_is_dropped_adds_nothing():
    """Not even 0 times infinity, which is no number."""
    scores = scores_of([0.0, 0.5, 0.0])
    loss = BootstrappedCrossEntropyLoss(k=1)(scores, zeros(1, 3))
    assert loss.item() == math.inf


def test_a_class_that_is_ruled_out_does_no_harm():
    """Its score is minus infinity, and rightly so."""
    scores, labels = scores_of([1.0, 0.5, 0.25]), zeros(1, 3)
    scores.requires_grad_()
    loss = BootstrappedCrossEntropyLoss(k=2)(scores, labels)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(8) / 2)
    assert scores.grad.isfinite().all()


@pytest.mark.parametrize('kind', [torch.bfloat16, torch.float16])
def test_under_autocast_the_loss_has_full_precision(kind):
    features, labels = torch.randn(2, 3, 5, 6), problem()[1]
    layer = torch.nn.Conv2d(3, 4, 1)
    with torch.autocast('cpu', dtype=kind):
        scores = layer(features)
        loss = BootstrappedCrossEntropyLoss(k=6)(scores, labels)
    loss.backward()
    assert (scores.dtype, loss.dtype) == (kind, torch.float32)
    expected = by_loops(scores.float(), labels, 6)
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert layer.weight.grad.any()


@pytest.mark.parametrize('kind', [torch.bfloat16, torch.float16])
def test_takes_half_precision(kind):
    scores, labels = problem()
    loss = BootstrappedCrossEntropyLoss(k=6)(scores.to(kind), labels)
    loss.backward()
    expected = by_loops(scores, labels, 6)
    assert loss.item() == pytest.approx(expected, rel=0.02)
    assert scores.grad.isfinite().all()


def head_of(kind, **kwargs):
    """Return a small head of 3 classes in double precision."""
    options = {'in_channels': 4, 'channels': 6, 'num_classes': 3}
    config = {'type': kind, **options, 'loss_decode': LOSS, **kwargs}
    return MODELS.build(config).double()


def maps_of(*channels, strides=None):
    """Return maps of 2 images with these channels, of stride 8 at first."""
    return tuple(
        torch.randn(
            *(2, width, *[-(-side // stride) for side in SIZE]),
            dtype=torch.float64,
        )
        for width, stride in zip(
            channels, strides or [8] * len(channels), strict=True
        )
    )


def labels_of_pixels():
    labels = torch.randint(0, 3, (2, *SIZE))
    return labels.masked_fill(torch.rand(labels.shape) < 0.2, 255)


HEADS = {
    'DeepLabHead': {'dropout_ratio': 0.0},
    'FCRNHead': {'kernel_size': 3, 'dilation': 1},
    'ContextCRFHead': {
        'potentials': ['unary'],
        'in_index': 0,
        'dropout_ratio': 0.0,
    },
}


@pytest.mark.parametrize('kind', HEADS)
def test_heads_hand_in_their_cells(kind):
    head, inputs = head_of(kind, **HEADS[kind]), maps_of(4)
    labels = labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    assert set(losses) == {'loss_bootstrapped', 'acc_seg'}
    scores = head(inputs)
    expected = by_loops(scores, labels[:, ::8, ::8], 7)
    assert losses['loss_bootstrapped'].item() == pytest.approx(expected)


@pytest.mark.parametrize('kind', ['DeepLabHead', 'FCRNHead'])
def test_heads_hand_in_the_pixels_if_told(kind):
    """Interpolated, corners on corners; k is meant of the pixels then."""
    head = head_of(kind, **HEADS[kind], loss_at='pixels')
    inputs, labels = maps_of(4), labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    scores = functional.interpolate(
        head(inputs), SIZE, mode='bilinear', align_corners=True
    )
    expected = by_loops(scores, labels, 7)
    assert losses['loss_bootstrapped'].item() == pytest.approx(expected)


def test_head_with_side_branches():
    head = head_of(
        'DeepLabMScHead',
        in_channels=16,
        in_index=5,
        branch_inputs=(3, 2, 4, 8, 16),
        branch_channels=5,
        dropout_ratio=0.0,
    )
    inputs = maps_of(3, 2, 4, 8, 16, 16, strides=(1, 2, 4, 8, 8, 8))
    labels = labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    expected = by_loops(head(inputs), labels[:, ::8, ::8], 7)
    assert losses['loss_bootstrapped'].item() == pytest.approx(expected)


def test_head_that_refines():
    """Its scores lie four pixels apart."""
    head = head_of(
        'RefinedContextCRFHead',
        branch_inputs=(3, 2, 4, 8, 16, 16),
        branch_channels=5,
        fuse_channels=7,
    ).train()
    channels = (3, 2, 4, 8, 16, 16, 4, 4, 4)
    inputs = maps_of(*channels, strides=(1, 2, 4, 8, 16, 16, 16, 16, 16))
    labels = labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    expected = by_loops(head(inputs), labels[:, ::4, ::4], 7)
    assert losses['loss_bootstrapped'].item() == pytest.approx(expected)


def test_pairwise_losses_stay_as_they_are():
    losses = head_of('ContextCRFHead', dropout_ratio=0.0, in_index=0).loss(
        maps_of(4), samples(labels_of_pixels()), {}
    )
    assert 'loss_bootstrapped' in losses
    assert len([name for name in losses if 'loss' in name]) == 3


def test_mmsegs_own_head():
    """It stretches its scores over the pixels."""
    head = head_of('FCNHead', num_convs=1, dropout_ratio=0.0).eval()
    inputs, labels = maps_of(4), labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    scores = functional.interpolate(
        head(inputs), SIZE, mode='bilinear', align_corners=False
    )
    expected = by_loops(scores, labels, 7)
    assert losses['loss_bootstrapped'].item() == pytest.approx(expected)


@pytest.mark.parametrize('kind', ['FCRNHead', 'FCNHead'])
def test_beside_other_losses(kind):
    """Those of one name are summed, others stand beside them."""
    terms = [
        {'type': 'CrossEntropyLoss', 'avg_non_ignore': True},
        {**LOSS, 'loss_weight': 0.5},
        {**LOSS, 'k': 1},
        {**LOSS, 'loss_name': 'loss_hard'},
    ]
    head = head_of(kind, dropout_ratio=0.0, loss_decode=terms).eval()
    inputs, labels = maps_of(4), labels_of_pixels()
    losses = head.loss(inputs, samples(labels), {})
    names = {'loss_ce', 'loss_bootstrapped', 'loss_hard', 'acc_seg'}
    assert set(losses) == names
    scores, targets = head(inputs), labels[:, ::8, ::8]
    if kind == 'FCNHead':
        scores = functional.interpolate(scores, SIZE, mode='bilinear')
        targets = labels
    hard, single = (by_loops(scores, targets, k) for k in (7, 1))
    assert losses['loss_hard'].item() == pytest.approx(hard)
    both = losses['loss_bootstrapped'].item()
    assert both == pytest.approx(0.5 * hard + single)


def test_says_what_it_keeps():
    loss = BootstrappedCrossEntropyLoss(k=3, threshold=0.5, most=9)
    assert 'k=3, threshold=0.5, most=9' in repr(loss)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'k': 0}, 'k must be at least 1, got 0'),
        ({'threshold': 2.0}, r'threshold must be in \(0, 1\], got 2.0'),
        ({'most': 600}, 'most needs a threshold'),
        ({'threshold': 0.5, 'most': 9}, 'at least k, got most 9'),
        ({'loss_name': 'hard'}, "must begin with 'loss_', got 'hard'"),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        BootstrappedCrossEntropyLoss(**wrong)
