import pytest
import torch
from torch.nn.functional import conv2d

from zoo.ops.vgg_weights import (
    CONV_SHAPES,
    adapt_classifier,
    decimate_fc6,
    fold_torchvision_input,
    read_vgg16,
    spread_scale,
    subset_filters,
)

# Written out by hand: name, index in torchvision's features, inputs, outputs.
LAYERS = [
    ('conv1_1', 0, 3, 64),
    ('conv1_2', 2, 64, 64),
    ('conv2_1', 5, 64, 128),
    ('conv2_2', 7, 128, 128),
    ('conv3_1', 10, 128, 256),
    ('conv3_2', 12, 256, 256),
    ('conv3_3', 14, 256, 256),
    ('conv4_1', 17, 256, 512),
    ('conv4_2', 19, 512, 512),
    ('conv4_3', 21, 512, 512),
    ('conv5_1', 24, 512, 512),
    ('conv5_2', 26, 512, 512),
    ('conv5_3', 28, 512, 512),
]


@pytest.fixture(scope='module')
def caffe_state():
    """Return Caffe's layout; the large tensors repeat one row in memory."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, _, inputs, outputs in LAYERS:
        row = torch.randn(outputs, 1, 3, 3, generator=generator)
        state[f'{name}.weight'] = row.expand(-1, inputs, -1, -1)
        state[f'{name}.bias'] = torch.randn(outputs, generator=generator)
    state['fc6.weight'] = torch.arange(25088.0).expand(4096, -1)
    state['fc7.weight'] = torch.arange(4096.0).expand(4096, -1)
    for name, size in (('fc6', 4096), ('fc7', 4096), ('fc8', 1000)):
        state[f'{name}.bias'] = torch.randn(size, generator=generator)
    state['fc8.weight'] = torch.zeros(1).expand(1000, 4096)
    return state


def renamed(state, fc6, fc7, fc8):
    names = {name: f'features.{index}' for name, index, _, _ in LAYERS}
    names |= {'fc6': fc6, 'fc7': fc7, 'fc8': fc8}
    return {
        f'{names[key.split(".")[0]]}.{key.split(".")[1]}': value
        for key, value in state.items()
    }


def layouts(state):
    return [
        state,
        renamed(state, 'classifier.0', 'classifier.3', 'classifier.6'),
        renamed(state, 'classifier.1', 'classifier.4', 'classifier.6'),
    ]


def test_three_layouts_give_the_same_tensors(caffe_state):
    expected_keys = {
        f'{name}.{part}'
        for name in [*(layer[0] for layer in LAYERS), 'fc6', 'fc7']
        for part in ('weight', 'bias')
    }
    for state in layouts(caffe_state):
        tensors = read_vgg16(state, convention='caffe')
        assert set(tensors) == expected_keys
        for name, _, inputs, outputs in LAYERS:
            assert tensors[f'{name}.weight'].shape == (outputs, inputs, 3, 3)
        for key in expected_keys - {'fc6.weight', 'fc7.weight'}:
            assert torch.equal(tensors[key], caffe_state[key]), key
        assert tensors['fc7.weight'].shape == (4096, 4096, 1, 1)
        assert tensors['fc7.weight'][5, 17, 0, 0] == 17


def test_fc6_is_unflattened_channel_by_channel_then_row_by_row(caffe_state):
    fc6 = read_vgg16(caffe_state, convention='caffe')['fc6.weight']
    assert fc6.shape == (4096, 512, 7, 7)
    for channel, row, column in [(0, 0, 1), (0, 1, 0), (1, 0, 0), (9, 3, 5)]:
        flat = (channel * 7 + row) * 7 + column
        assert fc6[4095, channel, row, column] == flat


def test_an_fc6_that_is_a_convolution_already_is_taken(caffe_state):
    shaped = dict(caffe_state)
    shaped['fc6.weight'] = torch.zeros(1).expand(4096, 512, 7, 7)
    tensors = read_vgg16(shaped, convention='caffe')
    assert tensors['fc6.weight'].shape == (4096, 512, 7, 7)


def test_convolutions_alone_come_back_alone(caffe_state):
    for state in layouts(caffe_state):
        only = {
            k: v for k, v in state.items() if k.startswith(('conv', 'feat'))
        }
        tensors = read_vgg16(only, convention='caffe')
        assert {k.split('.')[0] for k in tensors} == set(CONV_SHAPES)


def test_torchvision_changes_the_convolutions_alone(caffe_state):
    plain = read_vgg16(caffe_state, convention='caffe')
    folded = read_vgg16(caffe_state, convention='torchvision')
    differing = {k for k in plain if not torch.equal(plain[k], folded[k])}
    assert {k.split('.')[0] for k in differing} == {x[0] for x in LAYERS}
    assert 'conv5_3.bias' not in differing


def test_spreading_the_scale_leaves_the_network_what_it_is():
    """A narrow VGG-16, run layer by layer before and after."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    tensors, inputs = {}, 3
    for name, *_ in LAYERS:
        tensors[f'{name}.weight'] = draw(4, inputs, 3, 3) / 4
        tensors[f'{name}.bias'] = draw(4)
        inputs = 4

    def run(weights):
        x, sizes = image, []
        for name, *_ in LAYERS:
            weight, bias = (weights[f'{name}.{x}'] for x in ('weight', 'bias'))
            x = conv2d(x, weight, bias, padding=1).relu()
            sizes.append(x.square().mean().sqrt().item())
        return x, sizes

    image = draw(1, 3, 9, 9)
    before, plain_sizes = run(tensors)
    after, spread_sizes = run(spread_scale(tensors, scale=57.0))
    torch.testing.assert_close(after, before)
    ratios = [b / a for a, b in zip(plain_sizes, spread_sizes, strict=True)]
    expected = [57 ** ((13 - layer) / 13) for layer in range(1, 14)]
    assert ratios == pytest.approx(expected)


