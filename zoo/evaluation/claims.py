"""Claims: published ablations that two leaves repeat."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.errors import UserError

from .kinds import KINDS
from .published_pair import SIDES, PublishedPair, find_pair
from .yaml_file import check_keys, read_yaml, text_of

# What can be compared: a record's name of it, and that of the published.
METRICS = {
    name: column.name
    for kind in KINDS.values()
    for name, column in kind.metrics.items()
}
_NAME = re.compile(r'[a-z0-9]+(-[a-z0-9]+)*')
_LEAF = re.compile(r'[a-z0-9_]+/[a-z0-9-]+_([a-z0-9]+)')


@dataclass(frozen=True)
class Pair:
    """Two leaves of one data set, like 'fcrn/r18-k3d6_minivoc'."""

    better: str
    worse: str


@dataclass(frozen=True)
class Claim:
    """One published ablation: something helps.

    ``name`` is for command lines, ``says`` for readers, ``group`` the paper.
    ``metric``, as a record names it, is what the two leaves of each of
    ``runs``, by the data set's short name, are compared by. ``published`` is
    None where the paper prints no numbers; ``source`` says where it says so.
    """

    name: str
    says: str
    group: str
    metric: str
    source: str
    published: PublishedPair | None
    runs: Mapping[str, Pair]


def load_claims(path: str | Path) -> list[Claim]:
    """Read and check a file of claims; docs/claims.md describes it.

    Args:
        path: YAML, lists of claims by paper.

    Returns:
        All claims, in the order of the file.

    Raises:
        UserError: Naming file and claim, if an entry is not as described, if
            its published numbers are not in the table of published numbers,
            or if these say the opposite.
    """
    path = Path(path)
    claims: dict[str, Claim] = {}
    for group, label, entry in _entries(path):
        try:
            claim = _claim(group, entry)
            if claim.name in claims:
                raise ValueError('the name stands twice. Choose another.')
        except (ValueError, UserError) as error:
            raise UserError(f'{path}: {label}: {error}') from error
        claims[claim.name] = claim
    return list(claims.values())


def _entries(path: Path) -> Iterator[tuple[str, str, Any]]:
    """Yield of each claim the paper, what errors call it, and its entry."""
    content = read_yaml(path, 'Check the path.')
    if not isinstance(content, dict) or not all(
        isinstance(entries, list) for entries in content.values()
    ):
        raise UserError(f'{path}: write lists of claims, by paper.')
    for group, entries in content.items():
        for number, entry in enumerate(entries, 1):
            name = entry.get('claim') if isinstance(entry, dict) else None
            label = f'claim {name!r}' if name else f'{group}, entry {number}'
            yield str(group), label, entry


def _claim(group: str, entry: Any) -> Claim:
    check_keys(
        entry,
        ('claim', 'says', 'published', 'runs'),
        optional=('metric', 'source'),
    )
    name = text_of(entry, 'claim')
    metric = text_of({'metric': 'mIoU', **entry}, 'metric')
    if not _NAME.fullmatch(name):
        raise ValueError('join lower-case words with hyphens for its name.')
    if metric not in METRICS:
        raise ValueError(
            f'unknown metric {metric!r}. Take one of {", ".join(METRICS)}.'
        )
    published = entry['published']
    if published is not None:
        published = find_pair(published, METRICS[metric])
    return Claim(
        name=name,
        says=text_of(entry, 'says'),
        group=group,
        metric=metric,
        source=_source(entry, published),
        published=published,
        runs=_runs(entry['runs']),
    )


def _source(entry: dict, published: PublishedPair | None) -> str:
    if published is None:
        check_keys(entry, ('source',), optional=tuple(entry))
        return text_of(entry, 'source')
    if 'source' in entry:
        raise ValueError(
            '`source` is for what no number is published of; that of '
            'published rows stands beside them. Delete it.'
        )
    return published.source


def _runs(entries: Any) -> dict[str, Pair]:
    if not isinstance(entries, list) or not entries:
        raise ValueError('`runs` must be a list of pairs of leaves. Add one.')
    runs: dict[str, Pair] = {}
    for entry in entries:
        check_keys(entry, SIDES)
        pair = Pair(*(text_of(entry, side) for side in SIDES))
        dataset = _dataset(pair.better)
        if pair.better == pair.worse or _dataset(pair.worse) != dataset:
            raise ValueError(
                f'{pair.better} and {pair.worse} are not two leaves of one '
                'data set. Correct `runs`.'
            )
        if dataset in runs:
            raise ValueError(
                f'has two pairs for {dataset}. Write a claim for each.'
            )
        runs[dataset] = pair
    return runs


def _dataset(leaf: str) -> str:
    if not (match := _LEAF.fullmatch(leaf)):
        raise ValueError(
            f'{leaf!r} is no name of a leaf. Write method and file, like '
            "'fcrn/r18-k3d6_minivoc'."
        )
    return match[1]
