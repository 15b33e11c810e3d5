"""Look at the data a config names, before hours are spent on it."""

import inspect
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from mmengine.config import Config
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import entry_of_dataset, require
from zoo.datasets.prepared import IMAGE_SUFFIXES
from zoo.datasets.voc_aug import resolve_split
from zoo.errors import UserError

_FIRST = 3  # files looked for per split: enough to see a wrong folder


def check_data(
    cfg: Config | dict, loaders: Sequence[str] = ('train', 'val')
) -> None:
    """Refuse a config whose data is not where it says.

    Looks at each data set of the named loaders, also inside wrappers such
    as ``ConcatDataset``: its folder, the list of the split, the folders of
    images and labels, and the first few files. A generated data set is not
    looked at. No image is opened; ``tools/data.py check`` does that.

    Args:
        cfg: Whole config; a loader it lacks is passed over.
        loaders: ``'train'`` stands for ``train_dataloader``, and so on.

    Raises:
        UserError: If something is missing; it names file and remedy.
    """
    for name in loaders:
        loader = cfg.get(f'{name}_dataloader')
        if loader:
            for dataset in _leaves(loader['dataset']):
                _check_dataset(dataset)


def _leaves(dataset: dict) -> Iterator[dict]:
    """Yield the data sets inside wrappers."""
    inner = dataset.get('datasets') or dataset.get('dataset')
    if inner is None:
        yield dataset
        return
    for part in inner if isinstance(inner, (list, tuple)) else [inner]:
        yield from _leaves(part)


def _check_dataset(dataset: dict) -> None:
    kind = dataset['type']
    name = kind if isinstance(kind, str) else kind.__name__
    name = name.rpartition('.')[2]  # without a scope such as ``mmseg.``
    entry = entry_of_dataset(name)
    root = Path(dataset.get('data_root') or (entry.root if entry else '.'))
    if entry is not None and entry.name == 'minivoc' and not root.is_dir():
        return  # it is generated on first use
    if entry is not None:
        require(entry.name, root)
    elif not root.is_dir():
        raise UserError(
            f'{root}: no such folder, but {name} has it as '
            'data_root. Pass --data-root DIR.'
        )
    if name == 'VOCAugDataset':
        resolve_split(root, _value(dataset, 'split'))
        return
    names = _listed(dataset, root)
    prefixes = _value(dataset, 'data_prefix') or {}
    for key, suffix in (
        ('img_path', 'img_suffix'),
        ('seg_map_path', 'seg_map_suffix'),
    ):
        if prefixes.get(key) is not None:
            suffixes = _value(dataset, suffix) or IMAGE_SUFFIXES
            _check_folder(root / prefixes[key], names, suffixes)


def _value(dataset: dict, key: str):
    """Return an argument as the class will see it, defaults included."""
    if key in dataset:
        return dataset[key]
    kind = dataset['type']
    if isinstance(kind, str):
        kind = DATASETS.get(kind)
    if kind is None:
        raise UserError(
            f'{dataset["type"]}: no such data set. Correct its type, or name '
            'the module that registers it in custom_imports.'
        )
    for parent in inspect.getmro(kind):
        parameter = inspect.signature(parent).parameters.get(key)
        if parameter is not None and parameter.default is not parameter.empty:
            return parameter.default
    return None


def _listed(dataset: dict, root: Path) -> list[str]:
    """Return the first names of the split file; none without such a file."""
    ann_file = _value(dataset, 'ann_file')
    if not ann_file:
        return []
    path = root / ann_file
    if path.is_dir():
        return []
    if not path.is_file():
        raise UserError(
            f'{path}: no such split file. Correct ann_file of '
            f'{dataset["type"]}, or pass --data-root DIR.'
        )
    with path.open(encoding='utf-8') as lines:
        names = list(islice((x.strip() for x in lines if x.strip()), _FIRST))
    if not names:
        raise UserError(f'{path}: names no image. Get the list again.')
    return names


def _check_folder(
    folder: Path, names: list[str], suffixes: str | Sequence[str]
) -> None:
    if not folder.is_dir():
        raise UserError(
            f'{folder}: no such folder. Correct data_prefix, or pass '
            '--data-root DIR.'
        )
    suffixes = [suffixes] if isinstance(suffixes, str) else suffixes
    for name in names:
        if not any((folder / f'{name}{s}').is_file() for s in suffixes):
            raise UserError(
                f'{folder / name}{suffixes[0]}: no such file, but the split '
                'file names it. Correct the list, or get the data again.'
            )
