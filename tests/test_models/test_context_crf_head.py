"""The contextual CRF's head: losses, mean field, parts that fit together."""

import pytest
import torch
from crf_reference import box_edges, messages, samples
from torch import nn
from torch.nn import functional

from zoo.models.backbones import FeatMapNets
from zoo.models.decode_heads import ContextCRFHead

POTENTIALS = ('unary', 'surrounding', 'above_below')
RELATIONS = POTENTIALS[1:]


def make_head(**kwargs):
    """Return a head in double precision; its weights are not near zero."""
    options = {
        'in_channels': 4,
        'channels': 6,
        'num_classes': 3,
        'dropout_ratio': 0.0,
        'train_edges': 10**6,
        **kwargs,
    }
    head = ContextCRFHead(**options).double()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.normal_(std=0.5)
    return head


def inputs_of(height, width, images=2, channels=4):
    """Return image and pools, which go unread, and three maps."""
    shape = (images, channels, height, width)
    maps = [torch.randn(shape, dtype=torch.float64) for _ in range(3)]
    return (torch.empty(images, 3, 1, 1), *[torch.empty(0)] * 5, *maps)


def labels_of(*shape):
    labels = torch.randint(0, 3, shape)
    return labels.masked_fill(torch.rand(shape) < 0.2, 255)


def unary_scores(net, maps):
    """Return ``(N, K, h, w)`` scores by 1 x 1 convolutions."""
    hidden, score = net.hidden, net.score
    x = functional.conv2d(maps, hidden.weight[..., None, None], hidden.bias)
    return functional.conv2d(
        x.clamp(min=0), score.weight[..., None, None], score.bias
    )


def mean_field_by_loops(head, maps, *, mean):
    """Return the marginals ``(K, h, w)`` of one image, by explicit tables."""
    height, width = next(iter(maps.values())).shape[1:]
    scores = torch.zeros(3, height * width, dtype=torch.float64).T
    if 'unary' in maps:
        found = unary_scores(head.unary, maps['unary'][None])[0]
        scores = found.flatten(1).T
    q = scores.softmax(dim=1)
    for _ in range(3):
        energies = -scores
        for name in RELATIONS:
            if name in maps:
                edges = box_edges(height, width, name)
                net = head.get_submodule(name)
                energies = energies + messages(
                    net, maps[name], q, edges, mean=mean
                )
        q = (-energies).softmax(dim=1)
    return q.T.view(3, height, width)


@pytest.mark.parametrize(
    'potentials',
    [POTENTIALS, ('unary', 'above_below'), ('surrounding',)],
    ids='+'.join,
)
@pytest.mark.parametrize('mode', ['mean', 'sum'])
@torch.no_grad()
def test_forward_is_mean_field_over_explicit_tables(potentials, mode):
    inputs, places = inputs_of(5, 6), range(6, 6 + len(potentials))
    head = make_head(
        potentials=potentials,
        in_index=list(places),
        messages=mode,
        relations={
            'surrounding': {'weight': 0.7},
            'above_below': {'weight': 1.9},
        },
    )
    found = head(inputs)
    assert found.shape == (2, 3, 5, 6)
    for image in range(2):
        maps = {
            name: inputs[place][image]
            for name, place in zip(potentials, places, strict=True)
        }
        expected = mean_field_by_loops(head, maps, mean=mode == 'mean')
        torch.testing.assert_close(found[image].exp(), expected)


@torch.no_grad()
def test_a_unary_alone_is_the_softmax_of_its_scores():
    head = make_head(potentials=('unary',), in_index=7)
    inputs = inputs_of(3, 4)
    expected = unary_scores(head.unary, inputs[7]).log_softmax(dim=1)
    torch.testing.assert_close(head(inputs), expected)


@torch.no_grad()
def test_messages_of_weight_0_leave_the_unary_alone():
    head = make_head(relations={name: {'weight': 0.0} for name in RELATIONS})
    inputs = inputs_of(3, 4)
    expected = unary_scores(head.unary, inputs[6]).log_softmax(dim=1)
    torch.testing.assert_close(head(inputs), expected)
    unweighted = make_head()
    unweighted.load_state_dict(head.state_dict())
    assert not torch.allclose(unweighted(inputs), expected)


