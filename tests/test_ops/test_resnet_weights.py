from math import prod

import pytest
import torch
from torch.nn.functional import batch_norm, conv2d

from zoo.ops.resnet_weights import (
    BASIC_DEPTHS,
    DEPTHS,
    fold_input,
    read_resnet,
    resnet_shapes,
)

NORM = ('weight', 'bias', 'running_mean', 'running_var')
STEM = {'conv1.weight', 'bn1.running_mean', 'bn1.running_var'}


def file_of(depth):
    """Return a state dict as torchvision saves it, with few numbers."""
    state = {}
    for key, shape in resnet_shapes(depth).items():
        row = torch.rand(shape[0], *[1] * (len(shape) - 1))
        state[key] = row.expand(shape)
        if key.endswith('running_var'):
            counter = key.replace('running_var', 'num_batches_tracked')
            state[counter] = torch.tensor(7)
    features = 512 if depth in (18, 34) else 2048
    state['fc.weight'] = torch.zeros(1).expand(1000, features)
    state['fc.bias'] = torch.zeros(1000)
    return state


@pytest.mark.parametrize(
    ('depth', 'features', 'parameters'),
    [  # of the whole classifiers, as torchvision publishes them
        (18, 512, 11_689_512),
        (34, 512, 21_797_672),
        (50, 2048, 25_557_032),
        (101, 2048, 44_549_160),
        (152, 2048, 60_192_808),
    ],
)
def test_the_sizes_are_those_that_torchvision_publishes(
    depth, features, parameters
):
    count = sum(
        prod(shape)
        for key, shape in resnet_shapes(depth).items()
        if 'running' not in key
    )
    assert count + 1000 * features + 1000 == parameters


def test_the_depths_are_those_of_the_paper():
    assert DEPTHS == (18, 34, 50, 101, 152)
    assert BASIC_DEPTHS == (18, 34)


def test_a_basic_block_by_hand():
    shapes = resnet_shapes(18)
    block = {
        'conv1.weight': (128, 64, 3, 3),
        'conv2.weight': (128, 128, 3, 3),
        'downsample.0.weight': (128, 64, 1, 1),
        **{f'bn1.{part}': (128,) for part in NORM},
        **{f'bn2.{part}': (128,) for part in NORM},
        **{f'downsample.1.{part}': (128,) for part in NORM},
    }
    found = {k: v for k, v in shapes.items() if k.startswith('layer2.0.')}
    assert found == {f'layer2.0.{key}': shape for key, shape in block.items()}
    assert not any('layer1.0.downsample' in key for key in shapes)
    assert shapes['conv1.weight'] == (64, 3, 7, 7)


def test_a_bottleneck_by_hand():
    shapes = resnet_shapes(50)
    first = {k: v for k, v in shapes.items() if k.startswith('layer1.0.')}
    assert first.pop('layer1.0.conv1.weight') == (64, 64, 1, 1)
    assert first.pop('layer1.0.conv2.weight') == (64, 64, 3, 3)
    assert first.pop('layer1.0.conv3.weight') == (256, 64, 1, 1)
    assert first.pop('layer1.0.downsample.0.weight') == (256, 64, 1, 1)
    assert first.pop('layer1.0.bn3.running_var') == (256,)
    assert len(first) == 4 * 4 - 1
    assert shapes['layer4.2.conv1.weight'] == (512, 2048, 1, 1)
    assert 'layer1.1.downsample.0.weight' not in shapes


@pytest.mark.parametrize('convention', ['caffe', 'torchvision'])
@pytest.mark.parametrize('depth', [18, 50])
def test_all_but_the_stem_comes_back_as_it_is(depth, convention):
    state = file_of(depth)
    tensors = read_resnet(state, depth=depth, convention=convention)
    dropped = {k for k in state if 'num_batches' in k or k.startswith('fc.')}
    assert set(tensors) == set(state) - dropped
    for key in set(tensors) - STEM:
        assert torch.equal(tensors[key], state[key]), key
        assert tensors[key].data_ptr() == state[key].data_ptr(), key
    for key in STEM:
        assert tensors[key].shape == state[key].shape
        assert tensors[key].dtype == torch.float32


def stem(*, dtype=torch.float64, channels=5):
    """Return kernel, scale, shift, mean and variance of a small stem."""
    weight = torch.randn(channels, 3, 7, 7, dtype=dtype)
    gamma, beta, mean = torch.randn(3, channels, dtype=dtype)
    # down to variances that are no larger than the epsilon beside them
    var = torch.logspace(-6, 1, channels, dtype=dtype)
    return weight, gamma, beta, mean, var


def channels_first(values):
    return torch.tensor(values, dtype=torch.float64)[:, None, None]


def as_the_file_wants_it(rgb, convention):
    """Return the input of the network before, from RGB, 0 to 255."""
    if convention == 'caffe':
        bgr = rgb.flip(1)
        return bgr - channels_first([103.53, 116.28, 123.675])
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    return (rgb / 255 - channels_first(mean)) / channels_first(std)


