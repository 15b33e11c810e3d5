"""What must hold of NYUDv2 once all is unpacked; then its lists."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.loading import describe_size
from zoo.datasets.prepare.nyud40_frames import FRAMES
from zoo.datasets.prepare.nyud40_tables import read_splits
from zoo.datasets.prepare.tables import Table
from zoo.datasets.writing import write_list
from zoo.errors import UserError

Size = tuple[int, int]  # rows, columns
_RELEASES = {(425, 560): 'data.tgz of Gupta et al.', (480, 640): FRAMES}


def refuse_two_sizes(root: Path) -> None:
    """Refuse photographs and label maps of releases with different crops.

    Raises:
        UserError: If there are two sizes, or a file is damaged.
    """
    first: tuple[Path, Size] | None = None
    paths = [*root.glob('Images/*.png'), *root.glob('Labels/*.png')]
    for path in sorted(paths):
        size = _size(path)
        first = first or (path, size)
        if size != first[1]:
            raise UserError(
                f'{_told(*first)}; {_told(path, size)}: of two releases, '
                f'which do not go together. Remove {root} and prepare it '
                'from one of them.'
            )


def write_lists(root: Path, tables: Mapping[str, Table]) -> None:
    """Write the lists that are not there.

    Raises:
        UserError: If there is nothing to make them from, or an image or a
            label map is missing.
    """
    lists = {s: root / f'splits/{s}.txt' for s in ('train', 'test')}
    todo = {s: path for s, path in lists.items() if not path.is_file()}
    if not todo:
        return
    get = f'Get it: {CATALOGUE["nyud40"].command(root)}'
    splits = read_splits(tables)
    if splits is None:
        raise UserError(
            f'{next(iter(todo.values()))}: cannot be made, as no source has '
            f'nyusplits.mat, splits.mat, or the lists of nyud.tar.gz. {get}'
        )
    for name in (n for names in splits.values() for n in names):
        for path in (root / f'Images/{name}.png', root / f'Labels/{name}.png'):
            if not path.is_file():
                raise UserError(
                    f'{path}: in no source, though a split names it. {get}'
                )
    for split, path in todo.items():
        write_list(path, splits[split])


def _told(path: Path, size: Size) -> str:
    release = f', as in {_RELEASES[size]}' if size in _RELEASES else ''
    return f'{path} has {describe_size(size)}{release}'


def _size(path: Path) -> Size:
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(
            f'{path}: cannot be read as an image. Remove it and prepare the '
            'data set again.'
        ) from error
