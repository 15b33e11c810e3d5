"""The local network's layers, and its head's two losses, by hand."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch.nn.functional import conv2d, linear, log_softmax, max_pool2d

import zoo.models  # noqa: F401  registers
from zoo.models.backbones import SuperpixelPatches
from zoo.models.decode_heads import LocalConvnetHead
from zoo.models.decode_heads.strided_head import LOSS
from zoo.models.local_convnet import LocalConvnet


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def by_hand(state, x):
    """Return logits and the sides of the maps."""
    weights = list(state.values())
    sides = []
    for index in range(3):
        weight, bias = weights[2 * index : 2 * index + 2]
        x = max_pool2d(
            conv2d(x, weight, bias, padding=2), 3, 2, ceil_mode=True
        ).relu()
        sides.append(x.shape[-1])
    x = x.flatten(1)
    for index in range(3, 6):
        x = linear(x, *weights[2 * index : 2 * index + 2])
        x = x.relu() if index < 5 else x
    return x, sides


def test_layers_are_those_of_the_paper():
    net, x = LocalConvnet(21), torch.randn(2, 3, 35, 35)
    shapes = [tuple(p.shape) for p in net.parameters() if p.ndim > 1]
    assert shapes == [
        (32, 3, 5, 5),
        (32, 32, 5, 5),
        (64, 32, 5, 5),
        (1152, 1024),
        (1152, 1152),
        (21, 1152),
    ]
    expected, sides = by_hand(net.state_dict(), x)
    assert sides == [17, 8, 4]
    assert torch.allclose(net(x), expected, atol=1e-5)


def test_it_refuses_other_patches_and_a_single_class():
    with pytest.raises(ValueError, match=r'got \(2, 3, 25, 25\)'):
        LocalConvnet(2)(torch.zeros(2, 3, 25, 25))
    with pytest.raises(ValueError, match='at least 2, got 1'):
        LocalConvnet(1)


def make_head(**changes):
    torch.manual_seed(0)
    options = {'num_classes': 4, 'foreground': [3, 1], **changes}
    return LocalConvnetHead(**options)


def test_both_networks_learn_and_the_first_predicts():
    head, rows = make_head(), torch.randn(5, 3675)
    patches = rows.reshape(5, 3, 35, 35)
    logits = head(rows)
    assert logits.shape == (5, 6)
    assert torch.equal(logits[:, :4], head.layers(patches))
    assert torch.equal(logits[:, 4:], head.foreground_layers(patches))
    assert torch.equal(head.eval()(rows), logits[:, :4])


def test_features_are_probabilities_of_both():
    head, patches = make_head().eval(), torch.randn(5, 3, 35, 35)
    found = head.features(patches)
    assert found.shape == (5, head.num_features) == (5, 6)
    assert torch.allclose(found[:, :4], head.layers(patches).softmax(1))
    second = head.foreground_layers(patches).softmax(1)
    assert torch.allclose(found[:, 4:], second)


def test_losses_by_hand():
    logits, labels = torch.randn(6, 6), torch.tensor([0, 1, 2, 3, 255, 3])
    losses = make_head().loss_by_feat(logits, labels)
    known = [0, 1, 2, 3, 5]
    first = log_softmax(logits[:, :4], 1)
    second = log_softmax(logits[:, 4:], 1)
    things = {0: 0, 1: 1, 2: 0, 3: 1, 5: 1}
    expected = -sum(first[i, labels[i]] for i in known) / 5
    assert float(losses['loss_ce']) == pytest.approx(float(expected))
    expected = -sum(second[i, things[i]] for i in known) / 5
    found = losses['foreground_loss_ce']
    assert float(found) == pytest.approx(float(expected))
    right = sum(first[i].argmax() == labels[i] for i in known)
    found = float(losses['acc_seg'])
    assert found == pytest.approx(100 * int(right) / 5, abs=1e-4)


def test_each_network_learns_from_its_own_loss_only():
    head, labels = make_head(), torch.tensor([0, 1])
    losses = head.loss_by_feat(head(torch.randn(2, 3675)), labels)
    losses['foreground_loss_ce'].backward()
    assert not any(p.grad.any() for p in head.layers.parameters())
    grads = [p.grad for p in head.foreground_layers.parameters()]
    assert all(g is not None and g.abs().sum() > 0 for g in grads)


def test_without_foreground_there_is_one_network():
    head, rows = make_head(foreground=None), torch.randn(2, 3675)
    assert head.num_features == 4
    assert head(rows).shape == (2, 4)
    patches = rows.reshape(2, 3, 35, 35)
    assert head.features(patches).shape == (2, 4)
    losses = head.loss_by_feat(head(rows), torch.tensor([0, 1]))
    assert set(losses) == {'loss_ce', 'acc_seg'}


def test_other_losses_are_for_the_classes_alone():
    loss = {**LOSS, 'class_weight': [1.0, 2.0, 3.0, 4.0]}
    head = make_head(loss_decode=loss)
    logits, labels = torch.randn(3, 6), torch.tensor([0, 1, 2])
    found, plain = (
        h.loss_by_feat(logits, labels) for h in (head, make_head())
    )
    each = -log_softmax(logits[:, :4], 1)[range(3), labels]
    expected = float((each * torch.tensor([1.0, 2.0, 3.0])).sum()) / 6
    assert float(found['loss_ce']) == pytest.approx(expected)
    assert found['foreground_loss_ce'] == plain['foreground_loss_ce']


@pytest.mark.parametrize('foreground', [[], [4], [-1], [0, 1, 2, 3]])
def test_foreground_must_be_some_of_the_classes(foreground):
    with pytest.raises(ValueError, match='some of the classes 0 to 3'):
        make_head(foreground=foreground)


def test_other_rows_are_refused():
    with pytest.raises(ValueError, match=r'\(M, 3675\).*got \(2, 5\)'):
        make_head()(torch.zeros(2, 5))


def test_patches_of_a_photograph():
    """Left half red, right half blue: two superpixels, two flat patches."""
    photo = np.zeros((8, 12, 3), np.uint8)
    photo[:, :6, 0] = 255
    photo[:, 6:, 2] = 255
    labels = np.zeros((8, 12), np.int64)
    labels[:, 6:] = 1
    backbone = SuperpixelPatches()
    rows, again = backbone(torch.zeros(2, 3, 8, 12), [photo] * 2, [labels] * 2)
    assert torch.equal(rows, again)
    patches = rows.reshape(2, 3, 35, 35)
    centre = patches[:, :, 5:30, 5:30]
    assert torch.equal(centre.amin((2, 3)), centre.amax((2, 3)))
    # L*a*b of sRGB's red and blue under D65, as printed everywhere
    known = torch.tensor([[53.24, 80.09, 67.20], [32.30, 79.19, -107.86]])
    expected = (known - torch.tensor([50.0, 0, 0])) / 25
    assert torch.allclose(centre[:, :, 0, 0], expected, atol=0.02)
    assert MODELS.get('SuperpixelPatches') is SuperpixelPatches
