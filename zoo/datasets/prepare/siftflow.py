"""Bring SIFT-Flow as published into the form that the zoo reads."""

import re
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path, PurePosixPath

import numpy as np

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.loading import VOID
from zoo.datasets.mat_files import load_numbers
from zoo.datasets.prepare.label_ids import classes_png
from zoo.datasets.prepare.tables import Table, read_tables
from zoo.datasets.prepare.unpacking import KNOWN, Place, unpack
from zoo.datasets.siftflow import CLASSES, PALETTE
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, write_list
from zoo.errors import UserError

_LISTS = ('TestSet1.txt', 'test.txt')
_OF = 'SIFT-Flow: the folders Images and SemanticLabels'


def prepare_siftflow(
    root: Path, sources: Sequence[Path], progress: Progress | None = None
) -> None:
    """Write ``Images``, ``Labels`` and ``splits``.

    The test images are those of ``TestSet1.txt`` or ``test.txt`` in a
    source, else the 200 that the papers use; all others train. What is there
    already stays as it is.

    Source: Liu et al., CVPR 2009 (photographs, labels). The 200 names: Long
    et al., CVPR 2015, ``data/sift-flow/test.txt`` of its code.

    Args:
        root: Folder of the data set.
        sources: ``SiftFlowDataset.zip``, the folder it unpacks to, or a list
            of the test images.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source is damaged or of another data set, or an image
            or a label is missing.
    """
    root.mkdir(parents=True, exist_ok=True)
    lists = {s: root / f'splits/{s}.txt' for s in ('train', 'test')}
    tables = read_tables(sources, _LISTS, enough=lambda found: False)
    unpack(sources, partial(_place, root), of=_OF, progress=progress)
    if not all(path.is_file() for path in lists.values()):
        own = lists['test'].is_file()
        test = read_ids(lists['test']) if own else _test_names(tables)
        _write_lists(root, lists, test)


def _place(root: Path, path: PurePosixPath) -> Place | None:
    folders, suffix = path.parent.parts, path.suffix.lower()
    if 'Images' in folders and suffix == '.jpg':
        return Place(root / f'Images/{path.stem}.jpg')
    if 'SemanticLabels' in folders and suffix == '.mat':
        return Place(root / f'Labels/{path.stem}.png', _convert)
    if path.name in _LISTS:
        return Place(KNOWN)
    return None


def _convert(content: bytes, name: str) -> bytes:
    ids = load_numbers(content, name, 'S')
    table = np.array([VOID, *range(len(CLASSES))], np.uint8)
    return classes_png(ids, table, PALETTE, name)


def _test_names(tables: dict[str, Table]) -> list[str]:
    table = next((tables[x] for x in _LISTS if x in tables), None)
    if table is None:
        package = resources.files('zoo.datasets.prepare')
        return package.joinpath('siftflow_test.txt').read_text().split()
    lines = table.content.decode(errors='replace').splitlines()
    # A name may have a folder, of Windows or not, and a suffix.
    names = [re.split(r'[\\/]', line.strip())[-1] for line in lines]
    names = [re.sub(r'\.(jpg|mat|png)$', '', n) for n in names if n]
    if not names:
        raise UserError(f'{table.name}: names no image. Get the list again.')
    return sorted(set(names))


def _write_lists(root: Path, lists: dict[str, Path], test: list[str]) -> None:
    labels = {p.stem for p in root.glob('Labels/*.png')}
    images = {p.stem for p in root.glob('Images/*.jpg')}
    needed = sorted(labels | set(test))
    for folder, suffix, there in (
        ('Images', '.jpg', images),
        ('Labels', '.png', labels),
    ):
        if lost := [name for name in needed if name not in there]:
            raise UserError(
                f'{root / folder}: lacks {len(lost)} of {len(needed)}, first '
                f'{lost[0]}{suffix}; no source has it. Get it: '
                f'{CATALOGUE["siftflow"].command(root)}'
            )
    splits = {'train': sorted(labels - set(test)), 'test': test}
    for split, path in lists.items():
        if not path.is_file():
            write_list(path, splits[split])
