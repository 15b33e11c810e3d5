"""Which photograph and which label map belong to a saved file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmseg.registry import DATASETS

from zoo.datasets.checks import check_data
from zoo.datasets.metainfo import stated_metainfo
from zoo.datasets.palettes import voc_palette
from zoo.engine.explain import explained
from zoo.engine.prediction import find_photographs
from zoo.errors import UserError

LOADERS = ('LoadLabels', 'LoadAnnotations')


@dataclass(frozen=True)
class Item:
    """What is known of one image before a file is opened.

    Attributes:
        name: Of the image, without suffix.
        probs: Its saved probabilities.
        photo: The photograph; ``None`` where there is none of the name.
        labels: What ``LoadLabels`` starts from; ``None`` without labels.
        loader: Config of the step that loads them.
        classes: Wanted; ``None`` where any number will do.
        classes_of: What has so many.
    """

    name: str
    probs: Path
    photo: str | None
    labels: dict[str, Any] | None = None
    loader: dict[str, Any] = field(default_factory=dict)
    classes: int | None = None
    classes_of: str = 'the data set'


@dataclass(frozen=True)
class Album:
    """Photographs by name, with what is known of their labels.

    Attributes:
        place: What an error calls it.
        photos: Path of each.
        labels: See ``Item``; of none where there are no labels.
        loader: See ``Item``.
        classes: Of the data set; ``None`` of a folder.
        palette: RGB of each class.
        is_dataset: Whether they are the leaf's data set, not a folder.
    """

    place: str
    photos: Mapping[str, str]
    labels: Mapping[str, dict[str, Any]]
    loader: dict[str, Any]
    classes: int | None
    palette: Sequence[Sequence[int]]
    is_dataset: bool

    def item(self, name: str, probs: Path) -> Item:
        """Return what belongs to a saved file."""
        return Item(
            name=name,
            probs=probs,
            photo=self.photos.get(name),
            labels=self.labels.get(name),
            loader=self.loader,
            classes=self.classes,
        )


def open_album(
    config: Config,
    path: str | Path,
    names: Sequence[str],
    *,
    photos: str | None = None,
    labels: str | None = None,
) -> Album:
    """Return the photographs of a leaf's test data set, or of a folder.

    Args:
        config: Of the leaf.
        path: What an error calls it.
        names: Of the images that are asked for.
        photos: Folder; the data set is not looked at where it is given.
        labels: Folder of label maps ``NAME.png``, instead of the data set's.

    Raises:
        UserError: If the data set or a folder is not there, or two
            photographs have one name.
    """
    album = (
        _of_dataset(config, path)
        if photos is None
        else _of_folder(config, photos)
    )
    if labels is None:
        return album
    folder = Path(labels)
    if not folder.is_dir():
        raise UserError(f'--labels {folder}: no such folder')
    stated = {'label_map': None, 'reduce_zero_label': False}
    maps = {
        name: {**stated, 'seg_map_path': str(folder / f'{name}.png')}
        for name in names
    }
    return Album(
        **{**vars(album), 'labels': maps, 'loader': {'type': 'LoadLabels'}}
    )


def _of_dataset(config: Config, path: str | Path) -> Album:
    loader = config.get('test_dataloader')
    if loader is None:
        raise UserError(
            f'{path}: names no test_dataloader. Give the folder of the '
            'photographs'
        )
    check_data(config, loaders=('test',))
    stated = loader.dataset
    with explained(config, path):
        dataset = DATASETS.build({**stated, 'lazy_init': False})
    photos: dict[str, str] = {}
    labels = {}
    for info in map(dataset.get_data_info, range(len(dataset))):
        name = Path(info['img_path']).stem
        if name in photos:
            raise UserError(
                f'{info["img_path"]}: has the name of {photos[name]}, and so '
                'has its saved file. Rename one'
            )
        photos[name] = info['img_path']
        if info.get('seg_map_path'):
            labels[name] = info
    steps = [s for s in stated.get('pipeline', ()) if s['type'] in LOADERS]
    return Album(
        place=f'the test data set of {path}',
        photos=photos,
        labels=labels if steps else {},
        loader=dict(steps[0]) if steps else {},
        classes=len(dataset.metainfo['classes']),
        palette=dataset.metainfo['palette'],
        is_dataset=True,
    )


def _of_folder(config: Config, folder: str) -> Album:
    found = find_photographs([folder])
    return Album(
        place=folder,
        photos={photo.stem: str(photo) for photo in found},
        labels={},
        loader={},
        classes=None,
        palette=_palette(config),
        is_dataset=False,
    )


def _palette(config: Config) -> Sequence[Sequence[int]]:
    """Return the colours of the leaf's classes, if they are known."""
    try:
        stated = stated_metainfo(config.test_dataloader.dataset)
    except (AttributeError, KeyError, UserError):  # another's data, or none
        stated = {}
    return stated.get('palette') or [[0, 0, 0], *voc_palette(254)]
