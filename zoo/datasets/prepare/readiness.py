"""See that all of a prepared data set is there."""

from collections.abc import Callable, Iterable
from pathlib import Path

from mmseg.registry import DATASETS

import zoo.datasets  # noqa: F401  registers the data sets
from zoo.datasets.catalogue import Entry
from zoo.errors import UserError


def count_images(
    entry: Entry, root: Path, say: Callable[[str], None]
) -> dict[str, int]:
    """Return images per split, every file of which is there.

    Args:
        entry: Of the data set.
        root: Its folder.
        say: Told of a split that has another size than the published one.

    Raises:
        UserError: If a folder, a list, or a file that a list names is
            missing, or a split is empty.
    """
    if missing := entry.missing(root):
        raise _missing(entry, root, missing[0])
    sizes = {}
    for split, known in entry.splits.items():
        arguments = {'data_root': str(root), **entry.arguments(split)}
        kind = DATASETS.get(entry.dataset)
        built = kind(pipeline=[], serialize_data=False, **arguments)
        used = built.metainfo.get('split', split)
        if split in entry.optional and used != split:
            continue
        sizes[split] = len(built)
        records = map(built.get_data_info, range(len(built)))
        if lost := _first_lost(records):
            raise _missing(entry, root, f'{lost}, which {split} names')
        if not len(built):
            raise _missing(entry, root, f'every image of {split}')
        if known and len(built) not in known:
            say(
                f'warning: {split} has {len(built)} images, {entry.title} '
                f'has {known[0]}'
            )
    return sizes


def _first_lost(records: Iterable[dict]) -> str | None:
    paths = (x[key] for x in records for key in ('img_path', 'seg_map_path'))
    return next((path for path in paths if not Path(path).is_file()), None)


def _missing(entry: Entry, root: Path, what: str) -> UserError:
    files = [f'{a.file} ({a.page})' for a in entry.archives if what in a.gives]
    files = files or [a.file for a in entry.archives]
    return UserError(
        f'{root}: missing {what}, after all that was given. It comes of '
        f'{" or ".join(files)}; name it with --archive.'
    )
