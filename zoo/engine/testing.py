"""Test a checkpoint of a config and say all about it in one record."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import Runner

from zoo.datasets.checks import check_data
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import config_hash, load_config, set_data_root
from zoo.engine.experiment import build_runner
from zoo.engine.explain import explained
from zoo.engine.hooks import OutputHook, StopwatchHook
from zoo.engine.trimap import take_trimap, use_trimap
from zoo.engine.views import Views, use_views
from zoo.engine.weights import find_checkpoint
from zoo.engine.workdir import default_work_dir, leaf_name, require_writable
from zoo.engine.zoom_out import read_stored_features
from zoo.errors import UserError
from zoo.evaluation.environment import environment, hardware_name
from zoo.files import sha256

METRICS = (
    'SegmentationMetric',
    'RegionAPMetric',
    'BoxIoUMetric',
    'TagMetric',
)
UNSEEN = {  # models whose predictions make no picture: what to save instead
    'BoxRegressor': ('boxes', 'Save those of a leaf of instances'),
    'TagClassifier': ('tags', 'Save those of a leaf that they serve'),
}


@dataclass(frozen=True, kw_only=True)
class TestOptions:
    """What ``tools/test.py`` can change of a test."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    masks: str | None = None
    probs: str | None = None
    show: str | None = None
    tta: bool = False
    trimap: bool = False
    options: Sequence[str] = field(default_factory=tuple)
    data_root: str | None = None


def evaluate(
    path: str | Path,
    checkpoint: str | Path | None,
    options: TestOptions,
    seed: int | None = None,
) -> dict:
    """Test a leaf and return its run record.

    Args:
        path: Of the leaf.
        checkpoint: A file; the newest of the leaf where ``None``. A leaf
            without weights needs none.
        options: See ``TestOptions``.
        seed: Which of the leaf's runs; any where ``None``.

    Raises:
        UserError: For all that a user can put right.
    """
    config = load_config(path, options=options.options)
    digest = config_hash(config)  # wherever the data lies
    if options.data_root is not None:
        set_data_root(config, options.data_root)
    require_our_metric(config, path)
    if options.show or options.probs or options.masks:
        _require_pictures(config, path)
    found = checkpoint or find_checkpoint(path, config, seed)
    weights = None if found is None else Path(found)
    meta = {} if weights is None else load_meta(weights)
    check_data(config, loaders=('test',))
    views = use_views(config, tta=options.tta)
    if options.trimap:
        use_trimap(config, path)
    config.load_from = None if weights is None else str(weights)
    config.resume = False
    folder = default_work_dir(path, meta.get('seed') or 0) / 'test'
    config.work_dir = str(require_writable(folder))
    runner = build_runner(config, path)
    stored = read_stored_features(
        runner.model, config, meta.get('started_from')
    )
    runner.register_hook(
        OutputHook(masks=options.masks, probs=options.probs, show=options.show)
    )
    with explained(config, path):
        metrics = runner.test()
    record = _record(path, runner, weights, meta, views)
    if stored and stored.found:  # features took their time earlier
        record['timing'] = None
    record['config_hash'] = digest
    if options.trimap and (curves := take_trimap(runner, metrics)):
        record['trimap'] = curves
    record['metrics'] = metrics
    return record


def require_our_metric(config: Config, path: str | Path) -> None:
    """Refuse a metric that cannot fill a record, before hours of testing."""
    metric = (config.get('test_evaluator') or {}).get('type')
    if metric not in METRICS:
        raise UserError(
            f'{path}: test_evaluator.type is {metric!r}, a record needs one '
            f'of {", ".join(METRICS)}'
        )


def _require_pictures(config: Config, path: str | Path) -> None:
    if config.model.type in UNSEEN:
        what, remedy = UNSEEN[config.model.type]
        raise UserError(
            f'{path}: predicts {what}, which make no picture. {remedy}'
        )


def _record(
    path: str | Path,
    runner: Runner,
    checkpoint: Path | None,
    meta: dict,
    views: Views | None,
) -> dict:
    """Gather the record; its keys are explained in zoo.evaluation.records."""
    name, dataset = leaf_name(path), runner.test_dataloader.dataset
    metric = runner.test_evaluator.metrics[0]
    device = get_device()
    hardware = hardware_name(device)
    return {
        'schema': 1,
        'kind': metric.kind,
        'config': name,
        'title': Path(path).read_text().splitlines()[0].lstrip('# '),
        'checkpoint': _weights(checkpoint, meta),
        'dataset': name.rsplit('_', 1)[-1],
        'split': split_name(dataset),
        'images': len(metric.per_image),
        'classes': metric.classes,
        'per_class': metric.per_class,
        'per_image': metric.per_image,
        **({'rules': metric.rules} if hasattr(metric, 'rules') else {}),
        'parameters': sum(p.numel() for p in runner.model.parameters()),
        'timing': {
            'ms_per_image': _stopwatch(runner).ms_per_image,
            'hardware': hardware,
            'device': torch.device(device).type,
            'threads': torch.get_num_threads(),
        },
        'training': {
            'iterations': meta.get('iter'),
            'seconds': meta.get('train_seconds'),
            'hardware': meta.get('hardware'),
        },
        'seed': meta.get('seed'),
        'published': list(runner.cfg.get('published', [])),
        'views': views.count if views else 1,
        **({'multi_view': asdict(views)} if views else {}),
        **environment(),
    }


def _weights(checkpoint: Path | None, meta: dict) -> dict | None:
    """Return what was tested, and the parts that it was assembled from."""
    if checkpoint is None:
        return None
    found = {'file': checkpoint.name, 'sha256': sha256(checkpoint)}
    if parts := meta.get('assembled_from'):
        names = [part.get('leaf') or part['file'] for part in parts]
        return {**found, 'assembled_from': names}
    return found


def split_name(dataset) -> str:
    """Return which part of a data set is tested."""
    if named := dataset.metainfo.get('split'):
        return named
    # Without a list, a split is a folder of images.
    return Path(dataset.ann_file or dataset.data_prefix['img_path']).stem


def _stopwatch(runner: Runner) -> StopwatchHook:
    return next(h for h in runner.hooks if isinstance(h, StopwatchHook))
