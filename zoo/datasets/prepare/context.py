"""Bring PASCAL Context, 59 and 60 classes, beside the images of VOC 2010."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from mmseg.datasets import PascalContextDataset

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.label_maps import decode_label_map
from zoo.datasets.mat_files import load_numbers
from zoo.datasets.prepare.context_ids import label_map_table, png_table
from zoo.datasets.prepare.label_ids import classes_png
from zoo.datasets.prepare.tables import read_tables
from zoo.datasets.prepare.unpacking import Place, unpack
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, write_list
from zoo.errors import UserError
from zoo.files import write_bytes

_LABELS = 'SegmentationClassContext'
_SPLITS = ('train', 'val')
_MAIN = 'ImageSets/Main/{}.txt'
# Later years have the same images in other lists.
_PUBLISHED = {s: f'VOC2010/{_MAIN.format(s)}' for s in _SPLITS}
_OF = (
    'PASCAL Context: VOCtrainval_03-May-2010.tar, trainval.tar.gz, or '
    '59_context_labels.tar.gz'
)
_NAME = re.compile(r'20\d\d_\d{6}')


def prepare_context(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Write label maps and lists of PASCAL Context, and unpack VOC 2010.

    The label maps hold 0 for background and 1 to 59 for mmseg's classes, for
    59 and 60 classes alike. They come from ``LabelMap`` of the files
    ``trainval/*.mat`` or from the PNG of ``59_context_labels``, which is
    ordered otherwise. The lists are VOC 2010's own, less the images without
    label. What is there already stays as it is.

    Source: Mottaghi et al., CVPR 2014.

    Args:
        root: Folder ``VOC2010``.
        sources: ``VOCtrainval_03-May-2010.tar``, unless it is unpacked in
            ``root``, and ``trainval.tar.gz`` or ``59_context_labels.tar.gz``;
            or folders that they unpack to.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source is damaged or of another data set, or
            something is missing.
    """
    root.mkdir(parents=True, exist_ok=True)
    tables = read_tables(
        sources, _PUBLISHED.values(), enough=lambda found: len(found) == 2
    )
    place = partial(_place, root, label_map_table(), png_table())
    unpack(sources, place, of=_OF, progress=progress)
    # The lists come last, so that what has them is complete.
    for split, published in _PUBLISHED.items():
        path = root / _MAIN.format(split)
        if published in tables and not path.exists():
            write_bytes(path, tables[published].content)
    lists = {
        s: root / f'ImageSets/SegmentationContext/{s}.txt' for s in _SPLITS
    }
    if not all(path.is_file() for path in lists.values()):
        _write_lists(root, lists)


def _place(
    root: Path, mat: np.ndarray, png: np.ndarray, path: PurePosixPath
) -> Place | None:
    years = [x for x in path.parts if re.fullmatch(r'VOC20\d\d', x)]
    if years and years[-1] != 'VOC2010':
        return None
    target = root / f'{_LABELS}/{path.stem}.png'
    labelled = _NAME.fullmatch(path.stem)
    if path.parent.name == 'JPEGImages' and path.suffix == '.jpg':
        return Place(root / f'JPEGImages/{path.name}')
    if labelled and path.suffix == '.mat':
        return Place(target, partial(_from_mat, mat))
    if path.parent.name == '59_context_labels' and path.suffix == '.png':
        return Place(target, partial(_from_png, png))
    return None


def _from_mat(table: np.ndarray, content: bytes, name: str) -> bytes:
    return _map_png(load_numbers(content, name, 'LabelMap'), table, name)


def _from_png(table: np.ndarray, content: bytes, name: str) -> bytes:
    ids = decode_label_map(content, name, remedy='Download it again.')
    return _map_png(ids, table, name)


def _map_png(ids: np.ndarray, table: np.ndarray, name: str) -> bytes:
    palette = PascalContextDataset.METAINFO['palette']
    return classes_png(ids, table, palette, name)


def _write_lists(root: Path, lists: dict[str, Path]) -> None:
    labels = {p.stem for p in root.glob(f'{_LABELS}/*.png')}
    images = {p.stem for p in root.glob('JPEGImages/*.jpg')}
    get = f'Get it: {CATALOGUE["context60"].command(root)}'
    if not labels:
        raise UserError(
            f'{root / _LABELS}: no source has labels, trainval.tar.gz. {get}'
        )
    splits = {}
    for split in lists:
        path = root / _MAIN.format(split)
        if not path.is_file():
            raise UserError(
                f'{path}: no source has it, VOCtrainval_03-May-2010.tar. {get}'
            )
        splits[split] = [i for i in read_ids(path) if i in labels]
    lost = [i for ids in splits.values() for i in ids if i not in images]
    if lost:
        raise UserError(
            f'{root / "JPEGImages"}: lacks {len(lost)} images that have '
            f'labels, first {lost[0]}.jpg. {get}'
        )
    for split, path in lists.items():
        if not path.is_file():
            write_list(path, splits[split])
