"""The training loop: stops and goes on without a trace."""

from mmengine.dist import get_rank
from mmengine.runner import IterBasedTrainLoop, Runner
from mmseg.registry import DATASETS, LOOPS
from torch import nn

from zoo.engine.sampling import (
    ResumableSampler,
    SeededDataset,
    mix_seed,
    seed_everything,
)


@LOOPS.register_module()
class ResumableTrainLoop(IterBasedTrainLoop):
    """Train for a number of iterations, each a function of its number.

    Which samples an iteration sees, how they are augmented and what dropout
    draws follow from the seed and the iteration alone. So a run that was
    killed and resumed ends in the same weights, bit for bit where the
    device's arithmetic is deterministic (a CPU's is), and nothing is
    replayed on the way.

    Args:
        runner: The runner.
        dataloader: Config with ``sampler=dict(type='ResumableSampler')``.
        max_iters: Number of iterations.
        **kwargs: Passed to ``IterBasedTrainLoop``.

    Raises:
        ValueError: If the loader has another sampler.
    """

    def __init__(
        self, runner: Runner, dataloader: dict, max_iters: int, **kwargs
    ) -> None:
        if isinstance(dataloader, dict):
            dataset = DATASETS.build(dataloader['dataset'])
            seeded = SeededDataset(dataset, runner.seed or 0)
            dataloader = {**dataloader, 'dataset': seeded}
        super().__init__(runner, dataloader, max_iters, **kwargs)
        if not isinstance(self.dataloader.sampler, ResumableSampler):
            raise ValueError(
                "train_dataloader.sampler.type must be 'ResumableSampler', "
                f'got {type(self.dataloader.sampler).__name__!r}'
            )

    def run(self) -> nn.Module:
        """Train; a resumed run starts at its own draw."""
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        self.dataloader.sampler.start = self._iter * self.dataloader.batch_size
        self.dataloader_iterator = iter(self.dataloader)
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            self.run_iter(next(self.dataloader_iterator))
            self._decide_current_val_interval()
            if self._is_time_to_validate():
                self.runner.val_loop.run()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def _is_time_to_validate(self) -> bool:
        if self.runner.val_loop is None or self._iter < self.val_begin:
            return False
        due = self._iter % self.val_interval == 0
        return due or self._iter == self._max_iters

    def run_iter(self, data_batch: dict) -> None:
        """Seed, then run one iteration."""
        number = self._iter * self.runner.world_size + get_rank()
        # 2**32 keeps these seeds apart from those of the samples
        seed_everything(mix_seed((self.runner.seed or 0) + 2**32, number))
        super().run_iter(data_batch)
