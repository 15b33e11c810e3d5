"""Running experiments: safe checkpoints, loops, hooks, progress."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from . import (
    checkpoint,
    hooks,
    leaf_weights,
    loops,
    optimiser,
    runner,
    sampling,
)

__all__ = [
    'checkpoint',
    'hooks',
    'leaf_weights',
    'loops',
    'optimiser',
    'runner',
    'sampling',
]
