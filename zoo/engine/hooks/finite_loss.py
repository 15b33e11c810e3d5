"""Stop when the loss is no longer a number."""

from pathlib import Path

from mmengine.dist import all_reduce, barrier, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch import Tensor

from zoo.engine.workdir import newest_checkpoint
from zoo.errors import UserError


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """End the run at the first loss that is NaN or infinite.

    It runs before anything else is done with an iteration, so the weights
    that it spoilt are not saved.
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
        if outputs is None:
            return
        finite = outputs['loss'].detach().isfinite().float()
        all_reduce(finite, op='min')  # all processes stop, or none
        if finite:
            return
        failed = runner.iter + 1
        last = _last_good(runner.work_dir, failed)
        advice = 'No checkpoint was saved before. Start again with a lower '
        if last is not None:
            advice = (
                f'The last good checkpoint is {last}: go on from it with '
                f'--cfg-options load_from={last} and a lower '
            )
        raise UserError(
            f'the loss is no number in iteration {failed}. {advice}'
            'optim_wrapper.optimizer.lr'
        )


def _last_good(folder: str, failed: int) -> Path | None:
    """Return the newest checkpoint from before the step that went wrong.

    The weights saved right before the failed iteration are those that made
    the loss what it is: they are set aside, so that no resume takes them.
    """
    suspect = Path(folder) / f'iter_{failed - 1}.pth'
    if is_main_process() and suspect.is_file():
        suspect.replace(suspect.with_suffix('.pth.suspect'))
    barrier()
    return newest_checkpoint(folder)
