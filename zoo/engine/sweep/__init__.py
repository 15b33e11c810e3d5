"""Train and test many leaves: what is missing, several at once."""

from .options import SweepOptions
from .plan import plan_steps
from .run import run_steps
from .steps import Step, stages
from .sweep import plan_text, sweep

__all__ = [
    'Step',
    'SweepOptions',
    'plan_steps',
    'plan_text',
    'run_steps',
    'stages',
    'sweep',
]
