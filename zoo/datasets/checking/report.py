"""Read every image and label of a data set and tell what is wrong."""

import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from zoo.datasets.catalogue import CATALOGUE, Entry, require
from zoo.datasets.checking.absent import absent_files
from zoo.datasets.checking.files import Look, Pair, look_at
from zoo.datasets.checking.overlaps import overlaps
from zoo.datasets.checking.problems import (
    Problem,
    class_problems,
    size_problems,
)
from zoo.datasets.checking.splits import read_splits
from zoo.datasets.checking.statistics import Statistics
from zoo.datasets.metainfo import stated_metainfo
from zoo.datasets.writing import Progress

_CHUNK = 32  # pairs that a thread takes at once: handing over takes time
_BOTH = 'images and their label maps'


def audit(
    name: str,
    root: str | Path | None = None,
    *,
    labels_only: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Read all of a data set, as training would, on all cores.

    Args:
        name: Key of the catalogue.
        root: Its folder; the usual one where ``None``.
        labels_only: Leave the images unread: no mean, no copies under other
            names, no sizes compared.
        progress: Called with the number of images done and the total.

    Returns:
        A JSON-ready report: ``splits`` (images per split), ``images``,
        ``classes`` (per class ``pixels`` and ``images``), ``label_ids``
        (pixels of each id beyond the classes), ``void`` (share of all
        pixels), ``mean`` and ``std`` (BGR, 0 to 255; ``None`` where no image
        was read), ``problems`` (see ``Problem``) and ``verdict``, ``'fit for
        use'`` or ``'not fit for use'``.

    Raises:
        UserError: If the data set is not there at all.
    """
    entry = CATALOGUE[name]
    folder = require(name, root)
    stated = stated_metainfo({'type': entry.dataset, 'data_root': str(folder)})
    named = read_splits(entry, folder)
    pairs = list(dict.fromkeys(chain.from_iterable(named.pairs.values())))
    looks = _look_at_all(pairs, entry.instances, labels_only, progress)
    there = _those_there(named.pairs, looks)
    sizes = {split: len(items) for split, items in there.items()}
    statistics = Statistics(looks, tuple(stated['classes']), named.table)
    report = {
        'name': name,
        'root': str(folder),
        'splits': sizes,
        'images': sum(not look.absent for look in looks),
        **statistics.report(),
    }
    problems = [
        *named.problems,
        *_absent(entry, folder, named.pairs, looks),
        *(found for look in looks for found in look.problems),
        *statistics.problems(),
        *size_problems(entry, sizes),
        *class_problems(report['classes']),
        *overlaps(there, {x.pair.image: x.digest for x in looks}),
    ]
    wrong = any(found['level'] == 'error' for found in problems)
    verdict = 'not fit for use' if wrong else 'fit for use'
    return {**report, 'problems': problems, 'verdict': verdict}


def _look_at_all(
    pairs: list[Pair],
    instances: str | None,
    labels_only: bool,
    progress: Progress | None,
) -> list[Look]:
    """Look at each pair of files; threads, as decoders release the lock."""
    look = partial(look_at, instances=instances, labels_only=labels_only)
    chunks = [
        pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)
    ]
    looks: list[Look] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for found in pool.map(lambda x: list(map(look, x)), chunks):
                looks += found
                if progress:
                    progress(len(looks), len(pairs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return looks


def _those_there(
    splits: dict[str, list[Pair]], looks: list[Look]
) -> dict[str, list[Pair]]:
    absent = {look.pair for look in looks if look.absent}
    return {
        split: [pair for pair in pairs if pair not in absent]
        for split, pairs in splits.items()
    }


def _absent(
    entry: Entry,
    root: Path,
    splits: dict[str, list[Pair]],
    looks: list[Look],
) -> Iterator[Problem]:
    absent = {path for look in looks for path in look.absent}
    for split, pairs in splits.items():
        lost: dict[str, list[str]] = defaultdict(list)
        for image, label in pairs:
            if image in absent:
                both = label in absent
                lost[_BOTH if both else 'images'].append(image)
            elif label in absent:
                lost['label maps'].append(label)
        for what, files in lost.items():
            yield absent_files(entry, root, split, what, files)
