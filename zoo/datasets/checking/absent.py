"""Files that a list names and nobody has: which, and why that may be."""

from pathlib import Path

from zoo.datasets.catalogue import Entry
from zoo.datasets.checking.problems import Problem, problem
from zoo.datasets.lists import why_absent

_REMEDY = 'Get them again, or take the names out of the list'


def absent_files(
    entry: Entry, root: Path, split: str, what: str, files: list[str]
) -> Problem:
    """Return one problem for all: where one is absent, mostly many are.

    Args:
        entry: Of the catalogue.
        root: Folder of the data set.
        split: That names the files.
        what: What they are, such as ``'images'``.
        files: The paths, at least one.
    """
    first = min(files)
    remedy = why_absent(Path(first)) or entry.how_to_make(root) or _REMEDY
    return problem(
        'error',
        f'absent {what}',
        f'{len(files)} {what} of {split} are not there, first {first}. '
        f'{remedy}',
        sorted(files),
    )
