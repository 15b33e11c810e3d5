import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import WEIGHT_INITIALIZERS, DefaultScope
from mmseg.registry import MODELS

import zoo.models  # noqa: F401  registers ResNetImageNet
from zoo.errors import UserError
from zoo.ops.resnet_weights import DEPTHS, resnet_shapes


def save(path, depth, *, key=None):
    """Save a file in torchvision's names; its tensors repeat one number."""
    state = {
        name: torch.rand(shape[0], *[1] * (len(shape) - 1)).expand(shape)
        for name, shape in resnet_shapes(depth).items()
    }
    torch.save({key: state, 'meta': {}} if key else state, path)
    return state


@pytest.fixture(scope='module')
def resnet50_file(tmp_path_factory):
    path = tmp_path_factory.mktemp('resnet') / 'resnet50.pth'
    return path, save(path, 50)


def initialiser(path, convention='caffe'):
    return {
        'type': 'ResNetImageNet',
        'checkpoint': str(path),
        'convention': convention,
    }


def built(path, *, depth=18, convention='caffe', **options):
    """Build mmseg's ResNet from a config, as a Runner does."""
    style = {'caffe': 'caffe', 'torchvision': 'pytorch'}[convention]
    cfg = {'type': 'ResNet', 'depth': depth, 'style': style, **options}
    cfg['init_cfg'] = initialiser(path, convention)
    with DefaultScope.overwrite_default_scope('mmseg'):
        return MODELS.build(cfg)


def weightless(name, **options):
    """Build one of mmseg's backbones without memory for its weights."""
    with torch.device('meta'):
        return MODELS.get(name)(**options)


@pytest.mark.parametrize('depth', DEPTHS)
def test_names_and_shapes_are_those_of_mmseg(depth):
    state = weightless('ResNet', depth=depth).state_dict()
    shapes = {
        name: tuple(tensor.shape)
        for name, tensor in state.items()
        if not name.endswith('num_batches_tracked')
    }
    assert shapes == resnet_shapes(depth)


@pytest.mark.parametrize('key', [None, 'state_dict'])
def test_init_weights_of_a_model_fills_the_backbone(tmp_path, key):
    """The blocks' own initialisation must not run afterwards."""
    state = save(tmp_path / 'a.pth', 18, key=key)
    model = BaseModule()
    model.backbone = built(tmp_path / 'a.pth')
    with DefaultScope.overwrite_default_scope('mmseg'):
        model.init_weights()
    found = model.backbone.state_dict()
    for name, tensor in state.items():
        if name != 'bn1.running_mean':
            assert torch.equal(found[name], tensor), name
    # the difference of the mean colours: blue, green, red
    shift = state['conv1.weight'].sum((2, 3)) @ torch.tensor(
        [104.008 - 103.53, 116.669 - 116.28, 122.675 - 123.675]
    )
    expected = state['bn1.running_mean'] - shift
    torch.testing.assert_close(found['bn1.running_mean'], expected)


def test_a_bottleneck_and_torchvisions_input(resnet50_file):
    path, state = resnet50_file
    backbone = built(path, depth=50, convention='torchvision', num_stages=4)
    backbone.init_weights()
    assert torch.equal(
        backbone.layer4[2].bn3.running_var, state['layer4.2.bn3.running_var']
    )
    assert torch.equal(
        backbone.layer1[0].norm3.weight, state['layer1.0.bn3.weight']
    )
    red = state['conv1.weight'][:, 0] * 0.226 / 0.229
    torch.testing.assert_close(backbone.conv1.weight[:, 2], red)
    assert all(p.requires_grad for p in backbone.parameters())


def test_a_backbone_may_end_early(tmp_path):
    state = save(tmp_path / 'a.pth', 18)
    stages = {'num_stages': 2, 'strides': (1, 2), 'dilations': (1, 1)}
    backbone = built(tmp_path / 'a.pth', out_indices=(1,), **stages)
    backbone.init_weights()
    weight = backbone.layer2[1].conv2.weight
    assert torch.equal(weight, state['layer2.1.conv2.weight'])


def test_a_basic_block_has_no_style(tmp_path):
    save(tmp_path / 'a.pth', 18)
    built(tmp_path / 'a.pth', style='pytorch').init_weights()


@pytest.fixture
def refuses(tmp_path):
    """Expect a refusal of a backbone before the absent file is missed."""

    def check(backbone, message, convention='caffe'):
        absent = tmp_path / 'absent.pth'
        initialise = WEIGHT_INITIALIZERS.build(initialiser(absent, convention))
        with pytest.raises(UserError, match=message) as caught:
            initialise(backbone)
        assert '\n' not in str(caught.value)
        assert 'model.backbone.init_cfg=None' in str(caught.value)

    return check


@pytest.mark.parametrize(
    ('option', 'value', 'expected'),
    [
        ('base_channels', 8, '64'),
        ('stem_channels', 32, '64'),
        ('deep_stem', True, 'False'),
        ('avg_down', True, 'False'),
    ],
)
def test_refuses_other_variants(refuses, option, value, expected):
    backbone = weightless('ResNet', depth=18, **{option: value})
    refuses(backbone, f'{option} is {value}, .* fit {option}={expected} only')


def test_refuses_other_networks(refuses):
    v1c = weightless('ResNetV1c', depth=18)
    grouped = weightless('ResNeXt', depth=50, groups=32, style='caffe')
    norm_cfg = {'type': 'GN', 'num_groups': 2}
    normalised = weightless('ResNet', depth=18, norm_cfg=norm_cfg)
    grey = weightless('ResNet', depth=18, in_channels=1)
    refuses(BaseModule(), 'a BaseModule, not a ResNet')
    refuses(v1c, 'deep_stem is True')
    refuses(grouped, r'layer1.0.conv1.weight with .*\(128, 64, 1, 1\)')
    refuses(normalised, 'gn1.weight with .* have none')
    refuses(grey, r'conv1.weight .*\(64, 1, 7, 7\), .*\(64, 3, 7, 7\)')


@pytest.mark.parametrize(
    ('convention', 'needed', 'given'),
    [('caffe', 'caffe', 'pytorch'), ('torchvision', 'pytorch', 'caffe')],
)
def test_refuses_a_stride_in_the_wrong_layer(
    refuses, convention, needed, given
):
    backbone = weightless('ResNet', depth=101, style=given)
    message = f"style is '{given}', .* need model.backbone.style={needed}"
    refuses(backbone, message, convention)


def test_refuses_files_in_one_line_with_a_remedy(resnet50_file, tmp_path):
    torch.save({'weight': torch.zeros(1)}, tmp_path / 'other.pth')
    save(tmp_path / 'deeper.pth', 34)
    for name, reason in (
        ('absent.pth', 'no such checkpoint|cannot be read'),
        ('other.pth', 'not a ResNet-18 .weight is not part'),
        ('deeper.pth', r'not a ResNet-18 .layer1\.2\..* is not part'),
    ):
        with pytest.raises(UserError, match=reason) as caught:
            built(tmp_path / name).init_weights()
        message = str(caught.value)
        assert str(tmp_path / name) in message
        assert '\n' not in message
    assert 'Put a ResNet-18 file there' in message
    assert 'init_cfg=None' in message


def test_refuses_an_unknown_convention():
    with pytest.raises(ValueError, match="got 'rgb'"):
        WEIGHT_INITIALIZERS.build(initialiser('', 'rgb'))
