"""IoU and accuracy, with the pixel counts of every image kept."""

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from zoo.errors import UserError

from .counts import Counts, add_up, by_class, count_pixels, scores


@METRICS.register_module()
class SegmentationMetric(BaseMetric):
    """Mean IoU, pixel accuracy and mean accuracy of semantic segmentation.

    Memory does not grow with the size of the images: of each one a few
    integers remain, and any subset of the images can be scored from them
    later. Nothing is printed.

    After ``evaluate``, on the main process, ``per_class`` is ``{'IoU': {class:
    per cent or None}, 'Acc': {...}}`` and ``per_image`` is ``{image: rows}``,
    rows as in ``count_pixels``. Both go into a run record as they are. An
    image is called by its file name without suffix, or by its path below
    the folder common to all where these names repeat.

    Source:
        See ``zoo.evaluation.counts.scores``.

    Differs:
        From mmseg's ``IoUMetric``: counts are integers and means are not
        rounded; a label that is no class is refused, not skipped.

    Args:
        ignore_index: Label of the pixels that do not count.
        collect_device: 'cpu' or 'gpu', where ranks exchange their counts.
        prefix: Put before the metric names, as in 'prefix/mIoU'.

    Example:
        >>> import torch
        >>> metric = SegmentationMetric()
        >>> metric.dataset_meta = {'classes': ('cat', 'dog')}
        >>> sample = {
        ...     'img_path': 'a.jpg',
        ...     'pred_sem_seg': {'data': torch.tensor([[[0, 0, 1, 1]]])},
        ...     'gt_sem_seg': {'data': torch.tensor([[[0, 1, 1, 255]]])},
        ... }
        >>> metric.process({}, [sample])
        >>> metric.evaluate(size=1)['mIoU']
        50.0
        >>> metric.per_image
        {'a': [[0, 1, 2, 1], [1, 1, 1, 2]]}
    """

    kind = 'semantic'  # of the run record

    def __init__(
        self,
        *,
        ignore_index: int = 255,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ):
        # BaseMetric logs a warning where there is no prefix; ours is optional.
        super().__init__(collect_device=collect_device, prefix=prefix or '-')
        self.prefix = prefix
        self.ignore_index = ignore_index
        self.per_class: dict[str, dict[str, float | None]] = {}
        self.per_image: dict[str, Counts] = {}

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return list(self.dataset_meta['classes'])

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Count the pixels of a batch.

        Args:
            data_batch: Not used.
            data_samples: Each with ``img_path`` and, under 'data' of
                ``pred_sem_seg`` and ``gt_sem_seg``, ``(1, H, W)`` integers.

        Raises:
            UserError: If an image has no label map, or a label is neither a
                class nor ``ignore_index``.
        """
        num_classes = len(self.dataset_meta['classes'])
        for sample in data_samples:
            path = sample['img_path']
            if 'gt_sem_seg' not in sample:
                raise UserError(
                    f'{path}: has no labels to score against. Choose a split '
                    'with labels.'
                )
            try:
                counts = count_pixels(
                    label_map(sample['pred_sem_seg']),
                    label_map(sample['gt_sem_seg']),
                    num_classes=num_classes,
                    ignore_index=self.ignore_index,
                )
            except ValueError as error:
                raise UserError(
                    f'{path}: {error}. Compare its label map with the '
                    f"{num_classes} classes of the data set and the model's "
                    f'num_classes; ignore_index is {self.ignore_index}.'
                ) from error
            self.results.append((path, counts))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Return mIoU, aAcc and mAcc in per cent, of all images together.

        Args:
            results: ``(img_path, rows)`` of every image, from all ranks.
        """
        names = self.dataset_meta['classes']
        keys = image_keys([path for path, _ in results])
        self.per_image = {
            key: counts for key, (_, counts) in zip(keys, results, strict=True)
        }
        score = scores(add_up(self.per_image.values(), num_classes=len(names)))
        self.per_class = by_class(score, names)
        return {name: float(score[name]) for name in ('mIoU', 'aAcc', 'mAcc')}


def label_map(pixel_data: Any) -> np.ndarray:
    """Return the ``(H, W)`` integers of a sample's ``(1, H, W)``."""
    return pixel_data['data'].squeeze(0).cpu().numpy()


def image_keys(paths: Sequence[str]) -> list[str]:
    """Return a short unique name for every image.

    Args:
        paths: Image files.

    Returns:
        File names without suffix; where two are equal, for all images the
        path below the common folder, with '/' and without suffix.

    Raises:
        UserError: If a name still repeats.

    Example:
        >>> image_keys(['data/a/1.jpg', 'data/a/2.jpg'])
        ['1', '2']
        >>> image_keys(['data/a/1.jpg', 'data/b/1.jpg'])
        ['a/1', 'b/1']
    """
    keys = [PurePath(path).stem for path in paths]
    if len(set(keys)) == len(keys):
        return keys
    top = os.path.commonpath([os.path.dirname(path) for path in paths])
    keys = [
        PurePath(os.path.relpath(path, top)).with_suffix('').as_posix()
        for path in paths
    ]
    seen: set[str] = set()
    for key, path in zip(keys, paths, strict=True):
        if key in seen:
            raise UserError(
                f'{path}: scored twice. Remove the repeated line from the '
                'list of images.'
            )
        seen.add(key)
    return keys
