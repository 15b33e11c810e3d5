"""mmengine's runner with checkpoints that are whole, and that fit."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.dist import master_only
from mmengine.logging import MMLogger
from mmengine.model import BaseTTAModel, is_model_wrapper
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader
from mmseg.registry import RUNNERS
from torch import nn

from zoo.engine.checkpoint import from_plain, save_plain
from zoo.errors import UserError
from zoo.files import sha256


@RUNNERS.register_module()
class ZooRunner(Runner):
    """Save checkpoints atomically; refuse those of another network.

    mmengine writes a checkpoint in place, and loads whatever fits of one,
    leaving the rest random without a word. Its log goes to the work dir; the
    console shows warnings only, and the progress.
    """

    whole = False  # must a checkpoint hold every weight?
    resuming = False  # and the state to go on from?
    started_from: dict | None = None  # whose weights were the first, if any

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """Build mmengine's logger; quiet on the console, full in the file."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if type(handler) is logging.StreamHandler:
                handler.setLevel(logging.WARNING)
        return logger

    def resume(self, *args, **kwargs) -> None:
        """Resume from a checkpoint that must fit entirely."""
        self.whole = self.resuming = True
        super().resume(*args, **kwargs)

    def train(self) -> nn.Module:
        """Train; leave the terminal tidy whatever happens."""
        try:
            return super().train()
        finally:
            self._close_hooks()

    def test(self) -> dict:
        """Test a checkpoint that must fit entirely."""
        self.whole = True
        try:
            return super().test()
        finally:
            self._close_hooks()

    def _close_hooks(self) -> None:
        for hook in self.hooks:
            if hasattr(hook, 'close'):
                hook.close()

    @master_only
    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        *,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        meta: dict | None = None,
        by_epoch: bool = False,
    ) -> None:
        """Write weights and resume state as plain data, atomically.

        The keys are mmengine's. ``by_epoch`` is there for its callers; the
        zoo counts iterations.
        """
        model = self.model
        model = model.module if is_model_wrapper(model) else model
        checkpoint = {
            'meta': {
                **(meta or {}),
                'epoch': self.epoch,
                'iter': self.iter + 1,
                'cfg': self.cfg.pretty_text,
                'seed': self.seed,
                'experiment_name': self.experiment_name,
                'dataset_meta': self.train_dataloader.dataset.metainfo,
            },
            'state_dict': model.state_dict(),
            'message_hub': self.message_hub.state_dict(),
        }
        if self.started_from is not None:
            checkpoint['meta']['started_from'] = self.started_from
        if save_optimizer:
            checkpoint['optimizer'] = self.optim_wrapper.state_dict()
        if save_param_scheduler and self.param_schedulers is not None:
            checkpoint['param_schedulers'] = [
                scheduler.state_dict() for scheduler in self.param_schedulers
            ]
        self.call_hook('before_save_checkpoint', checkpoint=checkpoint)
        save_plain(checkpoint, Path(out_dir) / filename)

    def load_checkpoint(
        self,
        filename: str,
        map_location: Any = 'cpu',
        strict: bool = False,
        revise_keys: list = [(r'^module\.', '')],  # noqa: B006  mmengine's
    ) -> dict:
        """Load weights after making sure that they belong to this model.

        Args:
            filename: File or URL.
            map_location: Not used: weights are copied from the CPU to where
                the model is, which takes no second place on a GPU.
            strict: Whether every weight of the model must be in the file.
            revise_keys: Renaming rules, as in mmengine.

        Raises:
            UserError: If shapes differ, nothing fits, or (``strict``)
                something is missing or left over; in a resume also if there
                is nothing to go on from, or the seed is another.
        """
        checkpoint = CheckpointLoader.load_checkpoint(filename, 'cpu')
        if not isinstance(checkpoint, dict):
            raise UserError(f'{filename}: holds no dict of weights')
        checkpoint = from_plain(checkpoint)
        if self.resuming:
            self._require_state(checkpoint, filename)
        # mmengine runs this text as Python when it resumes: never from a file
        checkpoint.get('meta', {}).pop('config', None)
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        state = checkpoint.get('state_dict', checkpoint)
        for pattern, new in revise_keys:
            state = {re.sub(pattern, new, key): state[key] for key in state}
        if not self.whole:  # weights of another network, to start from
            state = renamed(state, self.cfg.get('starts_as', {}))
        model = self.model
        while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
            model = model.module
        require_fit(
            model.state_dict(), state, filename, strict=strict or self.whole
        )
        rest = model.load_state_dict(state, strict=False)
        self.logger.info(
            f'loaded {filename}; left as initialised: {rest.missing_keys}; '
            f'not used: {rest.unexpected_keys}'
        )
        self._has_loaded = True
        self.started_from = self._first_weights(checkpoint, filename)
        return checkpoint

    def _first_weights(self, checkpoint: dict, filename: str) -> dict | None:
        """Return ``{file, sha256}``; a resumed run began with another's."""
        if self.resuming:
            return checkpoint['meta'].get('started_from')
        if self.whole:  # a test
            return None
        path = Path(filename).expanduser()
        digest = {'sha256': sha256(path)} if path.is_file() else {}
        return {'file': filename, **digest}  # without one: an address

    def _require_state(self, checkpoint: dict, filename: str) -> None:
        meta = checkpoint.get('meta', {})
        if 'iter' not in meta or 'optimizer' not in checkpoint:
            raise UserError(
                f'{filename}: holds weights, but no state to resume from. '
                'To start from the weights: --cfg-options load_from=FILE'
            )
        if meta.get('seed') != self.seed:
            raise UserError(
                f'{filename}: was trained with seed {meta.get("seed")}, this '
                f'run has seed {self.seed}. Add --seed {meta.get("seed")}'
            )


def renamed(state: dict, names: Mapping[str, str]) -> dict:
    """Return weights whose names begin anew: ``starts_as`` of a leaf.

    Args:
        state: Weights by name.
        names: Beginnings of names in the file, and what replaces them.
    """
    result = {}
    for key, value in state.items():
        for old, new in names.items():
            if key.startswith(old):
                key = new + key.removeprefix(old)
                break
        result[key] = value
    return result


def require_fit(
    model: dict,
    file: dict,
    name: str | Path,
    *,
    strict: bool,
    remedy: str = 'Use the config that it was trained with',
) -> None:
    """Raise ``UserError`` unless the weights in a file fit the model's."""
    common = [key for key in model if key in file]
    reasons = [
        f'{key} is {tuple(file[key].shape)} there and '
        f'{tuple(model[key].shape)} here'
        for key in common
        if file[key].shape != model[key].shape
    ]
    if not common:
        reasons.append('no weight has a name that the model knows')
    if strict:
        reasons += [f'{key} is missing' for key in model if key not in file]
        reasons += [f'{key} is left over' for key in file if key not in model]
    if reasons:
        more = f' (and {len(reasons) - 1} more)' if len(reasons) > 1 else ''
        raise UserError(
            f'{name}: does not fit the model of this config: {reasons[0]}'
            f'{more}. {remedy}'
        )
