"""Pairwise potentials and messages, against networks run edge by edge."""

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from zoo.ops import (
    edge_hidden,
    edge_logits,
    neighbour_tables,
    pairwise_messages,
    range_box_edges,
)

RELATIONS = ['surrounding', 'above_below']


def problem(nodes, *, labels=3, width=4, **factory):
    """Random ``first, second, weight, bias, marginals``, float64."""
    factory = {'dtype': torch.float64} | factory
    return (
        torch.randn(nodes, width, **factory),
        torch.randn(nodes, width, **factory),
        torch.randn(labels * labels, width, **factory),
        torch.randn(labels * labels, **factory),
        torch.randn(nodes, labels, **factory).softmax(dim=1),
    )


def messages_by_loops(first, second, edges, weight, bias, marginals):
    """Write out the table of one edge after another."""
    labels = marginals.shape[1]
    received = torch.zeros_like(marginals)
    for p, q in edges.tolist():
        hidden = (first[p] + second[q]).clamp(min=0)
        for a in range(labels):
            for b in range(labels):
                row = a * labels + b
                energy = -(weight[row] @ hidden + bias[row])
                received[p, a] += energy * marginals[q, b]
                received[q, b] += energy * marginals[p, a]
    return received


@pytest.mark.parametrize('edge_count', [0, 9])
def test_logits_equal_a_network_on_concatenated_features(edge_count):
    features = torch.randn(6, 5, dtype=torch.float64)
    edges = torch.randint(6, (edge_count, 2))
    net = nn.Sequential(nn.Linear(10, 7), nn.ReLU(), nn.Linear(7, 9)).double()
    pairs = torch.cat([features[edges[:, 0]], features[edges[:, 1]]], dim=1)
    weight_p, weight_q = net[0].weight.split(5, dim=1)
    found = edge_logits(
        features @ weight_p.T,
        features @ weight_q.T + net[0].bias,
        edges,
        net[2].weight,
        net[2].bias,
    )
    torch.testing.assert_close(found, net(pairs))


def test_hidden_layer_by_hand():
    """The first of a pair and the second have maps of their own."""
    first = torch.tensor([[1.0, -2.0], [3.0, 4.0]])
    second = torch.tensor([[10.0, 1.0], [-20.0, -3.0]])
    found = edge_hidden(first, second, torch.tensor([[0, 1], [1, 0]]))
    assert found.tolist() == [[0, 0], [13, 5]]


@pytest.mark.parametrize('relation', RELATIONS)
@pytest.mark.parametrize('chunk_bytes', [1, 400, 2**25])
@pytest.mark.parametrize(('labels', 'width'), [(1, 1), (2, 7), (4, 3)])
def test_messages_equal_the_loops(relation, chunk_bytes, labels, width):
    edges = range_box_edges(4, 5, relation=relation, box=0.8)
    first, second, *rest = problem(20, labels=labels, width=width)
    tables = neighbour_tables(edges, 20)
    found = pairwise_messages(
        first, second, tables, *rest, chunk_bytes=chunk_bytes
    )
    expected = messages_by_loops(first, second, edges, *rest)
    torch.testing.assert_close(found, expected)


def test_messages_sum_the_tables_that_logits_give():
    """The two functions agree on which label indexes the rows."""
    first, second, weight, bias, marginals = problem(2)
    edge = torch.tensor([[1, 0]])
    logits = edge_logits(first, second, edge, weight, bias)
    table = -logits.reshape(3, 3)
    found = pairwise_messages(
        first, second, neighbour_tables(edge, 2), weight, bias, marginals
    )
    torch.testing.assert_close(found[1], table @ marginals[0])
    torch.testing.assert_close(found[0], marginals[1] @ table)


def test_maps_and_layers_may_be_views():
    """A map of a convolution comes with its channels first."""
    first, second, weight, bias, marginals = problem(6)
    edges = range_box_edges(2, 3, relation='above_below', box=2)
    tables = neighbour_tables(edges, 6)
    expected = pairwise_messages(
        first, second, tables, weight, bias, marginals
    )
    views = [
        value.T.contiguous().T for value in (first, second, weight, marginals)
    ]
    found = pairwise_messages(*views[:2], tables, views[2], bias, views[3])
    torch.testing.assert_close(found, expected)


def test_a_node_without_edges_receives_nothing():
    first, second, *rest = problem(4)
    tables = neighbour_tables(torch.tensor([[0, 2]]), 4)
    found = pairwise_messages(first, second, tables, *rest)
    assert not found[[1, 3]].any()
    assert found[[0, 2]].all()


def test_no_edges_at_all():
    first, second, *rest = problem(4)
    tables = neighbour_tables(torch.zeros(0, 2, dtype=torch.int64), 4)
    found = pairwise_messages(first, second, tables, *rest)
    assert found.shape == (4, 3)
    assert not found.any()
    logits = edge_logits(first, second, torch.empty(0, 2).long(), *rest[:2])
    assert logits.shape == (0, 9)


def test_arguments_are_left_alone():
    args = problem(6)
    edges = range_box_edges(2, 3, relation='surrounding', box=2)
    tables = neighbour_tables(edges, 6)
    before = [arg.clone() for arg in (*args, *tables, edges)]
    first, second, *rest = args
    pairwise_messages(first, second, tables, *rest)
    edge_logits(first, second, edges, *rest[:2])
    for was, arg in zip(before, (*args, *tables, edges), strict=True):
        assert torch.equal(was, arg)


