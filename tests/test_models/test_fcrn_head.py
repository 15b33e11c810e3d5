"""FCRN's head: size, field of view, layers, first weights."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from zoo.models.decode_heads import FCRNHead
from zoo.ops import field_of_view

# (kernel, dilation) of the paper's Tables 1 and 3
SETTINGS = [(3, 6), (3, 12), (3, 18), (5, 6), (5, 12), (5, 18), (7, 6)]
SETTINGS.append((7, 12))
each_setting = pytest.mark.parametrize(('kernel_size', 'dilation'), SETTINGS)


def small(**kwargs):
    options = {'in_channels': 4, 'num_classes': 3, **kwargs}
    return FCRNHead(**options).double()


def features_of(height, width, channels=4):
    return torch.randn(2, channels, height, width, dtype=torch.float64)


def test_has_one_weight_per_tap_channel_and_class():
    """1.075 million for the best setting of the paper, which is ours."""
    with torch.device('meta'):
        head = FCRNHead(in_channels=2048, num_classes=21)
    names = dict(head.named_parameters())
    assert set(names) == {'conv_seg.weight', 'conv_seg.bias'}
    count = sum(p.numel() for p in head.parameters())
    assert count == 25 * 2048 * 21 + 21 == 1_075_221


@pytest.mark.parametrize(('hidden_layers', 'norm'), [(1, 0), (2, 0), (1, 1)])
def test_hidden_layers_add_their_weights(hidden_layers, norm):
    with torch.device('meta'):
        head = FCRNHead(
            in_channels=2048,
            num_classes=21,
            kernel_size=3,
            hidden_layers=hidden_layers,
            norm_cfg={'type': 'BN'} if norm else None,
        )
    expected = 9 * 2048 * 512 + 512 + 9 * 512 * 21 + 21
    expected += (hidden_layers - 1) * (9 * 512 * 512 + 512)
    expected += norm * (2 * 512 - 512)  # scale and shift instead of a bias
    assert sum(p.numel() for p in head.parameters()) == expected


@each_setting
def test_the_classifier_has_the_taps_asked_for(kernel_size, dilation):
    head = small(kernel_size=kernel_size, dilation=dilation)
    layer = head.conv_seg
    assert layer.kernel_size == (kernel_size, kernel_size)
    assert layer.dilation == (dilation, dilation)
    assert layer.padding == ((kernel_size - 1) * dilation // 2,) * 2
    assert layer.stride == (1, 1)


def test_is_the_papers_best_unless_told():
    layer = small().conv_seg
    assert (layer.kernel_size, layer.dilation) == ((5, 5), (12, 12))
    assert layer.padding == (24, 24)


@each_setting
@pytest.mark.parametrize('hidden_layers', [0, 1])
@pytest.mark.parametrize('size', [(1, 1), (9, 7)])
@torch.no_grad()
def test_keeps_the_size_of_the_map(kernel_size, dilation, hidden_layers, size):
    head = small(
        kernel_size=kernel_size,
        dilation=dilation,
        hidden_layers=hidden_layers,
        channels=2,
    )
    assert head([features_of(*size)]).shape == (2, 3, *size)


@pytest.mark.parametrize(
    ('kernel_size', 'dilation', 'hidden_layers'),
    [(5, 12, 0), (3, 6, 0), (7, 6, 0), (4, 2, 0), (1, 3, 0), (3, 4, 1)],
)
def test_a_cell_answers_within_its_field_of_view(
    kernel_size, dilation, hidden_layers
):
    """Positive weights let no answer cancel out; a tap is one cell."""
    head = small(
        kernel_size=kernel_size,
        dilation=dilation,
        hidden_layers=hidden_layers,
        channels=2,
    )
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.abs_().add_(0.1)
        empty = torch.zeros(1, 4, 65, 65, dtype=torch.float64)
        impulse = empty.clone()
        impulse[:, :, 32, 32] = 1
        answer = (head([impulse]) - head([empty])).abs().sum((0, 1)) > 1e-9
    reach = (1 + hidden_layers) * (kernel_size - 1)
    start = 32 - reach * dilation // 2
    taps = torch.arange(start, start + reach * dilation + 1, dilation)
    expected = torch.zeros(65, 65, dtype=torch.bool)
    expected[taps[:, None], taps] = True
    assert torch.equal(answer, expected)
    rows = answer.any(1).nonzero()
    cells = (rows[-1] - rows[0] + 1).item()
    wider = hidden_layers * 8 * (kernel_size - 1) * dilation
    assert 8 * cells == field_of_view(8, kernel_size, dilation) + wider


@torch.no_grad()
def test_is_a_convolution():
    head, x = small(kernel_size=3, dilation=2), features_of(7, 9)
    expected = functional.conv2d(
        x, head.conv_seg.weight, head.conv_seg.bias, padding=2, dilation=2
    )
    torch.testing.assert_close(head([x]), expected)


def hidden_by_hand(x, layers):
    """Convolve, normalise over batch and positions, and cut below 0."""
    convolution, norm = layers
    x = functional.conv2d(
        x, convolution.weight, convolution.bias, padding=4, dilation=4
    )
    if norm is not None:
        mean = x.mean((0, 2, 3), keepdim=True)
        spread = x.var((0, 2, 3), unbiased=False, keepdim=True) + norm.eps
        scale, shift = (p[:, None, None] for p in (norm.weight, norm.bias))
        x = (x - mean) / spread.sqrt() * scale + shift
    return x.clamp(min=0)


@pytest.mark.parametrize('norm_cfg', [None, {'type': 'BN'}])
@pytest.mark.parametrize('hidden_layers', [1, 2])
@torch.no_grad()
def test_hidden_layers_by_hand(norm_cfg, hidden_layers):
    """Each a convolution, a normalisation if asked for, and a ReLU."""
    head = small(
        kernel_size=3,
        dilation=4,
        hidden_layers=hidden_layers,
        channels=5,
        norm_cfg=norm_cfg,
    ).train()
    convolutions = [m for m in head.hidden if isinstance(m, nn.Conv2d)]
    norms = [m for m in head.hidden if isinstance(m, nn.BatchNorm2d)]
    assert len(convolutions) == hidden_layers
    assert len(norms) == (hidden_layers if norm_cfg else 0)
    for norm in norms:
        norm.weight.uniform_(0.5, 2)
        norm.bias.normal_()
    features = features_of(11, 9)
    x, before = features, features.clone()
    for layers in zip(convolutions, norms or [None] * 2, strict=False):
        x = hidden_by_hand(x, layers)
        assert x.shape[1] == 5
    expected = functional.conv2d(
        x, head.conv_seg.weight, head.conv_seg.bias, padding=4, dilation=4
    )
    torch.testing.assert_close(head([features]), expected)
    assert torch.equal(features, before)


@torch.no_grad()
def test_reads_the_map_of_its_index():
    head, maps = small(in_index=1), [features_of(5, 5) for _ in range(3)]
    assert torch.equal(head(maps), head([None, maps[1], None]))


@pytest.mark.parametrize('hidden_layers', [0, 1])
def test_dropout_comes_right_before_the_classifier(hidden_layers):
    """Single activations, in training only, the rest scaled up; 0 unless."""
    options = {'hidden_layers': hidden_layers, 'channels': 50}
    head = small(in_channels=50, dropout_ratio=0.4, **options)
    seen = []
    head.conv_seg.register_forward_pre_hook(lambda _, args: seen.append(args))
    x = features_of(9, 9, channels=50)
    hidden = head.hidden(x)
    for mode in (True, False):
        head.train(mode)([x])
    dropped, kept = seen[0][0], seen[1][0]
    torch.testing.assert_close(kept, hidden)
    gone = (dropped == 0) & (hidden != 0)
    share = gone.sum() / (hidden != 0).sum()
    assert share.item() == pytest.approx(0.4, abs=0.04)
    assert gone.flatten(2).any(2).all()  # no channel is spared
    torch.testing.assert_close(dropped[~gone], hidden[~gone] / 0.6)
    plain = small(in_channels=50, **options).train()
    trained = plain([x])
    torch.testing.assert_close(trained, plain.eval()([x]))


def test_first_weights_are_xaviers():
    """Normal, of variance 2 over the taps in and out; no bias."""
    head = FCRNHead(
        in_channels=64,
        num_classes=32,
        channels=96,
        kernel_size=3,
        hidden_layers=1,
    )
    for layer in (head.hidden[0], head.conv_seg):
        nn.init.constant_(layer.bias, 7.0)
    head.init_weights()
    for layer, ends in ((head.hidden[0], 160), (head.conv_seg, 128)):
        weight, std = layer.weight.detach(), math.sqrt(2 / (9 * ends))
        assert weight.std().item() == pytest.approx(std, rel=0.03)
        assert weight.mean().item() == pytest.approx(0, abs=0.02 * std)
        beyond = (weight.abs() > 2 * std).float().mean().item()
        assert beyond == pytest.approx(0.0455, abs=0.005)  # a normal's tails
        assert not layer.bias.any()


def test_first_weights_can_be_others():
    head = FCRNHead(
        in_channels=4,
        num_classes=3,
        init_cfg={'type': 'Constant', 'val': 0.5, 'layer': 'Conv2d'},
    )
    head.init_weights()
    assert (head.conv_seg.weight == 0.5).all()


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'kernel_size': 0}, 'at least 1, .* got 0, 12, 0'),
        ({'dilation': 0}, 'at least 1, .* got 5, 0, 0'),
        ({'hidden_layers': -1}, 'at least 0, got 5, 12, -1'),
        (
            {'kernel_size': 4, 'dilation': 3},
            'must be even .* got kernel_size 4 and dilation 3',
        ),
        ({'loss_at': 'pixel'}, "'cells' or 'pixels', got 'pixel'"),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        small(**wrong)
