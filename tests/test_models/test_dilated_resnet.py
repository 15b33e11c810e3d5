"""The dilated ResNet: its cells, its statistics, its dropout."""

import copy
import math

import pytest
import torch
from mmseg.registry import MODELS
from torch import nn
from torch.nn import functional

from zoo.models.backbones import DilatedResNet

NARROW = {'base_channels': 4, 'stem_channels': 4}
KINDS = [(18, 'pytorch'), (50, 'caffe'), (50, 'pytorch')]
each_kind = pytest.mark.parametrize(('depth', 'style'), KINDS)


def narrow(depth=18, **kwargs):
    net = DilatedResNet(depth=depth, **{**NARROW, **kwargs}).double()
    net.eval()  # mmseg's returns nothing
    return net


@torch.no_grad()
def plain_of(depth, style, **kwargs):
    """Return mmseg's ResNet with normalisations that do something."""
    config = {'type': 'ResNet', 'depth': depth, 'style': style, **NARROW}
    net = MODELS.build({**config, **kwargs}).double()
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.5)
            layer.running_var.uniform_(0.5, 2)
            layer.weight.uniform_(0.5, 1.5)
            layer.bias.normal_(std=0.5)
    net.eval()
    return net


def image_of(height, width, images=1):
    return torch.randn(images, 3, height, width, dtype=torch.float64)


