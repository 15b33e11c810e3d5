"""When to save a checkpoint, and how many to keep."""

from pathlib import Path

from mmengine.dist import barrier, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from zoo.engine.workdir import checkpoints_in, set_aside


@HOOKS.register_module()
class NewestCheckpointsHook(Hook):
    """Save ``iter_<N>.pth`` at intervals and at the end; keep the newest.

    mmengine's hook goes through an interface that warns of its own removal
    at every start. Older files go only after a newer one is in place.

    Args:
        interval: Iterations between two checkpoints.
        keep: How many to keep, at least 1.

    Raises:
        ValueError: If a number is below 1.
    """

    priority = 'VERY_LOW'  # after a loss that is no number has stopped it all

    def __init__(self, *, interval: int = 500, keep: int = 2) -> None:
        if interval < 1 or keep < 1:
            raise ValueError(
                f'interval and keep must be >= 1, got {interval} and {keep}'
            )
        self.interval = interval
        self.keep = keep

    def before_train(self, runner: Runner) -> None:
        """Set an earlier run aside, once this one has really begun.

        Its checkpoints may be what this run has just started from.
        """
        if runner.iter > 0:
            return
        barrier()  # another process may still be reading them
        if is_main_process() and (moved := set_aside(runner.work_dir)):
            print(f'the checkpoints of an earlier run are now in {moved}')

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Save if it is time."""
        done = runner.iter + 1
        if done % self.interval and done != runner.max_iters:
            return
        folder = Path(runner.work_dir)
        runner.save_checkpoint(str(folder), f'iter_{done}.pth', by_epoch=False)
        if is_main_process():
            for path in checkpoints_in(folder)[: -self.keep]:
                path.unlink(missing_ok=True)
