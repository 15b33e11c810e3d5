"""Extract features of many photographs, in parallel; go on after a kill."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch.utils.data import DataLoader, Dataset

from zoo.datasets.feature_store import FeatureStore
from zoo.engine.cores import cores
from zoo.engine.meter import open_meter
from zoo.engine.zoom_out.plan import FeaturePlan
from zoo.errors import UserError
from zoo.ops.regions import majority_labels
from zoo.ops.superpixels import slic_superpixels

GIB = 1 << 30


@dataclass
class Described:
    """A photograph and, where it is not stored yet, what it shows.

    Attributes:
        key: See ``FeatureStore``.
        labels: ``(S,)`` classes of its superpixels.
        parts: The photograph, its superpixels, its hand-made features.
    """

    key: str
    labels: np.ndarray
    parts: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


class _Photos(Dataset):
    """What the processes do: all that needs no network."""

    def __init__(self, dataset: Any, plan: FeaturePlan) -> None:
        self.dataset = dataset
        self.store: FeatureStore = plan.store
        self.superpixels = plan.superpixels
        self.handmade = plan.extractor.handmade()
        self.num_classes = len(plan.provenance['classes'])

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Described:
        loaded = self.dataset[index]
        photo = np.ascontiguousarray(loaded['img'][..., ::-1])
        superpixels = slic_superpixels(photo, **self.superpixels)
        labels = majority_labels(
            superpixels, loaded['gt_seg_map'], num_classes=self.num_classes
        )
        found = Described(self.store.key(photo), labels)
        if not self.store.has(found.key):
            handmade = self.handmade(photo, superpixels)
            found.parts = photo, superpixels, handmade
        return found


def extract(plan: FeaturePlan, dataset: Any) -> list[Described]:
    """Store the features of all photographs that lack them.

    Args:
        plan: Its extractor is fitted.
        dataset: Loads ``img`` and ``gt_seg_map``.

    Returns:
        Key and labels of each photograph, in order.

    Raises:
        UserError: If the disk has no room, or a photograph cannot be read.
    """
    found, meter = [], open_meter('extract', len(dataset))
    try:
        for described in _in_processes(_Photos(dataset, plan), plan):
            # another process may have been faster
            if described.parts and not plan.store.has(described.key):
                rows = plan.extractor.complete(*described.parts)
                plan.store.put(described.key, rows)
            found.append(Described(described.key, described.labels))
            meter.step(str)
    finally:
        meter.close()
    return found


def announce(plan: FeaturePlan, waiting: dict[str, int], done: int) -> None:
    """Print how much room features take; refuse where there is too little.

    Args:
        plan: Says where they go and how large they are.
        waiting: Images of each split that is not complete.
        done: Images of the splits that are.

    Raises:
        UserError: If they do not fit on the disk.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    segments = plan.superpixels.get('n_segments', 500)
    per_image = 2 * segments * plan.store.own  # float16
    images = sum(waiting.values())
    stored = len(list(plan.store.folder.glob('*/*.npy')))
    missing = max(images - max(stored - done, 0), 0)
    free = shutil.disk_usage(plan.folder).free
    splits = ', '.join(f'{name} {count}' for name, count in waiting.items())
    print(
        f'{plan.folder}: features of {images} images ({splits}), about '
        f'{images * per_image / GIB:.2f} GiB; {missing} of them are missing; '
        f'{free / GIB:.1f} GiB are free'
    )
    if missing * per_image > free:
        raise UserError(
            f'{plan.folder}: not enough room for the features. Choose another '
            'folder: --cfg-options features.folder=DIR'
        )


def _in_processes(photos: _Photos, plan: FeaturePlan) -> Iterator[Described]:
    workers = plan.settings.workers
    workers = min(cores() if workers is None else workers, len(photos))
    yield from DataLoader(
        photos,
        batch_size=None,
        num_workers=workers,
        worker_init_fn=_one_thread,
        # a fork would inherit the locks of k-means' threads, and hang
        multiprocessing_context='spawn' if workers else None,
    )


def _one_thread(_: int) -> None:
    """Keep a process to one core: there are as many of them as cores."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    threadpool_limits(1)
