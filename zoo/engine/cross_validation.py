"""Train and test a leaf on every fold of a data set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmseg.registry import DATASETS

from zoo.datasets.checks import check_data
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import LOADERS, dataset_configs, load_config
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.leaderboard import Job, run_jobs
from zoo.engine.testing import TestOptions
from zoo.engine.workdir import (
    default_work_dir,
    leaf_name,
    newest_checkpoint,
    require_writable,
    runs_below,
    runs_of_leaf,
)
from zoo.errors import UserError
from zoo.evaluation.pooling import pool_folds
from zoo.evaluation.records import write_record

FIRST = 'fold0'  # as lists are named in a leaf


@dataclass(frozen=True, kw_only=True)
class FoldOptions:
    """What ``tools/cross_validate.py`` can change of its leaves."""

    folds: int = 5
    seed: int | None = None
    options: Sequence[str] = field(default_factory=tuple)
    data_root: str | None = None


def cross_validate(
    paths: Sequence[str | Path],
    options: FoldOptions,
    *,
    keep: str | None = None,
) -> dict:
    """Train leaves on each fold, test the last one; return one record.

    The runs of fold ``k`` are below ``work_dirs/fold<k>``, and what a leaf
    takes from others is looked for there: no network meets an image that it
    is tested on. Called again, it goes on where it was stopped.

    Args:
        paths: Of the leaves, parts before the whole.
        options: See ``FoldOptions``.
        keep: Folder under which the record is kept by data set.

    Raises:
        UserError: If a leaf has no lists of folds, they share images, or for
            whatever stops a training or a test.
    """
    if options.folds < 2:
        raise UserError(f'--folds {options.folds}: needs 2 or more')
    for path in paths:
        _require_own_runs(path, options)
    _require_pixel_counts(paths[-1], options)
    for fold in range(options.folds):
        _require_apart(paths, fold, options)
    if keep is not None:
        require_writable(keep)
    results = [
        _run_fold(paths, fold, options) for fold in range(options.folds)
    ]
    records, seconds = zip(*results, strict=True)
    record = pool_folds(records, seconds)
    for place in _places(paths[-1], record, keep):
        write_record(place, record)
    return record


def fold_options(config: Config, fold: int, path: str | Path) -> list[str]:
    """Return the changes that bring a leaf from its first fold to another.

    Returns:
        ``key=value`` for the list of each data set of each loader.

    Raises:
        UserError: If a data set has no list that is named after a fold.
    """
    changes = []
    for loader in LOADERS:
        if config.get(loader) is not None:
            key = f'{loader}.dataset'
            changes += _renamed(config[loader].dataset, key, fold, path)
    return changes


def _renamed(
    dataset: ConfigDict, key: str, fold: int, path: str | Path
) -> list[str]:
    """Look into data sets of data sets, as ``dataset_configs`` does."""
    if 'dataset' in dataset:
        return _renamed(dataset.dataset, f'{key}.dataset', fold, path)
    if 'datasets' in dataset:
        return [
            change
            for i, part in enumerate(dataset.datasets)
            for change in _renamed(part, f'{key}.datasets.{i}', fold, path)
        ]
    name = dataset.get('ann_file') or ''
    if FIRST not in name:
        raise UserError(
            f'{path}: {key}.ann_file is {name!r}, it has no {FIRST} in its '
            'name. Base the leaf on a data set with folds, such as '
            'configs/_base_/datasets/stanford.py'
        )
    return [f'{key}.ann_file={name.replace(FIRST, f"fold{fold}")}']


def _load(path: str | Path, fold: int, options: FoldOptions) -> Config:
    """Return a leaf's config on one fold."""
    changes = _changes(path, fold, options)
    return load_config(
        path, options=changes, data_root=options.data_root, seed=options.seed
    )


def _changes(path: str | Path, fold: int, options: FoldOptions) -> list[str]:
    config = load_config(path, options=options.options)
    return [*options.options, *fold_options(config, fold, path)]


