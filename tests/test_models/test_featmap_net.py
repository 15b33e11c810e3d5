"""FeatMap-Net: counts, sizes, positions, pyramids, scales, freezing."""

import pytest
import torch
from torch.nn import functional

from zoo.models.backbones import AtrousVGG16, FeatMapNet, FeatMapNets
from zoo.models.backbones.featmap_net import PROFILES

VGG = 14_714_688  # configuration D, convolutions
LAST = 9 * 512 * 512 + 512
SCALES = (1.2, 0.8, 0.4)


def narrow(**kwargs):
    return FeatMapNet(**{'base_channels': 1, **kwargs})


def count(net):
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(
    ('profile', 'block6'),
    [
        ('light', 9 * 512 * 1024 + 1024 + 9 * 1024 * 512 + 512 + LAST),
        ('paper', 49 * 512 * 4096 + 4096 + 9 * 4096 * 512 + 512 + LAST),
    ],
)
def test_parameters_by_hand(profile, block6):
    with torch.device('meta'):
        net = FeatMapNet(profile=profile)
        single = FeatMapNet(profile=profile, scales=(1.0,), pyramid=())
        nets = FeatMapNets(profile=profile)
    assert count(net) == VGG + 3 * block6
    assert count(single) == VGG + block6
    assert count(nets) == 3 * count(net)
    assert net.out_channels == 4608  # 3 scales x 3 levels x 512
    assert single.out_channels == 512


