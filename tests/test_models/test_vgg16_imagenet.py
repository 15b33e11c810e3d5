import pytest
import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmengine.registry import WEIGHT_INITIALIZERS, DefaultScope
from torch import nn

from zoo.errors import UserError
from zoo.models.vgg16_imagenet import (
    VGG16ImageNet,
    hand_over_classifier,
    hand_over_fc6,
    load_classifier,
)

WIDTHS = {1: (64, 2), 2: (128, 2), 3: (256, 3), 4: (512, 3), 5: (512, 3)}


class Backbone(BaseModule):
    """A stand-in: VGG-16's convolutions and nothing else."""

    def __init__(self, *, base=64, bias=True, **kwargs):
        super().__init__(**kwargs)
        before = 3
        for block, (width, count) in WIDTHS.items():
            for i in range(1, count + 1):
                after = width * base // 64
                conv = nn.Conv2d(before, after, 3, bias=bias)
                self.add_module(f'conv{block}_{i}', conv)
                before = after

    def convolutions(self):
        return dict(self.named_children())


class Head(nn.Module):
    """A stand-in: one layer bare, one inside a ConvModule."""

    def __init__(self, inputs=2, channels=3, kernel_size=3):
        super().__init__()
        self.fc6 = nn.Conv2d(inputs, channels, kernel_size)
        self.fc7 = ConvModule(channels, channels, 1)


def small_classifier():
    return {
        'fc6.weight': torch.randn(6, 2, 7, 7),
        'fc6.bias': torch.arange(6.0),
        'fc7.weight': torch.randn(6, 6, 1, 1),
        'fc7.bias': torch.arange(6.0) + 10,
    }


@pytest.fixture(scope='module')
def vgg16_file(tmp_path_factory):
    """A whole VGG-16 in torchvision's names; fc6 and fc7 are constant."""
    state = {}
    index = iter((0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28))
    before = 3
    for width, count in WIDTHS.values():
        for _ in range(count):
            i = next(index)
            row = torch.randn(width, 1, 3, 3)
            state[f'features.{i}.weight'] = row.expand(-1, before, -1, -1)
            state[f'features.{i}.bias'] = torch.randn(width)
            before = width
    one = torch.ones(1)
    state['classifier.0.weight'] = one.expand(4096, 25088)
    state['classifier.0.bias'] = one.expand(4096)
    state['classifier.3.weight'] = 2 * one.expand(4096, 4096)
    state['classifier.3.bias'] = 2 * one.expand(4096)
    path = tmp_path_factory.mktemp('vgg') / 'vgg16.pth'
    torch.save(state, path)
    return path, state


def configured(path, **kwargs):
    cfg = {'type': 'VGG16ImageNet', 'checkpoint': str(path), 'seed': 7}
    return Backbone(init_cfg={**cfg, 'convention': 'caffe'}, **kwargs)


@pytest.mark.parametrize('wrapped', [False, True])
def test_init_weights_fills_the_backbone_and_keeps_the_classifier(
    vgg16_file, tmp_path, wrapped
):
    path, state = vgg16_file
    if wrapped:
        path = tmp_path / 'wrapped.pth'
        torch.save({'state_dict': state, 'meta': {}}, path)
    with DefaultScope.overwrite_default_scope('mmseg'):  # as under a Runner
        backbone = configured(path)
        backbone.init_weights()
    assert torch.equal(backbone.conv1_2.weight, state['features.2.weight'])
    assert torch.equal(backbone.conv5_3.bias, state['features.28.bias'])
    assert backbone.imagenet_seed == 7
    kept = backbone.imagenet_classifier
    assert kept['fc6.weight'].shape == (4096, 512, 7, 7)
    assert (kept['fc7.weight'] == 2).all()
    assert set(backbone.state_dict()) == {
        f'{name}.{part}'
        for name in backbone.convolutions()
        for part in ('weight', 'bias')
    }


def test_torchvision_input_is_folded(vgg16_file):
    path, state = vgg16_file
    backbone = Backbone()
    VGG16ImageNet(checkpoint=str(path), convention='torchvision')(backbone)
    spread = (255 * 0.226) ** (12 / 13)  # mean of torchvision's std
    blue = state['features.0.weight'][:, 2] / (255 * 0.225) * spread
    torch.testing.assert_close(backbone.conv1_1.weight[:, 0], blue)


def test_a_file_without_a_classifier_leaves_the_head_alone(
    vgg16_file, tmp_path
):
    features = {k: v for k, v in vgg16_file[1].items() if k[0] == 'f'}
    torch.save(features, tmp_path / 'features.pth')
    backbone, head = configured(tmp_path / 'features.pth'), Head()
    backbone.init_weights()
    before = head.fc6.weight.clone()
    assert hand_over_classifier(backbone, head) is False
    assert torch.equal(head.fc6.weight, before)


