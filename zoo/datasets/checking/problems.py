"""Problems of a data set: what is wrong, in which files, what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypedDict

from zoo.datasets.catalogue import Entry

Level = Literal['error', 'warning']
_NAMED = 2  # files that a message names, at most


class Problem(TypedDict):
    """One problem, ready for JSON.

    Attributes:
        level: ``'error'``: training stops or a score is wrong; ``'warning'``:
            worth knowing.
        kind: What it is about; problems of one kind have one cause.
        what: The problem, with the file.
        remedy: What to do about it.
        files: All files that have it; none where it is about no file.
    """

    level: Level
    kind: str
    what: str
    remedy: str
    files: list[str]


def problem(
    level: Level,
    kind: str,
    message: str,
    files: Iterable[str | Path] = (),
) -> Problem:
    """Split a one-line message: what is wrong. What to do."""
    names = list(map(str, files))
    # A file may have '. ' in its name, which ends no sentence.
    marks = {f'\0{i}\0': name for i, name in enumerate(names[:_NAMED])}
    for mark, name in marks.items():
        message = message.replace(name, mark)
    what, _, remedy = message.rstrip('.').partition('. ')
    for mark, name in marks.items():
        what, remedy = what.replace(mark, name), remedy.replace(mark, name)
    return {
        'level': level,
        'kind': kind,
        'what': what,
        'remedy': remedy,
        'files': names,
    }


def shorten(problems: list[Problem], limit: int = 20) -> list[Problem]:
    """Return the first problems of each kind, and how many more there are.

    Args:
        problems: Of a report.
        limit: How many of one kind are kept, at least 1.
    """
    seen: Counter[str] = Counter()
    kept = []
    for item in problems:
        seen[item['kind']] += 1
        if seen[item['kind']] <= limit:
            kept.append(item)
    for kind, count in seen.items():
        if count > limit:
            level = next(p['level'] for p in problems if p['kind'] == kind)
            what = f'{count - limit} more of this kind: {kind}'
            kept.append(problem(level, kind, f'{what}. See all with --json'))
    return kept


def size_problems(entry: Entry, sizes: dict[str, int]) -> Iterator[Problem]:
    """Compare the number of images with the published ones."""
    for split, size in sizes.items():
        known = entry.splits[split]
        if known and size not in known:
            expected = ' or '.join(map(str, known))
            yield problem(
                'warning',
                'count',
                f'{split} has {size} images, {entry.title} has {expected}. '
                'Scores do not compare with published ones: get the '
                'published lists, or say so beside the score',
            )


def class_problems(classes: dict[str, dict[str, int]]) -> Iterator[Problem]:
    """Name the classes that no label map has."""
    unseen = [name for name, seen in classes.items() if not seen['pixels']]
    if unseen:
        yield problem(
            'warning',
            'classes',
            f'classes never seen: {", ".join(unseen)}. Check that the ids of '
            'the labels follow the order of the classes; their IoU is nan',
        )
