"""Gather the pictures of the page: photograph, truth, saved label maps."""

import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from mmengine.config import ConfigDict
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from zoo.datasets.checks import check_data
from zoo.datasets.loading import describe_size, read_label_map, unknown_ids
from zoo.engine.config import load_config
from zoo.engine.testing import split_name
from zoo.engine.workdir import leaf_name
from zoo.errors import UserError
from zoo.evaluation.page import Picture

COUNT = 6  # images of each data set, where none are named
_LOADS = ('LoadImage', 'LoadImageFromFile', 'LoadLabels', 'LoadAnnotations')
_REMEDY = 'Test it again with tools/test.py --save-masks'


@dataclass(frozen=True)
class _Maps:
    """A folder of label maps, and the leaf that predicted them."""

    folder: Path
    leaf: Path
    part: str  # of the leaf, where it has folders for several: 'seed0'


def collect_pictures(
    masks: str | Path | Sequence[Path],
    images: Sequence[str] = (),
    *,
    configs: str | Path = 'configs',
    data_root: str | None = None,
) -> list[Picture]:
    """Return pictures of all label maps below a folder.

    Photographs and truth are those of the leaf's test set, as they were
    loaded before any resizing.

    Args:
        masks: Folder that ``tools/test.py --save-masks`` wrote: label maps
            in ``<method>/<leaf>``, in folders of a seed or checkpoint there.
            Or a list of such folders.
        images: Names of images; or one number, of images of each data set,
            spread evenly over their sorted names; ``COUNT`` where empty.
        configs: Folder with ``<method>/<leaf>.py``.
        data_root: Replaces the folder of the data set.

    Raises:
        UserError: If there are no maps, their leaf or an image is unknown, or
            a map is missing, damaged or of another size.
    """
    groups = defaultdict(list)
    tests: dict[str, ConfigDict] = {}
    folders = [masks] if isinstance(masks, str | Path) else masks
    found = [_find_maps(Path(folder), Path(configs)) for folder in folders]
    for maps in [one for several in found for one in several]:
        test = _test_set(maps.leaf, data_root)
        key = json.dumps(test, sort_keys=True, default=str)
        tests[key] = test
        groups[key].append(maps)
    datasets = {key: DATASETS.build(test) for key, test in tests.items()}
    places = {key: _by_name(dataset) for key, dataset in datasets.items()}
    _require_known(images, places.values())
    return [
        _picture(datasets[key], places[key][name], name, groups[key])
        for key in datasets
        for name in _choose(sorted(places[key]), images)
    ]


def _find_maps(masks: Path, configs: Path) -> list[_Maps]:
    folders = sorted({path.parent for path in masks.rglob('*.png')})
    if not folders:
        raise UserError(
            f'{masks}: no label maps here. Write some with tools/test.py '
            '--save-masks'
        )
    return [_maps(folder.resolve(), configs) for folder in folders]


def _maps(folder: Path, configs: Path) -> _Maps:
    for depth, path in enumerate([folder, *folder.parents][:3]):
        leaf = configs / path.parent.name / f'{path.name}.py'
        if path.name and leaf.is_file():
            parts = folder.parts[len(folder.parts) - depth :]
            return _Maps(folder, leaf, '/'.join(parts))
    raise UserError(
        f'{folder}: its label maps are of no leaf in {configs}. Name the '
        'folder METHOD/LEAF, as tools/test.py does for several configs'
    )


def _test_set(leaf: Path, data_root: str | None) -> ConfigDict:
    """Return the config of a leaf's test set, which only loads."""
    config = load_config(leaf, data_root=data_root)
    check_data(config, loaders=('test',))
    dataset = config.test_dataloader.dataset
    dataset.pipeline = [s for s in dataset.pipeline if s['type'] in _LOADS]
    return dataset


def _by_name(dataset: BaseSegDataset) -> dict[str, int]:
    paths = (dataset.get_data_info(i)['img_path'] for i in range(len(dataset)))
    return {Path(path).stem: index for index, path in enumerate(paths)}


def _require_known(
    images: Sequence[str], datasets: Iterable[Mapping[str, int]]
) -> None:
    known = {name for names in datasets for name in names}
    for name in images:
        if name not in known and not _is_count(images, known):
            near = get_close_matches(name, known, n=1)
            hint = f' Did you mean {near[0]!r}?' if near else ''
            raise UserError(
                f'{name}: no such image in the test set.{hint} Correct '
                '--images'
            )


def _is_count(images: Sequence[str], known: Container[str]) -> bool:
    """Tell a number of images from an image that is named by a number."""
    return (
        len(images) == 1
        and images[0].isdecimal()
        and (images[0] not in known and int(images[0]) > 0)
    )


def _choose(names: Sequence[str], images: Sequence[str]) -> list[str]:
    """Return which images are shown, as named or spread evenly."""
    if images and not _is_count(images, names):
        return [name for name in images if name in names]
    count = min(int(images[0]) if images else COUNT, len(names))
    spread = np.linspace(0, len(names) - 1, count).round()
    return [names[int(place)] for place in spread]


def _picture(
    dataset: BaseSegDataset, index: int, name: str, maps: Sequence[_Maps]
) -> Picture:
    loaded, info = dataset[index], dataset.metainfo
    truth, classes = loaded['gt_seg_map'], info['classes']
    leaves = Counter(m.leaf for m in maps)
    predictions = {}
    for m in maps:
        label = leaf_name(m.leaf)
        if leaves[m.leaf] > 1:
            label = f'{label} ({m.part})'
        path = m.folder / f'{name}.png'
        predictions[label] = _label_map(path, truth.shape, len(classes))
    data = leaf_name(maps[0].leaf).rsplit('_', 1)[-1]
    return Picture(
        name=name,
        image=np.ascontiguousarray(loaded['img'][..., ::-1]),  # BGR to RGB
        truth=truth,
        predictions=predictions,
        classes=classes,
        palette=info['palette'],
        dataset=f'{data} {split_name(dataset)}',
    )


def _label_map(path: Path, shape: tuple[int, int], classes: int) -> np.ndarray:
    """Return a saved prediction, refusing one of another image or test."""
    if not path.is_file():
        raise UserError(f'{path}: no such label map. {_REMEDY}')
    labels = read_label_map(path)
    if labels.shape != shape:
        raise UserError(
            f'{path}: label map of {describe_size(labels.shape)} for an image '
            f'of {describe_size(shape)}. {_REMEDY}'
        )
    if ids := unknown_ids(labels, classes):
        raise UserError(
            f'{path}: class {ids[0]} is beyond the {classes} classes of the '
            f'test set. {_REMEDY}'
        )
    return labels
