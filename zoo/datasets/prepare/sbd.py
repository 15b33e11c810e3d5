"""Unpack SBD, and the lists of VOC that it is split by."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.prepare.unpacking import Place, unpack
from zoo.datasets.prepare.voc import other_year
from zoo.datasets.writing import Progress
from zoo.files import write_bytes

_SUFFIXES = {'img': '.jpg', 'cls': '.mat', 'inst': '.mat'}
_LISTS = ('train.txt', 'val.txt')


def prepare_sbd(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Unpack ``img``, ``cls`` and ``inst``; the files are read as they are.

    The lists of VOC 2012's images for detection come from an archive of VOC,
    or from where the zoo has VOC.

    Args:
        root: Folder ``dataset``.
        sources: ``benchmark.tgz``, ``VOCtrainval_11-May-2012.tar``, or
            folders that they unpack to.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source cannot be read or is none of these.
    """
    unpack(sources, partial(_place, root), of='SBD', progress=progress)
    voc = Path(CATALOGUE['voc'].root)
    for name in _LISTS:
        path = root / 'ImageSets/Main' / name
        there = voc / 'ImageSets/Main' / name
        if not path.is_file() and there.is_file():
            write_bytes(path, there.read_bytes())


def _place(root: Path, path: PurePosixPath) -> Place | None:
    folder = path.parent.name
    if path.suffix == _SUFFIXES.get(folder):
        return Place(root / folder / path.name)
    if other_year(path):
        return None
    in_lists = path.parent.parts[-2:] == ('ImageSets', 'Main')
    if in_lists and path.name in _LISTS:
        return Place(root / 'ImageSets/Main' / path.name)
    return None
