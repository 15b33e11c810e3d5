"""What is known of each data set: where it is, what it holds, its terms."""

from pathlib import Path

from zoo.datasets.catalogue.entry import Archive, Entry
from zoo.datasets.catalogue.objects import COCO_VOC20, MINIVOC, MSRC21
from zoo.datasets.catalogue.own import OWN
from zoo.datasets.catalogue.pascal import CONTEXT59, CONTEXT60, SBD, VOC
from zoo.datasets.catalogue.scenes import (
    CITYSCAPES,
    NYUD40,
    SIFTFLOW,
    STANFORD,
)
from zoo.errors import UserError

__all__ = [
    'CATALOGUE',
    'PREPARABLE',
    'Archive',
    'Entry',
    'entry_of_dataset',
    'require',
]

CATALOGUE = {
    entry.name: entry
    for entry in (
        VOC,
        SBD,
        COCO_VOC20,
        CONTEXT59,
        CONTEXT60,
        NYUD40,
        SIFTFLOW,
        CITYSCAPES,
        MSRC21,
        STANFORD,
        MINIVOC,
        OWN,
    )
}
PREPARABLE = tuple(name for name, e in CATALOGUE.items() if e.archives)


def entry_of_dataset(dataset: str) -> Entry | None:
    """Return the entry that a registered class reads, if there is one."""
    for entry in CATALOGUE.values():
        if dataset == entry.dataset or dataset in entry.also_read_by:
            return entry
    return None


def require(name: str, root: str | Path | None = None) -> Path:
    """Return the folder of a data set, or say what to do about it.

    Args:
        name: Key of ``CATALOGUE``.
        root: Folder to look at; the usual one where ``None``.

    Raises:
        UserError: If a required file or folder is not there.
    """
    entry = CATALOGUE[name]
    folder = Path(root or entry.root)
    missing = entry.missing(folder)
    if not missing:
        return folder
    raise UserError(
        f'{entry.title} not found in {folder}: missing {missing[0]}. Get it: '
        f'{entry.command(folder)}; or pass {entry.elsewhere}.'
    )