@pytest.mark.parametrize('profile', PROFILES)
@pytest.mark.parametrize(
    ('size', 'grid'),
    [
        ((97, 130), (8, 11)),  # 1.2 x 96 / 16 = 7.2, 1.2 x 129 / 16 = 9.7
        ((64, 50), (6, 5)),
        ((5, 17), (2, 2)),
    ],
)
def test_sizes(profile, size, grid):
    with torch.device('meta'):
        net = narrow(profile=profile)
        image, *pools, maps = net(torch.zeros(2, 3, *size))
    assert image.shape == (2, 3, *size)
    assert maps.shape == (2, net.out_channels, *grid) == (2, 72, *grid)
    last = [16 * cells - 15 for cells in grid]  # pixels of the largest scale
    for pool, stride, width in zip(
        pools, (2, 4, 8, 16, 16), (1, 2, 4, 8, 8), strict=True
    ):
        cells = [(side - 1) // stride + 1 for side in last]
        assert pool.shape == (2, width, *cells)


def block_by_hand(block, x, padding, dilation):
    for name, pad, step in (
        ('fc6', padding, dilation),
        ('conv6_2', 1, 1),
        ('conv6_3', 1, 1),
    ):
        layer = block.get_submodule(name)
        x = functional.conv2d(
            x, layer.weight, layer.bias, padding=pad, dilation=step
        ).clamp(min=0)
    return x


@pytest.mark.parametrize(
    ('profile', 'padding', 'dilation'), [('light', 3, 3), ('paper', 3, 1)]
)
def test_without_scales_and_pyramid_it_is_vgg_and_block_6(
    profile, padding, dilation
):
    net = narrow(profile=profile, scales=(1.0,), pyramid=()).double()
    vgg = AtrousVGG16(
        base_channels=1, pool_strides=(2, 2, 2, 2, 1), dilations=1
    ).double()
    vgg.load_state_dict(net.state_dict(), strict=False)
    image = torch.randn(2, 3, 97, 129, dtype=torch.float64)
    *pools, last = vgg(image)
    found = net(image)
    for pool, expected in zip(found, [*pools, last], strict=False):
        torch.testing.assert_close(pool, expected)
    expected = block_by_hand(net.block6[0], last, padding, dilation)
    torch.testing.assert_close(found[6], expected)
    assert found[6].shape == (2, 8, 7, 9)


def test_normalisation_comes_before_each_relu():
    net = narrow(scales=(1.0,), pyramid=(), norm_cfg={'type': 'BN'})
    maps = net(torch.randn(2, 3, 65, 65))[6]
    norms = net.block6[0].norms
    assert [norm.num_features for norm in norms] == [16, 8, 8]
    assert all(norm.num_batches_tracked == 1 for norm in norms)
    assert (maps >= 0).all()
    assert (maps == 0).any()


def window_maximum(maps, side):
    """Return the maximum around each cell, over windows cut at borders."""
    out, reach = torch.empty_like(maps), side // 2
    for i in range(maps.shape[2]):
        for j in range(maps.shape[3]):
            rows = slice(max(0, i - reach), i + reach + 1)
            cols = slice(max(0, j - reach), j + reach + 1)
            out[:, :, i, j] = maps[:, :, rows, cols].amax((2, 3))
    return out


@pytest.mark.parametrize('pyramid', [(5, 9), (3,), (3, 9, 11), ()])
def test_pyramid_is_the_maximum_over_sliding_windows(pyramid):
    net, seen = narrow(scales=(1.0,), pyramid=pyramid), []
    net.block6[0].register_forward_hook(lambda *args: seen.append(args[-1]))
    maps = net(60 * torch.randn(2, 3, 193, 225))[6]
    assert seen[0].shape == (2, 8, 13, 15)
    levels = [window_maximum(seen[0], side) for side in pyramid]
    assert torch.equal(maps, torch.cat([seen[0], *levels], dim=1))
    assert net.out_channels == maps.shape[1]


def alone(net, number):
    """Return the network of one of the scales."""
    single = narrow(scales=(net.scales[number],), pyramid=net.pyramid)
    state = {
        key.replace(f'block6.{number}.', 'block6.0.'): value
        for key, value in net.state_dict().items()
        if not key.startswith('block6') or f'block6.{number}.' in key
    }
    single.load_state_dict(state)
    return single.double()


@pytest.mark.parametrize('scales', [SCALES, (0.4, 1.2)])
def test_scales_share_blocks_1_to_5_and_are_laid_on_the_largest(scales):
    net = narrow(scales=scales).double()
    image = torch.randn(1, 3, 81, 113, dtype=torch.float64)
    outputs = [alone(net, k)(image) for k in range(len(scales))]
    largest = outputs[scales.index(1.2)]
    expected = [
        functional.interpolate(
            maps[6],
            largest[6].shape[2:],
            mode='bilinear',
            align_corners=True,
        )
        for maps in outputs
    ]
    found = net(image)
    torch.testing.assert_close(found[6], torch.cat(expected, dim=1))
    for number in range(6):
        torch.testing.assert_close(found[number], largest[number])


def test_shared_layers_learn_from_all_scales_and_block_6_from_its_own():
    net = narrow().double()
    image = 60 * torch.randn(1, 3, 81, 81, dtype=torch.float64)
    maps = net(image)[6].chunk(3, dim=1)
    shared, own = net.conv1_1.weight, [b.fc6.weight for b in net.block6]
    parts = []
    for number, scale in enumerate(maps):
        first, *others = torch.autograd.grad(
            scale.sum(), [shared, *own], retain_graph=True
        )
        assert [bool(x.any()) for x in others] == [
            k == number for k in range(3)
        ]
        assert first.any()
        parts.append(first)
    whole = torch.autograd.grad(sum(m.sum() for m in maps), shared)[0]
    torch.testing.assert_close(whole, sum(parts))
    assert not torch.equal(own[0], own[1])


@torch.no_grad()
def read_ramp(**kwargs):
    """Return where a network that passes on what it sees places its nodes.

    Every layer copies. Maxima over windows shift a rising ramp as far as a
    falling one, so half the difference is the ramp at the node.

    Returns:
        ``(scales, w)`` positions in pixels of an image 641 wide.
    """
    net = narrow(pyramid=(), **kwargs).eval()
    for parameter in net.parameters():
        parameter.zero_()
        if parameter.ndim == 4:
            middle = parameter.shape[2] // 2
            parameter[:, :, middle, middle] = 1 / parameter.shape[1]
    ramp = torch.arange(641.0).expand(1, 3, 33, 641)
    rising, falling = (net(x)[6][0, ::8, 0] for x in (ramp, ramp.flip(3)))
    return (rising - falling + 640) / 2


@pytest.mark.parametrize('pools', [{}, {'pool_kernels': 1, 'pool_pads': 0}])
def test_nodes_of_all_scales_lie_on_one_another_from_corner_to_corner(pools):
    places = read_ramp(**pools)
    assert places.shape == (3, 49)  # 1.2 x 640 / 16 = 48
    expected = torch.linspace(0, 640, 49)
    for found in places:
        inside = slice(None) if pools else slice(8, -8)  # of the windows
        torch.testing.assert_close(
            found[inside], expected[inside], atol=0.01, rtol=0
        )


def test_computes_in_half_precision_as_in_single():
    net = narrow().eval()
    image = 60 * torch.randn(1, 3, 49, 65)
    with torch.no_grad():
        expected = net(image)[6]
        with torch.autocast('cpu', dtype=torch.bfloat16):
            found = net(image)[6]
    assert found.dtype == torch.bfloat16
    spread = expected.abs().max()
    assert (found - expected).abs().max() < 0.1 * spread


@pytest.fixture(scope='module')
def vgg16_file(tmp_path_factory):
    """A VGG-16 whose fc6 tells its taps, and by the biases its filters."""
    with torch.device('meta'):
        convolutions = AtrousVGG16().convolutions()
    state = {}
    for name, layer in convolutions.items():
        width = layer.out_channels
        rows = torch.randn(width, 1, 3, 3).expand(layer.weight.shape)
        state |= {f'{name}.weight': rows, f'{name}.bias': torch.randn(width)}
    taps = torch.arange(49.0).view(1, 1, 7, 7)
    state['fc6.weight'] = taps.expand(4096, 512, 7, 7)
    state['fc6.bias'] = torch.arange(4096.0)
    state['fc7.weight'] = torch.zeros(1).expand(4096, 4096, 1, 1)
    state['fc7.bias'] = torch.zeros(4096)
    path = tmp_path_factory.mktemp('vgg') / 'vgg16.pth'
    torch.save(state, path)
    return path, state


@pytest.mark.parametrize(
    ('profile', 'taps'),
    [
        ('light', [[0, 3, 6], [21, 24, 27], [42, 45, 48]]),
        ('paper', [list(range(7 * k, 7 * k + 7)) for k in range(7)]),
    ],
)
def test_every_net_and_the_block_6_of_every_scale_start_from_vgg(
    vgg16_file, monkeypatch, profile, taps
):
    kernel_size, dilation, _ = PROFILES[profile]  # the true width is 25 times
    monkeypatch.setitem(PROFILES, profile, (kernel_size, dilation, 2))
    path, state = vgg16_file
    nets = FeatMapNets(
        potentials=('unary', 'above_below'),
        scales=(1.2, 0.4),
        profile=profile,
        init_cfg={
            'type': 'VGG16ImageNet',
            'checkpoint': str(path),
            'convention': 'caffe',
            'seed': 3,
        },
    )
    before = {k: v.clone() for k, v in nets.state_dict().items() if '6_' in k}
    nets.init_weights()
    kept = nets.unary.block6[0].fc6.bias.clone()
    assert kept.unique().tolist() == kept.tolist()  # 128 filters, in order
    for net in (nets.unary, nets.above_below):
        for name, layer in net.convolutions().items():
            assert torch.equal(layer.weight, state[f'{name}.weight']), name
            assert torch.equal(layer.bias, state[f'{name}.bias']), name
        for block in net.block6:
            weight = torch.tensor(taps, dtype=torch.float32)
            expected = weight.expand_as(block.fc6.weight)
            assert torch.equal(block.fc6.weight, expected)
            assert torch.equal(block.fc6.bias, kept)
        assert not hasattr(net, 'imagenet_classifier')  # half a gigabyte
    after = nets.state_dict()
    assert before
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_a_file_without_fc6_leaves_block_6_at_random(vgg16_file, tmp_path):
    state = {k: v for k, v in vgg16_file[1].items() if k[0] == 'c'}
    path = tmp_path / 'features.pth'
    torch.save(state, path)
    cfg = {'type': 'VGG16ImageNet', 'checkpoint': str(path)}
    net = FeatMapNet(scales=(1.0,), init_cfg={**cfg, 'convention': 'caffe'})
    before = net.block6[0].fc6.weight.clone()
    net.init_weights()
    assert torch.equal(net.block6[0].fc6.weight, before)
    assert torch.equal(net.conv5_3.bias, state['conv5_3.bias'])


@pytest.mark.parametrize('frozen', [0, 2, 5, 6])
def test_frozen_blocks_neither_learn_nor_move_their_statistics(frozen):
    net = narrow(frozen_blocks=frozen, norm_cfg={'type': 'BN'}).train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    maps = net(torch.randn(2, 3, 65, 65))[6]
    assert maps.requires_grad == (frozen < 6)
    if frozen < 6:
        maps.square().sum().backward()
    for name, parameter in net.named_parameters():
        block = 6 if name.startswith('block6') else int(name[4])
        assert parameter.requires_grad == (block > frozen), name
    for name, value in net.state_dict().items():
        block = 6 if name.startswith('block6') else int(name[4])
        if name.endswith('num_batches_tracked'):
            assert (value > before[name]) == (block > frozen), name
        else:
            moved = 'running' in name and block > frozen
            assert torch.equal(value, before[name]) != moved, name


def test_frozen_blocks_learn_again_by_no_switch_of_mode():
    net = narrow(frozen_blocks=6, norm_cfg={'type': 'BN'})
    net.eval().train()
    assert net.training
    assert not any(m.training for m in net.block6.modules())
    assert not net.norm1_1.training


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'scales': ()}, r'scales must be above 0, got \(\)'),
        ({'scales': (1.2, 0.0)}, r'scales must be .* got \(1.2, 0.0\)'),
        ({'pyramid': (4,)}, r'pyramid must be odd .* got \(4,\)'),
        ({'pyramid': (1, 5)}, r'ascending from 3, got \(1, 5\)'),
        ({'pyramid': (9, 5)}, r'ascending from 3, got \(9, 5\)'),
        ({'profile': 'heavy'}, "'light', 'paper'.*, got 'heavy'"),
        ({'frozen_blocks': 7}, 'frozen_blocks must be 0..6, got 7'),
        ({'frozen_blocks': -1}, 'frozen_blocks must be 0..6, got -1'),
        ({'dilations': (1, 1)}, 'dilations must have 5 entries'),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        narrow(**wrong)


