"""Columns, where they are read, who gets the gradient, and whole images."""

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from support import ROOT

from zoo.engine.config import load_config
from zoo.models.backbones import HyperFeatures

VGG = {
    'type': 'AtrousVGG16',
    'pool_kernels': 2,
    'pool_strides': 2,
    'pool_pads': 0,
    'dilations': 1,
}
SIZE = (40, 56)


def narrow(**options):
    network = {**VGG, 'base_channels': 2, **options.pop('network', {})}
    return HyperFeatures(network=network, fc_kernel_size=3, **options)


def squares(height=SIZE[0], width=SIZE[1], side=8):
    """Return a map of squares, numbered row by row."""
    rows, columns = np.indices((height, width)) // side
    return (rows * -(-width // side) + columns).astype(np.int64)


def rows_of(net, images, maps):
    photos = [np.zeros((*found.shape, 3), np.uint8) for found in maps]
    return net(images, photos, maps)


@pytest.mark.parametrize(
    ('use', 'columns'),
    [
        (['convs'], 4224),
        (['convs', 'global'], 8320),
        (['convs', 'distant', 'global'], 12416),
        (['convs.conv1_2', 'convs.conv5_3'], 576),
    ],
)
def test_vgg16_has_the_columns_of_the_papers(use, columns):
    with torch.device('meta'):
        net = HyperFeatures(network=VGG, use=use)
    assert net.out_channels == columns
    assert hasattr(net, 'fc6') == (columns > 5000)


def test_fc6_and_fc7_have_vgg16s_shapes():
    with torch.device('meta'):
        net = HyperFeatures(network=VGG)
    assert net.fc6.weight.shape == (4096, 512, 7, 7)
    assert net.fc7.weight.shape == (4096, 4096, 1, 1)


def test_returns_one_row_per_superpixel_of_each_image():
    maps = [squares(), squares(32, 48)]
    found = rows_of(narrow(), torch.randn(2, 3, *SIZE), maps)
    assert [tuple(rows.shape) for rows in found] == [(35, 388), (24, 388)]


def test_columns_are_means_of_the_layers_one_by_one():
    """Before anything is fitted, rows come as they are."""
    net = narrow(use=['convs.conv1_1', 'convs.conv3_2']).eval()
    image, labels = torch.randn(1, 3, *SIZE), squares()
    outputs = dict(net.network.layers(image))
    [rows] = rows_of(net, image, [labels])
    place = torch.from_numpy(labels == 17)
    first = outputs['conv1_1'][0][:, place].mean(dim=1)
    torch.testing.assert_close(rows[17, :2], first)
    # conv3: stride 4, cell i at 4 i + 1.5, between them bilinear
    coarse = torch.nn.functional.interpolate(
        outputs['conv3_2'], SIZE, mode='bilinear', align_corners=False
    )
    expected = coarse[0][:, place].mean(dim=1)
    torch.testing.assert_close(rows[17, 2:], expected)


def test_odd_pools_with_padding_keep_cells_on_pixels():
    wide = {'pool_kernels': 3, 'pool_pads': 1}
    net = narrow(use=['convs.conv2_1'], network=wide).eval()
    image, labels = torch.randn(1, 3, 41, 57), squares(41, 57, side=41)
    outputs = dict(net.network.layers(image))
    [rows] = rows_of(net, image, [labels])
    full = torch.nn.functional.interpolate(
        outputs['conv2_1'], (41, 57), mode='bilinear', align_corners=True
    )
    expected = full[0, :, :, :41].mean(dim=(1, 2))
    torch.testing.assert_close(rows[0], expected)


def test_global_is_the_maximum_over_the_image_and_the_same_for_all():
    net = narrow(use=['global']).eval()
    seen = []
    net.fc7.register_forward_hook(lambda *args: seen.append(args[-1].clone()))
    [rows] = rows_of(net, torch.randn(1, 3, 64, 96), [squares(64, 96)])
    expected = seen[0].relu().amax(dim=(0, 2, 3))
    assert seen[0].shape[2:] == (2, 3)
    assert (rows == expected).all()
    assert rows.shape == (96, 128)


def test_global_does_not_see_the_padding():
    """Padding of 64 pixels in two columns of cells, whose values are huge."""
    net = narrow(use=['global']).eval()

    def hook(module, args, output):
        output[..., 2:] = 1e6
        return output

    net.fc7.register_forward_hook(hook)
    [rows] = rows_of(net, torch.randn(1, 3, 64, 128), [squares(64, 64)])
    assert rows.max() < 1e5


def test_distant_is_the_maximum_within_three_squares_around():
    """A stripe of 20 squares at the size of a cell: seven cells each."""
    net = narrow(use=['distant']).eval()
    seen = []
    net.fc7.register_forward_hook(lambda *args: seen.append(args[-1].clone()))
    labels = squares(32, 640, side=32)
    [rows] = rows_of(net, 50 * torch.randn(1, 3, 32, 640), [labels])
    cells = seen[0].relu()[0, :, 0]
    for number in (0, 2, 9, 19):
        around = cells[:, max(number - 3, 0) : number + 4]
        torch.testing.assert_close(rows[number], around.amax(dim=1))
    assert not torch.equal(rows[0], rows[9])


def test_levels_stand_in_their_order_whatever_is_asked_first():
    image, maps = torch.randn(1, 3, *SIZE), [squares()]
    whole, parts = narrow(), narrow(use=['global', 'convs'])
    parts.load_state_dict(
        {k: v for k, v in whole.state_dict().items() if 'norm.' not in k},
        strict=False,
    )
    [rows] = rows_of(whole.eval(), image, maps)
    [some] = rows_of(parts.eval(), image, maps)
    expected = torch.cat([rows[:, :132], rows[:, -128:]], dim=1)
    torch.testing.assert_close(some, expected)


def test_ids_exchanged_exchange_rows():
    net, labels = narrow().eval(), squares()
    order = np.random.default_rng(0).permutation(35)
    image = torch.randn(1, 3, *SIZE)
    [rows] = rows_of(net, image, [labels])
    [others] = rows_of(net, image, [order[labels]])
    torch.testing.assert_close(others[order], rows)


@pytest.mark.parametrize('use', ['convs.conv1_1', 'distant', 'global'])
def test_gradients_reach_the_first_layer(use):
    net = narrow(use=[use]).eval()
    [rows] = rows_of(net, torch.randn(1, 3, *SIZE), [squares()])
    rows.square().sum().backward()
    assert net.network.conv1_1.weight.grad.abs().sum() > 0


def test_training_fits_the_normalisation():
    net = narrow(norm_batches=1)
    rows = torch.cat(
        rows_of(net, 50 * torch.randn(2, 3, *SIZE), [squares()] * 2)
    )
    assert int(net.norm.count) == 70
    torch.testing.assert_close(
        rows.mean(0), torch.zeros(388), atol=1e-3, rtol=0
    )


def test_normalisation_layers_are_also_those_of_fc6_and_fc7():
    net = narrow(network={'norm_cfg': {'type': 'BN'}})
    assert [norm.num_features for norm in net.fc_norms] == [128, 128]
    names = net.layout.names(['convs'])
    assert (names[0], names[-1]) == ('convs.conv1_1', 'convs.conv5_3')
    [rows] = rows_of(net.eval(), torch.randn(1, 3, *SIZE), [squares()])
    assert rows.shape == (35, 388)


def test_takes_fc6_and_fc7_of_imagenets_weights():
    """The file's reading is tested elsewhere; here, that the layers get it."""
    net = narrow()
    classifier = {
        'fc6.weight': torch.randn(128, 16, 7, 7),
        'fc6.bias': torch.randn(128),
        'fc7.weight': torch.randn(128, 128, 1, 1),
        'fc7.bias': torch.randn(128),
    }
    net.network.imagenet_classifier = dict(classifier)
    net.network.imagenet_seed = 0
    net.init_weights()
    assert torch.equal(net.fc7.weight, classifier['fc7.weight'])
    assert torch.equal(net.fc6.weight, classifier['fc6.weight'][..., ::3, ::3])
    assert not hasattr(net.network, 'imagenet_classifier')


def test_refuses_an_even_kernel_and_unknown_levels():
    with pytest.raises(ValueError, match='must be odd, got 4'):
        HyperFeatures(network=VGG, fc_kernel_size=4)
    with pytest.raises(ValueError, match='near'):
        narrow(use=['near'])


def test_leaves_divide_images_alike_in_training_and_testing():
    leaves = list((ROOT / 'configs/zoom_out').glob('vgg16-hyper*.py'))
    assert len(leaves) >= 2
    for leaf in leaves:
        config = load_config(leaf)
        steps = config.train_dataloader.dataset.pipeline
        [step] = [s for s in steps if s['type'] == 'AddSuperpixels']
        assert {**step, **config.model.superpixels} == step
        with torch.device('meta'):
            net = MODELS.build(config.model.backbone)
        assert config.model.decode_head.in_channels == net.out_channels


def test_a_segmentor_learns_and_predicts_whole_images():
    config = load_config(ROOT / 'configs/zoom_out/vgg16-hyper_minivoc.py')
    config.model.backbone.network.base_channels = 1
    config.model.decode_head.in_channels = 194
    config.model.data_preprocessor = config.data_preprocessor
    model = MODELS.build(config.model)
    sample = SegDataSample(metainfo={'img_shape': SIZE, 'ori_shape': SIZE})
    sample.superpixels = PixelData(data=torch.from_numpy(squares()[None]))
    sample.gt_sem_seg = PixelData(data=torch.randint(12, (1, *SIZE)))
    image = torch.randint(-100, 130, (1, 3, *SIZE)).float()
    losses = model.loss(image, [sample])
    losses['decode.loss_ce'].backward()
    assert model.backbone.network.conv1_1.weight.grad.abs().sum() > 0
    [found] = model.eval().predict(image, [sample])
    assert found.pred_sem_seg.data.shape == (1, *SIZE)
