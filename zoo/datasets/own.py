"""A user's own photographs, in PASCAL VOC's folders."""

from pathlib import Path
from typing import Any

from mmseg.registry import DATASETS

from zoo.datasets.catalogue import CATALOGUE, require
from zoo.datasets.palettes import voc_palette
from zoo.datasets.prepared import PreparedDataset
from zoo.errors import UserError

NAMES = 'class_names.txt'
_IGNORED = '__ignore__'  # id -1, which eight bits store as 255
_BACKGROUNDS = ('_background_', 'background')
_MOST = 255  # ids 0 .. 254; 255 is void
_BLACK = [0, 0, 0]
_PREFIX = {'img_path': 'JPEGImages', 'seg_map_path': 'SegmentationClass'}


def read_class_names(root: str | Path) -> tuple[str, ...]:
    """Return the classes that ``class_names.txt`` lists, id 0 first.

    One name a line, as labelme's export to VOC writes it; empty lines do
    not count, and ``__ignore__`` in the first is void, not a class.

    Args:
        root: Folder of the data set.

    Raises:
        UserError: If the file is missing or not of text, or if it has a name
            twice, fewer than 2 or more than 255.
    """
    path = Path(root, NAMES)
    try:
        lines = path.read_text(encoding='utf-8-sig').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f'{path}: cannot be read. Write the names of the classes into '
            'it, one a line in the order of their ids, as UTF-8'
        ) from error
    names = [line.strip() for line in lines if line.strip()]
    if names[:1] == [_IGNORED]:
        names = names[1:]
    if not 2 <= len(names) <= _MOST:
        raise UserError(
            f'{path}: names {len(names)} classes. Name 2 to {_MOST}, one a '
            'line'
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(
            f'{path}: names {twice[0]} twice. Give every id a name of its own'
        )
    return tuple(names)


def class_colours(names: tuple[str, ...]) -> list[list[int]]:
    """Return VOC's colours, RGB; black is for background alone.

    Without a class of that name the first one has the colour of id 1: black
    would hide it in an overlay.
    """
    colours = voc_palette(_MOST - 1)
    if names[0] in _BACKGROUNDS:
        return [_BLACK, *colours][: len(names)]
    return [*colours, _BLACK][: len(names)]


@DATASETS.register_module()
class OwnDataset(PreparedDataset):
    """Photographs in VOC's folders, with the names of their classes.

    ``JPEGImages/NAME.jpg`` (or ``.bmp``, ``.png``; all of one kind),
    ``SegmentationClass/NAME.png``, ``ImageSets/Segmentation/*.txt`` with one
    ``NAME`` a line, and ``class_names.txt``. See docs/your_own_data.md.

    Every record says how many classes there are, so that ``LoadLabels``
    need not be told.

    Args:
        ann_file: List of image names, relative to ``data_root``.
        data_root: The folder; ``data/mine`` where ``None``.
        data_prefix: Folders of images and label maps.
        **kwargs: Passed to ``PreparedDataset``.

    Raises:
        UserError: If a part is missing; see ``read_class_names``.
    """

    entry = 'own'

    def __init__(
        self,
        *,
        ann_file: str = 'ImageSets/Segmentation/train.txt',
        data_root: str | None = None,
        data_prefix: dict[str, str] = _PREFIX,
        **kwargs,
    ):
        root = require(self.entry, data_root)
        super().__init__(
            ann_file=ann_file,
            data_root=str(root),
            data_prefix=data_prefix,
            metainfo=self.metainfo_of(root),
            **kwargs,
        )

    @classmethod
    def metainfo_of(cls, root: str | Path | None) -> dict[str, Any]:
        """Return ``classes`` and ``palette`` of the data set in a folder."""
        names = read_class_names(root or CATALOGUE[cls.entry].root)
        return {'classes': names, 'palette': class_colours(names)}

    def load_data_list(self) -> list[dict]:
        """Return one record per name; see ``PreparedDataset``."""
        count = len(self.metainfo['classes'])
        records = super().load_data_list()
        return [{**record, 'num_classes': count} for record in records]
