"""Add the scores around borders to a test."""

from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

from zoo.errors import UserError

PREFIX = 'trimap'


def use_trimap(config: Config, path: str | Path) -> None:
    """Make a config's test score the bands around void pixels as well.

    Args:
        config: Its ``test_evaluator`` is changed in place.
        path: Of the leaf.

    Raises:
        UserError: If the leaf is not scored by classes of pixels.
    """
    evaluator = config.test_evaluator
    if evaluator.type != 'SegmentationMetric':
        raise UserError(
            f'{path}: test_evaluator.type is {evaluator.type!r}; bands '
            "around borders are scored beside 'SegmentationMetric' only. "
            'Leave --trimap out'
        )
    added = {
        'type': 'TrimapMetric',
        'prefix': PREFIX,
        'ignore_index': evaluator.get('ignore_index', 255),
    }
    config.test_evaluator = [evaluator, added]


def take_trimap(runner: Runner, metrics: dict[str, float]) -> dict:
    """Return the block 'trimap' of a record, its scores out of ``metrics``.

    It is empty where no image has a border to score around.

    Args:
        runner: After the test of a config that ``use_trimap`` changed.
        metrics: What the test returned; changed in place.
    """
    for name in [n for n in metrics if n.startswith(f'{PREFIX}/')]:
        del metrics[name]
    return runner.test_evaluator.metrics[-1].curves