def test_folded_weights_answer_a_caffe_image_as_before():
    weight = torch.randn(5, 3, 3, 3, dtype=torch.float64)
    bias = torch.randn(5, dtype=torch.float64)
    rgb = torch.randint(0, 256, (1, 3, 9, 8)).double()
    mean = torch.tensor([0.485, 0.456, 0.406]).double()[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225]).double()[:, None, None]
    expected = conv2d((rgb / 255 - mean) / std, weight, bias)

    blue, green, red = rgb[0, 2], rgb[0, 1], rgb[0, 0]
    caffe = torch.stack([blue - 104.008, green - 116.669, red - 122.675])
    response = conv2d(caffe[None], *fold_torchvision_input(weight, bias))
    torch.testing.assert_close(response, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ('kernel_size', 'taps'),
    [(7, [0, 1, 2, 3, 4, 5, 6]), (4, [0, 2, 4, 6]), (3, [0, 3, 6])],
)
def test_decimation_keeps_the_listed_taps(kernel_size, taps):
    weight = torch.randn(2, 3, 7, 7)
    result = decimate_fc6(weight, kernel_size)
    assert result.shape == (2, 3, kernel_size, kernel_size)
    for i, row in enumerate(taps):
        for j, column in enumerate(taps):
            assert torch.equal(result[:, :, i, j], weight[:, :, row, column])


def small_classifier(total=6):
    """Return tensors whose values tell where they stood."""
    index = torch.arange(float(total))
    return {
        'fc6.weight': index[:, None, None, None].expand(-1, 2, 7, 7),
        'fc6.bias': index + 10,
        'fc7.weight': (100 * index[:, None] + index)[:, :, None, None],
        'fc7.bias': index + 20,
    }


def test_the_subset_of_fc6_is_what_fc7_reads():
    c6, b6, c7, b7 = subset_filters(
        *small_classifier().values(), channels=3, seed=0
    )
    assert c6.shape == (3, 2, 7, 7)
    assert c7.shape == (3, 3, 1, 1)
    kept6 = c6[:, 0, 0, 0]
    kept7 = b7 - 20
    assert torch.equal(b6, kept6 + 10)
    for i, output in enumerate(kept7):
        for j, read in enumerate(kept6):
            assert c7[i, j, 0, 0] == 100 * output + read
    for kept in (kept6, kept7):
        assert torch.equal(kept, kept.unique())  # in order, none twice


