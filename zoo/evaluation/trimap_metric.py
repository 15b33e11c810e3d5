"""Scores near the borders of objects, before and after post-processing."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from zoo.errors import UserError
from zoo.ops.trimap import band_confusion, check_widths, entry_widths

from .counts import scores
from .segmentation_metric import label_map
from .trimap_block import CURVES

# Classes that occur in an image, and (widths, of these, 3) counts.
Bands = tuple[np.ndarray, np.ndarray]


@METRICS.register_module()
class TrimapMetric(BaseMetric):
    """Mean IoU and pixel accuracy in bands of growing width around void.

    A post-processor that moves borders gains where few pixels are, and a mean
    over all pixels hardly shows it; the band of a few pixels does. Where
    post-processors ran, the labels before them are scored as well.

    After ``evaluate``, on the main process, ``curves`` is the block 'trimap'
    of a run record, see ``zoo.evaluation.trimap_block``.

    Source: MyVOCevalsegBoundary.m in the release of Chen et al., ICLR 2015,
    arXiv:1412.7062; widths 1 to 40.
    Differs: a class of which a band holds no pixel, true or predicted, is
    left out of its mean, as ``SegmentationMetric`` does.

    Args:
        widths: Of the bands, in pixels, from 1, rising; 1 to 40 where None.
        ignore_index: Label of void pixels.
        collect_device: 'cpu' or 'gpu', where ranks exchange their counts.
        prefix: Put before the names of the scores: 'trimap/mIoU_5' is that
            of width 5, 'trimap/raw_mIoU_5' that before post-processors.

    Raises:
        ValueError: If the widths are none, below 1 or not rising.
    """

    def __init__(
        self,
        *,
        widths: Sequence[int] | None = None,
        ignore_index: int = 255,
        collect_device: str = 'cpu',
        prefix: str = 'trimap',
    ):
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.widths = list(range(1, 41) if widths is None else widths)
        check_widths(self.widths)
        self.ignore_index = ignore_index
        self.curves: dict[str, Any] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Count the pixels of a batch.

        Args:
            data_batch: Not used.
            data_samples: Each with ``img_path`` and, under 'data' of
                ``pred_sem_seg``, ``gt_sem_seg`` and, where post-processors
                ran, ``raw_sem_seg``, ``(1, H, W)`` integers.

        Raises:
            UserError: If an image has no label map, or a label is neither a
                class nor ``ignore_index``.
        """
        for sample in data_samples:
            path = sample['img_path']
            if 'gt_sem_seg' not in sample:
                raise UserError(
                    f'{path}: has no labels to score against. Choose a split '
                    'with labels.'
                )
            label = label_map(sample['gt_sem_seg'])
            entered = entry_widths(label, ignore_index=self.ignore_index)
            try:
                final, raw = (
                    self._bands(entered, label_map(sample[key]), label)
                    if key in sample
                    else None
                    for key in ('pred_sem_seg', 'raw_sem_seg')
                )
            except ValueError as error:
                raise UserError(
                    f'{path}: {error}. Compare its label map with the classes '
                    "of the data set and the model's num_classes; "
                    f'ignore_index is {self.ignore_index}.'
                ) from error
            self.results.append((path, final, raw))

    def _bands(
        self, entered: np.ndarray, prediction: np.ndarray, label: np.ndarray
    ) -> Bands:
        confusion = band_confusion(
            entered,
            prediction,
            label,
            widths=self.widths,
            num_classes=len(self.dataset_meta['classes']),
        )
        right = confusion.diagonal(axis1=1, axis2=2)
        predicted, labelled = confusion.sum(axis=1), confusion.sum(axis=2)
        counts = np.stack([right, predicted, labelled], axis=-1)
        # The widest band holds all others: other classes are in none.
        classes = np.flatnonzero(counts[-1].any(axis=-1))
        return classes, counts[:, classes].astype(np.int32)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Return mIoU and aAcc of every width in per cent, of all images.

        Args:
            results: ``(img_path, final, raw)`` of every image, from all
                ranks.

        Returns:
            Nothing, and a line is printed, if no image has a band: the other
            scores of a long test are worth keeping.
        """
        self.curves = {}
        final = self._add_up(final for _, final, _ in results)
        if not final.any():
            folder = os.path.dirname(results[0][0]) if results else 'the split'
            print(
                f'{folder}: no label map of its {len(results)} images has a '
                f'void pixel (label {self.ignore_index}) beside a labelled '
                'one, so no border can be scored'
            )
            return {}
        self.curves = {
            'widths': self.widths,
            'final': _curves(final),
            'raw': None,
        }
        if all(raw is not None for _, _, raw in results):
            self.curves['raw'] = _curves(
                self._add_up(raw for _, _, raw in results)
            )
        return {
            f'{before}{name}_{width}': value
            for before, key in (('', 'final'), ('raw_', 'raw'))
            for name, values in (self.curves[key] or {}).items()
            for width, value in zip(self.widths, values, strict=True)
        }

    def _add_up(self, images: Iterable[Bands]) -> np.ndarray:
        """Return ``(widths, K, 3)``: tp, predicted, labelled of all images."""
        classes = len(self.dataset_meta['classes'])
        total = np.zeros((len(self.widths), classes, 3), np.int64)
        for present, counts in images:
            total[:, present] += counts
        return total


def _curves(total: np.ndarray) -> dict[str, list[float]]:
    known = [scores(counts) for counts in total]
    return {name: [float(s[name]) for s in known] for name in CURVES}
