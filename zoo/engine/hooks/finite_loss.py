"""Stop when the loss is no longer a number."""

import math

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch import Tensor

from zoo.engine.workdir import newest_checkpoint
from zoo.errors import UserError


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """End the run at the first loss that is NaN or infinite.

    It runs before anything is saved, so the last checkpoint is a good one.
    """

    priority = 'VERY_HIGH'

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Check ``loss``."""
        loss = outputs['loss'].item() if outputs else 0.0
        if math.isfinite(loss):
            return
        last = newest_checkpoint(runner.work_dir)
        kept = (
            f'The last good checkpoint is {last}'
            if last
            else ('No checkpoint had been saved yet')
        )
        raise UserError(
            f'the loss became {loss} in iteration {runner.iter + 1}. {kept}. '
            'Lower the learning rate: --cfg-options '
            'optim_wrapper.optimizer.lr=...'
        )
