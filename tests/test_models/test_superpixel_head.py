"""The classifier of superpixels: layers, losses, what it refuses."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from zoo.models.decode_heads import SuperpixelHead


def build(**options):
    return SuperpixelHead(**{'in_channels': 5, 'num_classes': 3, **options})


def kinds(head):
    return [type(layer).__name__ for layer in head.layers]


def test_without_hidden_layers_it_is_linear():
    head, rows = build(), torch.randn(7, 5)
    [layer] = head.layers
    expected = rows @ layer.weight.T + layer.bias
    torch.testing.assert_close(head(rows), expected)


def test_hidden_layers_are_rectified_and_dropped_out():
    head = build(hidden=[8, 4], dropout=0.25)
    hidden = ['Linear', 'ReLU', 'Dropout']
    assert kinds(head) == [*hidden, *hidden, 'Linear']
    sizes = [x.weight.shape for x in head.layers if hasattr(x, 'weight')]
    assert sizes == [(8, 5), (4, 8), (3, 4)]
    assert head.layers[2].p == head.layers[5].p == 0.25
    first, _, _, second, _, _, last = head.eval().layers
    x = torch.randn(6, 5)
    expected = last(second(first(x).clamp(0)).clamp(0))
    torch.testing.assert_close(head(x), expected)


def test_no_dropout_means_no_layer_of_it():
    assert kinds(build(hidden=[8])) == ['Linear', 'ReLU', 'Linear']


def test_random_weights_are_he_et_als_and_the_last_layers_small():
    head = build(in_channels=400, hidden=[300], num_classes=200)
    first, _, last = head.layers
    assert first.weight.std().item() == pytest.approx(
        math.sqrt(2 / 400), rel=0.02
    )
    assert last.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not first.bias.any()
    assert not last.bias.any()


def test_losses_of_labelled_rows_and_their_accuracy():
    head = build()
    logits, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 255, 1, 0])
    losses = head.loss_by_feat(logits, labels)
    known = labels != 255
    expected = functional.cross_entropy(logits[known], labels[known])
    torch.testing.assert_close(losses['loss_ce'], expected)
    right = (logits.argmax(1) == labels)[known].float().mean() * 100
    assert losses['acc_seg'].item() == pytest.approx(right.item())


def test_several_losses_are_listed_by_name():
    asymmetric = {
        'type': 'AsymmetricCrossEntropyLoss',
        'num_classes': 3,
        'class_counts': [1, 1, 1],
    }
    plain = {'type': 'CrossEntropyLoss', 'avg_non_ignore': True}
    head = build(loss_decode=[asymmetric, plain, plain])
    logits, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    losses = head.loss_by_feat(logits, labels)
    once = functional.cross_entropy(logits, labels)
    torch.testing.assert_close(losses['loss_asymmetric'], 3 * once)
    torch.testing.assert_close(losses['loss_ce'], 2 * once)


def test_another_index_can_be_void():
    logits, labels = torch.randn(2, 3), torch.tensor([0, 9])
    losses = build(ignore_index=9).loss_by_feat(logits, labels)
    expected = functional.cross_entropy(logits[:1], labels[:1])
    torch.testing.assert_close(losses['loss_ce'], expected)


def test_state_dict_has_the_losses_counts():
    loss = {'type': 'AsymmetricCrossEntropyLoss', 'num_classes': 3}
    state = build(loss_decode=loss).state_dict()
    assert 'loss_decode.0.class_counts' in state


def test_segmentors_find_what_they_ask_for():
    head = build()
    assert isinstance(head, nn.Module)
    assert head.num_classes == head.out_channels == 3
    assert head.align_corners is False


def test_rows_of_another_length_are_refused_with_theirs():
    with pytest.raises(
        ValueError, match=r'in_channels is 5, but .* has 4 features'
    ):
        build()(torch.zeros(2, 4))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'hidden': [0]}, r'at least 1, got \[5, 0, 3\]'),
        ({'in_channels': 0}, 'at least 1'),
        ({'dropout': 1.0}, r'dropout must be in \[0, 1\), got 1\.0'),
        ({'dropout': -0.1}, 'dropout must be'),
    ],
)
def test_sizes_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)