@torch.no_grad()
def test_more_iterations_go_further():
    inputs, heads = inputs_of(3, 4), [make_head(iterations=k) for k in (0, 1)]
    heads[1].load_state_dict(heads[0].state_dict())
    expected = unary_scores(heads[0].unary, inputs[6]).log_softmax(dim=1)
    torch.testing.assert_close(heads[0](inputs), expected)
    assert not torch.allclose(heads[1](inputs), expected)


@torch.no_grad()
def test_hopeless_labels_keep_finite_scores():
    head = make_head(potentials=('unary',), in_index=6)
    head.unary.score.bias[0] = 1000.0
    assert head(inputs_of(2, 2)).isfinite().all()


def losses_of(head, inputs, labels):
    return head.loss(inputs, samples(labels), {})


def test_each_potential_has_a_loss_and_an_accuracy():
    """Only what is to be summed bears the word that the runner looks for."""
    head = make_head()
    losses = losses_of(head, inputs_of(5, 6), labels_of(2, 65, 81))
    assert {name for name in losses if 'loss' in name} == {
        'loss_ce',
        'loss_surrounding',
        'loss_above_below',
    }
    assert {name for name in losses if 'loss' not in name} == {
        'acc_seg',
        'acc_surrounding',
        'acc_above_below',
    }
    assert all(
        value.ndim == 0 for name, value in losses.items() if 'l' in name
    )


def test_losses_compare_nodes_with_the_pixels_they_lie_on():
    """Nodes 4 pixels apart; the labels between them are others."""
    head = make_head()
    inputs, nodes = inputs_of(5, 6), labels_of(2, 5, 6)
    labels = torch.randint(0, 3, (2, 17, 21))
    labels[:, ::4, ::4] = nodes
    losses = losses_of(head, inputs, labels)
    scores = unary_scores(head.unary, inputs[6])
    expected = functional.cross_entropy(scores, nodes, ignore_index=255)
    torch.testing.assert_close(losses['loss_ce'], expected)
    valid = nodes != 255
    right = (scores.argmax(dim=1) == nodes)[valid].double().mean()
    torch.testing.assert_close(losses['acc_seg'].item(), 100 * right.item())
    for place, name in enumerate(RELATIONS, 7):
        net = head.get_submodule(name)
        for key, value in net.loss(inputs[place], nodes, 255).items():
            torch.testing.assert_close(losses[key], value)


def test_options_reach_the_nets():
    weights = [0.2, 1.0, 5.0]
    head = make_head(
        train_edges=7,
        messages='sum',
        box=0.5,
        grid=3,
        class_weight=weights,
        dropout_ratio=0.25,
        norm_cfg={'type': 'BN'},
        relations={'above_below': {'box': 0.3, 'weight': 2.0}},
    )
    for net, box, weight in (
        (head.surrounding, 0.5, 1.0),
        (head.above_below, 0.3, 2.0),
    ):
        assert (net.train_edges, net.messages, net.grid) == (7, 'sum', 3)
        assert (net.box, net.weight, net.class_weight) == (
            box,
            weight,
            weights,
        )
    for name in POTENTIALS:
        net = head.get_submodule(name)
        assert net.dropout.p == 0.25
        assert isinstance(net.norm, nn.BatchNorm1d)
    assert head.surrounding.relation == 'surrounding'
    assert head.above_below.relation == 'above_below'


def test_a_relation_may_have_all_settings_of_its_own():
    own = {
        'weight': 0.0,
        'box': 0.3,
        'grid': 4,
        'train_edges': 9,
        'messages': 'sum',
        'class_weight': [1.0, 2.0, 3.0],
    }
    head = make_head(relations={'surrounding': own})
    for key, value in own.items():
        assert getattr(head.surrounding, key) == value
        assert getattr(head.above_below, key) != value