def test_layers_chained_by_hand_agree_with_the_subset():
    """With fc6's other filters silent, the kept fc7 filters answer alike."""
    classifier = {
        k: torch.randn(v.shape) for k, v in small_classifier().items()
    }
    image = torch.randn(1, 2, 7, 7)
    small = adapt_classifier(classifier, kernel_size=7, channels=4, seed=3)
    kept6 = [
        (classifier['fc6.bias'] == b).nonzero().item()
        for b in small['fc6.bias']
    ]
    kept7 = [
        (classifier['fc7.bias'] == b).nonzero().item()
        for b in small['fc7.bias']
    ]
    hidden = conv2d(image, classifier['fc6.weight'], classifier['fc6.bias'])
    silent = torch.zeros_like(hidden)
    silent[:, kept6] = hidden[:, kept6].relu()
    expected = conv2d(
        silent, classifier['fc7.weight'], classifier['fc7.bias']
    )[:, kept7]
    fc6 = conv2d(image, small['fc6.weight'], small['fc6.bias']).relu()
    fc7 = conv2d(fc6, small['fc7.weight'], small['fc7.bias'])
    torch.testing.assert_close(fc7, expected)


def test_the_seed_decides_and_the_two_layers_are_drawn_apart():
    def draw(seed):
        tensors = small_classifier(total=64).values()
        _, b6, _, b7 = subset_filters(*tensors, channels=32, seed=seed)
        return b6 - 10, b7 - 20

    assert all(map(torch.equal, draw(0), draw(0)))
    assert not torch.equal(draw(0)[0], draw(1)[0])
    assert not torch.equal(*draw(0))


def test_all_filters_are_left_alone():
    tensors = tuple(small_classifier().values())
    assert all(
        a is b
        for a, b in zip(
            subset_filters(*tensors, channels=6, seed=0), tensors, strict=True
        )
    )


def test_refuses_what_is_no_vgg16(caffe_state):
    with pytest.raises(ValueError, match=r"convention .* got 'rgb'"):
        read_vgg16(caffe_state, convention='rgb')
    with pytest.raises(ValueError, match=r"begin with \['layer1.weight'\]"):
        read_vgg16({'layer1.weight': torch.zeros(1)}, convention='caffe')
    narrow = caffe_state | {'conv2_1.weight': torch.zeros(2, 1, 3, 3)}
    with pytest.raises(
        ValueError,
        match=r'conv2_1.weight .*\(2, 1, 3, 3\), .*\(128, 64, 3, 3\)',
    ):
        read_vgg16(narrow, convention='caffe')
    for key, shape in [
        ('conv3_3.bias', r'\(256,\)'),
        ('fc6.weight', r'\(4096, 512, 7, 7\)'),
        ('fc7.bias', r'\(4096,\)'),
    ]:
        less = {k: v for k, v in caffe_state.items() if k != key}
        with pytest.raises(ValueError, match=f'{key} is missing.*{shape}'):
            read_vgg16(less, convention='caffe')


def test_refuses_wrong_kernels_and_numbers():
    with pytest.raises(ValueError, match=r'got \(2, 3, 5, 5\)'):
        decimate_fc6(torch.zeros(2, 3, 5, 5), 3)
    with pytest.raises(ValueError, match='3, 4 or 7, got 5'):
        decimate_fc6(torch.zeros(2, 3, 7, 7), 5)
    with pytest.raises(ValueError, match=r'got \(2, 1, 3, 3\)'):
        fold_torchvision_input(torch.zeros(2, 1, 3, 3), torch.zeros(2))
    classifier = small_classifier()
    for channels in (0, 7):
        with pytest.raises(ValueError, match=f'1..6, got {channels}'):
            subset_filters(*classifier.values(), channels=channels, seed=0)
    c6, b6, c7, b7 = classifier.values()
    with pytest.raises(ValueError, match='do not fit 6 filters'):
        subset_filters(c6, b6, c7[:, :5], b7, channels=3, seed=0)
    with pytest.raises(ValueError, match=r'lacks fc7.weight, fc7.bias'):
        adapt_classifier(
            {'fc6.weight': c6, 'fc6.bias': b6},
            kernel_size=3,
            channels=6,
            seed=0,
        )
