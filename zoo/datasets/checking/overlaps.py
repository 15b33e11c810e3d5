"""Images that are there twice: in two splits, or under two names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from zoo.datasets.checking.files import Pair
from zoo.datasets.checking.problems import Problem, problem


def overlaps(
    splits: Mapping[str, list[Pair]], digests: Mapping[str, bytes | None]
) -> Iterator[Problem]:
    """Compare what the splits hold, by content.

    Args:
        splits: Pairs by split.
        digests: Of each image file, by path; where there is none, the path
            stands for the content.
    """
    contents: dict[str, dict[str | bytes, list[str]]] = {}
    for split, pairs in splits.items():
        contents[split] = defaultdict(list)
        for image in dict.fromkeys(pair.image for pair in pairs):
            contents[split][digests.get(image) or image].append(image)
    yield from _within(contents)
    for one, other in combinations(contents, 2):
        if _may_share(one, other):
            continue
        pairs_ = sorted(
            (contents[one][key][0], contents[other][key][0])
            for key in contents[one].keys() & contents[other].keys()
        )
        if pairs_:
            # Copies under two names come with some published lists.
            listed_twice = any(first == second for first, second in pairs_)
            yield problem(
                'error' if listed_twice else 'warning',
                'overlap',
                f'{len(pairs_)} images of {one} are also in {other}, first '
                f'{_equation(*pairs_[0])}. Take them out of one of the two '
                'lists',
                dict.fromkeys(path for pair in pairs_ for path in pair),
            )


def _within(
    contents: Mapping[str, Mapping[str | bytes, list[str]]],
) -> Iterator[Problem]:
    """Name copies in one split; a split that contains another repeats it."""
    told: set[tuple[str, ...]] = set()
    for split, found in contents.items():
        copies = sorted(x for x in found.values() if len(x) > 1)
        fresh = [x for x in copies if tuple(x) not in told]
        told.update(map(tuple, fresh))
        if fresh:
            yield problem(
                'warning',
                'copies',
                f'{len(fresh)} images of {split} are there under two names, '
                f'first {_equation(*fresh[0][:2])}. Take one of the two '
                'names out of the list',
                [path for paths in fresh for path in paths],
            )


def _equation(first: str, second: str) -> str:
    return f'{Path(first).name} = {Path(second).name}'


def _may_share(one: str, other: str) -> bool:
    """Tell whether two splits have images in common by design.

    ``trainaug`` contains ``train``, ``trainval`` both, and ``all`` every
    other. What one fold
    tests, the others train on; no two folds test the same.
    """
    wholes = {'all', 'trainval'} & {one, other}
    if one.startswith(other) or other.startswith(one) or wholes:
        return True
    (fold, _, part), (another, _, role) = (
        name.partition('_') for name in (one, other)
    )
    folds = fold.startswith('fold') and another.startswith('fold')
    return folds and fold != another and 'train' in (part, role)