def test_holds_the_potentials_and_nothing_unused():
    head = make_head(dropout_ratio=0.5)
    children = dict(head.named_children())
    assert set(children) == {'loss_decode', *POTENTIALS}
    assert not list(children['loss_decode'].parameters())
    assert set(head.state_dict()) == {
        f'{name}.{layer}.{kind}'
        for name in POTENTIALS
        for layer in ('hidden' if name == 'unary' else 'nodes', 'score')
        for kind in ('weight', 'bias')
    }


def test_several_losses_of_one_name_are_added():
    term = {'type': 'CrossEntropyLoss', 'avg_non_ignore': True}
    head = make_head(
        potentials=('unary',),
        in_index=6,
        loss_decode=[term, {**term, 'loss_weight': 2.0}],
    )
    inputs, labels = inputs_of(3, 4), labels_of(2, 3, 4)
    losses = losses_of(head, inputs, labels)
    scores = unary_scores(head.unary, inputs[6])
    expected = 3 * functional.cross_entropy(scores, labels, ignore_index=255)
    torch.testing.assert_close(losses['loss_ce'], expected)


@torch.no_grad()
def test_normalisation_of_the_unary_runs_over_all_nodes():
    head = make_head(
        potentials=('unary',), in_index=6, norm_cfg={'type': 'BN'}
    ).train()
    maps = inputs_of(3, 4)[6]
    hidden = head.unary.hidden(maps.permute(0, 2, 3, 1))
    mean, var = hidden.mean((0, 1, 2)), hidden.var((0, 1, 2), correction=0)
    norm = head.unary.norm
    hidden = (hidden - mean) / (var + norm.eps).sqrt()
    hidden = (hidden * norm.weight + norm.bias).clamp(min=0)
    expected = head.unary.score(hidden).permute(0, 3, 1, 2)
    torch.testing.assert_close(head.unary(maps), expected)


def test_the_unary_drops_single_activations_in_training_only():
    head = make_head(potentials=('unary',), in_index=6, dropout_ratio=0.5)
    ones = torch.ones(1, 4, 9, 9, dtype=torch.float64)
    with torch.no_grad():
        trained, tested = head.train().unary(ones), head.eval().unary(ones)
    assert len(trained.flatten(2).unique(dim=2)[0, 0]) > 2
    assert len(tested.flatten(2).unique(dim=2)[0, 0]) == 1


def test_all_potentials_can_read_one_map():
    head = make_head(in_index=6)
    inputs = inputs_of(3, 4)
    apart = make_head()
    apart.load_state_dict(head.state_dict())
    with torch.no_grad():
        expected = apart((*inputs[:6], *[inputs[6]] * 3))
        torch.testing.assert_close(head(inputs[:7]), expected)


def test_a_joint_step_reaches_every_weight():
    """An unused parameter would stop training on several GPUs."""
    backbone = FeatMapNets(base_channels=1, norm_cfg={'type': 'BN'})
    head = make_head(in_channels=72, norm_cfg={'type': 'BN'}).float()
    losses = losses_of(
        head, backbone(torch.randn(2, 3, 65, 65)), labels_of(2, 65, 65)
    )
    sum(v for name, v in losses.items() if 'loss' in name).backward()
    for module in (backbone, head):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None, name


class Part(nn.Module):
    """Backbone and head of some of the potentials."""

    def __init__(self, *potentials):
        super().__init__()
        small = {'base_channels': 2, 'scales': (1.0, 0.5), 'pyramid': (5,)}
        self.backbone = FeatMapNets(potentials=potentials, **small).double()
        self.decode_head = make_head(
            potentials=potentials,
            in_index=list(range(6, 6 + len(potentials))),
            in_channels=64,
        )

    def losses(self, images, labels):
        return losses_of(self.decode_head, self.backbone(images), labels)

    def maps(self, images):
        return self.decode_head(self.backbone(images))


