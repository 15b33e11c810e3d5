"""Bring PASCAL VOC 2012, and its augmented labels, into one folder."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from mmseg.datasets import PascalVOCDataset

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.prepare.sources import source_files
from zoo.datasets.prepare.unpacking import KNOWN, Place, in_parallel, unpack
from zoo.datasets.sbd_mat import sbd_classes
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, label_png, write_list
from zoo.errors import UserError
from zoo.files import write_bytes

_AUG = 'SegmentationClassAug'
_LISTS = 'ImageSets/Segmentation'
_SUFFIXES = {
    'JPEGImages': '.jpg',
    'SegmentationClass': '.png',
    'SegmentationObject': '.png',
    _AUG: '.png',
    _LISTS: '.txt',
    'ImageSets/Main': '.txt',
}
_OF = 'PASCAL VOC 2012 or SBD'


def prepare_voc(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Unpack VOC and merge the labels of SBD into ``SegmentationClassAug``.

    The folder gets VOC's own labels for VOC's own images and SBD's for the
    others; ``aug.txt`` and ``trainaug.txt`` list them. The augmented labels
    may also come as PNG, as they are passed around for DeepLab. What is
    there already stays as it is.

    Source: Hariharan et al., ICCV 2011 (SBD). Its validation images train
    too, unless they are VOC's.

    Args:
        root: Folder ``VOC2012``.
        sources: ``VOCtrainval_11-May-2012.tar``, ``benchmark.tgz``,
            ``SegmentationClassAug.zip``, or folders that they unpack to.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If either data set is incomplete or damaged.
    """
    sbd = {source: _is_sbd(source) for source in sources}
    # VOC first: of SBD's labels only those are kept that VOC lacks.
    for place, kind in ((_place_voc, False), (_place_sbd, True)):
        for source in sources:
            if source.is_dir() or sbd[source] == kind:
                put = partial(place, root, _own(root))
                # A folder may hold both: not done with after the first.
                done = kind or not source.is_dir()
                told = progress if done else progress and partial(progress)
                unpack([source], put, of=_OF, progress=told)
    if missing := CATALOGUE['voc'].missing(root):
        raise UserError(
            f'{root}: missing {missing[0]} of PASCAL VOC 2012. Prepare VOC '
            'first, or name its archive, too.'
        )
    if (root / _AUG).is_dir():
        _add_own(root)
        _write_lists(root)


def _is_sbd(source: Path) -> bool:
    """Tell by the first file that is known; the rest is not read."""
    kinds = (_kind(PurePosixPath(name)) for name in _names(source))
    return next(filter(None, kinds), '') == 'cls'


def _names(source: Path) -> Iterator[str]:
    """Yield the names of what a source holds and we know."""
    files = source_files(source, lambda n: bool(_kind(PurePosixPath(n))))
    return (name for name, _ in files)


def _kind(path: PurePosixPath) -> str:
    """Return the folder that a file belongs in; nothing if unknown.

    SBD has folders of images and instances that are not needed here.
    """
    parent = path.parent
    if parent.name == 'cls' and path.suffix == '.mat':
        return 'cls'
    for folder, suffix in _SUFFIXES.items():
        depth = len(PurePosixPath(folder).parts)
        if parent.parts[-depth:] == PurePosixPath(folder).parts:
            return folder if path.suffix == suffix else ''
    return ''


def _place_voc(root: Path, _: set[str], path: PurePosixPath) -> Place | None:
    """Place what is of VOC 2012, and pass over SBD's labels."""
    kind = _kind(path)
    if not kind or other_year(path):
        return None
    known = KNOWN if kind == 'cls' else root / kind / path.name
    return Place(known)


def _place_sbd(root: Path, own: set[str], path: PurePosixPath) -> Place | None:
    """Place SBD's labels of the images that VOC does not label."""
    kind = _kind(path)
    if kind != 'cls':
        return Place(KNOWN) if kind and not other_year(path) else None
    if not own:
        raise UserError(
            f'{root}: has no lists of PASCAL VOC 2012, so that it is not '
            'known which labels it lacks. Prepare VOC first, or name its '
            'archive, too.'
        )
    if path.stem in own:
        return None
    return Place(root / _AUG / f'{path.stem}.png', _convert)


def other_year(path: PurePosixPath) -> bool:
    """Tell a file of another VOC than that of 2012, as years look alike."""
    years = re.findall(r'(?<![^/])VOC20\d\d(?![^/])', path.as_posix())
    return bool(years) and 'VOC2012' not in years


def _convert(content: bytes, name: str) -> bytes:
    palette = PascalVOCDataset.METAINFO['palette']
    return label_png(sbd_classes(content, name), palette)


def _own(root: Path) -> set[str]:
    """Return the images that VOC itself labels."""
    lists = [root / _LISTS / f'{x}.txt' for x in ('train', 'val')]
    return {i for path in lists if path.is_file() for i in read_ids(path)}


def _add_own(root: Path) -> None:
    """Put VOC's own labels beside those of SBD, as converters do."""

    def copy(image_id: str) -> None:
        path = root / _AUG / f'{image_id}.png'
        label = root / f'SegmentationClass/{image_id}.png'
        if label.is_file() and not path.is_file():
            write_bytes(path, label.read_bytes())

    in_parallel(copy, sorted(_own(root)))


def _write_lists(root: Path) -> None:
    labelled = {p.stem for p in (root / _AUG).glob('*.png')}
    aug = sorted(labelled - _own(root))
    images = {p.stem for p in (root / 'JPEGImages').glob('*.jpg')}
    lost = [image_id for image_id in aug if image_id not in images]
    if lost:
        raise UserError(
            f'{root / "JPEGImages"}: lacks {len(lost)} images that SBD '
            f'labels, first {lost[0]}.jpg. Unpack the whole of VOC 2012.'
        )
    train = read_ids(root / _LISTS / 'train.txt')
    for name, members in (('aug', aug), ('trainaug', [*train, *aug])):
        path = root / _LISTS / f'{name}.txt'
        if not path.is_file():  # else of somebody else, or as it would be
            write_list(path, members)
