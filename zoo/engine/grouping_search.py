"""Search the free numbers of the grouping on images with known instances."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmseg.registry import DATASETS, METRICS, MODELS
from torch import Tensor

from zoo.datasets.catalogue import entry_of_dataset
from zoo.datasets.checks import check_data
from zoo.engine.config import load_config, set_data_root
from zoo.engine.experiment import build_runner
from zoo.engine.explain import explained
from zoo.engine.weights import find_checkpoint
from zoo.engine.workdir import default_work_dir, require_writable
from zoo.errors import UserError

GRID: dict[str, tuple] = {
    'box_iou': (0.2, 0.3, 0.4, 0.5, 0.6, 0.7),
    'top_n': (1, 2, 3),
    'mask_iou': (0.1, 0.3, 0.5),
    'min_pixels': (1, 4, 8, 16, 32),
}
TRUTH = ('img_path', 'gt_instances', 'gt_instance_map')


@dataclass(frozen=True)
class Trial:
    """One setting and what it scores, per cent."""

    options: dict[str, Any]
    scores: dict[str, float]


@dataclass(frozen=True)
class Seen:
    """What grouping and scoring need of one image."""

    probs: Tensor
    boxes: Tensor
    truth: dict[str, Any]


class GroupingSearch:
    """A leaf's two networks, run once; the grouping, as often as asked.

    Args:
        path: Of a leaf with an ``InstanceSegmentor``.
        checkpoint: Its weights; the newest where ``None``.
        split: Whose images are looked at; one that the papers train on, or
            the choice would be made on what is tested.
        images: The largest number of them.
        data_root: Folder of the data set, if not the leaf's.
        options: ``key.path=value`` changes.

    Raises:
        UserError: For all that a user can put right.
    """

    def __init__(
        self,
        path: str | Path,
        checkpoint: str | None = None,
        *,
        split: str = 'train',
        images: int = 50,
        data_root: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        config = load_config(path, options=options)
        if config.model.type != 'InstanceSegmentor':
            raise UserError(
                f'{path}: model.type is {config.model.type!r}, there is no '
                "grouping to search. Choose a leaf with 'InstanceSegmentor'"
            )
        if data_root is not None:
            set_data_root(config, data_root)
        _use_split(config, split, images)
        check_data(config, loaders=('test',))
        self.grouper = dict(config.model.grouper)
        self.evaluator = config.test_evaluator
        found = checkpoint or find_checkpoint(path, config, None)
        config.load_from = None if found is None else str(found)
        folder = default_work_dir(path, 0) / 'search'
        config.work_dir = str(require_writable(folder))
        self.runner = build_runner(config, path)
        if config.load_from:
            self.runner.whole = True
            self.runner.load_checkpoint(config.load_from)
        with explained(config, path):
            self.loader = self.runner.test_dataloader
        self.seen: list[Seen] = []

    def look(self) -> Iterator[int]:
        """Run the networks; yield after each image how many are seen."""
        model = self.runner.model.eval()
        for batch in self.loader:
            for sample, probs, boxes in model.seen(batch):
                content = sample.to_dict()
                truth = {key: content[key] for key in TRUTH}
                # float16: as much as probabilities need, and half the memory
                seen = Seen(probs.half().cpu(), boxes.half().cpu(), truth)
                self.seen.append(seen)
            yield len(self.seen)

    def score(self, options: dict[str, Any]) -> dict[str, float]:
        """Return the metrics, per cent, of grouping with ``options``."""
        grouper = MODELS.build({**self.grouper, **options})
        metric = METRICS.build(self.evaluator)
        metric.dataset_meta = self.loader.dataset.metainfo
        for seen in self.seen:
            found = grouper(seen.probs.float(), seen.boxes.float()).to_dict()
            metric.process({}, [{**seen.truth, 'pred_instances': found}])
        return metric.evaluate(len(self.seen))

    def search(
        self,
        *,
        metric: str = 'AP_0.5',
        grid: dict[str, tuple] = GRID,
        told: Callable[[Trial], None] = lambda trial: None,
    ) -> list[Trial]:
        """Change one number at a time, keep the best; twice around.

        Args:
            metric: What is to be high.
            grid: Values of each number.
            told: Called with each trial.

        Returns:
            All trials, the best first.
        """
        best = Trial({}, self.score({}))
        told(best)
        trials = {_key(self.grouper): best}
        for name in [*grid, *grid]:
            for value in grid[name]:
                options = {**best.options, name: value}
                key = _key({**self.grouper, **options})
                if key not in trials:
                    trials[key] = Trial(options, self.score(options))
                    told(trials[key])
            best = max(trials.values(), key=lambda x: x.scores[metric])
        return sorted(trials.values(), key=lambda x: -x.scores[metric])


def _key(options: dict[str, Any]) -> str:
    return str(sorted((name, str(x)) for name, x in options.items()))


def _use_split(config: Config, split: str, images: int) -> None:
    """Read another split with the test pipeline, spread over its images."""
    dataset = config.test_dataloader.dataset
    if images < 1:
        raise UserError(f'--images must be at least 1, got {images}')
    entry = entry_of_dataset(dataset.type)
    if entry is None or split not in entry.splits:
        known = ', '.join(entry.splits) if entry else 'none known'
        raise UserError(
            f'--split {split}: {dataset.type} has no such split ({known})'
        )
    chosen = entry.arguments(split)
    if all(dataset.get(key) == value for key, value in chosen.items()):
        print(
            f'--split {split}: the leaf is tested on these images; report no '
            'score whose numbers were chosen on them'
        )
    dataset.update(chosen)
    count = len(DATASETS.build({**dataset, 'lazy_init': False}))
    taken = np.linspace(0, count - 1, min(images, count)).round()
    dataset.indices = taken.astype(int).tolist()