def test_parts_trained_alone_are_the_same_in_the_whole():
    parts, whole = [Part(name) for name in POTENTIALS], Part(*POTENTIALS)
    merged = {}
    for part in parts:
        assert not merged.keys() & part.state_dict().keys()
        merged |= part.state_dict()
    whole.load_state_dict(merged)  # strictly: they cover it
    images = 60 * torch.randn(2, 3, 49, 65, dtype=torch.float64)
    labels = labels_of(2, 49, 65)
    losses, count = whole.losses(images, labels), 0
    for part in parts:
        for name, value in part.losses(images, labels).items():
            assert torch.equal(value, losses[name]), name
            count += 1
    assert count == len(losses) == 6
    places = whole.backbone(images)[6:]
    for part, found in zip(parts, places, strict=True):
        assert torch.equal(part.backbone(images)[6], found)
    with torch.no_grad():
        for name in RELATIONS:
            whole.decode_head.get_submodule(name).weight = 0.0
        expected = parts[0].maps(images)
        torch.testing.assert_close(whole.maps(images), expected)


def test_probabilities_are_interpolated_not_scores():
    """Between 0.9 and 0.1 lies 0.5, between 0.06 and 0.84 lies 0.45."""
    nodes = torch.tensor([[0.9, 0.1], [0.06, 0.84], [0.04, 0.06]])
    logs = nodes.log().view(1, 3, 1, 2)
    metas = [{'img_shape': (1, 3), 'pad_shape': (1, 3)}]
    found = make_head().predict_by_feat(logs, metas)
    expected = torch.tensor(
        [[0.9, 0.5, 0.1], [0.06, 0.45, 0.84], [0.04, 0.05, 0.06]]
    )
    torch.testing.assert_close(found.exp(), expected.view(1, 3, 1, 3))


def test_scores_reach_the_corners_of_the_padded_image():
    nodes = torch.rand(1, 3, 4, 5).softmax(dim=1)
    metas = [{'img_shape': (40, 50), 'pad_shape': (49, 65)}]
    found = make_head().predict_by_feat(nodes.log(), metas).exp()
    assert found.shape == (1, 3, 49, 65)
    torch.testing.assert_close(found[:, :, ::16, ::16], nodes)


@torch.no_grad()
def test_computes_in_half_precision_as_in_single():
    head = make_head().float()
    inputs = tuple(x.float() for x in inputs_of(5, 6))
    expected = head(inputs)
    with torch.autocast('cpu', torch.bfloat16):
        found = head(inputs)
    assert (found.exp() - expected.exp()).abs().max() < 0.05


@torch.no_grad()
def test_maps_of_several_sizes_are_refused():
    inputs = (*inputs_of(3, 4)[:8], inputs_of(4, 3)[8])
    with pytest.raises(ValueError, match='need maps of one size'):
        make_head()(inputs)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'potentials': ('unary', 'ternary')}, "some of .*, got .*'ternary'"),
        ({'potentials': (), 'in_index': ()}, r'some of .*, got \(\)'),
        ({'potentials': ('unary', 'unary')}, 'potentials must be some of'),
        ({'relations': {'unary': {}}}, "relations has 'unary', which is none"),
        (
            {'relations': {'surrounding': {'relation': 'above_below'}}},
            r"relations.surrounding has 'relation', which is none of .*'grid'",
        ),
        (
            {'relations': {'above_below': {'box': 0.3, 'num_classes': 3}}},
            "relations.above_below has 'num_classes', which is none of",
        ),
        (
            {'relations': {'surrounding': 2.0}},
            r"relations.surrounding must be a dict of .*'weight'.*, got 2.0",
        ),
        (
            {'relations': {'surrounding': {'weight': -1.0}}},
            'weight must be a finite number from 0, got -1.0',
        ),
        ({'in_index': (6, 7)}, r'must have 3 entries.*, got \(6, 7\)'),
        ({'iterations': -1}, 'iterations must be at least 0 .* got -1'),
        ({'sampler': {'type': 'OHEMPixelSampler'}}, 'sampler is not support'),
        ({'messages': 'max'}, "messages must be .* got 'max'"),
        ({'class_weight': (1.0,)}, 'class_weight must have 3 entries'),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        make_head(**wrong)
