"""Reduce COCO to the images and labels of VOC's twenty classes."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from mmseg.datasets import PascalVOCDataset

from zoo.datasets.palettes import voc_palette
from zoo.datasets.prepare.coco_outlines import Picture, read_outlines
from zoo.datasets.prepare.sources import source_files
from zoo.datasets.prepare.unpacking import KNOWN, Place, Workers, unpack
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, label_png, write_list
from zoo.errors import UserError
from zoo.files import write_bytes

MIN_PIXELS = 1000  # of VOC's classes, for an image to be kept
_LISTS = 'ImageSets/Segmentation'
_SPLITS = {'train': 'train2014', 'val': 'val2014'}


def prepare_coco_voc20(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Draw the outlines, keep images that show enough, unpack these.

    ``train.txt`` and ``val.txt`` name what is kept of train2014 and val2014,
    ``trainval.txt`` both. Where objects overlap the smaller one is in front;
    a crowd is void, below all objects. What is there already stays.

    Differs: papers that train on COCO do not say which images they took.
    An image is kept that has ``MIN_PIXELS`` of the classes or more.

    Args:
        root: Folder of the data set.
        sources: ``annotations_trainval2014.zip``, ``train2014.zip``,
            ``val2014.zip``, or folders that they unpack to.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source cannot be read or is none of these, or the
            outlines are not there.
    """
    for source in sources:
        for name, content in _annotations(root, source):
            _draw(root, name, content, f'{source}: {name}', progress)
    lists = root / _LISTS
    lost = [n for n in _SPLITS if not (lists / f'{n}.txt').is_file()]
    if lost:
        raise UserError(
            f'{lists}: no {lost[0]}.txt yet. It comes of '
            f'instances_{_SPLITS[lost[0]]}.json: name '
            'annotations_trainval2014.zip with --archive.'
        )
    members = {n: read_ids(lists / f'{n}.txt') for n in _SPLITS}
    kept = {name for names in members.values() for name in names}
    unpack(sources, partial(_place, root, kept), of='COCO', progress=progress)
    path = lists / 'trainval.txt'
    if not path.is_file():
        write_list(path, sorted(kept))


def _annotations(root: Path, source: Path):
    """Yield the files of outlines whose lists are not there yet."""

    def wanted(name: str) -> bool:
        path = root / _LISTS / f'{_split_of(name)}.txt'
        return bool(_split_of(name)) and not path.is_file()

    return source_files(source, wanted)


def _split_of(name: str) -> str:
    stem = PurePosixPath(name).name
    known = (x for x, y in _SPLITS.items() if stem == f'instances_{y}.json')
    return next(known, '')


def _draw(
    root: Path,
    file: str,
    content: bytes,
    name: str,
    progress: Progress | None,
) -> None:
    """Write the maps of what is kept of one file, then the list of it."""
    pictures = read_outlines(content, name)
    kept: list[str] = []
    with Workers() as workers:
        for done, picture in enumerate(pictures, start=1):
            workers.add(_draw_one, root, picture, kept)
            if progress:
                progress(done, len(pictures))
    write_list(root / _LISTS / f'{_split_of(file)}.txt', sorted(kept))


def _draw_one(root: Path, picture: Picture, kept: list[str]) -> None:
    classes, numbers = picture.draw()
    if ((classes > 0) & (classes < 255)).sum() < MIN_PIXELS:
        return
    palette = PascalVOCDataset.METAINFO['palette']
    for folder, ids, colours in (
        ('SegmentationClass', classes, palette),
        ('SegmentationObject', numbers, [[0, 0, 0], *voc_palette(254)]),
    ):
        path = root / folder / f'{picture.name}.png'
        if not path.is_file():
            write_bytes(path, label_png(ids, colours))
    kept.append(picture.name)


def _place(root: Path, kept: set[str], path: PurePosixPath) -> Place | None:
    if path.suffix == '.jpg':
        named = path.stem in kept
        return Place(root / 'JPEGImages' / path.name if named else KNOWN)
    return Place(KNOWN) if _split_of(path.name) else None
