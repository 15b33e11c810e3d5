"""Running experiments: safe checkpoints, loops, hooks, progress."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise
from zoo.evaluation import metrics  # noqa: F401  registers them

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
