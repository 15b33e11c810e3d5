"""The hardest pixels, against loops over a sorted list."""

import math
import re

import pytest
import torch

from zoo.ops import hardest_pixels

NAN = float('nan')


def how_many(values, k, threshold, most):
    """Count what is to be kept of one image's valid probabilities."""
    count = k
    if threshold is not None:
        below = 0
        for value in values:
            if math.isnan(value) or value < threshold:
                below += 1
        count = max(count, below)
        if most is not None:
            count = min(count, most)
    return min(count, len(values))


def check_by_loops(prob, valid, *, k, threshold=None, most=None):
    """Compare with a walk over the pixels of each image.

    Where several pixels are equally hard, which of them are kept is open:
    how many is not, and that none is left out for an easier one.
    """
    settings = {'k': k, 'threshold': threshold, 'most': most}
    found = hardest_pixels(prob, valid, **settings)
    assert found.dtype == torch.bool
    assert found.shape == prob.shape
    for image in range(len(prob)):
        kept, left = [], []
        for y in range(prob.shape[1]):
            for x in range(prob.shape[2]):
                value = prob[image, y, x].item()
                if not valid[image, y, x]:
                    assert not found[image, y, x]
                elif found[image, y, x]:
                    kept.append(-1.0 if math.isnan(value) else value)
                else:
                    left.append(-1.0 if math.isnan(value) else value)
        count = how_many(kept + left, k, threshold, most)
        assert len(kept) == count
        assert sorted(kept) == sorted(kept + left)[:count]


@pytest.mark.parametrize('levels', [2, 5, 1000])
@pytest.mark.parametrize('share', [0.0, 0.1, 0.9, 1.0])
@pytest.mark.parametrize('k', [1, 7, 20, 500])
@pytest.mark.parametrize(
    ('threshold', 'more'), [(None, None), (0.4, None), (0.4, 0), (0.4, 9)]
)
def test_keeps_what_the_loops_keep(levels, share, k, threshold, more):
    """Few levels make many ties; a share of pixels has a label."""
    prob = torch.randint(levels + 1, (3, 8, 9)) / levels
    valid = torch.rand(3, 8, 9) < share
    most = None if more is None else k + more
    check_by_loops(prob, valid, k=k, threshold=threshold, most=most)


@pytest.mark.parametrize('value', [0.2, 0.5, 1.0])
@pytest.mark.parametrize('most', [None, 10, 11, 300, 5000])
def test_counts_are_exact_where_all_are_equally_hard(value, most):
    """Large enough that rankings of different lengths break ties apart."""
    prob, valid = torch.full((2, 40, 60), value), torch.ones(2, 40, 60) > 0
    check_by_loops(prob, valid, k=10, threshold=0.5, most=most)


def ramp():
    """Return probabilities 0.00, 0.01 ... 0.99 in random order."""
    return (torch.randperm(100) / 100).view(1, 10, 10)


@pytest.mark.parametrize(
    ('settings', 'count'),
    [
        ({'k': 12}, 12),
        ({'k': 100}, 100),
        ({'k': 12, 'threshold': 0.05}, 12),  # too few below: it rises
        ({'k': 12, 'threshold': 0.5}, 50),  # 0.50 itself is not below
        ({'k': 12, 'threshold': 0.5, 'most': 60}, 50),
        ({'k': 12, 'threshold': 0.5, 'most': 20}, 20),  # it falls
        ({'k': 12, 'threshold': 0.5, 'most': 12}, 12),
        ({'k': 12, 'threshold': 0.05, 'most': 12}, 12),
        ({'k': 1, 'threshold': 1.0}, 100),
    ],
)
def test_the_threshold_and_its_bounds(settings, count):
    prob = ramp()
    kept = hardest_pixels(prob, prob >= 0, **settings)
    assert torch.equal(kept, prob < count / 100 - 0.005)


