"""Draw training samples so that any of them can be drawn again."""

import itertools
import random
from collections.abc import Iterator, Sequence, Sized

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from mmseg.registry import DATA_SAMPLERS
from torch.utils.data import Dataset, Sampler


@DATA_SAMPLERS.register_module()
class ResumableSampler(Sampler):
    """Yield ``(draw, index)`` for ever; ``draw`` counts from 0.

    The order is a function of the seed alone: each pass over the data is one
    shuffle. ``start`` skips what a run before this one has already drawn,
    without loading it.

    Args:
        dataset: Anything with a length.
        shuffle: Whether each pass is in random order.
        seed: Of the order; shared by all processes. Drawn where ``None``.
    """

    def __init__(
        self, dataset: Sized, *, shuffle: bool = True, seed: int | None = None
    ) -> None:
        self.rank, self.world_size = get_dist_info()
        self.size = len(dataset)
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.start = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield this process's share, from ``start`` draws on."""
        first = self.start * self.world_size + self.rank
        draws = self._draws(first // self.size)
        skipped = first % self.size
        yield from itertools.islice(draws, skipped, None, self.world_size)

    def _draws(self, first_pass: int) -> Iterator[tuple[int, int]]:
        for number in itertools.count(first_pass):
            order: Sequence[int] = range(self.size)
            if self.shuffle:
                # one generator per pass: a pass can be drawn without those
                # before it
                generator = torch.Generator().manual_seed(
                    mix_seed(self.seed, number)
                )
                order = torch.randperm(self.size, generator=generator).tolist()
            for place, index in enumerate(order):
                yield number * self.size + place, index

    def __len__(self) -> int:
        """Return the length of one pass."""
        return self.size


class SeededDataset(Dataset):
    """Load a drawn sample with random numbers of its own.

    Before the pipeline runs, every generator is seeded with the number of
    the draw: the crop and flip of draw ``n`` are the same whichever worker
    loads it, and after a resume. Where nothing is drawn at random (the data
    set says ``deterministic``) that time is saved.

    Args:
        dataset: Yields samples by index.
        seed: Of the run.
    """

    def __init__(self, dataset: BaseDataset, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed

    def __getitem__(self, drawn: tuple[int, int]) -> dict:
        draw, index = drawn
        if not getattr(self.dataset, 'deterministic', False):
            seed_everything(mix_seed(self.seed, draw))
        return self.dataset[index]

    def __len__(self) -> int:
        return len(self.dataset)

    @property
    def metainfo(self) -> dict:
        """Classes and palette, as mmengine's data sets have them."""
        return self.dataset.metainfo


def seed_everything(seed: int) -> None:
    """Seed Python's, numpy's and torch's generators."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  mmcv's transforms draw from it
    torch.manual_seed(seed)


def mix_seed(seed: int, number: int) -> int:
    """Return a 32-bit seed for item ``number`` of run ``seed``."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
