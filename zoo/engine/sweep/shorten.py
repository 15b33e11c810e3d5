"""A leaf's schedule, made shorter as a whole."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from zoo.errors import UserError

# What a scheduler counts in iterations; lists element by element.
COUNTS = ('begin', 'end', 'milestones', 'step_size', 'T_max', 'total_iters')


def iterations(config: Config, factor: float = 1.0) -> int:
    """Return how many iterations a leaf trains, shortened by a factor."""
    return _scaled(config.train_cfg.max_iters, factor)


def shorten(config: Config, factor: float) -> list[str]:
    """Return the changes that shorten a leaf's training.

    The rates rise and fall as they did, in a share of the iterations.

    Args:
        config: Of a leaf that is trained.
        factor: Share of the iterations, above 0, at most 1.

    Returns:
        ``key=value`` as after ``--cfg-options``; none for a factor of 1.

    Raises:
        UserError: If the factor is out of range.
    """
    require_share(factor)
    if factor == 1:
        return []
    last = iterations(config, factor)
    changes = [f'train_cfg.max_iters={last}', f'train_cfg.val_interval={last}']
    for place, entry in _schedulers(config.get('param_scheduler')):
        for key in COUNTS:
            if entry.get(key) is not None:
                value = _shortened(entry[key], factor)
                changes.append(f'{place}.{key}={value}')
    return changes


def require_share(factor: float) -> None:
    """Refuse a factor that does not shorten.

    Raises:
        UserError: Naming the option and the value.
    """
    if not 0 < factor <= 1:
        raise UserError(
            f'--shorten {factor:g}: must be above 0 and at most 1, the share '
            'of the iterations that is trained'
        )


def _schedulers(stated: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(stated, dict):
        yield 'param_scheduler', stated
    else:
        for number, entry in enumerate(stated or []):
            yield f'param_scheduler.{number}', entry


def _shortened(value: Any, factor: float) -> str:
    """Return a number or a list as the command line takes it."""
    if isinstance(value, list | tuple):
        counts = ','.join(str(_scaled(number, factor)) for number in value)
        return f'[{counts}]'
    return str(_scaled(value, factor)) if value else str(value)


def _scaled(count: int, factor: float) -> int:
    return max(1, round(count * factor))
