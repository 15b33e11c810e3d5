"""The best scores that any labelling of superpixels can reach."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import CATALOGUE, Entry, require
from zoo.datasets.loading import VOID, LoadImage, LoadLabels
from zoo.datasets.metainfo import stated_metainfo
from zoo.datasets.superpixels import SUPERPIXELS, AddSuperpixels
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.evaluation.counts import Counts, add_up, count_pixels, scores
from zoo.ops.regions import majority_labels


class _Look(NamedTuple):
    """What one image tells: pixel counts, superpixels, pixels."""

    counts: Counts
    superpixels: int
    pixels: int


def superpixel_oracle(
    name: str,
    root: str | Path | None = None,
    *,
    split: str | None = None,
    n_segments: int = 500,
    compactness: float = 15,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Give every superpixel of a split its most frequent label and score it.

    Source: Mostajabi et al., CVPR 2015, arXiv:1412.0774, Sec. 4.3.

    Args:
        name: Key of the catalogue.
        root: Folder of the data set; the usual one where ``None``.
        split: One of its splits; ``None`` takes val, else test, else the
            first: what scores are reported on.
        n_segments: About how many per image; see ``slic_superpixels``.
        compactness: Weight of the place against the colour, above 0.
        progress: Called with the number of images done and the total.

    Returns:
        A JSON-ready report: ``split``, ``images``, ``n_segments``,
        ``compactness``; ``aAcc``, ``mAcc``, ``mIoU`` and per class ``IoU``,
        in per cent, ``None`` without a labelled pixel; ``per_image``, the
        ``mean``, ``min`` and ``max`` number of superpixels; ``size``, their
        mean number of pixels.

    Raises:
        ValueError: If ``n_segments`` or ``compactness`` is out of range.
        UserError: If the split is unknown, the data set is not there or a
            file is damaged.
    """
    add = AddSuperpixels(n_segments=n_segments, compactness=compactness)
    entry = CATALOGUE[name]
    chosen = _choose(entry, split)
    dataset = _read_split(entry, require(name, root), chosen, add)
    looks = _look_at_all(dataset, progress)
    names = dataset.metainfo['classes']
    numbers = [look.superpixels for look in looks]
    return {
        'split': chosen,
        'images': len(looks),
        'n_segments': n_segments,
        'compactness': compactness,
        **_scores([look.counts for look in looks], names),
        'per_image': {
            'mean': round(float(np.mean(numbers)), 1),
            'min': min(numbers),
            'max': max(numbers),
        },
        'size': round(sum(x.pixels for x in looks) / sum(numbers), 1),
    }


def _choose(entry: Entry, split: str | None) -> str:
    if split is None:
        usual = [x for x in ('val', 'test') if x in entry.splits]
        return (usual or list(entry.splits))[0]
    if split not in entry.splits:
        raise UserError(
            f'{entry.name} has no split {split}: choose one of '
            f'{", ".join(entry.splits)}.'
        )
    return split


def _read_split(
    entry: Entry, root: Path, split: str, add: AddSuperpixels
) -> BaseSegDataset:
    kind = DATASETS.get(entry.dataset)
    stated = stated_metainfo({'type': kind, 'data_root': str(root)})
    steps = [
        LoadImage(),
        LoadLabels(num_classes=len(stated['classes'])),
        add,
    ]
    return kind(
        pipeline=steps,
        serialize_data=False,
        data_root=str(root),
        **entry.arguments(split),
    )


def _look_at_all(
    dataset: BaseSegDataset, progress: Progress | None
) -> list[_Look]:
    """Look at each image; threads, as SLIC releases Python's lock."""
    looks = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            jobs = pool.map(partial(_look, dataset), range(len(dataset)))
            for look in jobs:
                looks.append(look)
                if progress:
                    progress(len(looks), len(dataset))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return looks


def _look(dataset: BaseSegDataset, index: int) -> _Look:
    results = dataset.pipeline(dataset.get_data_info(index))
    num_classes = len(dataset.metainfo['classes'])
    superpixels, labels = results[SUPERPIXELS], results['gt_seg_map']
    best = majority_labels(superpixels, labels, num_classes=num_classes)
    # A superpixel of void alone keeps void: none of its pixels counts.
    counts = count_pixels(
        best[superpixels],
        labels,
        num_classes=num_classes,
        ignore_index=VOID,
    )
    return _Look(counts, len(best), labels.size)


def _scores(images: list[Counts], names: tuple[str, ...]) -> dict[str, Any]:
    found = scores(add_up(images, num_classes=len(names)))
    means = {key: _number(found[key]) for key in ('aAcc', 'mAcc', 'mIoU')}
    classes = zip(names, map(_number, found['IoU']), strict=True)
    return {**means, 'IoU': dict(classes)}


def _number(score: np.ndarray) -> float | None:
    """Round; JSON has no nan."""
    return None if np.isnan(score) else round(float(score), 2)
