"""Weights of classes: the inverse of how often each occurs."""

import pytest
import torch

from zoo.ops.asymmetric_weights import asymmetric_weights


def test_weights_are_one_over_the_frequency():
    weights = asymmetric_weights(torch.tensor([50, 40, 10]))
    torch.testing.assert_close(weights, torch.tensor([2.0, 2.5, 10.0]))
    assert weights.dtype == torch.float32


def test_every_class_has_the_same_say():
    counts = torch.tensor([17, 3, 0, 900])
    labels = torch.arange(4).repeat_interleave(counts)
    each = asymmetric_weights(counts)[labels]  # of the training examples
    sums = [each[labels == c].sum().item() for c in (0, 1, 3)]
    assert sums == pytest.approx([920] * 3)
    assert each.mean().item() == pytest.approx(3)


def test_a_class_that_never_occurs_has_no_weight():
    weights = asymmetric_weights(torch.tensor([0, 7]))
    assert weights.tolist() == [0, 1]


def test_counts_keep_their_precision():
    counts = torch.tensor([1.0, 3.0], dtype=torch.float64)
    assert asymmetric_weights(counts).dtype == torch.float64


@pytest.mark.parametrize('counts', [[], [3, -1], [[1, 2]]])
def test_what_is_no_count_is_refused(counts):
    with pytest.raises(ValueError, match=r'must be \(C,\) numbers >= 0'):
        asymmetric_weights(torch.tensor(counts))


def test_no_example_at_all_is_refused():
    with pytest.raises(ValueError, match='all 0'):
        asymmetric_weights(torch.zeros(3))
