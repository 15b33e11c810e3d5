"""How well a classifier knows which classes an image holds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from zoo.errors import UserError

from .segmentation_metric import image_keys

Rows = list[list[float]]


@METRICS.register_module()
class TagMetric(BaseMetric):
    """Mean average precision of tags, in per cent.

    Images are ranked by the probability of a tag; its AP is the precision at
    each step, weighted by what recall gains there, without interpolation
    (scikit-learn's). ``mAP`` is the mean over the tags that occur.

    After ``evaluate``, on the main process, ``per_class`` is ``{'AP': {class:
    per cent or None}}`` and ``per_image`` is ``{image: rows}``: ``[class, 1
    if it is there, else 0, probability]``.

    Source: ours. mAP is PASCAL VOC's measure of its classification task.

    Args:
        collect_device: 'cpu' or 'gpu', where ranks exchange their rows.
        prefix: Put before the metric names.
    """

    kind = 'tags'

    def __init__(
        self, *, collect_device: str = 'cpu', prefix: str | None = None
    ):
        # BaseMetric logs a warning where there is no prefix; ours is optional.
        super().__init__(collect_device=collect_device, prefix=prefix or '-')
        self.prefix = prefix
        self.per_class: dict[str, dict[str, float | None]] = {}
        self.per_image: dict[str, Rows] = {}

    @property
    def classes(self) -> list[str]:
        """Names of the tags."""
        return list(self.dataset_meta['classes'])

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note truth and probabilities of a batch.

        Raises:
            UserError: If an image has no tags to compare with.
        """
        for sample in data_samples:
            path = sample['img_path']
            if 'gt_tags' not in sample:
                raise UserError(
                    f'{path}: has no tags to score against. Choose a split '
                    'with labels, and load them: LoadLabels, TagsOfLabels'
                )
            truth = sample['gt_tags'].int().tolist()
            scores = sample['pred_tags'].tolist()
            rows = [
                [index, there, round(score, 6)]
                for index, (there, score) in enumerate(
                    zip(truth, scores, strict=True)
                )
            ]
            self.results.append((path, rows))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Return the mean AP, in per cent.

        Args:
            results: ``(img_path, rows)`` of every image, from all ranks.
        """
        keys = image_keys([path for path, _ in results])
        self.per_image = {
            key: rows for key, (_, rows) in zip(keys, results, strict=True)
        }
        table = np.array(list(self.per_image.values()))
        found = [
            _average_precision(truth, scores)
            for _, truth, scores in table.transpose(1, 2, 0)
        ]
        self.per_class = {'AP': dict(zip(self.classes, found, strict=True))}
        known = [ap for ap in found if ap is not None]
        return {'mAP': float(np.mean(known)) if known else float('nan')}


def _average_precision(truth: np.ndarray, scores: np.ndarray) -> float | None:
    from sklearn.metrics import average_precision_score  # takes a second

    if not truth.any():
        return None
    return 100 * float(average_precision_score(truth, scores))