def test_gradients():
    edges = torch.tensor([[0, 1], [1, 2], [2, 0], [1, 0]])
    tables = neighbour_tables(edges, 4)
    args = [arg.requires_grad_() for arg in problem(4, labels=2, width=3)]

    def messages(first, second, *rest):
        return pairwise_messages(first, second, tables, *rest, chunk_bytes=50)

    def logits(first, second, *layer):
        return edge_logits(first, second, edges, *layer)

    assert torch.autograd.gradcheck(messages, args)
    assert torch.autograd.gradcheck(logits, args[:4])


@pytest.mark.parametrize(
    ('chunk_bytes', 'numbers'), [(8 * 9000, 9000), (2**30, 100 * 48 * 12)]
)
def test_no_tensor_holds_a_table_per_edge(chunk_bytes, numbers):
    """A node has up to 48 edges; all tables take 470 016 numbers."""
    labels, width, nodes = 12, 6, 10 * 10
    edges = range_box_edges(10, 10, relation='surrounding', box=0.6)
    tables = neighbour_tables(edges, nodes)
    first, second, *rest = problem(nodes, labels=labels, width=width)
    with Recorder() as recorder:
        pairwise_messages(
            first, second, tables, *rest, chunk_bytes=chunk_bytes
        )
    assert len(edges) * labels**2 == 470_016
    assert 0 < recorder.largest <= numbers


def test_one_node_is_computed_however_small_the_chunk():
    first, second, *rest = problem(5, labels=2, width=3)
    edges = range_box_edges(1, 5, relation='surrounding', box=4)
    tables = neighbour_tables(edges, 5)
    with Recorder() as recorder:
        pairwise_messages(first, second, tables, *rest, chunk_bytes=1)
    assert recorder.largest <= max(4 * 3, 5 * 4)  # hidden layer, table


@pytest.mark.parametrize('relation', RELATIONS)
def test_meta_tensors(relation):
    edges = range_box_edges(3, 4, relation=relation, box=0.7)
    first, second, *rest = problem(12, device='meta')
    found = pairwise_messages(
        first, second, neighbour_tables(edges, 12), *rest
    )
    assert (found.shape, found.device.type) == ((12, 3), 'meta')
    logits = edge_logits(first, second, edges, *rest[:2])
    assert (logits.shape, logits.device.type) == ((len(edges), 9), 'meta')


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_ids_may_stay_on_the_cpu():
    args = problem(20)
    edges = range_box_edges(4, 5, relation='above_below', box=0.8)
    expected = messages_by_loops(*args[:2], edges, *args[2:])
    first, second, *rest = [arg.cuda() for arg in args]
    found = pairwise_messages(
        first, second, neighbour_tables(edges, 20), *rest
    )
    torch.testing.assert_close(found.cpu(), expected)
    logits = edge_logits(first, second, edges, *rest[:2])
    expected = edge_logits(*args[:2], edges, *args[2:4])
    torch.testing.assert_close(logits.cpu(), expected)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'first': torch.zeros(4)}, r'must both be \(P, D\), got \(4,\)'),
        ({'second': torch.zeros(5, 4)}, r'got \(4, 4\) and \(5, 4\)'),
        ({'weight': torch.zeros(9, 5)}, r'\(L \* L, 4\) .* got \(9, 5\)'),
        ({'bias': torch.zeros(8)}, r'got \(9, 4\) and \(8,\)'),
        ({'bias': torch.zeros(3, 3)}, r'got \(9, 4\) and \(3, 3\)'),
        ({'tables': ()}, r'two of \(4, K\), got \[\]'),
        (
            {'tables': (torch.zeros(4, 1), torch.zeros(3, 1))},
            r'two of \(4, K\), got \[\(4, 1\), \(3, 1\)\]',
        ),
        (
            {'tables': (torch.zeros(4), torch.zeros(4, 1))},
            r'two of \(4, K\), got \[\(4,\), \(4, 1\)\]',
        ),
        ({'marginals': torch.zeros(4, 2)}, r'L \* L = 9, got \(4, 2\)'),
        ({'marginals': torch.zeros(3, 3)}, r'be \(4, L\) .* got \(3, 3\)'),
        ({'marginals': torch.zeros(4)}, r'be \(4, L\) .* got \(4,\)'),
        ({'chunk_bytes': 0}, 'chunk_bytes must be at least 1, got 0'),
    ],
)
def test_messages_refuse(change, message):
    names = ('first', 'second', 'weight', 'bias', 'marginals')
    options = dict(zip(names, problem(4), strict=True))
    options['tables'] = neighbour_tables(torch.tensor([[0, 1]]), 4)
    with pytest.raises(ValueError, match=message):
        pairwise_messages(**(options | change))


@pytest.mark.parametrize('shape', [(2,), (2, 3)])
def test_logits_refuse(shape):
    first, second, weight, bias, _ = problem(4)
    edges = torch.zeros(shape, dtype=torch.int64)
    with pytest.raises(ValueError, match=r'edges must be \(E, 2\), got \(2,'):
        edge_logits(first, second, edges, weight, bias)
    with pytest.raises(ValueError, match='weight must be'):
        edge_logits(first, second, edges[:0].reshape(0, 2), weight.T, bias)


class Recorder(TorchDispatchMode):
    """Remember the size of the largest tensor that an operation returns."""

    def __init__(self):
        super().__init__()
        self.largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for part in out if isinstance(out, tuple | list) else [out]:
            # A view holds nothing of its own.
            if isinstance(part, torch.Tensor) and not part._is_view():
                self.largest = max(self.largest, part.numel())
        return out