def test_a_full_size_head_takes_decimated_subsets(vgg16_file):
    backbone = configured(vgg16_file[0])
    backbone.init_weights()
    head = Head(inputs=512, channels=1024)
    assert hand_over_classifier(backbone, head) is True
    assert (head.fc6.weight == 1).all()
    assert (head.fc7.conv.weight == 2).all()
    assert not hasattr(backbone, 'imagenet_classifier')


def test_the_head_gets_the_taps_and_filters_that_the_seed_names():
    classifier, head = small_classifier(), Head()
    load_classifier(head.fc6, head.fc7, classifier, seed=0)
    kept6 = head.fc6.bias.long()
    kept7 = head.fc7.conv.bias.long() - 10
    for i, filter6 in enumerate(kept6):
        taps = classifier['fc6.weight'][filter6][:, [0, 3, 6]][:, :, [0, 3, 6]]
        assert torch.equal(head.fc6.weight[i], taps)
    expected = classifier['fc7.weight'][kept7[:, None], kept6[None]]
    assert torch.equal(head.fc7.conv.weight, expected)
    other = Head()
    load_classifier(other.fc6, other.fc7, classifier, seed=1)
    assert not torch.equal(other.fc6.bias, head.fc6.bias)


def test_the_seed_of_the_config_reaches_the_head():
    classifier, head, expected = small_classifier(), Head(), Head()
    backbone = nn.Module()
    backbone.imagenet_classifier = classifier
    backbone.imagenet_seed = 1
    assert hand_over_classifier(backbone, head)
    load_classifier(expected.fc6, expected.fc7, classifier, seed=1)
    assert torch.equal(head.fc6.weight, expected.fc6.weight)


def test_a_head_without_these_layers_is_left_alone():
    backbone = nn.Module()
    backbone.imagenet_classifier = small_classifier()
    assert hand_over_classifier(backbone, nn.Conv2d(2, 3, 1)) is False
    assert not hasattr(backbone, 'imagenet_classifier')


@pytest.mark.parametrize('kernel_size', [3, 7])
def test_layers_of_the_backbone_itself_start_from_fc6_all_alike(kernel_size):
    backbone, expected = nn.Module(), Head(kernel_size=kernel_size)
    classifier = small_classifier()
    backbone.imagenet_classifier = classifier
    backbone.imagenet_seed = 1
    layers = [nn.Conv2d(2, 3, kernel_size), ConvModule(2, 3, kernel_size)]
    assert hand_over_fc6(backbone, layers) is True
    load_classifier(expected.fc6, expected.fc7, classifier, seed=1)
    for layer in (layers[0], layers[1].conv):
        assert torch.equal(layer.weight, expected.fc6.weight)
        assert torch.equal(layer.bias, expected.fc6.bias)
    assert hand_over_fc6(backbone, layers) is False  # nothing is left
    backbone.imagenet_classifier = classifier
    with pytest.raises(ValueError, match=r'fc6.weight is \(3, 5'):
        hand_over_fc6(backbone, [nn.Conv2d(5, 3, kernel_size)])


def test_refuses_other_backbones_before_reading(tmp_path):
    absent = tmp_path / 'absent.pth'
    with pytest.raises(UserError, match='base_channels=64 only'):
        configured(absent, base=8).init_weights()
    with pytest.raises(UserError, match='norm_cfg=None'):
        configured(absent, bias=False).init_weights()
    backbone = configured(absent)
    del backbone.conv5_3
    with pytest.raises(UserError, match='not those of VGG-16'):
        backbone.init_weights()


def test_refuses_files_in_one_line_with_a_remedy(vgg16_file, tmp_path):
    torch.save({'weight': torch.zeros(1)}, tmp_path / 'other.pth')
    for name in ('absent.pth', 'other.pth'):
        with pytest.raises(UserError) as caught:
            configured(tmp_path / name).init_weights()
        message = str(caught.value)
        assert str(tmp_path / name) in message
        assert '\n' not in message
    assert 'init_cfg=None' in message


def test_refuses_heads_that_do_not_fit():
    classifier = small_classifier()
    for wrong in (Head(inputs=5), Head(channels=7), Head(kernel_size=5)):
        with pytest.raises(ValueError, match=r'fc6.weight|channels|kernel'):
            load_classifier(wrong.fc6, wrong.fc7, classifier, seed=0)
    head = Head()
    with pytest.raises(ValueError, match='got Linear'):
        load_classifier(head.fc6, nn.Linear(3, 3), classifier, seed=0)


def test_refuses_an_unknown_convention():
    with pytest.raises(ValueError, match="got 'rgb'"):
        WEIGHT_INITIALIZERS.build(
            {'type': 'VGG16ImageNet', 'checkpoint': '', 'convention': 'rgb'}
        )
