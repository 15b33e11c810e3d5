"""Settings scored by several processes, none of them twice."""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from zoo.engine.meter import open_meter
from zoo.engine.refining.album import Item
from zoo.engine.refining.journal import Journal
from zoo.engine.refining.share import Facts, load_share, score_share
from zoo.engine.refining.space import NAMES, Setting
from zoo.errors import UserError
from zoo.evaluation.counts import add_up, scores

S = TypeVar('S', Setting, Setting | None)
# of what is kept of a setting; without the CRF it has no numbers
KEYS = {**dict.fromkeys(NAMES, float | None), 'miou': float}
ChainOf = Callable[[Setting | None], list[dict[str, Any]]]


class Crowd:
    """Processes that hold a share of the images each, loaded once.

    Args:
        workers: Executors of one process each.
        items: The images; the ``i``-th goes to worker ``i`` modulo their
            number.
        imports: Modules that a chain needs.

    Attributes:
        digest: Changes with the content of each file.

    Raises:
        UserError: If an image is not fit for use; it names the first.
    """

    def __init__(
        self,
        workers: Sequence[Executor],
        items: Sequence[Item],
        imports: Sequence[str] = (),
    ) -> None:
        self.workers, self.imports = workers, tuple(imports)
        count = len(workers)
        futures = [
            worker.submit(load_share, items[i::count])
            for i, worker in enumerate(workers)
        ]
        shares = [future.result() for future in futures]
        facts = [shares[i % count][i // count] for i in range(len(items))]
        self.classes = _require_usable(items, facts)
        text = ''.join(fact.digest for fact in facts)
        self.digest = hashlib.sha256(text.encode()).hexdigest()

    def begin(self, chain: list[dict[str, Any]]) -> list[Future]:
        """Begin to score a chain; each worker answers for its share."""
        configs = json.dumps(chain)
        return [
            worker.submit(score_share, configs, self.imports)
            for worker in self.workers
        ]

    def mean_iou(self, futures: Sequence[Future]) -> float:
        """Return the mean IoU over all images, in per cent.

        Counts are integers: their sum knows no order.
        """
        counts = [rows for future in futures for rows in future.result()]
        return float(scores(add_up(counts, num_classes=self.classes))['mIoU'])


def _require_usable(items: Sequence[Item], facts: Sequence[Facts]) -> int:
    """Return the number of classes, the same in all files."""
    for fact in facts:
        if fact.problem is not None:
            raise UserError(fact.problem)
    classes = facts[0].classes
    for item, fact in zip(items, facts, strict=True):
        if fact.classes != classes:
            raise UserError(
                f'{item.probs}: has {fact.classes} classes, '
                f'{items[0].probs} {classes}. Take those of another network '
                'away'
            )
    return classes


class Trials:
    """Scores of settings: those in the file, and those that are added.

    Args:
        crowd: Who scores.
        journal: Where scores are kept.
        chain_of: Returns the chain with a setting in it; without the CRF for
            ``None``.
    """

    def __init__(
        self, crowd: Crowd, journal: Journal, chain_of: ChainOf
    ) -> None:
        self.crowd, self.journal, self.chain_of = crowd, journal, chain_of
        self.known = {_key(entry): entry['miou'] for entry in journal.entries}

    def score(self, stage: str, settings: Sequence[S]) -> dict[S, float]:
        """Return the mean IoU of each setting, in per cent.

        Args:
            stage: A word for the bar and the file.
            settings: ``None`` stands for no CRF.

        Raises:
            UserError: If an image is refused, or no pixel has a label.
        """
        left = [x for x in dict.fromkeys(settings) if x not in self.known]
        done = len(settings) - len(left)
        meter = open_meter(stage, len(settings), done=done)
        try:
            begun = [self.crowd.begin(self.chain_of(x)) for x in left]
            for setting, futures in zip(left, begun, strict=True):
                self._add(stage, setting, self.crowd.mean_iou(futures))
                meter.step(lambda: f'best {max(self.known.values()):.2f}')
        finally:
            meter.close()
        return {setting: self.known[setting] for setting in settings}

    def _add(self, stage: str, setting: Setting | None, miou: float) -> None:
        if miou != miou:
            raise UserError(
                'the label maps hold void only, nothing can be scored. '
                'Correct them, or --labels'
            )
        numbers = dict(zip(NAMES, setting or (None,) * 3, strict=True))
        self.journal.add({'stage': stage, **numbers, 'miou': miou})
        self.known[setting] = miou


def _key(entry: dict[str, Any]) -> Setting | None:
    weight, xy_std, rgb_std = (entry[name] for name in NAMES)
    return None if weight is None else (weight, xy_std, rgb_std)
