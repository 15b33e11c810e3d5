"""The atrous VGG-16: sizes, positions, dilation, freezing."""

import pytest
import torch
from torch import nn

from zoo.models.backbones import AtrousVGG16

# paper_details A.1: crop -> train score map of the three released settings
LEGACY = {'pool_kernels': (2, 2, 2, 2, 3), 'pool_pads': (1, 1, 1, 0, 1)}
RELEASES = [(LEGACY, 306, 39), ({}, 321, 41)]


def narrow(**kwargs):
    return AtrousVGG16(**{'base_channels': 2, **kwargs})


@pytest.mark.parametrize(('setting', 'crop', 'cells'), RELEASES)
def test_score_maps_have_the_released_sizes(setting, crop, cells):
    with torch.device('meta'):
        outs = narrow(**setting)(torch.zeros(1, 3, crop, crop))
    assert outs[5].shape == (1, 16, cells, cells)


def test_the_first_release_pads_pool4_in_testing_only():
    """514 pixels give 67 cells there, which x 8 upsampling crops by 7 + 8."""
    with torch.device('meta'):
        net = narrow(**LEGACY, eval_pool_pads=1).eval()
        outs = net(torch.zeros(1, 3, 514, 514))
    assert outs[5].shape[2:] == (67, 67)
    assert 8 * (67 - 1) + 1 == 514 + 7 + 8


def test_returns_the_image_and_the_five_pools():
    image = torch.randn(1, 3, 17, 25)
    outs = narrow()(image)
    assert torch.equal(outs[0], image)
    assert [tuple(x.shape[1:]) for x in outs[1:]] == [
        (2, 9, 13),
        (4, 5, 7),
        (8, 3, 4),
        (16, 3, 4),
        (16, 3, 4),
    ]


def test_ceil_mode_keeps_the_last_row_of_an_awkward_size():
    assert narrow()(torch.zeros(1, 3, 18, 18))[1].shape[2:] == (10, 10)


def test_has_vgg16s_weights_and_no_other():
    """Counts of Simonyan and Zisserman's configuration D, convolutions."""
    with torch.device('meta'):
        net = AtrousVGG16()
    assert sum(p.numel() for p in net.parameters()) == 14_714_688
    names = list(net.convolutions())
    assert (len(names), names[0], names[-1]) == (13, 'conv1_1', 'conv5_3')
    assert set(dict(net.named_children())) == set(names)


def test_atrous_net_is_the_strided_net_seen_at_every_cell():
    """Dilation undoes the missing stride: every other cell agrees.

    pool4 as the identity on a constant neighbourhood would hide mistakes, so
    the pools are 1 x 1: then the dilated block at stride 1 computes exactly
    what the plain block computes at stride 2, at the cells they share.
    """
    ones = {'pool_kernels': 1, 'pool_pads': 0}
    plain = narrow(**ones, pool_strides=(2, 2, 2, 2, 1), dilations=1).double()
    atrous = narrow(**ones).double()
    atrous.load_state_dict(plain.state_dict())
    image = torch.randn(1, 3, 97, 97, dtype=torch.float64)
    strided, dense = plain(image)[5], atrous(image)[5]
    torch.testing.assert_close(dense[:, :, ::2, ::2], strided)


def test_random_weights_take_the_scale_of_the_input_out_layer_by_layer():
    """Without any normalisation; the last pool is of the scale of one."""
    net = AtrousVGG16(base_channels=16, input_std=60.0)
    pools = net(60 * torch.randn(2, 3, 65, 65))[1:]
    sizes = [pool.square().mean().sqrt().item() for pool in pools]
    assert 0.2 < sizes[4] < 5
    for size, layers in zip(sizes, (2, 4, 7, 10, 13), strict=True):
        assert 0.3 < size / 60 ** (1 - layers / 13) < 3


def test_frozen_blocks_neither_learn_nor_move_their_statistics():
    net = narrow(frozen_blocks=3, norm_cfg={'type': 'BN'}).train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.SGD(net.parameters(), lr=1.0)
    net(torch.randn(2, 3, 33, 33))[5].square().sum().backward()
    optimiser.step()
    for key, value in net.state_dict().items():
        block = int(key[4])
        same = torch.equal(value, before[key])
        assert same == (block <= 3), key


def test_batch_normalisation_replaces_the_bias():
    net = narrow(norm_cfg={'type': 'BN'})
    assert isinstance(net.norm4_2, nn.BatchNorm2d)
    assert net.conv4_2.bias is None


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'dilations': (1, 1)}, 'dilations must have 5 entries, got 2'),
        ({'pool_strides': 0}, 'pool_strides must not be that small'),
        ({'frozen_blocks': 6}, 'frozen_blocks must be 0..5, got 6'),
        ({'base_channels': 0}, 'base_channels must be >= 1, got 0'),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        narrow(**wrong)
