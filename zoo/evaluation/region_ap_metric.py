"""AP^r of instances, with the overlaps of every image kept."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS
from torch import Tensor

from zoo.errors import UserError

from .kinds import KINDS, check_rules
from .region_ap import average_precision
from .region_overlaps import Rows, region_overlaps
from .segmentation_metric import image_keys

_VOID = 255


@METRICS.register_module()
class RegionAPMetric(BaseMetric):
    """AP^r at IoU 0.5, at 0.7, and its mean over 0.1 to 0.9.

    Memory does not grow with the size of the images: of each one the scores
    and overlaps of its detections remain, and any subset of the images can
    be scored from them later. Nothing is printed.

    After ``evaluate``, on the main process, ``per_class`` is ``{'AP_0.5':
    {class: per cent or None}, 'AP_0.7': {...}, 'AP_vol': {...}}`` and
    ``per_image`` is ``{image: rows}``, rows as in ``region_overlaps`` with
    the class as an index into ``classes``, the names of the things. Both go
    into a run record as they are, and ``rules`` does.

    Source:
        See ``zoo.evaluation.region_ap``.

    Differs:
        From SDS, if told to: ``matching``, ``ap`` and ``void``.

    Args:
        things: Ids of the data set's classes that have instances.
        matching: 'uncovered' or 'any', see ``average_precision``.
        ap: 'all-point' or '11-point', see there.
        void: 'count' takes the truth's void pixels as any other background,
            as SDS does; 'remove' takes them out of the detections.
        collect_device: 'cpu' or 'gpu', where ranks exchange their rows.
        prefix: Put before the metric names, as in 'prefix/AP_0.5'.

    Raises:
        ValueError: If a rule is unknown, or things are missing or repeated.

    Example:
        >>> import torch
        >>> metric = RegionAPMetric(things=[1])
        >>> metric.dataset_meta = {'classes': ('sky', 'cow')}
        >>> cow = torch.tensor([[0, 1, 1, 1]])
        >>> sample = {
        ...     'img_path': 'a.jpg',
        ...     'gt_instances': {'labels': torch.tensor([1])},
        ...     'gt_instance_map': {'data': cow[None]},
        ...     'pred_instances': {
        ...         'labels': torch.tensor([1]),
        ...         'scores': torch.tensor([0.5]),
        ...         'masks': torch.tensor([[[False, True, True, False]]]),
        ...     },
        ... }
        >>> metric.process({}, [sample])
        >>> metric.evaluate(size=1)['AP_0.5']
        100.0
        >>> metric.per_image
        {'a': [[0, 1, [[0.5, [0.666667]]]]]}
    """

    kind = 'instance'  # of the run record

    def __init__(
        self,
        *,
        things: Sequence[int],
        matching: str = 'uncovered',
        ap: str = 'all-point',
        void: str = 'count',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ):
        rules = {'matching': matching, 'ap': ap, 'void': void}
        check_rules(rules)
        things = list(things)
        if not things or len(set(things)) < len(things):
            raise ValueError(f'things must be distinct classes, got {things}')
        # BaseMetric logs a warning where there is no prefix; ours is optional.
        super().__init__(collect_device=collect_device, prefix=prefix or '-')
        self.prefix = prefix
        self.things = things
        self.rules = rules
        self.per_class: dict[str, dict[str, float | None]] = {}
        self.per_image: dict[str, Rows] = {}

    @property
    def classes(self) -> list[str]:
        """Names of the things.

        Raises:
            UserError: If the data set has no such class.
        """
        names = self.dataset_meta['classes']
        for thing in self.things:
            if not 0 <= thing < len(names):
                raise UserError(
                    f'things: {thing} is none of the {len(names)} classes of '
                    'the data set. Correct the things of the evaluator.'
                )
        return [names[thing] for thing in self.things]

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Overlap the instances of a batch.

        Args:
            data_batch: Not used.
            data_samples: Each with ``img_path``; ``pred_instances`` of
                ``labels`` and ``scores`` ``(m,)``, ``masks`` ``(m, H, W)``
                bool; ``gt_instances`` of ``labels`` ``(n,)``; and, under
                'data' of ``gt_instance_map``, ``(1, H, W)`` integers: 1..n
                on the instances, 255 where void.

        Raises:
            UserError: If instances are missing, are no things, or have masks
                that do not fit.
        """
        for sample in data_samples:
            path = sample['img_path']
            _require_instances(sample)
            try:
                rows = self._rows(sample)
            except ValueError as error:
                raise UserError(
                    f'{path}: {error}. Compare its instances with the things '
                    'of the evaluator and of the model, which are classes '
                    f'{self.things}.'
                ) from error
            self.results.append((path, rows))

    def _rows(self, sample: dict) -> Rows:
        found, true = sample['pred_instances'], sample['gt_instances']
        numbers = sample['gt_instance_map']['data'].squeeze(0).cpu()
        remove = self.rules['void'] == 'remove'
        return region_overlaps(
            [
                {'label': label, 'score': score, 'mask': mask}
                for label, score, mask in zip(
                    self._positions(found['labels']),
                    found['scores'].tolist(),
                    found['masks'].cpu(),
                    strict=True,
                )
            ],
            [
                {'label': label, 'mask': numbers == i}
                for i, label in enumerate(self._positions(true['labels']), 1)
            ],
            void=numbers == _VOID if remove else None,
        )

    def _positions(self, labels: Tensor) -> list[int]:
        for label in labels.tolist():
            if label not in self.things:
                raise ValueError(f'class {label} is not among the things')
        return [self.things.index(label) for label in labels.tolist()]

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Return AP_0.5, AP_0.7 and AP_vol in per cent; nan without truths.

        Args:
            results: ``(img_path, rows)`` of every image, from all ranks.
        """
        keys = image_keys([path for path, _ in results])
        self.per_image = {
            key: rows for key, (_, rows) in zip(keys, results, strict=True)
        }
        score = average_precision(
            self.per_image.values(),
            matching=self.rules['matching'],
            ap=self.rules['ap'],
        )
        self.per_class = {
            metric: {
                name: score[metric]['per_class'].get(i)
                for i, name in enumerate(self.classes)
            }
            for metric in KINDS[self.kind].per_class
        }
        return {m: score[m]['mean'] for m in KINDS[self.kind].metrics}


def _require_instances(sample: dict) -> None:
    path = sample['img_path']
    if 'gt_instances' not in sample or 'gt_instance_map' not in sample:
        raise UserError(
            f'{path}: has no instances to score against. Choose a split with '
            'instances, and load them in the test pipeline (LoadInstances).'
        )
    if 'pred_instances' not in sample:
        raise UserError(
            f'{path}: the model predicts no instances. Test a config whose '
            'model groups pixels to instances.'
        )