def as_the_zoo_feeds_it(rgb):
    blue, green, red = rgb[:, 2], rgb[:, 1], rgb[:, 0]
    return torch.stack([blue - 104.008, green - 116.669, red - 122.675], dim=1)


@pytest.mark.parametrize('convention', ['caffe', 'torchvision'])
@pytest.mark.parametrize('with_bias', [False, True])
def test_the_stem_answers_a_photograph_as_before(convention, with_bias):
    weight, gamma, beta, mean, var = stem()
    rgb = torch.randint(0, 256, (2, 3, 24, 19)).double()
    bias = torch.randn(5, dtype=torch.float64) if with_bias else None
    before = conv2d(
        as_the_file_wants_it(rgb, convention), weight, bias, stride=2
    )
    expected = batch_norm(before, mean, var, gamma, beta, eps=1e-5)

    if with_bias:
        mean = mean - bias  # what read_resnet does, see below
    kernel, new_mean, new_var = fold_input(
        weight, mean, var, convention=convention
    )
    after = conv2d(as_the_zoo_feeds_it(rgb), kernel, stride=2)
    found = batch_norm(after, new_mean, new_var, gamma, beta, eps=1e-5)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_a_bias_of_the_first_convolution_is_a_part_of_the_mean():
    state = file_of(18)
    plain = read_resnet(state, depth=18, convention='torchvision')
    bias = torch.randn(64)
    state['conv1.bias'] = bias
    biased = read_resnet(state, depth=18, convention='torchvision')
    assert set(biased) == set(plain)
    mean = plain['bn1.running_mean'] - 255 * 0.226 * bias
    torch.testing.assert_close(biased['bn1.running_mean'], mean)


def test_torchvisions_weights_keep_their_size():
    """The mean deviation, 0.226, goes into the statistics."""
    weight, _, _, mean, var = stem()
    kernel, _, new_var = fold_input(
        weight, mean, var, convention='torchvision'
    )
    for ours, theirs, std in ((0, 2, 0.225), (1, 1, 0.224), (2, 0, 0.229)):
        expected = weight[:, theirs] * 0.226 / std
        torch.testing.assert_close(kernel[:, ours], expected)
    expected = (255 * 0.226) ** 2 * (var + 1e-5) - 1e-5
    torch.testing.assert_close(new_var, expected)


def test_caffes_weights_and_variances_stay_bit_for_bit():
    weight, _, _, mean, var = stem(dtype=torch.float32, channels=64)
    kernel, _, new_var = fold_input(weight, mean, var, convention='caffe')
    assert torch.equal(kernel, weight)
    assert torch.equal(new_var, var)


def test_a_learning_step_moves_the_stem_alike():
    """Gradients of the two stems, in the units of their channels."""
    weight, gamma, beta, mean, var = stem()
    rgb = torch.randint(0, 256, (1, 3, 16, 16)).double()
    kernel, new_mean, new_var = fold_input(
        weight, mean, var, convention='torchvision'
    )

    def gradient(image, weight, mean, var):
        weight = weight.clone().requires_grad_()
        x = conv2d(image, weight)
        batch_norm(x, mean, var, gamma, beta).square().mean().backward()
        return weight.grad

    before = gradient(
        as_the_file_wants_it(rgb, 'torchvision'), weight, mean, var
    )
    after = gradient(as_the_zoo_feeds_it(rgb), kernel, new_mean, new_var)
    ratio = after.flip(1).norm() / before.norm()
    assert 0.9 < ratio < 1.1


def test_refuses_what_is_no_such_resnet():
    state = file_of(18)

    def refuses(state, message, **options):
        options = {'depth': 18, 'convention': 'caffe'} | options
        with pytest.raises(ValueError, match=message):
            read_resnet(state, **options)

    refuses(state, r"convention .* got 'rgb'", convention='rgb')
    refuses(state, r'\(18, 34, 50, 101, 152\), got 20', depth=20)
    refuses({'features.0.weight': state['bn1.bias']}, r'features.0.weight is')
    refuses({}, r'conv1.weight is missing, expected shape \(64, 3, 7, 7\)')
    less = {k: v for k, v in state.items() if k != 'layer3.1.bn2.running_var'}
    refuses(less, r'layer3.1.bn2.running_var is missing.* \(256,\)')
    narrow = state | {'layer2.0.conv1.weight': torch.zeros(2, 1, 3, 3)}
    refuses(narrow, r'layer2.0.conv1.weight .*\(2, 1, 3, 3\), .*\(128, 64, 3')
    refuses(state | {'conv1.bias': torch.zeros(3)}, r'conv1.bias .*\(3,\)')
    refuses(state | {'fcx': torch.zeros(3)}, 'fcx is not part of a ResNet-18')


@pytest.mark.parametrize(
    ('held', 'asked'), [(34, 18), (101, 50), (152, 50), (50, 34), (50, 101)]
)
def test_notices_another_depth(held, asked):
    """A deeper file holds every tensor of a shallower one, and more."""
    with pytest.raises(ValueError, match=r'layer\d\.\d+\.'):
        read_resnet(file_of(held), depth=asked, convention='caffe')
