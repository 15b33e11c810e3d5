"""Files that a list names and nobody has: which, and why that may be."""

from glob import escape
from pathlib import Path

from zoo.datasets.catalogue import Entry
from zoo.datasets.checking.problems import Problem, problem

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
    remedy = _cause(Path(first)) or entry.how_to_make(first, root) or _REMEDY
    return problem(
        'error',
        f'absent {what}',
        f'{len(files)} {what} of {split} are not there, first {first}. '
        f'{remedy}',
        sorted(files),
    )


def _cause(path: Path) -> str | None:
    """Return a remedy where the name itself tells what happened."""
    name = path.name
    if name.startswith('.'):
        return 'Take the empty line out of the list'
    if name.startswith('\ufeff'):
        return (
            'Save the list as UTF-8 without a byte order mark, which now '
            'belongs to its first name'
        )
    if Path(path.stem).suffix in ('.jpg', '.jpeg', '.png', '.bmp', '.mat'):
        return (
            'Take the suffixes out of the list: it holds names such as '
            f'{Path(path.stem).stem}'
        )
    others = path.parent.glob(f'{escape(path.stem)}.*')
    other = next((x.name for x in others if x.suffix != path.suffix), None)
    return other and f'There is {other}: convert it, or rename its suffix'
