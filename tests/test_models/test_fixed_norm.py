"""Fitted to the first batches, then fixed, and resumable between."""

import pytest
import torch

from zoo.models.fixed_norm import FixedNorm


def batches():
    generator = torch.Generator().manual_seed(3)
    return [
        torch.randn(n, 4, generator=generator) * (1 + n) + torch.arange(4) * n
        for n in (5, 1, 8)
    ]


def test_after_some_batches_all_their_rows_have_mean_0_and_deviation_1():
    norm, parts = FixedNorm(4, batches=3, epsilon=1e-9), batches()
    for part in parts:
        norm(part)
    rows = norm.eval()(torch.cat(parts))
    torch.testing.assert_close(rows.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    deviation = rows.std(0, correction=0)
    torch.testing.assert_close(deviation, torch.ones(4), atol=1e-5, rtol=0)


def test_a_batch_is_normalised_with_what_was_seen_until_then():
    norm, parts = FixedNorm(4, batches=3, epsilon=1e-9), batches()
    norm(parts[0])
    found, seen = norm(parts[1]), torch.cat(parts[:2])
    expected = (parts[1] - seen.mean(0)) / seen.std(0, correction=0)
    torch.testing.assert_close(found, expected)


def test_is_fixed_after_its_batches_and_outside_of_training():
    norm, parts = FixedNorm(4, batches=2), batches()
    norm(parts[0])
    norm(parts[1])
    before = {k: v.clone() for k, v in norm.state_dict().items()}
    norm(1e3 * parts[2])
    fresh = FixedNorm(4).eval()
    fresh(parts[0])
    assert all(torch.equal(v, before[k]) for k, v in norm.state_dict().items())
    assert int(fresh.seen) == 0


def test_leaves_rows_alone_before_the_first_batch():
    rows = batches()[0]
    assert torch.equal(FixedNorm(4).eval()(rows), rows)


def test_goes_on_as_it_would_have_from_what_is_saved():
    straight, resumed = FixedNorm(4, batches=2), FixedNorm(4, batches=2)
    parts = batches()
    straight(parts[0])
    resumed.load_state_dict(straight.state_dict())
    for part in parts[1:]:
        assert torch.equal(straight(part), resumed(part))


def test_a_column_that_hardly_varies_is_not_blown_up():
    norm = FixedNorm(2, batches=1, epsilon=1e-4)
    norm(torch.tensor([[5.0, 0.0], [5.0, 1e-6]]))
    found = norm(torch.tensor([[5.5, 0.1]]))
    assert found.flatten().tolist() == pytest.approx([50, 10], abs=1e-3)


def test_no_gradient_runs_through_the_numbers():
    norm = FixedNorm(1, batches=1, epsilon=1.0)
    rows = torch.tensor([[0.0], [2.0]], requires_grad=True)
    norm(rows)[0].sum().backward()
    assert rows.grad.flatten().tolist() == pytest.approx([0.5**0.5, 0])


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ({'batches': 0}, 'batches must be at least 1, got 0'),
        ({'epsilon': 0.0}, 'epsilon must be above 0, got 0.0'),
    ],
)
def test_refuses(option, message):
    with pytest.raises(ValueError, match=message):
        FixedNorm(4, **option)
