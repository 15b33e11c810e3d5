"""Train a config: from its path to the last checkpoint."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import torch
from mmengine.config import Config
from mmengine.dist import is_distributed
from mmengine.runner import Runner
from mmseg.registry import RUNNERS

from zoo.datasets.checks import check_data
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import LOADERS, load_config
from zoo.engine.explain import explained, require_optimizer
from zoo.engine.processes import join_processes, on_main_process
from zoo.engine.weights import part_leaves, starting_checkpoint
from zoo.engine.workdir import (
    default_work_dir,
    leaf_name,
    newest_checkpoint,
    remove_leftovers,
    require_writable,
)
from zoo.engine.zoom_out import (
    has_features,
    prepare_features,
    read_stored_features,
)
from zoo.errors import UserError
from zoo.files import sha256


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What ``tools/train.py`` can change of a config."""

    work_dir: str | None = None
    resume: str | None = None
    seed: int | None = None
    amp: bool = False
    launcher: str = 'none'
    options: Sequence[str] = field(default_factory=tuple)
    data_root: str | None = None


def train(path: str | Path, options: TrainOptions) -> Path:
    """Train a leaf and return its last checkpoint.

    Raises:
        UserError: For all that a user can put right.
    """
    config = load_config(
        path,
        options=options.options,
        data_root=options.data_root,
        seed=options.seed,
    )
    _require_training(config, path)
    seed = config.get('randomness', {}).get('seed', 0)
    if options.work_dir is not None:
        config.work_dir = options.work_dir
    elif 'work_dir' not in config:
        config.work_dir = str(default_work_dir(path, seed))
    config.launcher = options.launcher
    check_data(config, loaders=('train', 'val'))
    remove_leftovers(require_writable(config.work_dir))
    if options.amp:
        _use_amp(config)
    join_processes(config)
    _start_from(config, path, options.resume)
    features = has_features(config) and _use_features(config, path)
    runner = build_runner(config, path)
    if features:
        read_stored_features(runner.model, config, features)
    with explained(config, path):
        runner.train()
    return newest_checkpoint(config.work_dir) or Path(config.work_dir)


def build_runner(config: Config, path: str | Path) -> Runner:
    """Build the runner that a config names; mistakes end in one line."""
    config.setdefault('runner_type', 'ZooRunner')
    limit_workers(config)
    # mmengine keeps loggers and the like by this name for the whole process
    unique = f'{leaf_name(path).replace("/", "-")}-{uuid4().hex[:8]}'
    config.setdefault('experiment_name', unique)
    require_optimizer(config, path)
    with explained(config, path):
        return RUNNERS.build(config)


def limit_workers(config: Config) -> None:
    """Use no more loading processes than there are cores.

    What a sample looks like does not depend on who loads it, so this changes
    no result; torch warns of more.
    """
    cores = os.cpu_count() or 1
    for name in LOADERS:
        loader = config.get(name)
        if loader and loader.get('num_workers', 0) > cores:
            loader.num_workers = cores


def _require_training(config: Config, path: str | Path) -> None:
    """Refuse a leaf that is only tested; say what to train instead."""
    if config.get('train_cfg') is not None:
        return
    leaves, _ = part_leaves(config, path)
    commands = [f'python tools/train.py configs/{x}.py' for x in leaves]
    remedy = f'Train its parts: {"; ".join(commands)}' if commands else ''
    raise UserError(
        f'{path}: has nothing to train (no train_cfg). '
        f'{remedy or f"Test it: python tools/test.py {path}"}'
    )


def _start_from(config: Config, path: str | Path, resume: str | None) -> None:
    """Decide between a fresh start, another leaf's weights, and a resume."""
    if resume is not None:
        found = (
            newest_checkpoint(config.work_dir)
            if resume == 'auto'
            else Path(resume)
        )
        if found is not None:
            config.load_from, config.resume = str(found), True
            return
        print(f'nothing to resume in {config.work_dir}: starting afresh')
    if config.get('starts_from') and config.get('load_from') is None:
        found = on_main_process(lambda: starting_checkpoint(path, config))
        config.load_from = str(found)


def _use_features(config: Config, path: str | Path) -> dict:
    """Extract features first, where a leaf's classifier trains on them.

    Returns the file that they come with, and its digest.

    Raises:
        UserError: If it is to start from, or to go on with, a classifier of
            other features.
    """
    prepared = prepare_features(
        config, path, splits=['val'], extracting=not is_distributed()
    )
    used = {'file': prepared.fitted, 'sha256': sha256(prepared.fitted)}
    if before := config.get('load_from'):
        known = load_meta(before).get('started_from') or {}
        if known.get('sha256') != used['sha256']:
            raise UserError(
                f'{before}: is no classifier of {prepared.fitted}: its '
                'settings, networks, data or library versions were others. '
                'Start without it'
            )
    prepared.use_in(config)
    return used


def _use_amp(config: Config) -> None:
    """Compute in half precision."""
    if not torch.cuda.is_available():
        raise UserError('--amp: needs a GPU, none was found. Leave it out')
    config.optim_wrapper.type = 'AmpOptimWrapper'
    config.optim_wrapper.setdefault('loss_scale', 'dynamic')
