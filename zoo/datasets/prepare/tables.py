"""Small files that are needed before anything is converted: splits, ids."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zoo.datasets.prepare.sources import source_files
from zoo.datasets.writing import Progress


@dataclass(frozen=True)
class Table:
    """Content of a small file, and what a message calls it."""

    content: bytes
    name: str


def read_tables(
    sources: Sequence[Path],
    patterns: Collection[str],
    *,
    enough: Callable[[Collection[str]], bool],
    progress: Progress | None = None,
) -> dict[str, Table]:
    """Return the first file of each pattern.

    Reading ends as soon as there is enough: an archive may be large.

    Args:
        sources: Archives, folders or files.
        patterns: Ends of paths, e.g. ``'Main/train.txt'``.
        enough: Tells from the patterns found whether the rest is needed.
        progress: Called with what is done of a source, and the total.

    Raises:
        UserError: If a source cannot be read.
    """
    found: dict[str, Table] = {}
    for source in sources:
        for pattern, table in _tables(source, patterns, progress):
            found.setdefault(pattern, table)
            if enough(found):
                return found
    return found


def _tables(
    source: Path, patterns: Collection[str], progress: Progress | None
) -> Iterator[tuple[str, Table]]:
    def pattern_of(name: str) -> str | None:
        # The name of a folder counts too: /data/VOC2010 as a source.
        path = PurePosixPath(source.as_posix(), name)
        if source.is_file() and name == source.name:
            path = PurePosixPath(source.as_posix())
        return next((p for p in patterns if path.match(p)), None)

    files = source_files(source, lambda n: bool(pattern_of(n)), progress)
    for name, content in files:
        if pattern := pattern_of(name):
            yield pattern, Table(content, f'{source}: {name}')
