"""Look at the data a config names, before hours are spent on it."""

import inspect
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from mmengine import fileio
from mmengine.config import Config
from mmseg.registry import DATASETS

from zoo.datasets.agreement import check_classes
from zoo.datasets.catalogue import Entry, entry_of_dataset, require
from zoo.datasets.prepared import IMAGE_SUFFIXES
from zoo.datasets.sbd import find_list, sbd_ids
from zoo.datasets.voc_aug import resolve_split
from zoo.errors import UserError

_FIRST = 3  # files looked for per list: enough to see a wrong folder


def check_data(
    cfg: Config | dict, loaders: Sequence[str] = ('train', 'val')
) -> None:
    """Refuse a config whose data is not where it says.

    Looks at each data set of the named loaders, also inside wrappers such
    as ``ConcatDataset``: its folder, the list of the split, the folders of
    images and labels, and the first few files; where there is no list, that
    every image has its label map; then, whether the network and the loader
    have as many classes. A generated data set is not looked for. No image is
    opened; ``tools/data.py check`` does that.

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
                check_classes(cfg, dataset)


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
        names = resolve_split(root, _value(dataset, 'split')).ids[:_FIRST]
        _check_instances(dataset, root, names)
        return
    if name == 'SBDDataset':
        split = _value(dataset, 'split')
        sbd_ids(root, find_list(root, _value(dataset, 'lists'), split))
        return
    _check_files(dataset, root, entry)
    _check_instances(dataset, root, _listed(dataset, root))


def _check_files(dataset: dict, root: Path, entry: Entry | None) -> None:
    names = _listed(dataset, root)
    why, remedy = (
        ('the split file names it', 'Correct the list, or get the data again.')
        if names
        else ('its image is there', 'Add it, or take the image away.')
    )
    prefixes = _value(dataset, 'data_prefix') or {}
    for key, suffix in (
        ('img_path', 'img_suffix'),  # first: without a list it gives the names
        ('seg_map_path', 'seg_map_suffix'),
    ):
        if prefixes.get(key) is None:
            continue
        folder = _require_folder(root / prefixes[key])
        suffixes = _as_tuple(_value(dataset, suffix) or IMAGE_SUFFIXES)
        names = names or _names_in(folder, suffixes)
        if lost := _first_missing(folder, names, suffixes):
            made = entry.how_to_make(root) if entry else None
            raise UserError(
                f'{lost}: no such file, but {why}. {made or remedy}'
            )


def _check_instances(dataset: dict, root: Path, names: list[str]) -> None:
    """Look for the maps of instances, where the pipeline loads any."""
    for step in dataset.get('pipeline') or ():
        if step['type'] == 'LoadInstances':
            folder = root / step.get('folder', 'SegmentationObject')
            if lost := _first_missing(folder, names, ('.png',)):
                raise UserError(
                    f'{lost}: no map of instances, but the split file names '
                    'the image. Choose a split whose images have one, or set '
                    'LoadInstances.folder.'
                )


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


def _require_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise UserError(
            f'{folder}: no such folder. Correct data_prefix, or pass '
            '--data-root DIR.'
        )
    return folder


def _as_tuple(suffixes: str | Sequence[str]) -> tuple[str, ...]:
    return (suffixes,) if isinstance(suffixes, str) else tuple(suffixes)


def _names_in(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    """Return what mmseg finds in a folder, subfolders too, without suffix."""
    found = fileio.list_dir_or_file(
        str(folder), list_dir=False, suffix=suffixes, recursive=True
    )
    names = [
        path.removesuffix(next(s for s in suffixes if path.endswith(s)))
        for path in found
    ]
    if not names:
        raise UserError(
            f'{folder}: holds no *{suffixes[0]}. Correct data_prefix, or pass '
            '--data-root DIR.'
        )
    return sorted(names)


def _first_missing(
    folder: Path, names: list[str], suffixes: tuple[str, ...]
) -> Path | None:
    for name in names:
        if not any((folder / f'{name}{s}').is_file() for s in suffixes):
            return folder / f'{name}{suffixes[0]}'
    return None
