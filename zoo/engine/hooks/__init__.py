from .checkpoint import NewestCheckpointsHook
from .finite_loss import FiniteLossHook
from .network_alone import ValidateNetworkAloneHook
from .output import OutputHook
from .progress import ProgressHook
from .stopwatch import StopwatchHook

__all__ = [
    'FiniteLossHook',
    'NewestCheckpointsHook',
    'OutputHook',
    'ProgressHook',
    'StopwatchHook',
    'ValidateNetworkAloneHook',
]