@each_kind
@pytest.mark.parametrize('output_stride', [4, 8, 16, 32])
@pytest.mark.parametrize('size', [(97, 161), (100, 75)])
@torch.no_grad()
def test_keeps_the_values_of_the_plain_networks_cells(
    depth, style, output_stride, size
):
    """All four stages; the cells between are new."""
    plain = plain_of(depth, style)
    net = narrow(depth, style=style, output_stride=output_stride)
    net.load_state_dict(plain.state_dict())
    image, stride = image_of(*size), 4
    for coarse, fine in zip(plain(image), net(image), strict=True):
        step = max(1, stride // output_stride)
        ends = [math.ceil(s / min(stride, output_stride)) for s in size]
        assert list(fine.shape[2:]) == ends
        torch.testing.assert_close(fine[:, :, ::step, ::step], coarse)
        assert coarse.std() > 0.1
        stride *= 2


LAYOUTS = {  # strides and dilations that mmseg has to be given
    4: ((1, 1, 1, 1), (1, 2, 4, 8)),
    8: ((1, 2, 1, 1), (1, 1, 2, 4)),
    16: ((1, 2, 2, 1), (1, 1, 1, 2)),
    32: ((1, 2, 2, 2), (1, 1, 1, 1)),
}


@pytest.mark.parametrize('style', ['caffe', 'pytorch'])
@pytest.mark.parametrize('output_stride', LAYOUTS)
@torch.no_grad()
def test_has_mmsegs_layout_for_bottlenecks(style, output_stride):
    """Contracted where the second convolution of a block had the stride."""
    strides, dilations = LAYOUTS[output_stride]
    dilated = plain_of(
        50,
        style,
        strides=strides,
        dilations=dilations,
        contract_dilation=style == 'pytorch',
    )
    net = narrow(50, style=style, output_stride=output_stride)
    net.load_state_dict(dilated.state_dict())
    image = image_of(65, 49, 2)
    for found, expected in zip(net(image), dilated(image), strict=True):
        torch.testing.assert_close(found, expected)


def test_is_at_stride_8_in_caffes_way_unless_told():
    """The 1 x 1 convolution had the stride: all of 3 x 3 are dilated."""
    with torch.device('meta'):
        net = DilatedResNet(depth=50)
    found = [
        {
            (block.conv1.stride, block.conv2.stride, block.conv2.dilation)
            for block in net.get_submodule(name)
        }
        for name in net.res_layers
    ]
    one = (1, 1)
    assert found == [
        {(one, one, one)},
        {((2, 2), one, one), (one, one, one)},
        {(one, one, (2, 2))},
        {(one, one, (4, 4))},
    ]


@pytest.mark.parametrize(
    ('output_stride', 'dilations'),
    [(4, [1, 1, 1, 2, 2, 4, 4, 8]), (8, [1, 1, 1, 1, 1, 2, 2, 4])],
)
def test_dilations_of_basic_blocks(output_stride, dilations):
    """First blocks: the dilation grows behind the convolution of stride 2."""
    with torch.device('meta'):
        net = DilatedResNet(depth=18, output_stride=output_stride)
    found = [
        layer.dilation[0]
        for name in net.res_layers
        for layer in (
            net.get_submodule(name)[0].conv1,
            net.get_submodule(name)[0].conv2,
        )
    ]
    assert found == dilations


@pytest.mark.parametrize(
    ('depth', 'millions'), [(50, 25.557), (101, 44.549), (152, 60.193)]
)
def test_has_the_published_number_of_weights(depth, millions):
    """Less the layer of the 1000 classes, 2.049 million."""
    with torch.device('meta'):
        net = DilatedResNet(depth=depth, dropout=(0.3, 0.5))
    count = sum(p.numel() for p in net.parameters())
    assert (count + 2048 * 1000 + 1000) / 1e6 == pytest.approx(
        millions, abs=5e-4
    )


@pytest.mark.parametrize(
    ('depth', 'widths'),
    [(18, (64, 128, 256, 512)), (50, (256, 512, 1024, 2048))],
)
def test_returns_four_maps(depth, widths):
    with torch.device('meta'):
        maps = DilatedResNet(depth=depth)(torch.zeros(2, 3, 65, 33))
    assert [tuple(x.shape) for x in maps] == [
        (2, width, *size)
        for width, size in zip(
            widths, [(17, 9), (9, 5), (9, 5), (9, 5)], strict=True
        )
    ]


@torch.no_grad()
def test_has_the_channels_of_a_pixel_side_by_side():
    maps = narrow()(image_of(33, 41, 2))
    assert all(
        x.is_contiguous(memory_format=torch.channels_last) for x in maps
    )


def trained(net):
    """Return names and values that a step of SGD has changed."""
    net.train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    sum(x.square().mean() for x in net(image_of(33, 41, 2))).backward()
    optimiser.step()
    after = net.state_dict()
    return {k for k in before if not torch.equal(before[k], after[k])}


@pytest.mark.parametrize('dropout', [(0.0, 0.0), (0.3, 0.5)])
@pytest.mark.parametrize('depth', [18, 50])
def test_statistics_are_frozen_and_all_else_learns(depth, dropout):
    net = narrow(depth, dropout=dropout)
    net.load_state_dict(plain_of(depth, 'caffe').state_dict())
    assert trained(net) == {name for name, _ in net.named_parameters()}


def test_statistics_move_if_told():
    net = narrow(norm_eval=False)
    net.load_state_dict(plain_of(18, 'caffe').state_dict())
    assert trained(net) == set(net.state_dict())


def test_normalisation_stays_frozen_through_changes_of_mode():
    net = narrow(50)
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 53
    for mode in (True, False, True):
        net.train(mode)
        assert net.training is mode
        assert not any(norm.training for norm in norms)


def test_frozen_stages_neither_learn_nor_are_they_dropped():
    names = trained(narrow(norm_eval=False, frozen_stages=2))
    assert {name.split('.')[0] for name in names} == {'layer3', 'layer4'}


RATIOS = (0.3, 0.6)
LAST = {18: 'conv2', 50: 'conv3'}


def blocks_of(net):
    """Yield stage, block and its convolutions."""
    for stage, name in enumerate(net.res_layers, 1):
        for block in net.get_submodule(name):
            yield (
                stage,
                block,
                [
                    layer
                    for layer in block.modules()
                    if isinstance(layer, nn.Conv2d)
                ],
            )


@pytest.mark.parametrize('depth', [18, 50])
def test_dropout_leaves_weights_and_their_names(depth):
    net = narrow(depth, dropout=RATIOS)
    plain = plain_of(depth, 'caffe').state_dict()
    shapes = {name: value.shape for name, value in plain.items()}
    found = {name: value.shape for name, value in net.state_dict().items()}
    assert found == shapes
    assert list(found) == list(shapes)


@each_kind
@pytest.mark.parametrize('output_stride', [8, 32])
@torch.no_grad()
def test_dropout_is_off_in_testing(depth, style, output_stride):
    options = {'style': style, 'output_stride': output_stride}
    net, thin = (
        narrow(depth, dropout=dropout, **options)
        for dropout in ((0.0, 0.0), RATIOS)
    )
    weights = plain_of(depth, style).state_dict()
    for each in (net, thin):
        each.load_state_dict(weights)
    image = image_of(65, 49)
    for found, expected in zip(thin(image), net(image), strict=True):
        assert torch.equal(found, expected)


@pytest.mark.parametrize('depth', [18, 50])
@torch.no_grad()
def test_dropout_stands_before_the_last_convolution_of_late_blocks(depth):
    """A filter of ones at the centre tells what a convolution gets to see."""
    net = narrow(depth, dropout=RATIOS)
    for stage, block, layers in blocks_of(net):
        ratio = {3: RATIOS[0], 4: RATIOS[1]}.get(stage, 0.0)
        for layer in layers:
            layer.weight.zero_()
            middle = layer.kernel_size[0] // 2
            layer.weight[0, 0, middle, middle] = 1.0
            x = 1 + torch.rand(
                1, layer.in_channels, 64, 64, dtype=torch.float64
            )
            for training in (True, False):
                seen = layer.train(training)(x)[0, 0]
                given = x[0, 0, :: layer.stride[0], :: layer.stride[0]]
                is_last = layer is getattr(block, LAST[depth])
                share = ratio if is_last and training else 0.0
                zeros = (seen == 0).double().mean().item()
                assert zeros == pytest.approx(share, abs=0.05)
                if not share:
                    assert zeros == 0
                kept = seen != 0
                torch.testing.assert_close(
                    seen[kept], given[kept] / (1 - share)
                )


@pytest.mark.parametrize('depth', [18, 50])
@torch.no_grad()
def test_a_block_with_dropout_by_hand(depth):
    """A draw of the same seed, between the last ReLU and the last layer."""
    net = narrow(depth, dropout=(0.0, 0.9))
    net.load_state_dict(plain_of(depth, 'caffe').state_dict())
    net.train()
    block = net.layer4[0]
    x = torch.rand(
        2, net.layer3[-1].conv1.in_channels, 9, 7, dtype=torch.float64
    )
    torch.manual_seed(5)
    found = block(x)
    torch.manual_seed(5)
    out, names = x, [f'conv{n}' for n in range(1, int(LAST[depth][-1]) + 1)]
    for name in names:
        layer = block.get_submodule(name)
        if name == names[-1]:
            out = functional.dropout(out, 0.9)
        out = functional.conv2d(
            out,
            layer.weight,
            padding=layer.padding,
            dilation=layer.dilation,
        )
        out = block.get_submodule(name.replace('conv', 'bn'))(out)
        out = out if name == names[-1] else out.clamp(min=0)
    expected = (out + block.downsample(x)).clamp(min=0)
    torch.testing.assert_close(found, expected)


def test_a_copy_has_a_mode_of_its_own():
    """As an average of weights is kept, or a second view of a model."""
    net = narrow(dropout=(0.0, 0.9))
    net.train()
    net.load_state_dict(plain_of(18, 'caffe').state_dict())
    twin = copy.deepcopy(net)
    twin.eval()
    image = image_of(33, 33)
    assert net.training
    assert torch.equal(twin(image)[3], twin(image)[3])
    assert not torch.equal(net(image)[3], net(image)[3])
    with torch.no_grad():
        twin.layer4[0].conv2.weight.zero_()
    assert net.layer4[0].conv2.weight.any()


def test_first_weights_are_the_plain_networks():
    """He's, of the same spread behind dropout as elsewhere."""
    net = DilatedResNet(
        depth=18, base_channels=16, stem_channels=16, dropout=RATIOS
    )
    net.init_weights()
    for _, _, layers in blocks_of(net):
        for layer in layers:
            fan = layer.out_channels * layer.kernel_size[0] ** 2
            spread = layer.weight.std().item() * math.sqrt(fan / 2)
            assert spread == pytest.approx(1, abs=0.15)


@pytest.mark.filterwarnings('ignore:torch.utils.checkpoint')  # mmseg's call
def test_checkpointed_blocks_give_the_same_gradient():
    """What is dropped is dropped again when a block is computed again."""
    weights, grads = plain_of(18, 'caffe').state_dict(), []
    for with_cp in (False, True):
        net = narrow(dropout=(0.4, 0.4), with_cp=with_cp)
        net.load_state_dict(weights)
        net.train()
        torch.manual_seed(2)
        net(image_of(33, 33))[3].sum().backward()
        grads.append(net.layer1[0].conv1.weight.grad)
    torch.testing.assert_close(*grads)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'style': 'torch'}, r"one of \('caffe', 'pytorch'\), got 'torch'"),
        ({'depth': 20}, r'one of \(18, 34, 50, 101, 152\), got 20'),
        ({'output_stride': 2}, r'one of \(4, 8, 16, 32\), got 2'),
        ({'output_stride': 64}, r'one of \(4, 8, 16, 32\), got 64'),
        ({'dropout': (0.5,)}, r'dropout must be two .* got \(0.5,\)'),
        ({'dropout': (0.5, 1.0)}, r'from 0 to below 1.* got \(0.5, 1.0\)'),
        ({'dropout': (-0.1, 0.5)}, r'from 0 to below 1.* got \(-0.1, 0.5\)'),
        ({'strides': (1, 2, 1, 1)}, 'strides is not supported'),
        ({'dilations': (1, 1, 2, 4)}, 'dilations is not supported'),
        ({'contract_dilation': True}, 'contract_dilation is not supported'),
        ({'multi_grid': (1, 2, 4)}, 'multi_grid is not supported'),
        ({'avg_down': True}, 'avg_down is not supported'),
        ({'num_stages': 3}, 'num_stages is not supported'),
        ({'conv_cfg': None}, 'conv_cfg is not supported'),
        ({'dcn': None}, 'dcn is not supported: output_stride decides'),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        narrow(**wrong)
