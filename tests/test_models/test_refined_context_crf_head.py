"""Mid-layer refinement: sizes, positions, what is fixed and what learns."""

from pathlib import Path

import pytest
import torch
from crf_reference import samples
from mmengine.optim import build_optim_wrapper
from torch.nn import functional

from zoo.engine.config import load_config
from zoo.models.backbones import FeatMapNets
from zoo.models.decode_heads import ContextCRFHead, RefinedContextCRFHead

LEAF = Path(__file__).parents[2] / 'configs/context_crf/vgg16-refine_voc.py'
POOLS = (2, 4, 8, 16, 16)
COARSE = {'in_channels': 4, 'channels': 6, 'num_classes': 3}


def make_head(**kwargs):
    own = {'branch_channels': 5, 'fuse_channels': 7}
    options = {**COARSE, 'branch_inputs': (3, *POOLS), **own, **kwargs}
    return RefinedContextCRFHead(**options).double()


def inputs_of(height, width):
    """Return image, pools of an image 1.2 times as large, three maps."""
    sizes = [
        [round(1.2 * side / stride) + 1 for side in (height, width)]
        for stride in (2, 4, 8, 16, 16, 16, 16, 16)
    ]
    channels = (*POOLS, 4, 4, 4)
    maps = [
        torch.rand(2, width, *size, dtype=torch.float64)
        for width, size in zip(channels, sizes, strict=True)
    ]
    image = torch.randn(2, 3, height, width, dtype=torch.float64)
    return (90 * image, *maps)


def resized(maps, size):
    return functional.interpolate(
        maps, size, mode='bilinear', align_corners=True
    )


def convolved(x, layers, strides):
    """Run 3 x 3 convolutions with ReLU between them."""
    for number, (layer, stride) in enumerate(
        zip(layers, strides, strict=True)
    ):
        x = x.clamp(min=0) if number else x
        x = functional.conv2d(x, layer.weight, layer.bias, stride, 1)
    return x


@pytest.mark.parametrize(
    ('size', 'quarter'),
    [((33, 49), (9, 13)), ((34, 47), (9, 12)), ((36, 5), (9, 2))],
)
@torch.no_grad()
def test_scores_a_quarter_of_the_size(size, quarter):
    """Written out: branches, the coarse scores, and what joins them."""
    head, inputs = make_head(), inputs_of(*size)
    coarse = ContextCRFHead(**COARSE).double().eval()
    coarse.load_state_dict(head.state_dict(), strict=False)
    maps = []
    for branch, x, strides in zip(
        head.branches,
        inputs[:6],
        [(2, 2, 1), (2, 1, 1), *[(1, 1, 1)] * 4],
        strict=True,
    ):
        if x.shape[1] == 3:  # 4 n + 1 pixels a side
            x = resized(x, [4 * (side - 1) + 1 for side in quarter])
        layers = [layer for layer in branch if hasattr(layer, 'weight')]
        assert len(layers) == 3
        roots = [one.square().mean().sqrt() for one in x]
        x = x / torch.stack(roots)[:, None, None, None]
        found = convolved(x, layers, strides).clamp(min=0)
        maps.append(resized(found, quarter))
    maps.append(3**0.5 * resized(coarse(inputs).exp(), quarter))
    layers = [layer for layer in head.fuse if hasattr(layer, 'weight')]
    expected = convolved(torch.cat(maps, dim=1), layers, (1, 1, 1))
    found = head.train()(inputs)
    assert found.shape == (2, 3, *quarter)
    torch.testing.assert_close(found, expected)
    assert (found < 0).any()  # scores end in no ReLU


@torch.no_grad()
def test_the_image_is_read_where_the_nodes_lie():
    """A branch that copies finds, from corner to corner, a ramp's heights."""
    head, seen = make_head(), []
    for parameter in head.branches[0].parameters():
        parameter.zero_()
        if parameter.ndim == 4:
            parameter[:, :, 1, 1] = 1 / parameter.shape[1]
    head.branches[0].register_forward_hook(lambda *args: seen.append(args[2]))
    inputs = inputs_of(36, 50)
    ramp = torch.arange(50.0).double().expand(2, 3, 36, 50)
    head((ramp, *inputs[1:]))
    # heights 0, 49 / 48, ..., 49 have this mean square
    root = (sum((49 * i / 48) ** 2 for i in range(49)) / 49) ** 0.5
    heights = torch.linspace(0, 49, 13).double() / root
    expected = heights.expand(2, 5, 9, 13)
    torch.testing.assert_close(seen[0], expected)


def labels_of(*shape):
    labels = torch.randint(0, 3, shape)
    return labels.masked_fill(torch.rand(shape) < 0.2, 255)


def test_loss_compares_scores_with_the_nearest_labels():
    """Nine and thirteen nodes on 33 x 49 pixels: every fourth one."""
    head, inputs = make_head().train(), inputs_of(33, 49)
    labels = labels_of(2, 33, 49)
    losses = head.loss(inputs, samples(labels), {})
    assert set(losses) == {'loss_ce', 'acc_seg'}
    scores, nodes = head(inputs), labels[:, ::4, ::4]
    expected = functional.cross_entropy(scores, nodes, ignore_index=255)
    torch.testing.assert_close(losses['loss_ce'], expected)
    right = (scores.argmax(dim=1) == nodes)[nodes != 255].double().mean()
    assert losses['acc_seg'].item() == pytest.approx(100 * right.item())