def _require_own_runs(path: str | Path, options: FoldOptions) -> None:
    """Refuse what would make one fold's run meet another's."""
    config = load_config(path, options=options.options)
    if config.get('work_dir'):
        raise UserError(
            f'{path}: has work_dir, in which all folds would train. Take it '
            'out'
        )


def _require_pixel_counts(path: str | Path, options: FoldOptions) -> None:
    """Refuse a metric whose folds cannot be joined; parts may have any."""
    config = load_config(path, options=options.options)
    metric = (config.get('test_evaluator') or {}).get('type')
    if metric != 'SegmentationMetric':
        raise UserError(
            f'{path}: test_evaluator.type is {metric!r}; folds are joined by '
            "the pixel counts of 'SegmentationMetric'"
        )


def _require_apart(
    paths: Sequence[str | Path], fold: int, options: FoldOptions
) -> None:
    """Refuse a fold that tests an image which one of its leaves trains on."""
    configs = [_load(path, fold, options) for path in paths]
    for config in configs:
        check_data(config, loaders=('train', 'val', 'test'))
    tested = _images(configs[-1], 'test_dataloader')
    for path, config in zip(paths, configs, strict=True):
        if both := sorted(tested & _images(config, 'train_dataloader')):
            raise UserError(
                f'{path}: {both[0]} is trained on and tested in fold {fold}. '
                'Correct the lists of the folds'
            )


def _images(config: Config, wanted: str) -> set[str]:
    """Return the image files of a loader."""
    found: set[str] = set()
    for loader, dataset in dataset_configs(config):
        if loader == wanted:
            plain = DATASETS.build({**dataset, 'pipeline': []})
            infos = (plain.get_data_info(i) for i in range(len(plain)))
            found |= {info['img_path'] for info in infos}
    return found


def _run_fold(
    paths: Sequence[str | Path], fold: int, options: FoldOptions
) -> tuple[dict, float | None]:
    """Return the record of one fold, and the seconds of its training."""
    names = {leaf_name(path) for path in paths}
    times: list[float | None] = []
    with runs_below(runs_of_leaf(f'fold{fold}')):
        for path in paths:
            config = _load(path, fold, options)
            has_trainer = config.get('trained_by') in names
            if config.get('train_cfg') is not None and not has_trainer:
                last = _train(path, config, fold, options)
                times.append(load_meta(last).get('train_seconds'))
        changes = _changes(paths[-1], fold, options)
        test = TestOptions(options=changes, data_root=options.data_root)
        job = Job(str(paths[-1]), None, config.randomness.seed)
        [record] = run_jobs([job], lambda _: test)
    known = [time for time in times if time is not None]
    return record, sum(known) if len(known) == len(times) else None


def _train(
    path: str | Path, config: Config, fold: int, options: FoldOptions
) -> Path:
    """Train a leaf, go on with a run that was stopped, or find it done."""
    seed = config.randomness.seed
    folder = default_work_dir(path, seed)
    found = newest_checkpoint(folder)
    wanted = config.train_cfg.max_iters
    if found and load_meta(found).get('iter', 0) >= wanted:
        print(f'fold {fold}: {found} is there')
        return found
    print(f'fold {fold}: {"resumes" if found else "trains"} {path}')
    return train(
        path,
        TrainOptions(
            work_dir=str(folder),
            resume='auto' if found else None,
            seed=seed,
            options=_changes(path, fold, options),
            data_root=options.data_root,
        ),
    )


def _places(path: str | Path, record: dict, keep: str | None) -> list[Path]:
    """Return the files that the record of all folds is written to."""
    seed = record['seed'] or 0
    file = f'{record["split"].replace(" ", "_")}.json'
    places = [default_work_dir(path, seed) / f'record_{file}']
    if keep is not None:
        name = record['config'].replace('/', '__')
        places.append(
            Path(keep) / record['dataset'] / f'{name}_seed{seed}_{file}'
        )
    return places
