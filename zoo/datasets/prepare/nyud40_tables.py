"""NYUDv2's tables: from 894 classes to 40, and which image is in a split."""

import io
from collections.abc import Collection, Mapping
from pathlib import PurePath

import numpy as np

from zoo.datasets.loading import VOID
from zoo.datasets.mat_files import load_mat, load_numbers
from zoo.datasets.nyud40 import CLASSES
from zoo.datasets.prepare.tables import Table
from zoo.errors import UserError

FIRST, LAST = 5001, 6449  # numbers of the images, as Gupta et al. have them
CLASS_TABLE = 'classMapping40.mat'
TABLES = (
    CLASS_TABLE,
    'nyusplits.mat',
    'splits.mat',
    # of FCN's packaging; the folder's name tells them from our own lists
    *(f'nyud/{name}.txt' for name in ('trainval', 'train', 'val', 'test')),
)


def enough(found: Collection[str]) -> bool:
    """Tell whether there is all that Gupta's release has."""
    return {CLASS_TABLE, 'nyusplits.mat'} <= set(found)


def class_table(table: Table) -> np.ndarray:
    """Return ``(895,)`` uint8: the class of each published id, 0 is void.

    Source: Gupta et al., CVPR 2013, ``classMapping40.mat``.

    Raises:
        UserError: If the file is another one.
    """
    classes = load_numbers(table.content, table.name, 'mapClass').ravel()
    names = load_mat(io.BytesIO(table.content), table.name).get('className')
    count = len(CLASSES) if names is None else np.size(names)
    for number in (classes.max(initial=0), count):
        if number != len(CLASSES):
            raise UserError(
                f'{table.name}: maps to {number} classes, not to '
                f'{len(CLASSES)}. Get {CLASS_TABLE} of Gupta et al.'
            )
    return to_classes(np.concatenate([[0], classes]))


def to_classes(ids: np.ndarray) -> np.ndarray:
    """Turn ids 1 to 40 into classes from 0, uint8; 0 becomes void."""
    return np.where(ids == 0, VOID, ids - 1).astype(np.uint8)


def read_splits(tables: Mapping[str, Table]) -> dict[str, list[str]] | None:
    """Return the names of the images of ``train`` and ``test``, in order.

    ``train`` is all of training and validation together.

    Returns:
        ``None`` if there is no table of splits.

    Raises:
        UserError: If a table is damaged, or names an image twice or one
            that does not exist.
    """
    if table := tables.get('nyusplits.mat'):
        train = _union(table, ('trainval',), ('train', 'val'))
        test = _union(table, ('test',), ('tst',))
        return _checked(table.name, train, test)
    if table := tables.get('splits.mat'):
        train = _union(table, ('trainNdxs',)) + FIRST - 1
        test = _union(table, ('testNdxs',)) + FIRST - 1
        return _checked(table.name, train, test)
    lists = {PurePath(x).stem: t for x, t in tables.items() if '/' in x}
    names = ['trainval'] if 'trainval' in lists else ['train', 'val']
    if {*names, 'test'} <= lists.keys():
        train = np.concatenate([_lines(lists[name]) for name in names])
        return _checked(lists['test'].name, train, _lines(lists['test']))
    return None


def _union(table: Table, *choices: tuple[str, ...]) -> np.ndarray:
    """Return the numbers of all variables of the first choice there is."""
    there = load_mat(io.BytesIO(table.content), table.name)
    names = next((c for c in choices if set(c) <= there.keys()), choices[0])
    numbers = [load_numbers(table.content, table.name, n) for n in names]
    return np.concatenate([n.ravel() for n in numbers])


def _lines(table: Table) -> np.ndarray:
    try:
        return np.array([int(line) for line in table.content.split()])
    except ValueError as error:
        raise UserError(
            f'{table.name}: is no list of numbers. Download it again.'
        ) from error


def _checked(
    name: str, train: np.ndarray, test: np.ndarray
) -> dict[str, list[str]]:
    both = np.concatenate([train, test])
    wrong = both[(both < FIRST) | (both > LAST)]
    if not (train.size and test.size):
        raise UserError(f'{name}: has an empty split. Download it again.')
    if wrong.size:
        raise UserError(
            f'{name}: names image {wrong[0]}, they have the numbers {FIRST} '
            f'to {LAST}. Download it again.'
        )
    if np.unique(both).size != both.size:
        raise UserError(f'{name}: names an image twice. Download it again.')
    parts = {'train': train, 'test': test}
    return {s: [str(n) for n in sorted(ids)] for s, ids in parts.items()}
