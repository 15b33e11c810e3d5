"""Pairwise-Net against two layers on every concatenation, edge by edge."""

import pytest
import torch
from crf_reference import box_edges, messages, pair_scores

from zoo.models.decode_heads import pairwise_net
from zoo.models.decode_heads.pairwise_net import PairwiseNet

RELATIONS = ('surrounding', 'above_below')
each_relation = pytest.mark.parametrize('relation', RELATIONS)


def make_net(relation='surrounding', **kwargs):
    """Return a net in double precision with no weight near zero."""
    small = {'in_channels': 4, 'channels': 6, 'num_classes': 3}
    options = {**small, 'dropout_ratio': 0.0, 'train_edges': 10**6, **kwargs}
    net = PairwiseNet(relation=relation, **options).double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_()
    return net


def features_of(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def labels_of(*shape):
    """Return labels with some of every class, and some ignored."""
    labels = torch.randint(0, 3, shape)
    return labels.masked_fill(torch.rand(shape) < 0.2, 255)


@each_relation
@torch.no_grad()
def test_scores_are_those_of_one_layer_on_the_concatenation(relation):
    net, maps = make_net(relation), features_of(2, 4, 3, 5)
    first, second = net.node_maps(maps)
    assert first.shape == second.shape == (2, 15, 6)
    for image in range(2):
        nodes = maps[image].flatten(1).T
        for p, q in [(0, 14), (14, 0), (4, 4), (6, 7)]:
            hidden = (first[image, p] + second[image, q]).clamp(min=0)
            found = net.score(hidden).view(3, 3)
            expected = pair_scores(net, nodes[p], nodes[q])
            torch.testing.assert_close(found, expected)


def loss_by_hand(net, maps, labels, weights=None):
    """Return the mean loss over all edges and the share of right ones."""
    total, norm, right, count = 0, 0, 0, 0
    height, width = maps.shape[2:]
    for image, truth in zip(maps, labels.flatten(1).tolist(), strict=True):
        nodes = image.flatten(1).T
        for p, q in box_edges(height, width, net.relation, net.box):
            a, b = truth[p], truth[q]
            if 255 in (a, b):
                continue
            scores = pair_scores(net, nodes[p], nodes[q])
            weight = 1 if weights is None else (weights[a] + weights[b]) / 2
            total += weight * (scores.logsumexp((0, 1)) - scores[a, b])
            norm += weight
            right += (scores == scores.max()).nonzero().tolist() == [[a, b]]
            count += 1
    return total / norm, 100 * right / count


@each_relation
@pytest.mark.parametrize('weights', [None, (0.2, 1.0, 5.0)])
def test_loss_is_the_mean_over_all_edges_with_two_labels(relation, weights):
    net = make_net(relation, class_weight=weights, box=0.7)
    maps, labels = features_of(2, 4, 5, 6), labels_of(2, 5, 6)
    found = net.loss(maps, labels, 255)
    assert set(found) == {f'loss_{relation}', f'acc_{relation}'}
    with torch.no_grad():
        loss, right = loss_by_hand(net, maps, labels, weights)
    torch.testing.assert_close(found[f'loss_{relation}'].detach(), loss)
    assert 0 < right < 100
    assert found[f'acc_{relation}'].item() == pytest.approx(right)


def test_accuracy_by_hand():
    """A column of four: edges (0, 1), (1, 2), (2, 3); all taken for (1, 2)."""
    net = make_net('above_below', box=1.9)
    with torch.no_grad():
        net.score.weight.zero_()
        net.score.bias.zero_()
        net.score.bias[1 * 3 + 2] = 1.0
    maps = features_of(1, 4, 4, 1)
    for labels, expected in (
        ([1, 2, 1, 2], 200 / 3),
        ([1, 2, 255, 2], 100),  # one edge is left
        ([2, 1, 0, 0], 0),
        ([1, 255, 2, 255], 0),  # none
    ):
        found = net.loss(maps, torch.tensor(labels).view(1, 4, 1), 255)
        assert found['acc_above_below'].item() == pytest.approx(expected)


def test_an_ignored_label_may_have_any_number():
    net = make_net()
    maps, labels = features_of(1, 4, 6, 6), torch.zeros(1, 6, 6).long()
    labels[0, 2:, 3:] = 2
    expected = net.loss(maps, labels.masked_fill(labels == 2, 7), 7)
    found = net.loss(maps, labels.masked_fill(labels == 2, 255), 255)
    assert torch.equal(found['loss_surrounding'], expected['loss_surrounding'])
    other = net.loss(maps, labels, 255)
    assert not torch.equal(
        found['loss_surrounding'], other['loss_surrounding']
    )


def edges_scored(net, maps, labels, ignore_index=255):
    """Return the number of edges scored and the share of zeroed inputs."""
    seen = []
    handle = net.score.register_forward_pre_hook(
        lambda _, args: seen.append(args[0])
    )
    net.loss(maps, labels, ignore_index)
    handle.remove()
    return [len(x) for x in seen], torch.cat(seen)


def test_a_step_scores_no_more_edges_per_image_than_the_budget():
    maps, labels = features_of(3, 4, 6, 6), torch.zeros(3, 6, 6).long()
    labels[1, 1:] = 7  # one row is left, 5 pairs in both orders
    labels[2] = 7
    for budget, expected in ((50, [50, 10, 0]), (1, [1, 1, 0])):
        net = make_net(train_edges=budget)
        assert edges_scored(net, maps, labels, 7)[0] == expected


def test_each_step_draws_other_edges():
    net = make_net(train_edges=3)
    maps, labels = features_of(1, 4, 6, 6), torch.zeros(1, 6, 6).long()
    one, other = (edges_scored(net, maps, labels)[1] for _ in range(2))
    assert not torch.equal(one, other)


def test_dropout_works_in_training_only():
    net = make_net(dropout_ratio=0.9)
    maps, labels = features_of(1, 4, 6, 6), torch.zeros(1, 6, 6).long()
    shares = []
    for mode in (True, False):
        hidden = edges_scored(net.train(mode), maps, labels)[1]
        shares.append((hidden == 0).double().mean().item())
    assert shares[0] > 0.85
    assert shares[1] < 0.7


@each_relation
@pytest.mark.parametrize('size', [(5, 7), (6, 4), (1, 3)])
@pytest.mark.parametrize(
    ('mode', 'weight'), [('sum', 1.0), ('mean', 0.3), ('mean', 0)]
)
@torch.no_grad()
def test_messages_are_the_sums_over_explicit_tables(
    relation, size, mode, weight
):
    net = make_net(relation, messages=mode, weight=weight, box=0.5)
    maps = features_of(4, *size)
    marginals = torch.rand(size[0] * size[1], 3).double().softmax(dim=1)
    edges = box_edges(*size, relation, 0.5)
    assert bool(edges) == (size != (1, 3))
    expected = messages(net, maps, marginals, edges, mean=mode == 'mean')
    found = net.sender(maps)(marginals)
    torch.testing.assert_close(found, expected)


@each_relation
@torch.no_grad()
def test_a_sample_of_the_box_replaces_all_of_it_in_testing(relation):
    """A box of 7.15 cells: 3 to each side, or 1 to 7 down."""
    net = make_net(relation, grid=3, box=0.65, messages='sum')
    down = (-3, 0, 3) if relation == 'surrounding' else (1, 4, 7)
    edges = [
        (p, q)
        for p in range(121)
        for q in range(121)
        if q // 11 - p // 11 in down and q % 11 - p % 11 in (-3, 0, 3)
        if p != q
    ]
    maps = features_of(4, 11, 11)
    marginals = torch.rand(121, 3).double().softmax(dim=1)
    expected = messages(net, maps, marginals, edges, mean=False)
    torch.testing.assert_close(net.sender(maps)(marginals), expected)


@torch.no_grad()
def test_one_size_after_another_has_its_own_edges():
    """Also with other settings; and what is kept is left as it was."""
    cases = [
        (relation, size, box, grid)
        for relation in RELATIONS
        for size in ((5, 6), (6, 5))
        for box in (0.5, 0.8)
        for grid in (None, 2)
    ]
    maps = {size: features_of(4, *size) for size in ((5, 6), (6, 5))}
    marginals = torch.rand(30, 3).double().softmax(dim=1)

    def send(relation, size, box, grid, seed=7):
        torch.manual_seed(seed)
        net = make_net(relation, box=box, grid=grid)
        return net.sender(maps[size])(marginals)

    alone = []
    for case in cases:
        pairwise_net._tables.cache_clear()
        alone.append(send(*case))
    for _ in range(2):
        for case, expected in zip(cases, alone, strict=True):
            assert torch.equal(send(*case), expected)
    assert len({tuple(sent.flatten().tolist()) for sent in alone}) > 12


@torch.no_grad()
def test_images_of_one_size_share_their_tables(monkeypatch):
    made, right = [], pairwise_net.neighbour_tables

    def counted(edges, nodes):
        made.append(nodes)
        return right(edges, nodes)

    monkeypatch.setattr(pairwise_net, 'neighbour_tables', counted)
    pairwise_net._tables.cache_clear()
    net = make_net()
    for size in ((5, 4), (5, 4), (3, 7), (5, 4)):
        net.sender(features_of(4, *size))
    assert made == [20, 21]


@each_relation
def test_tables_serve_gradients_after_inference(relation):
    net, maps = make_net(relation), features_of(4, 5, 6)
    marginals = torch.rand(30, 3).double().softmax(dim=1)
    pairwise_net._tables.cache_clear()
    with torch.inference_mode():
        expected = net.sender(maps)(marginals)
    found = net.sender(maps)(marginals)
    torch.testing.assert_close(found, expected)
    found.sum().backward()
    assert net.nodes.weight.grad.any()


@torch.no_grad()
def test_below_is_not_above_but_left_is_as_right():
    maps = features_of(4, 6, 6)
    marginals = torch.rand(6, 6, 3).double().softmax(dim=2)
    for relation, axis, same in (
        ('surrounding', 0, True),
        ('surrounding', 1, True),
        ('above_below', 0, False),
        ('above_below', 1, True),
    ):
        net = make_net(relation)
        sent = net.sender(maps)(marginals.flatten(0, 1)).view(6, 6, 3)
        turned = net.sender(maps.flip(1 + axis))
        again = turned(marginals.flip(axis).flatten(0, 1)).view(6, 6, 3)
        assert torch.allclose(again.flip(axis), sent) == same


@each_relation
def test_a_map_without_edges_costs_nothing_and_sends_nothing(relation):
    net = make_net(relation)
    maps = features_of(2, 4, 1, 1)
    losses = net.loss(maps, torch.zeros(2, 1, 1).long(), 255)
    assert losses[f'loss_{relation}'] == losses[f'acc_{relation}'] == 0
    losses[f'loss_{relation}'].backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert not parameter.grad.any(), name
    sent = net.sender(maps[0])(torch.ones(1, 3).double() / 3)
    assert torch.equal(sent, torch.zeros(1, 3).double())


@each_relation
@torch.no_grad()
def test_normalisation_is_that_of_the_node_maps(relation):
    net = make_net(relation, norm_cfg={'type': 'BN'}, box=0.5)
    assert net.norm.num_features == 12
    net.norm.running_mean.normal_()
    net.norm.running_var.uniform_(0.5, 2.0)
    maps, labels = features_of(2, 4, 5, 4), labels_of(2, 5, 4)
    found = net.eval().loss(maps, labels, 255)[f'loss_{relation}']
    torch.testing.assert_close(found, loss_by_hand(net, maps, labels)[0])
    marginals = torch.rand(20, 3).double().softmax(dim=1)
    edges = box_edges(5, 4, relation, 0.5)
    expected = messages(net, maps[0], marginals, edges, mean=True)
    torch.testing.assert_close(net.sender(maps[0])(marginals), expected)
    net.train().loss(maps, labels, 255)
    assert net.norm.num_batches_tracked == 1  # of both images at once


@each_relation
def test_computes_in_half_precision_as_in_single(relation):
    net = make_net(relation).float()
    maps, labels = torch.randn(1, 4, 6, 6), labels_of(1, 6, 6)
    marginals = torch.rand(36, 3).softmax(dim=1)
    results = []
    for enabled in (False, True):
        with torch.autocast('cpu', torch.bfloat16, enabled=enabled):
            loss = net.loss(maps, labels, 255)[f'loss_{relation}']
            results.append([loss, net.sender(maps[0])(marginals)])
    for found, expected in zip(results[1], results[0], strict=True):
        assert (found - expected).abs().max() < 0.05 * expected.abs().max()
    results[1][0].backward()
    assert all(p.grad.isfinite().all() for p in net.parameters())


def test_starts_as_one_layer_on_the_concatenation_would():
    net = PairwiseNet(
        relation='surrounding', in_channels=400, channels=300, num_classes=9
    )
    assert net.nodes.weight.std().item() == pytest.approx(0.05, rel=0.02)
    assert net.score.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not net.nodes.bias.any()
    assert not net.score.bias.any()


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'relation': 'beside'}, "relation must be .* got 'beside'"),
        ({'messages': 'max'}, "messages must be .* got 'max'"),
        ({'weight': -0.5}, 'weight must be .* from 0, got -0.5'),
        ({'weight': float('nan')}, 'weight must be a finite .* got nan'),
        ({'weight': float('inf')}, 'weight must be a finite .* got inf'),
        ({'weight': '2'}, "weight must be a finite number .* got '2'"),
        ({'weight': None}, 'weight must be a finite number .* got None'),
        ({'train_edges': 0}, 'train_edges must be >= 1, got 0'),
        ({'class_weight': (1.0, 2.0)}, 'must have 3 entries, got 2'),
        ({'box': 0.0}, 'box must be .* got 0.0'),
        ({'grid': 1}, 'grid must be at least 2 or None, got 1'),
    ],
)
@pytest.mark.parametrize('device', ['cpu', 'meta'])
def test_refuses(wrong, message, device):
    with pytest.raises(ValueError, match=message), torch.device(device):
        make_net(**wrong)