def test_only_the_refinement_learns():
    """Also on several GPUs: what needs a gradient gets one."""
    norm = {'type': 'BN'}
    backbone = FeatMapNets(
        base_channels=1, scales=(1.0,), norm_cfg=norm, frozen_blocks=6
    )
    head = RefinedContextCRFHead(
        in_channels=24,
        channels=6,
        num_classes=3,
        branch_inputs=(3, 1, 2, 4, 8, 8),
        norm_cfg=norm,
    )
    model = torch.nn.ModuleList([backbone, head]).train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    features = backbone(torch.randn(2, 3, 65, 65))
    losses = head.loss(features, samples(labels_of(2, 65, 65)), {})
    losses['loss_ce'].backward()
    optimiser.step()
    new = ('1.branches.', '1.fuse.')
    for name, parameter in model.named_parameters():
        learns = name.startswith(new)
        assert parameter.requires_grad == learns, name
        assert (parameter.grad is not None) == learns, name
    for name, value in model.state_dict().items():
        moved = not torch.equal(value, before[name])
        assert moved == name.startswith(new), name


def test_no_gradient_runs_back_through_mean_field():
    inputs = [x.requires_grad_() for x in inputs_of(33, 49)]
    make_head()(inputs).sum().backward()
    assert [x.grad is not None for x in inputs] == [True] * 6 + [False] * 3


def test_the_fixed_potentials_drop_nothing():
    head, inputs = make_head(dropout_ratio=0.9).train(), inputs_of(33, 49)
    for name in head.potentials:
        modules = head.get_submodule(name).modules()
        assert not any(module.training for module in modules)
    assert head.branches[0].training
    with torch.no_grad():
        assert torch.equal(head(inputs), head(inputs))
        assert torch.equal(head(inputs), head.eval()(inputs))


def test_a_coarse_head_fits_in():
    coarse, head = ContextCRFHead(**COARSE).double(), make_head()
    missing, unexpected = head.load_state_dict(
        coarse.state_dict(), strict=False
    )
    assert not unexpected
    assert {key.split('.')[0] for key in missing} == {'branches', 'fuse'}
    assert coarse.state_dict().keys() <= head.state_dict().keys()


def test_layers_start_with_the_spread_that_keeps_the_scale():
    head = make_head(branch_channels=64, fuse_channels=96)
    layer = head.branches[2][2]
    expected = (2 / (9 * 64)) ** 0.5
    assert layer.weight.std().item() == pytest.approx(expected, rel=0.05)
    assert not layer.bias.any()
    assert head.fuse[0].in_channels == 6 * 64 + 3
    assert head.fuse[2].in_channels == head.fuse[2].out_channels == 96
    expected = (2 / (9 * 96)) ** 0.5
    spread = head.fuse[2].weight.std().item()
    assert spread == pytest.approx(expected, rel=0.05)


def test_scores_start_near_0():
    head = make_head(fuse_channels=96)
    spread = head.fuse[4].weight.std().item()
    assert spread == pytest.approx(0.01, rel=0.05)
    assert not head.fuse[4].bias.any()


def test_learns_from_activations_of_caffe_at_the_rate_of_its_leaf():
    """Spreads are roughly those of VGG's pools where weights are Caffe's."""
    config = load_config(LEAF)
    options = {**config.model.decode_head, 'in_channels': 8, 'channels': 6}
    assert options.pop('type') == 'RefinedContextCRFHead'
    head = RefinedContextCRFHead(**options).train()
    optimiser = build_optim_wrapper(head, config.optim_wrapper)
    assert optimiser.optimizer.defaults['lr'] == 1e-2
    assert optimiser.optimizer.defaults['momentum'] == 0.9
    image = 60 * torch.randn(1, 3, 65, 65)
    pools = [
        spread * torch.randn(1, channels, size, size).abs()
        for spread, channels, size in (
            (300, 64, 40),
            (800, 128, 21),
            (1000, 256, 11),
            (300, 512, 6),
            (20, 512, 6),
        )
    ]
    maps = 10 * torch.randn(3, 1, 8, 6, 6)
    truth = samples(torch.randint(0, 21, (1, 65, 65)))
    losses = []
    for _ in range(11):  # the last after ten steps
        loss = head.loss((image, *pools, *maps), truth, {})['loss_ce']
        losses.append(loss.item())
        optimiser.update_params(loss)
    log_of_labels = 3.04
    assert losses[0] == pytest.approx(log_of_labels, abs=0.3)
    assert max(losses) < losses[0] + 0.1
    assert losses[-1] < losses[0] - 0.1
    assert all(p.isfinite().all() for p in head.parameters())


def test_probabilities_are_interpolated_to_the_pixels():
    scores = torch.tensor([[3.0, 0.0], [1.0, 5.0], [0.0, 0.0]])
    metas = [{'img_shape': (1, 3), 'pad_shape': (1, 3)}]
    logs = scores.double().view(1, 3, 1, 2)
    found = make_head().predict_by_feat(logs, metas)[0, :, 0]
    left, right = scores.double().softmax(dim=0).T
    expected = torch.stack([left, (left + right) / 2, right], dim=1)
    torch.testing.assert_close(found.exp(), expected)


def test_refuses_other_inputs():
    with pytest.raises(ValueError, match='must have 6 entries, got 5'):
        make_head(branch_inputs=POOLS)