def nets_of(*potentials, **kwargs):
    small = {'base_channels': 1, 'scales': (1.0, 0.5)}
    return FeatMapNets(potentials=potentials, **{**small, **kwargs})


def test_each_potential_has_a_map_of_its_own_net_in_order():
    names = ('above_below', 'unary')
    nets = nets_of(*names)
    image = 60 * torch.randn(2, 3, 49, 65)
    outputs = nets(image)
    assert len(outputs) == 8
    first, second = (nets.get_submodule(name)(image) for name in names)
    for found, expected in zip(outputs, (*first, second[6]), strict=True):
        assert torch.equal(found, expected)
    assert not torch.equal(first[6], second[6])


def test_one_net_can_serve_all_potentials():
    nets = nets_of('unary', 'surrounding', 'above_below', shared=True)
    assert {key.split('.')[0] for key in nets.state_dict()} == {'shared'}
    image = torch.randn(1, 3, 33, 33)
    outputs, expected = nets(image), nets.shared(image)
    assert len(outputs) == 9
    for found in outputs[6:]:
        assert torch.equal(found, expected[6])
    assert len(nets_of('unary', shared=True)(image)) == 7


def test_weights_of_one_potential_fit_into_those_of_all():
    names = ('unary', 'surrounding', 'above_below')
    full = nets_of(*names).state_dict()
    parts = [nets_of(name).state_dict() for name in names]
    merged = {key: value for part in parts for key, value in part.items()}
    assert merged.keys() == full.keys()
    assert sum(map(len, parts)) == len(full)


