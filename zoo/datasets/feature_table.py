"""Superpixels of a whole training set as rows with labels."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from mmseg.registry import DATASETS
from torch.utils.data import Dataset

from zoo.datasets.feature_store import FeatureStore

VOID = 255
OPEN_FILES = 512  # kept mapped by each loading process


@DATASETS.register_module()
class FeatureTable(Dataset):
    """Draw superpixels, whichever image they are in; void ones are left out.

    Made by ``zoo.engine.zoom_out``, which puts it in the place of the data
    set of images.

    Args:
        dataset: Config of that data set, which names the classes.
        table: File of ``keys`` (one per image), ``counts`` (superpixels of
            each) and ``labels`` of all, one behind the other.
        folder: Of the ``FeatureStore``.
        columns: Length of a whole row.
        shared: See ``FeatureStore``.
        use: Spans ``(start, stop)`` of the columns to read.
    """

    deterministic = True  # nothing here is drawn at random

    def __init__(
        self,
        *,
        dataset: dict,
        table: str,
        folder: str,
        columns: int,
        shared: int,
        use: Sequence[Sequence[int]],
    ) -> None:
        self.metainfo = DATASETS.build({**dataset, 'lazy_init': True}).metainfo
        self.store = FeatureStore(folder, columns=columns, shared=shared)
        with np.load(table) as found:
            self.keys = found['keys'].tolist()
            counts, labels = found['counts'], found['labels']
        self.first = np.concatenate([[0], np.cumsum(counts)])
        self.rows = np.flatnonzero(labels != VOID)
        self.labels = torch.from_numpy(labels[self.rows].astype(np.int64))
        own = self.store.own
        self.own = [(a, min(b, own)) for a, b in use if a < own]
        self.shared = [(max(a - own, 0), b - own) for a, b in use if b > own]
        self.open = lru_cache(OPEN_FILES)(self.store.open)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict:
        row = self.rows[index]
        image = np.searchsorted(self.first, row, side='right') - 1
        own, shared = self.open(self.keys[image])
        place = row - self.first[image]
        parts = [own[place, a:b] for a, b in self.own]
        parts += [shared[a:b] for a, b in self.shared]
        return {
            'inputs': torch.from_numpy(np.concatenate(parts)),
            'data_samples': self.labels[index],
        }