@pytest.mark.parametrize(
    'settings',
    [{}, {'threshold': 0.6}, {'threshold': 0.6, 'most': 5}],
)
def test_a_hard_image_takes_nothing_from_an_easy_one(settings):
    """Each keeps its own, in whatever batch it comes."""
    easy = 0.95 + 0.04 * torch.rand(1, 6, 7)
    hard = 0.1 * torch.rand(1, 6, 7)
    valid = torch.rand(2, 6, 7) < 0.9
    both = hardest_pixels(torch.cat([easy, hard]), valid, k=5, **settings)
    for image, prob in enumerate([easy, hard]):
        own = valid[image : image + 1]
        alone = hardest_pixels(prob, own, k=5, **settings)
        assert torch.equal(both[image], alone[0])
    assert both[0].sum() == 5


def test_a_pixel_without_label_is_not_kept_however_hard():
    prob = torch.tensor([[[0.0, 0.3, NAN, 0.6]]])
    valid = torch.tensor([[[False, True, False, True]]])
    for settings in ({}, {'threshold': 0.5}, {'threshold': 0.5, 'most': 2}):
        one = hardest_pixels(prob, valid, k=1, **settings)
        assert one.tolist() == [[[False, True, False, False]]]
        two = hardest_pixels(prob, valid, k=2, **settings)
        assert torch.equal(two, valid)


@pytest.mark.parametrize(
    'settings',
    [{}, {'threshold': 0.05}, {'threshold': 0.5, 'most': 1}],
)
def test_what_is_no_number_is_kept_first(settings):
    prob = torch.tensor([[[0.1, 0.0, NAN, 0.3]]])
    kept = hardest_pixels(prob, prob != 0.3, k=1, **settings)
    assert kept[0, 0, 2]
    check_by_loops(prob, prob != 0.3, k=1, **settings)


def test_leaves_its_input_alone_and_asks_for_no_gradient():
    prob = torch.rand(2, 4, 5, requires_grad=True)
    valid = torch.rand(2, 4, 5) < 0.7
    before = prob.detach().clone(), valid.clone()
    kept = hardest_pixels(prob, valid, k=3, threshold=0.5, most=9)
    assert torch.equal(prob, before[0])
    assert torch.equal(valid, before[1])
    assert not kept.requires_grad


@pytest.mark.parametrize('kind', [torch.float16, torch.bfloat16])
def test_takes_half_precision(kind):
    prob = (torch.randperm(60) / 64).view(1, 6, 10)
    expected = hardest_pixels(prob, prob < 0.9, k=9, threshold=0.25)
    halves = hardest_pixels(prob.to(kind), prob < 0.9, k=9, threshold=0.25)
    assert torch.equal(halves, expected)
    assert expected.sum() == 16


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'k': 0}, 'k must be at least 1, got 0'),
        ({'threshold': 0.0}, r'threshold must be in \(0, 1\], got 0.0'),
        ({'threshold': 1.5}, r'threshold must be in \(0, 1\], got 1.5'),
        ({'threshold': NAN}, r'threshold must be in \(0, 1\], got nan'),
        ({'most': 9}, 'got most 9, threshold None and k 2'),
        ({'most': 1, 'threshold': 0.5}, 'most 1, threshold 0.5 and k 2'),
    ],
)
def test_refuses_settings(settings, message):
    prob = torch.rand(1, 2, 3)
    with pytest.raises(ValueError, match=message):
        hardest_pixels(prob, prob >= 0, **{'k': 2, **settings})


@pytest.mark.parametrize(
    ('prob', 'valid'), [((2, 3), (2, 3)), ((1, 2, 3), (1, 3, 2))]
)
def test_refuses_shapes(prob, valid):
    message = f'must be (N, H, W) alike, got {prob} and {valid}'
    with pytest.raises(ValueError, match=re.escape(message)):
        hardest_pixels(torch.zeros(prob), torch.ones(valid) > 0, k=1)
