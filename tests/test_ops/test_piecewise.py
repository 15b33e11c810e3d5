"""The piecewise loss worked by hand, and the edges it is trained on."""

import math

import pytest
import torch

from zoo.ops import piecewise_pairwise_nll, sample_edges

EDGES = torch.tensor([[0, 1], [1, 0], [1, 2], [2, 0]])


def logits_of(*rows):
    """Logits whose softmax is the given probabilities, plus a constant."""
    return torch.tensor(rows, dtype=torch.float64).log() + 5


def graph():
    """Three nodes labelled 1, 0, ignored; two labels, so four pairs."""
    logits = logits_of(
        [0.1, 0.2, 0.3, 0.4],  # edge 0-1, pair (1, 0): column 2
        [0.1, 0.6, 0.2, 0.1],  # edge 1-0, pair (0, 1): column 1
        [0.7, 0.1, 0.1, 0.1],  # edge 1-2 and
        [0.4, 0.4, 0.1, 0.1],  # edge 2-0 end at the ignored node
    )
    labels = torch.tensor([1, 0, 255])
    return logits, labels[EDGES[:, 0]], labels[EDGES[:, 1]]


def test_mean_over_the_edges_with_two_labels():
    loss = piecewise_pairwise_nll(*graph())
    assert loss.shape == ()
    assert loss.item() == pytest.approx(-(math.log(0.3) + math.log(0.6)) / 2)


def test_an_ignored_edge_receives_no_gradient():
    logits, *labels = graph()
    piecewise_pairwise_nll(logits.requires_grad_(), *labels).backward()
    assert logits.grad[:2].all()
    assert not logits.grad[2:].any()


def test_ignore_index_may_be_any_label():
    logits, labels_p, labels_q = graph()
    for ignore_index in (-1, 7):
        loss = piecewise_pairwise_nll(
            logits,
            labels_p.where(labels_p != 255, ignore_index),
            labels_q.where(labels_q != 255, ignore_index),
            ignore_index=ignore_index,
        )
        assert loss == piecewise_pairwise_nll(*graph())
    # Ignoring label 0 as well as node 2's leaves the edge 0-0.
    rows = logits_of([0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.2, 0.1])
    ends = torch.tensor([1, 0]), torch.tensor([1, 1])
    loss = piecewise_pairwise_nll(rows, *ends, ignore_index=0)
    assert loss.item() == pytest.approx(-math.log(0.4))


def test_an_edge_weighs_the_mean_of_its_ends():
    """Pairs (2, 0), (0, 0) and (1, 2) weigh 3, 1 and 3.5."""
    row = [0.05, 0.1, 0.05, 0.1, 0.2, 0.15, 0.25, 0.06, 0.04]
    loss = piecewise_pairwise_nll(
        logits_of(row, row, row, row),
        torch.tensor([2, 0, 1, 255]),
        torch.tensor([0, 0, 2, 1]),
        class_weight=torch.tensor([1.0, 2.0, 5.0]),
    )
    nll = [-math.log(p) for p in (0.25, 0.05, 0.15)]
    expected = (3 * nll[0] + nll[1] + 3.5 * nll[2]) / 7.5
    assert loss.item() == pytest.approx(expected)


def test_equal_weights_are_no_weights():
    weighted = piecewise_pairwise_nll(
        *graph(), class_weight=torch.full((2,), 7.0)
    )
    torch.testing.assert_close(weighted, piecewise_pairwise_nll(*graph()))


def test_labels_of_a_byte_do_not_overflow():
    """Pair (20, 20) is column 440 of 441."""
    logits = torch.zeros(1, 441)
    logits[0, 440] = 50
    label = torch.tensor([20], dtype=torch.uint8)
    loss = piecewise_pairwise_nll(logits, label, label)
    assert loss.item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize('case', ['ignored', 'empty', 'weightless'])
def test_nothing_to_learn_is_zero_with_a_gradient(case):
    logits, labels_p, labels_q = graph()
    class_weight = None
    if case == 'ignored':
        logits, labels_p, labels_q = logits[2:], labels_p[2:], labels_q[2:]
    elif case == 'empty':
        logits, labels_p, labels_q = logits[:0], labels_p[:0], labels_q[:0]
    else:
        class_weight = torch.zeros(2)
    loss = piecewise_pairwise_nll(
        logits.requires_grad_(), labels_p, labels_q, class_weight=class_weight
    )
    assert loss.item() == 0
    loss.backward()
    assert logits.grad.shape == logits.shape
    assert not logits.grad.any()