@pytest.mark.parametrize('names', [(), ('unary', 'unary')])
def test_nets_refuse(names):
    with pytest.raises(ValueError, match='potentials must be different'):
        nets_of(*names)


def test_each_scale_keeps_statistics_of_its_own():
    """Of the first layer: means of its convolution's output on that scale."""
    net = narrow(norm_cfg={'type': 'BN'}).train()
    x = torch.randn(2, 3, 81, 81)
    net(x)
    seen = [torch.zeros(0)] * 3
    for number, scale in enumerate(SCALES):
        side = round(80 * scale / 16) * 16 + 1
        scaled = functional.interpolate(
            x, size=(side, side), mode='bilinear', align_corners=True
        )
        seen[number] = net.conv1_1(scaled).mean((0, 2, 3))
        stored = net.norm1_1.norms[number].running_mean
        torch.testing.assert_close(stored, 0.1 * seen[number])
    assert not torch.allclose(seen[0], seen[2])


def test_a_single_scale_needs_no_norms_per_scale():
    single = narrow(norm_cfg={'type': 'BN'}, scales=(1.0,))
    assert type(single.norm1_1) is torch.nn.BatchNorm2d
    assert not hasattr(narrow(), 'norm1_1')


def test_normalised_maxima_start_at_zero_and_are_learned():
    net = narrow(pyramid_norm=True, norm_cfg={'type': 'BN'}).train()
    maps = net(torch.randn(2, 3, 81, 81))[6]
    own, maxima = split_levels(maps)
    assert maxima.abs().max() == 0
    assert own.abs().max() > 0
    maps.square().sum().backward()
    assert all(norm.weight.grad is not None for norm in net.pyramid_norms)
    for norm in net.pyramid_norms:
        torch.nn.init.ones_(norm.weight)
    own, maxima = split_levels(net(torch.randn(4, 3, 81, 81))[6])
    mean, std = maxima.mean((0, 2, 3)), maxima.std((0, 2, 3))
    torch.testing.assert_close(mean[:16], torch.zeros(16), atol=1e-4, rtol=0)
    assert std[:16].max() <= 1.01


def split_levels(maps):
    """The first level of each scale, and the two others."""
    levels = maps.unflatten(1, (3, 3, 8))
    return levels[:, :, 0].flatten(1, 2), levels[:, :, 1:].flatten(1, 3)


def test_normalised_maxima_need_a_normalisation():
    with pytest.raises(ValueError, match='pyramid_norm needs norm_cfg'):
        narrow(pyramid_norm=True)
