"""Asymmetric loss: the sum of eq. 2, written out."""

import math

import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

from zoo.models.losses import AsymmetricCrossEntropyLoss

COUNTS = [60, 30, 10, 0]
LOGITS = [
    [1.0, 0.0, -1.0, 0.0],
    [0.5, 2.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0],
    [3.0, 1.0, 0.0, -2.0],
]
LABELS = [0, 2, 255, 1]


def build(**options):
    options = {'num_classes': 4, 'class_counts': COUNTS, **options}
    return AsymmetricCrossEntropyLoss(**options)


def by_hand(weights, logits=LOGITS, labels=LABELS):
    """Return the mean of weight times -log p over what has a label."""
    terms = []
    for scores, label in zip(logits, labels, strict=True):
        if label != 255:
            total = sum(math.exp(score) for score in scores)
            p = math.exp(scores[label]) / total
            terms.append(weights[label] * -math.log(p))
    return sum(terms) / len(terms)


def loss_of(loss, logits=LOGITS, labels=LABELS, **options):
    return loss(torch.tensor(logits), torch.tensor(labels), **options)


@pytest.mark.parametrize(
    ('options', 'weights'),
    [
        ({}, [10 / 6, 10 / 3, 10, 0]),
        ({'normalise': True}, [10 / 18, 10 / 9, 10 / 3, 0]),  # 3 occur
        ({'clip': 5.0}, [10 / 6, 10 / 3, 5, 0]),
        ({'normalise': True, 'clip': 1.0}, [10 / 18, 1, 1, 0]),
    ],
    ids=str,
)
def test_loss_is_the_weighted_mean_over_what_has_a_label(options, weights):
    loss = build(**options)
    assert loss.weights().tolist() == pytest.approx(weights)
    assert loss_of(loss).item() == pytest.approx(by_hand(weights), rel=1e-5)


def test_normalised_weights_of_training_examples_have_mean_1():
    loss = build(normalise=True)
    labels = torch.arange(4).repeat_interleave(torch.tensor(COUNTS))
    assert loss.weights()[labels].mean().item() == pytest.approx(1)


def test_pixels_are_examples_like_any():
    """Logits ``(N, C, H, W)`` and labels ``(N, H, W)``."""
    logits = torch.tensor(LOGITS).T.reshape(1, 4, 2, 2)
    labels = torch.tensor(LABELS).reshape(1, 2, 2)
    loss = build()
    torch.testing.assert_close(loss(logits, labels), loss_of(loss))


def test_loss_weight_and_weights_of_examples_are_factors():
    plain = loss_of(build(), [LOGITS[0]], [0])
    torch.testing.assert_close(
        loss_of(build(loss_weight=3.0), [LOGITS[0]], [0]), 3 * plain
    )
    weight = torch.tensor([0.5])
    torch.testing.assert_close(
        loss_of(build(), [LOGITS[0]], [0], weight=weight), plain / 2
    )


def test_another_index_can_be_void():
    found = loss_of(build(), labels=[0, 2, 3, 1], ignore_index=3)
    torch.testing.assert_close(found, loss_of(build()))


def test_void_alone_costs_nothing():
    logits = torch.zeros(2, 4, requires_grad=True)
    value = build()(logits, torch.tensor([255, 255]))
    value.backward()
    assert value.item() == 0
    assert not logits.grad.any()


def test_gradient_is_the_weighted_difference_of_probabilities():
    logits = torch.zeros(1, 4, requires_grad=True)
    build()(logits, torch.tensor([2])).backward()
    expected = 10 * torch.tensor([[0.25, 0.25, -0.75, 0.25]])
    torch.testing.assert_close(logits.grad, expected)


def test_counts_are_saved_with_the_model():
    unknown = build(class_counts=None)
    with pytest.raises(ValueError, match='class_counts are not known'):
        loss_of(unknown)
    unknown.load_state_dict(build().state_dict())
    torch.testing.assert_close(loss_of(unknown), loss_of(build()))


def test_configs_build_it_under_its_name():
    init_default_scope('mmseg')
    loss = MODELS.build(
        {'type': 'AsymmetricCrossEntropyLoss', 'num_classes': 4}
    )
    assert loss.loss_name == 'loss_asymmetric'
    assert 'normalise=False, clip=None' in repr(loss)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'class_counts': [1, 2]}, 'must hold 4 numbers, got 2'),
        ({'class_counts': [0] * 4}, 'all 0'),
        ({'class_counts': [1, 1, 1, -1]}, 'numbers >= 0'),
        ({'clip': 0.0}, r'clip must be > 0, got 0\.0'),
        ({'loss_name': 'asymmetric'}, "begin with 'loss_', got 'asymmetric'"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_a_rare_class_keeps_a_finite_weight_in_half_precision():
    counts = [1, 200_000]  # 1 / f is beyond the largest half
    loss = AsymmetricCrossEntropyLoss(num_classes=2, class_counts=counts)
    scores = torch.zeros(1, 2, dtype=torch.float16)
    found = loss(scores, torch.tensor([0]))
    assert found.item() == pytest.approx(200_001 * math.log(2), rel=1e-3)