def test_gradients():
    logits, *labels = graph()
    weight = torch.tensor([0.5, 2.0], dtype=torch.float64)

    def loss(logits):
        plain = piecewise_pairwise_nll(logits, *labels)
        return plain, piecewise_pairwise_nll(
            logits, *labels, class_weight=weight
        )

    assert torch.autograd.gradcheck(loss, logits.requires_grad_())


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'logits': torch.zeros(4, 5)}, r'square number .* got 5'),
        ({'logits': torch.zeros(4, 0)}, r'be \(E, L \* L\), got \(4, 0\)'),
        ({'logits': torch.zeros(4)}, r'be \(E, L \* L\), got \(4,\)'),
        ({'labels_p': torch.zeros(3)}, r'be \(4,\) .* got \(3,\) and \(4,\)'),
        ({'labels_q': torch.zeros(4, 1)}, r'got \(4,\) and \(4, 1\)'),
        ({'labels_q': torch.tensor([0, 2, 0, 0])}, r'0..1 .* got 0..2'),
        ({'labels_p': torch.tensor([0, -1, 0, 0])}, r'0..1 .* got -1..1'),
        ({'ignore_index': 254}, r'0..1 .* got 0..255'),
        ({'class_weight': torch.ones(4)}, r'be \(2,\), got \(4,\)'),
        (
            {'class_weight': torch.tensor([1.0, -1.0])},
            r'at least 0, got \[1.0, -1.0\]',
        ),
    ],
)
def test_loss_refuses(change, message):
    names = ('logits', 'labels_p', 'labels_q')
    options = dict(zip(names, graph(), strict=True)) | change
    with pytest.raises(ValueError, match=message):
        piecewise_pairwise_nll(**options)


def ring(nodes=40):
    """Edges ``(p, p + 1)`` and labels of which every fourth is ignored."""
    ids = torch.arange(nodes)
    edges = torch.stack([ids, (ids + 1) % nodes], dim=1)
    labels = torch.where(ids % 4 == 3, 255, ids % 3)
    wanted = [[p, p + 1] for p in range(nodes) if p % 4 < 2]
    return edges, labels, wanted


@pytest.mark.parametrize('budget', [20, 21, 1000])
def test_a_large_budget_keeps_every_labelled_edge_in_order(budget):
    edges, labels, wanted = ring()
    found = sample_edges(edges, labels, budget=budget)
    assert found.tolist() == wanted


@pytest.mark.parametrize('budget', [1, 7, 19])
def test_a_small_budget_draws_without_replacement(budget):
    edges, labels, wanted = ring()
    found = sample_edges(edges, labels, budget=budget).tolist()
    assert len(found) == len({tuple(edge) for edge in found}) == budget
    assert all(edge in wanted for edge in found)
    assert found == sorted(found)


def test_every_edge_is_drawn_equally_often():
    edges, labels, wanted = ring()
    drawn = torch.zeros(40)
    for _ in range(2000):
        drawn[sample_edges(edges, labels, budget=5)[:, 0]] += 1
    hits = drawn[torch.tensor(wanted)[:, 0]]
    assert drawn.sum() == hits.sum() == 10_000
    # Binomial(2000, 1/4): five standard deviations are 97.
    assert (hits - 500).abs().max() < 97


def test_a_generator_makes_the_draw_repeatable():
    edges, labels, _ = ring()

    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        return sample_edges(edges, labels, budget=9, generator=generator)

    state = torch.get_rng_state()
    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))
    assert torch.equal(torch.get_rng_state(), state)


def test_another_ignore_index():
    edges, labels, _ = ring()
    found = sample_edges(edges, labels, budget=1000, ignore_index=0)
    kept = (labels[edges] != 0).all(dim=1)
    assert 0 < kept.sum() < len(edges)
    assert torch.equal(found, edges[kept])


def test_no_edge_to_draw():
    edges, labels, _ = ring()
    nothing = torch.full_like(labels, 255)
    assert sample_edges(edges, nothing, budget=3).shape == (0, 2)
    assert sample_edges(edges[:0], labels, budget=3).shape == (0, 2)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'budget': 0}, 'budget must be at least 1, got 0'),
        ({'labels': torch.zeros(40, 1)}, r'be \(P,\), got \(40, 1\)'),
        ({'labels': torch.zeros(39)}, r'ids in 0..38, got 0..39'),
        ({'edges': torch.zeros(4).long()}, r'\(E, 2\) .* got \(4,\)'),
    ],
)
def test_sampling_refuses(change, message):
    edges, labels, _ = ring()
    options = {'edges': edges, 'labels': labels, 'budget': 3} | change
    with pytest.raises(ValueError, match=message):
        sample_edges(**options)
