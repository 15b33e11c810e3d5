"""Which commands bring the records of leaves about that are not there."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config

from zoo.engine.checkpoint import load_meta
from zoo.engine.config import load_config
from zoo.engine.sweep.options import SweepOptions, masks_of, seeds_of
from zoo.engine.sweep.records import (
    is_current,
    kept_record,
    masks_are_whole,
    run_record,
)
from zoo.engine.sweep.shorten import iterations, shorten
from zoo.engine.sweep.steps import Step
from zoo.engine.weights import part_leaves
from zoo.engine.workdir import (
    config_of_leaf,
    default_work_dir,
    leaf_name,
    newest_checkpoint,
)
from zoo.engine.zoom_out import has_features
from zoo.engine.zoom_out.provenance import what_rows_show
from zoo.errors import UserError


def plan_steps(
    paths: Sequence[str | Path], options: SweepOptions
) -> list[Step]:
    """Return the steps that are missing, each behind all that it needs.

    A test is missing while there is no record of it; a training, while a
    missing test needs its weights and they have not reached their last
    iteration. What several leaves need is there once.

    Args:
        paths: Of the leaves to be tested.
        options: See ``SweepOptions``.

    Raises:
        UserError: If a config cannot be read, or a leaf can neither be
            trained nor assembled.
    """
    planner = _Planner(options)
    for path in paths:
        for seed in seeds_of(planner.config(Path(path)), options):
            planner.test(Path(path), seed)
    return list(planner.steps.values())


@dataclass
class _Planner:
    options: SweepOptions
    steps: dict[tuple, Step] = field(default_factory=dict)
    configs: dict[Path, Config] = field(default_factory=dict)

    def config(self, path: Path) -> Config:
        if path not in self.configs:
            self.configs[path] = load_config(path)
        return self.configs[path]

    def test(self, path: Path, seed: int | None) -> None:
        """Add the test of a leaf, unless all of it is there."""
        keep, masks = self.options.keep, None
        if self.options.save_masks:
            masks = masks_of(path, seed)
            if masks_are_whole(masks, run_record(path, seed)):
                masks = None
        known = self.is_tested(path, seed)
        if known and keep is not None and masks is not None:
            # a kept record is not worth a training for its pictures
            keep = None
            masks = masks if self.has_weights(path, seed) else None
        if known and masks is None:
            return
        needs = [] if seed is None else self.weights(path, seed)
        arguments = [] if seed is None else ['--seeds', str(seed)]
        if keep is not None:
            arguments += ['--record', keep]
        if masks is not None:
            arguments += ['--save-masks', str(masks)]
        self.add('test', path, seed, arguments, needs)

    def is_tested(self, path: Path, seed: int | None) -> bool:
        if self.options.keep is not None:
            return kept_record(path, seed, self.options.keep) is not None
        record = run_record(path, seed)
        if record is None:
            return False
        config = self.config(path)
        sources = [] if seed is None else self.sources(path, seed)
        last = None
        if config.get('train_cfg') is not None:
            last = iterations(config, self.options.share)
        return is_current(record, config, sources=sources, iterations=last)

    def sources(self, path: Path, seed: int) -> list[Path]:
        """Return the folders of the runs that a leaf's weights come from."""
        config = self.config(path)
        others = [config.trained_by] if config.get('trained_by') else []
        others += part_leaves(config, path)[0]
        found = [self.sources(_leaf(other, path), seed) for other in others]
        own = default_work_dir(path, seed)
        return [own, *(folder for folders in found for folder in folders)]

    def has_weights(self, path: Path, seed: int | None) -> bool:
        """Tell whether nothing need be trained before a test."""
        alone = _Planner(self.options, configs=self.configs)
        return seed is None or not alone.weights(path, seed)

    def weights(self, path: Path, seed: int) -> list[Step]:
        """Return the steps after which a leaf's weights are there."""
        config = self.config(path)
        if trainer := config.get('trained_by'):
            return self.weights(_leaf(trainer, path), seed)
        if self.is_trained(path, seed):
            return []
        if parts := part_leaves(config, path)[0]:
            found = [self.weights(_leaf(part, path), seed) for part in parts]
            return [step for steps in found for step in steps]
        return self.train(path, seed)

    def train(self, path: Path, seed: int) -> list[Step]:
        config = self.config(path)
        if config.get('train_cfg') is None:
            raise UserError(
                f'{path}: has nothing to train (no train_cfg) and names no '
                'leaf that does. Set trained_by or assembled_from'
            )
        needs = self.parts(path)
        if start := config.get('starts_from'):
            needs += self.weights(_leaf(start, path), seed)
        if has_features(config):
            needs = [self.extract(path, needs)]
        arguments = ['--seed', str(seed), '--resume']
        if changes := shorten(config, self.options.share):
            arguments += ['--cfg-options', *changes]
        return [self.add('train', path, seed, arguments, needs)]

    def parts(self, path: Path) -> list[Step]:
        """Return the trainings that parts of a model start from."""
        found = []
        for part in _leaf_weights(self.config(path).to_dict()['model']):
            other = _leaf(part['leaf'], path)
            found += self.weights(other, part.get('seed', 0))
        return found

    def extract(self, path: Path, needs: list[Step]) -> Step:
        """Return the step that makes the features of a leaf; one for all."""
        config = self.config(path)
        data = config.get('data_root')
        same = json.dumps([what_rows_show(config), config.features, data])
        key = ('extract', same)
        if key not in self.steps:
            self.add('extract', path, None, [], needs, key=key)
        return self.steps[key]

    def is_trained(self, path: Path, seed: int) -> bool:
        config = self.config(path)
        last = newest_checkpoint(default_work_dir(path, seed))
        if last is None or config.get('train_cfg') is None:
            return False
        wanted = iterations(config, self.options.share)
        return load_meta(last).get('iter', 0) >= wanted

    def add(
        self,
        action: str,
        path: Path,
        seed: int | None,
        arguments: Sequence[str],
        needs: Sequence[Step],
        *,
        key: tuple | None = None,
    ) -> Step:
        key = key or (action, leaf_name(path), seed)
        if key not in self.steps:
            tool = 'extract_features' if action == 'extract' else action
            command = [f'tools/{tool}.py', str(path), *arguments]
            if self.options.data_root is not None:
                command += ['--data-root', self.options.data_root]
            folder = default_work_dir(path, seed or 0)
            self.steps[key] = Step(
                action,
                leaf_name(path),
                seed,
                tuple(command),
                folder / f'{action}.log',
                tuple(dict.fromkeys(needs)),
            )
        return self.steps[key]


def _leaf(name: str, other: Path) -> Path:
    """Return the config of a leaf that another one names."""
    path = config_of_leaf(name, other)
    if path is None:
        raise UserError(f'{other}: names the leaf {name}, which is not there')
    folder = other.parents[1]  # as given, not resolved: for the command
    near = folder / f'{name}.py'
    return near if near.is_file() else path


def _leaf_weights(value: Any) -> Iterator[dict]:
    """Yield every ``LeafWeights`` of a model's config."""
    if isinstance(value, dict):
        if value.get('type') == 'LeafWeights':
            yield value
        for inner in value.values():
            yield from _leaf_weights(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaf_weights(inner)
