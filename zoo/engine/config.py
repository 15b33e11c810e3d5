"""Load a config with the changes of a command line; find its mistakes."""

import argparse
import hashlib
import inspect
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from textwrap import shorten
from typing import Any

from mmengine.config import Config, ConfigDict, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from zoo.engine.views import require_views
from zoo.engine.workdir import config_of_leaf
from zoo.errors import UserError

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
OURS = (
    'assembled_from',
    'crop_size',
    'custom_imports',
    'data_root',
    'features',
    'published',
    'runner_type',
    'starts_as',
    'starts_from',
    'test_pipeline',
    'things',
    'train_pipeline',
    'trained_by',
    'views',
)
# mmseg's own configs keep these at the top, for themselves or other tools
THEIRS = (
    'backend_args',
    'dataset_type',
    'img_ratios',
    'img_scale',
    'metainfo',
    'norm_cfg',
    'num_classes',
    'optimizer',
    'tta_model',
    'tta_pipeline',
)
# read only while the file is loaded: too late to change them afterwards
READ_ONCE = {
    'assembled_from': 'change it in a leaf',
    'data_root': 'use --data-root DIR',
    'crop_size': 'change data_preprocessor.size, and the crop in a leaf',
    'train_pipeline': 'change train_dataloader.dataset.pipeline',
    'things': 'change it in a leaf: loader, head, grouper and metric',
    'test_pipeline': 'change test_dataloader.dataset.pipeline',
}
ARGUMENTS = inspect.signature(Runner.__init__).parameters
KNOWN = {*ARGUMENTS, *OURS, *THEIRS} - {'self'}


def load_config(
    path: str | Path,
    *,
    options: Sequence[str] = (),
    data_root: str | None = None,
    seed: int | None = None,
) -> Config:
    """Return the resolved config of a leaf.

    Args:
        path: Of the leaf.
        options: ``key.path=value`` as after ``--cfg-options``.
        data_root: Replaces the folder of the data set.
        seed: Replaces ``randomness.seed``.

    Raises:
        UserError: If the file is missing or broken, or a key is misspelt.
    """
    path = Path(path)
    config = _read(path)
    _fill_parts(config, path)
    _change(config, parse_options(options))
    require_known_keys(config, path)
    require_views(config, path)
    if data_root is not None:
        set_data_root(config, data_root)
    if seed is not None:
        config.randomness = {**config.get('randomness', {}), 'seed': seed}
    init_default_scope(config.get('default_scope', 'mmseg'))
    return config


def _read(path: Path) -> Config:
    if not path.is_file():
        raise UserError(f'{path}: no such config{_similar_files(path)}')
    try:
        return Config.fromfile(path)
    except UserError:
        raise
    except ImportError as error:
        cause: BaseException = error
        while cause.__context__ is not None:  # mmengine wraps it twice
            cause = cause.__context__
        raise UserError(
            f'{path}: custom_imports cannot be imported ({cause}). Put the '
            'folder of the module on PYTHONPATH'
        ) from error
    except Exception as error:  # a config is Python: all can go wrong in it
        reason = shorten(' '.join(str(error).split()), 300)
        raise UserError(
            f'{path}: cannot be loaded: {type(error).__name__}: {reason}'
        ) from error


def _fill_parts(config: Config, path: Path) -> None:
    """Give a model made of other leaves' models those that it lacks.

    ``assembled_from`` maps the part's name to its leaf; each part keeps the
    preprocessing that it was trained with.
    """
    parts = config.get('assembled_from')
    if not isinstance(parts, dict):
        return
    for name, leaf in parts.items():
        file = config_of_leaf(leaf, path) if isinstance(leaf, str) else None
        if file is not None and file.resolve() == path.resolve():
            file = None  # a leaf is no part of itself
        if file is None:
            raise UserError(
                f'{path}: assembled_from.{name} is {leaf!r}: there is no '
                f'such other leaf. Give one as method/leaf'
            )
        part = load_config(file)
        model = {'data_preprocessor': part.data_preprocessor, **part.model}
        stated = config.model.get(name) or {}
        config.model[name] = Config._merge_a_into_b(stated, model)


