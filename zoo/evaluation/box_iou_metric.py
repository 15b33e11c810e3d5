"""How well a localisation network alone predicts the box of a pixel."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS
from torch import Tensor

from zoo.errors import UserError
from zoo.ops.box_maps import box_map_iou, box_targets

from .segmentation_metric import image_keys

HIT = 0.5  # the least overlap that counts as a hit
Rows = list[list[float]]


@METRICS.register_module()
class BoxIoUMetric(BaseMetric):
    """Mean overlap of predicted and true box over the pixels of things.

    ``box_IoU`` is the mean IoU and ``hit_0.5`` the share of the pixels whose
    boxes overlap by at least half, both in per cent; each is the mean over
    the classes that occur. A pixel counts in the channels of its own class.

    After ``evaluate``, on the main process, ``per_class`` is ``{'box_IoU':
    {class: per cent or None}, 'hit_0.5': {...}}`` and ``per_image`` is
    ``{image: rows}``: ``[thing, pixels, sum of IoU, hits]``.

    Source: ours. Wu et al., 2016, Sec. 2.2 call a pixel easy by this IoU.

    Args:
        things: Classes that have instances, in the order of the channels.
        collect_device: 'cpu' or 'gpu', where ranks exchange their rows.
        prefix: Put before the metric names.
    """

    kind = 'boxes'

    def __init__(
        self,
        *,
        things: Sequence[int],
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ):
        # BaseMetric logs a warning where there is no prefix; ours is optional.
        super().__init__(collect_device=collect_device, prefix=prefix or '-')
        self.prefix = prefix
        self.things = list(things)
        self.per_class: dict[str, dict[str, float | None]] = {}
        self.per_image: dict[str, Rows] = {}

    @property
    def classes(self) -> list[str]:
        """Names of the things."""
        return [self.dataset_meta['classes'][thing] for thing in self.things]

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Compare the boxes of a batch.

        Raises:
            UserError: If an image has no instances to compare with.
        """
        for sample in data_samples:
            path = sample['img_path']
            if 'gt_instance_map' not in sample:
                raise UserError(
                    f'{path}: has no instances to score against. Choose a '
                    'split with instances, and load them: LoadInstances'
                )
            numbers = sample['gt_instance_map']['data'].squeeze(0)
            truth = sample['gt_instances']
            predicted = sample['pred_boxes']['data'].to(numbers.device)
            self.results.append((path, self._rows(numbers, truth, predicted)))

    def _rows(self, numbers: Tensor, truth: dict, predicted: Tensor) -> Rows:
        boxes = box_targets(numbers, truth['bboxes'])[None]
        rows: Rows = []
        for index, thing in enumerate(self.things):
            own = torch.nonzero(truth['labels'] == thing).flatten() + 1
            mask = torch.isin(numbers, own)
            if mask.any():
                seen = predicted[4 * index : 4 * index + 4][None]
                iou = box_map_iou(
                    seen[..., mask][..., None], boxes[..., mask][..., None]
                )
                hits = int((iou >= HIT).sum())
                total = round(float(iou.double().sum()), 6)
                rows.append([index, int(mask.sum()), total, hits])
        return rows

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Return the means over classes, in per cent.

        Args:
            results: ``(img_path, rows)`` of every image, from all ranks.
        """
        keys = image_keys([path for path, _ in results])
        self.per_image = {
            key: rows for key, (_, rows) in zip(keys, results, strict=True)
        }
        totals = torch.zeros(len(self.things), 3, dtype=torch.float64)
        for rows in self.per_image.values():
            for index, *values in rows:
                totals[int(index)] += torch.tensor(values, dtype=torch.float64)
        pixels = totals[:, :1]
        shares = (100 * totals[:, 1:] / pixels).T.tolist()
        self.per_class = {
            name: {
                cls: share if known else None
                for cls, share, known in zip(
                    self.classes,
                    column,
                    pixels.flatten().tolist(),
                    strict=True,
                )
            }
            for name, column in zip(
                ('box_IoU', 'hit_0.5'), shares, strict=True
            )
        }
        return {
            name: _mean([x for x in column.values() if x is not None])
            for name, column in self.per_class.items()
        }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float('nan')
