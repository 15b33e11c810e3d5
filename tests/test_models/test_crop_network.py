"""Regions described by a network: layers, ImageNet's weights, batches."""

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch import nn
from torch.nn.functional import conv2d, interpolate

import zoo.models  # noqa: F401  registers
from zoo.models.backbones import CropNetwork


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


NARROW = {
    'type': 'AtrousVGG16',
    'base_channels': 2,
    'pool_kernels': 2,
    'pool_strides': 2,
    'pool_pads': 0,
    'dilations': 1,
    'norm_cfg': {'type': 'BN'},
}


def make_network(**changes):
    torch.manual_seed(0)
    options = {'backbone': NARROW, 'in_channels': 16, 'hidden': [6, 5]}
    return CropNetwork(**{**options, 'pool': 'average', **changes})


def test_average_of_the_map_then_two_layers():
    network, x = make_network().eval(), torch.randn(2, 3, 40, 40) * 50
    found = network(x)
    assert found.shape == (2, network.out_channels) == (2, 5)
    mean = network.backbone(x)[-1].mean((2, 3))
    first, second = network.layers
    expected = (mean @ first.weight.T + first.bias).relu()
    expected = (expected @ second.weight.T + second.bias).relu()
    assert torch.allclose(found, expected, atol=1e-5)
    assert found.min() == 0


def test_flattening_is_a_convolution_over_the_whole_map():
    network = make_network(pool='flatten', cells=2, hidden=[6]).eval()
    x = torch.randn(2, 3, 64, 64) * 50
    maps = network.backbone(x)[-1]
    assert maps.shape == (2, 16, 2, 2)
    kernel = network.layers[0].weight.reshape(6, 16, 2, 2)
    expected = conv2d(maps, kernel, network.layers[0].bias).relu()
    assert torch.allclose(network(x), expected.flatten(1), atol=1e-5)


def test_a_map_of_another_size_is_not_flattened():
    network = make_network(pool='flatten', cells=2, hidden=[6])
    with pytest.raises(ValueError, match=r'must be 2 x 2, got \(3, 3\)'):
        network(torch.zeros(2, 3, 96, 96))


def test_vgg16_at_224_pixels_has_seven_cells():
    with torch.device('meta'):
        network = CropNetwork(
            backbone={**NARROW, 'base_channels': 64, 'norm_cfg': None}
        )
        assert network(torch.zeros(1, 3, 224, 224)).shape == (1, 4096)
    shapes = [tuple(layer.weight.shape) for layer in network.layers]
    assert shapes == [(4096, 25088), (4096, 4096)]


@MODELS.register_module(force=True)
class KeepsAClassifier(BaseModule):
    """A stand-in for a backbone with ImageNet's weights; two channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def init_weights(self):
        super().init_weights()
        generator = torch.Generator().manual_seed(1)
        self.imagenet_seed = 3
        self.imagenet_classifier = {
            'fc6.weight': torch.randn(6, 2, 7, 7, generator=generator),
            'fc6.bias': torch.randn(6, generator=generator),
            'fc7.weight': torch.randn(6, 6, 1, 1, generator=generator),
            'fc7.bias': torch.randn(6, generator=generator),
        }

    def forward(self, x):
        return (self.conv(x),)


def keeping(**changes):
    options = {'in_channels': 2, 'hidden': [6, 6], 'pool': 'flatten'}
    backbone = {'type': 'KeepsAClassifier'}
    return make_network(backbone=backbone, **{**options, **changes})


def test_fc6_and_fc7_are_imagenets():
    network, x = keeping().eval(), torch.randn(2, 3, 7, 7)
    network.init_weights()
    assert not hasattr(network.backbone, 'imagenet_classifier')
    source = KeepsAClassifier()
    source.init_weights()
    known = source.imagenet_classifier
    maps = network.backbone(x)[-1]
    hidden = conv2d(maps, known['fc6.weight'], known['fc6.bias']).relu()
    expected = conv2d(hidden, known['fc7.weight'], known['fc7.bias']).relu()
    assert torch.allclose(network(x), expected.flatten(1), atol=1e-5)


@pytest.mark.parametrize(
    'changes',
    [{'pool': 'average'}, {'hidden': [6, 5]}, {'hidden': [6]}],
)
def test_layers_that_are_not_imagenets_are_refused(changes):
    with pytest.raises(ValueError, match='fc6 and fc7 need'):
        keeping(**changes).init_weights()


def test_without_a_classifier_the_layers_stay():
    network = make_network()
    before = [p.clone() for p in network.layers.parameters()]
    network.init_weights()
    after = network.layers.parameters()
    assert all(map(torch.equal, before, after))


BOXES = torch.tensor(
    [[0, 0, 50, 40], [3, 4, 20, 40], [10, 0, 50, 9], [0, 7, 33, 12]]
)


@pytest.mark.parametrize('batch', [1, 3, 16])
def test_every_region_is_described_as_if_alone(batch):
    network, image = make_network(dropout=0.9), torch.randn(3, 40, 50) * 50
    before = {k: v.clone() for k, v in network.state_dict().items()}
    found = network.describe(image, BOXES, size=48, batch=batch)
    assert network.training  # as it was
    assert not found.requires_grad
    for key, value in network.state_dict().items():
        assert torch.equal(value, before[key])
    network.eval()
    assert found.shape == (4, 5)
    for row, (x0, y0, x1, y1) in zip(found, BOXES.tolist(), strict=True):
        square = interpolate(
            image[None, :, y0:y1, x0:x1],
            (48, 48),
            mode='bilinear',
            antialias=True,
        )
        assert torch.allclose(row, network(square)[0], atol=1e-4)


def test_a_frozen_network_stays_in_testing_mode():
    network = make_network().eval()
    network.describe(torch.zeros(3, 40, 50), BOXES, size=32)
    assert not network.training


def test_dropout_is_for_training_only():
    network, x = make_network(hidden=[64, 64]), torch.randn(4, 3, 40, 40) * 50
    network.backbone.eval()
    different = network(x), network(x)
    assert not torch.equal(*different)
    network.eval()
    assert torch.equal(network(x), network(x))


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'pool': 'max'}, "'average' or 'flatten', got 'max'"),
        ({'hidden': []}, 'hidden must name a layer'),
    ],
)
def test_settings_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        make_network(**changes)


def test_a_batch_of_nothing_is_refused():
    with pytest.raises(ValueError, match='batch must be at least 1, got 0'):
        make_network().describe(torch.zeros(3, 40, 50), BOXES, batch=0)
