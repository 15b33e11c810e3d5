"""What the processes of a distributed training must do together."""

import os
from collections.abc import Callable
from typing import TypeVar

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import (
    broadcast_object_list,
    init_dist,
    is_distributed,
    is_main_process,
)
from mmengine.utils.dl_utils import set_multi_processing

from zoo.errors import UserError

T = TypeVar('T')


def join_processes(config: Config) -> None:
    """Let the processes of one training know each other.

    mmengine's runner does the same when it is built, which is too late for
    what they must agree on before.

    Raises:
        UserError: If there are no such processes, or no GPUs for them.
    """
    launcher = config.get('launcher', 'none')
    if launcher == 'none' or is_distributed():
        return
    if launcher == 'pytorch' and 'RANK' not in os.environ:
        raise UserError(
            '--launcher pytorch: was not started by torchrun. Use torchrun '
            '--nproc-per-node GPUS tools/train.py ..., or leave it out'
        )
    if get_device() == 'cpu':
        raise UserError(
            f'--launcher {launcher}: needs a GPU, none was found. Leave it out'
        )
    env = config.get('env_cfg') or {}
    # before init_dist, whose own choice of a start method would be another
    set_multi_processing(**env.get('mp_cfg', {}), distributed=True)
    init_dist(launcher, **env.get('dist_cfg', {}))


def on_main_process(find: Callable[[], T]) -> T:
    """Call a function in the main process; return its result in all.

    The others wait, so that files are written and lines printed once.

    Args:
        find: Returns something that can be pickled.
    """
    found = [find() if is_main_process() else None]
    broadcast_object_list(found)
    return found[0]  # type: ignore[return-value]
