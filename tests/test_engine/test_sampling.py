"""Draws: every sample once a pass, and the same ones after a resume."""

from itertools import islice

import numpy as np
import pytest
import torch

from zoo.engine.sampling import ResumableSampler, SeededDataset


def draws(sampler, count):
    return list(islice(iter(sampler), count))


def test_each_pass_holds_every_sample_once():
    drawn = draws(ResumableSampler(range(7), seed=1), 21)
    assert [n for n, _ in drawn] == list(range(21))
    passes = [[i for _, i in drawn[a : a + 7]] for a in (0, 7, 14)]
    assert all(sorted(p) == list(range(7)) for p in passes)
    assert passes[0] != passes[1] != passes[2]


@pytest.mark.parametrize('start', [0, 3, 7, 16])
def test_a_late_start_continues_the_same_sequence(start):
    whole = draws(ResumableSampler(range(7), seed=1), 30)
    late = ResumableSampler(range(7), seed=1)
    late.start = start
    assert draws(late, 30 - start) == whole[start:]


def test_processes_share_the_draws_between_them():
    whole = draws(ResumableSampler(range(7), seed=1), 12)
    shares = []
    for rank in range(2):
        sampler = ResumableSampler(range(7), seed=1)
        sampler.rank, sampler.world_size, sampler.start = rank, 2, 1
        shares.append(draws(sampler, 5))
    mixed = [draw for pair in zip(*shares, strict=True) for draw in pair]
    assert mixed == whole[2:12]


def test_without_shuffling_the_order_is_the_data_sets():
    sampler = ResumableSampler(range(3), shuffle=False, seed=0)
    assert draws(sampler, 4) == [(0, 0), (1, 1), (2, 2), (3, 0)]


class Noise:
    """Every item is three random numbers."""

    def __getitem__(self, index):
        number = np.random.rand()  # noqa: NPY002  what mmcv draws from
        return index, number, torch.rand(()).item()

    def __len__(self):
        return 5


def test_a_draw_is_augmented_the_same_whenever_it_is_loaded():
    dataset = SeededDataset(Noise(), seed=4)
    first = [dataset[draw] for draw in ((0, 2), (1, 2), (9, 2))]
    again = [dataset[draw] for draw in ((9, 2), (0, 2), (1, 2))]
    assert first == [again[1], again[2], again[0]]
    assert len({item[1] for item in first}) == 3
    assert SeededDataset(Noise(), seed=5)[0, 2] != first[0]
