"""Mean field against exact enumeration, and against explicit loops."""

import itertools

import pytest
import torch

from zoo.ops import mean_field, mean_field_updates


def problem(nodes=4, labels=3):
    """A graph with a cycle, a double edge and a pair in both orders."""
    edges = torch.tensor([[0, 1], [2, 1], [2, 0], [0, 2], [3, 1], [3, 1]])
    unary = torch.randn(nodes, labels, dtype=torch.float64)
    tables = torch.randn(len(edges), labels, labels, dtype=torch.float64)
    return unary, edges, tables


def exact_marginals(unary, edges, tables):
    """Sum over every labelling: ``labels ** nodes`` terms."""
    nodes, labels = unary.shape
    total = torch.zeros_like(unary)
    for labelling in itertools.product(range(labels), repeat=nodes):
        energy = sum(unary[p, labelling[p]] for p in range(nodes))
        for (p, q), table in zip(edges.tolist(), tables, strict=True):
            energy = energy + table[labelling[p], labelling[q]]
        for p in range(nodes):
            total[p, labelling[p]] += torch.exp(-energy)
    return total / total.sum(dim=1, keepdim=True)


def mean_field_by_loops(unary, edges, tables, iterations):
    labels = unary.shape[1]
    q_now = torch.softmax(-unary, dim=1)
    for _ in range(iterations):
        energy = unary.clone()
        for (p, q), table in zip(edges.tolist(), tables, strict=True):
            for a in range(labels):
                for b in range(labels):
                    energy[p, a] += table[a, b] * q_now[q, b]
                    energy[q, b] += table[a, b] * q_now[p, a]
        q_now = torch.exp(-energy)
        q_now = q_now / q_now.sum(dim=1, keepdim=True)
    return q_now


@pytest.mark.parametrize('iterations', [1, 3, 20])
def test_matches_enumeration_to_first_order_in_the_tables(iterations):
    """Both leave the independent answer at the same rate."""
    unary, edges, tables = problem()
    start, step = torch.softmax(-unary, dim=1), 1e-5
    ours = mean_field(unary, edges, step * tables, iterations=iterations)
    exact = exact_marginals(unary, edges, step * tables)
    torch.testing.assert_close(
        (ours - start) / step, (exact - start) / step, atol=1e-3, rtol=0
    )


@pytest.mark.parametrize('iterations', [0, 1, 2, 5])
def test_equals_the_loops(iterations):
    args = problem()
    found = mean_field(*args, iterations=iterations)
    torch.testing.assert_close(found, mean_field_by_loops(*args, iterations))


def test_three_iterations_unless_told_otherwise():
    args = problem()
    assert torch.equal(mean_field(*args), mean_field(*args, iterations=3))


def test_relabelling_the_classes_permutes_the_answer():
    unary, edges, tables = problem()
    flipped = mean_field(unary.flip(1), edges, tables.flip(1, 2))
    torch.testing.assert_close(
        flipped, mean_field(unary, edges, tables).flip(1)
    )


def test_an_edge_has_a_direction():
    """Sky above water costs nothing, water above sky much."""
    unary = torch.zeros(2, 2)
    table = torch.tensor([[[4.0, 0.0], [9.0, 4.0]]])  # (upper, lower)
    down = mean_field(unary, torch.tensor([[0, 1]]), table)
    up = mean_field(unary, torch.tensor([[1, 0]]), table)
    assert down.argmax(dim=1).tolist() == [0, 1]
    torch.testing.assert_close(up, down.flip(0))
    assert up.argmax(dim=1).tolist() == [1, 0]
    turned = mean_field(unary, torch.tensor([[1, 0]]), table.mT)
    torch.testing.assert_close(turned, down)


def test_no_edges_leave_the_unary_softmax():
    unary, edges, tables = problem()
    found = mean_field(unary, edges[:0], tables[:0])
    torch.testing.assert_close(found, torch.softmax(-unary, dim=1))


def test_gradients():
    unary, edges, tables = problem(labels=2)

    def marginals(unary, tables):
        return mean_field(unary, edges, tables, iterations=2)

    args = unary.requires_grad_(), tables.requires_grad_()
    assert torch.autograd.gradcheck(marginals, args)


def test_updates_hand_the_marginals_to_the_messages():
    """Two labels, one node: energies of a step are twice the marginals."""
    unary = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    seen = []

    def messages(q):
        seen.append(q)
        return 2 * q

    found = mean_field_updates(unary, messages, iterations=2)
    q = 1 / (1 + torch.exp(torch.tensor(-1.0, dtype=torch.float64)))
    for given in seen:
        torch.testing.assert_close(given[0], torch.stack([q, 1 - q]))
        q = 1 / (1 + torch.exp(2 * q - (1 + 2 * (1 - q))))
    assert len(seen) == 2
    torch.testing.assert_close(found[0], torch.stack([q, 1 - q]))


def test_no_update_asks_for_no_message():
    unary, *_ = problem()
    found = mean_field_updates(unary, None, iterations=0)
    torch.testing.assert_close(found, torch.softmax(-unary, dim=1))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'unary': torch.zeros(4)}, r'unary must be \(P, L\), got \(4,\)'),
        ({'unary': torch.zeros(4, 0)}, r'unary must be .* got \(4, 0\)'),
        ({'unary': torch.zeros(4, 2)}, r'be \(6, 2, 2\) .* got \(6, 3, 3\)'),
        ({'unary': torch.zeros(3, 3)}, r'ids in 0..2, got 0..3'),
        ({'edges': torch.full((6, 2), -1)}, r'ids in 0..3, got -1..-1'),
        ({'edges': torch.zeros(6, 3).long()}, r'\(E, 2\) .* got \(6, 3\)'),
        ({'edges': torch.zeros(5, 2).long()}, r'be \(5, 3, 3\)'),
        ({'tables': torch.zeros(6, 9)}, r'got \(6, 9\)'),
        ({'iterations': -1}, 'at least 0, got -1'),
        ({'iterations': 1.5}, 'whole number, at least 0, got 1.5'),
    ],
)
def test_refuses(change, message):
    names = ('unary', 'edges', 'tables')
    options = dict(zip(names, problem(), strict=True)) | change
    with pytest.raises(ValueError, match=message):
        mean_field(**options)


@pytest.mark.parametrize('shape', [(4,), (1, 3), (3, 4)])
def test_updates_refuse_messages_that_would_be_spread(shape):
    unary, *_ = problem()
    with pytest.raises(ValueError, match=r'must return \(4, 3\), got'):
        mean_field_updates(unary, lambda q: q.new_zeros(shape), iterations=1)
