"""Unary-Net against two layers, node by node."""

import pytest
import torch

from zoo.models.decode_heads.unary_net import UnaryNet

SIZES = {'in_channels': 4, 'channels': 6, 'num_classes': 3}


def layered(net, f):
    """Return the scores of one node by two matrices."""
    hidden = net.norm((net.hidden.weight @ f + net.hidden.bias)[None])[0]
    return net.score.weight @ hidden.clamp(min=0) + net.score.bias


@pytest.mark.parametrize('norm_cfg', [None, {'type': 'BN'}])
@torch.no_grad()
def test_scores_are_those_of_two_layers_at_each_node(norm_cfg):
    net = UnaryNet(**SIZES, norm_cfg=norm_cfg).double().eval()
    for parameter in net.parameters():
        parameter.normal_()
    if norm_cfg:
        net.norm.running_mean.normal_()
        net.norm.running_var.uniform_(0.5, 2.0)
    maps = torch.randn(2, 4, 3, 5, dtype=torch.float64)
    found = net(maps)
    assert found.shape == (2, 3, 3, 5)
    for image, y, x in [(0, 0, 0), (0, 2, 1), (1, 1, 4)]:
        expected = layered(net, maps[image, :, y, x])
        torch.testing.assert_close(found[image, :, y, x], expected)


def test_starts_with_scores_near_0():
    sizes = {'in_channels': 400, 'channels': 300, 'num_classes': 60}
    net = UnaryNet(**sizes)
    spread = (2 / 400) ** 0.5
    assert net.hidden.weight.std().item() == pytest.approx(spread, rel=0.02)
    assert net.score.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not net.hidden.bias.any()
    assert not net.score.bias.any()


def test_dropout_zeroes_single_activations_in_training_only():
    net, seen = UnaryNet(**SIZES, dropout_ratio=0.75), []
    net.score.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    with torch.no_grad():
        net.hidden.bias.fill_(100.0)  # nothing is below 0
    maps = torch.randn(1, 4, 20, 20)
    net.train()(maps)
    net.eval()(maps)
    kept = (seen[0] != 0).float()
    assert kept.mean().item() == pytest.approx(0.25, abs=0.05)
    assert (kept.mean(dim=0) > 0).all()  # no channel as a whole
    assert (kept.mean(dim=1) < 1).any()
    assert seen[1].all()


def test_names_of_weights_are_those_of_published_files():
    assert list(UnaryNet(**SIZES).state_dict()) == [
        'hidden.weight',
        'hidden.bias',
        'score.weight',
        'score.bias',
    ]