def _change(config: Config, changes: dict) -> None:
    for key in changes:
        top = key.split('.')[0]
        if top in READ_ONCE:
            raise UserError(
                f'--cfg-options {key}: has no effect here, {READ_ONCE[top]}'
            )
        if top not in config and top not in KNOWN:
            raise UserError(
                f'--cfg-options {key}: the config has no key '
                f'{top!r}{_similar(top, {*config, *KNOWN})}'
            )
    try:
        config.merge_from_dict(changes)
    except (KeyError, TypeError, IndexError, AssertionError) as error:
        raise UserError(f'--cfg-options: {error}') from error


def parse_options(options: Sequence[str]) -> dict:
    """Return ``key=value`` words as mmengine reads them."""
    wrong = [option for option in options if '=' not in option]
    if wrong:
        raise UserError(f'--cfg-options {wrong[0]}: write it as key=value')
    parser = argparse.ArgumentParser()
    parser.add_argument('--options', nargs='*', action=DictAction, default={})
    try:
        return parser.parse_args(['--options', *options]).options or {}
    except RecursionError as error:  # of a dict(...) inside a list
        raise UserError(
            f'--cfg-options {" ".join(options)}: holds more than numbers, '
            'words and lists of these. Set single keys, as a.0.b=1, or write '
            'a leaf'
        ) from error


def require_known_keys(config: Config, path: Path) -> None:
    """Refuse a top-level key that looks like a misspelt one.

    mmengine ignores names that it does not know, so ``optim_wraper`` would
    train with another optimiser than the one written down.
    """
    for key in config:
        if key not in KNOWN and get_close_matches(key, KNOWN, cutoff=0.85):
            raise UserError(
                f'{path}: unknown key {key!r}{_similar(key, KNOWN)}'
            )


def config_hash(config: Config) -> str:
    """Return what a record calls its config: the sha256 of its text.

    The files of presets that it names count too. Taken before
    ``set_data_root``, it is the same wherever the data lies.
    """
    digest = hashlib.sha256(config.pretty_text.encode())
    for file in _preset_files(config.to_dict()):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _preset_files(value: Any) -> Iterator[Path]:
    """Yield the file of every ``preset`` in a config that is none by name."""
    if isinstance(value, dict):
        preset = value.get('preset')
        if isinstance(preset, str) and preset.endswith('.json'):
            yield Path(preset)
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _preset_files(item)


def dataset_configs(config: Config) -> Iterator[tuple[str, ConfigDict]]:
    """Yield ``(loader, data set)``, wrapped and concatenated ones too."""
    for loader in LOADERS:
        if config.get(loader) is not None:
            pending = [config[loader].get('dataset')]
            while pending:
                dataset = pending.pop()
                if 'dataset' in dataset:
                    pending.append(dataset.dataset)
                elif 'datasets' in dataset:
                    pending.extend(dataset.datasets)
                else:
                    yield loader, dataset


def set_data_root(config: Config, root: str) -> None:
    """Make the data sets that read ``data_root`` read another folder.

    One that joins the training from a folder of its own, as COCO joins VOC,
    stays there. Where none reads ``data_root``, all move.
    """
    known = config.get('data_root')
    datasets = [dataset for _, dataset in dataset_configs(config)]
    moved = [d for d in datasets if d.get('data_root', known) == known]
    for dataset in moved or datasets:
        dataset.data_root = root
    config.data_root = root


def _similar(word: str, known: set[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f'. Did you mean {close[0]!r}?' if close else ''


def _similar_files(path: Path) -> str:
    root = next((p for p in path.parents if p.name == 'configs'), None)
    known = {str(p) for p in (root or Path('configs')).glob('*/*.py')}
    close = get_close_matches(str(path), known, n=1)
    return f'. Did you mean {close[0]}?' if close else ''
