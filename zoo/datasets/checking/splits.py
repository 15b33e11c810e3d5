"""Which files the splits of a data set name."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import Entry
from zoo.datasets.checking.files import Pair
from zoo.datasets.checking.problems import Level, Problem, problem
from zoo.datasets.label_maps import id_table
from zoo.datasets.voc_aug import has_augmentation
from zoo.errors import UserError

_TEXT = 'Get the list again, or write it as plain text, one name a line'
_FOLDERS = ('Segmentation', 'Main')  # of VOC's lists


class Splits(NamedTuple):
    """What the lists of a data set name.

    Attributes:
        pairs: Image and label map of each line, by split.
        table: ``(256,)`` class that the data set makes of a stored id.
        problems: What is wrong with the lists.
    """

    pairs: dict[str, list[Pair]]
    table: np.ndarray
    problems: list[Problem]


def read_splits(entry: Entry, root: Path) -> Splits:
    """Read all lists of a data set, through the class that training uses.

    A list that cannot be read, or names nothing, is a problem; the others
    are read nevertheless.

    Args:
        entry: Of the catalogue.
        root: Its folder.
    """
    found = Splits({}, id_table({}), [])
    for split in entry.splits:
        if split in entry.optional and not has_augmentation(root):
            how = entry.how_to_make(root) or f'Get it: {entry.where}'
            message = f'{split} is not there: training takes train instead'
            found.problems.append(
                problem('warning', 'absent split', f'{message}. {how}')
            )
            continue
        path = _list_of(entry, root, split)
        try:
            records = _records(entry, root, split, path)
        except UserError as error:
            found.problems.append(problem('error', 'list', str(error), [path]))
            continue
        pairs = [Pair(x['img_path'], x['seg_map_path']) for x in records]
        found.pairs[split] = pairs
        found.problems.extend(_repeated(pairs, path))
        found = found._replace(table=id_table(records[0]))
    return found


def _records(
    entry: Entry, root: Path, split: str, path: str
) -> list[dict[str, Any]]:
    """Return one record for each image of a split.

    Raises:
        UserError: If there are none, or the list cannot be read.
    """
    arguments = {'data_root': str(root), **entry.arguments(split)}
    try:
        dataset = DATASETS.get(entry.dataset)(
            pipeline=[], serialize_data=False, **arguments
        )
    except UserError:
        raise
    except UnicodeDecodeError as error:
        raise UserError(f'{path}: is not UTF-8 text. {_TEXT}') from error
    # A check goes on where mmseg's classes end in whatever comes first.
    except Exception as error:
        reason = ' '.join(str(error).split()) or type(error).__name__
        raise UserError(f'{path}: cannot be read ({reason}). {_TEXT}') from (
            error
        )
    if not dataset.data_list:
        raise UserError(f'{path}: names no image. Get the list again')
    return dataset.data_list


def _list_of(entry: Entry, root: Path, split: str) -> str:
    """Return the file that a message about a list should name."""
    path = entry.arguments(split).get('ann_file')
    if path:
        return str(root / path)
    names = (root / f'ImageSets/{x}/{split}.txt' for x in _FOLDERS)
    return str(next(filter(Path.is_file, names), f'{split} in {root}'))


def _repeated(pairs: list[Pair], path: str) -> list[Problem]:
    """Say which images are named more than once."""
    counts = Counter(pair.image for pair in pairs)
    again = [image for image, count in counts.items() if count > 1]
    if not again:
        return []
    # In training an image counts twice, which may be meant.
    level: Level = 'warning' if 'train' in Path(path).name else 'error'
    return [
        problem(
            level,
            'repeated',
            f'{path}: names {len(again)} images more than once, first '
            f'{Path(again[0]).stem}. Take the further lines out',
            [path, *again],
        )
    ]
