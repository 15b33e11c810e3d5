"""Read every image and label of a data set and tell what is wrong."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import CATALOGUE, Entry, require
from zoo.datasets.instance_maps import beside, read_instances
from zoo.datasets.loading import (
    VOID,
    describe_size,
    read_label_map,
    unknown_ids,
)
from zoo.datasets.voc_aug import has_augmentation
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.photo import read_photo


def audit(
    name: str,
    root: str | Path | None = None,
    *,
    progress: Progress | None = None,
) -> dict:
    """Read all of a data set, as training would, on all cores.

    Args:
        name: Key of the catalogue.
        root: Its folder; the usual one where ``None``.
        progress: Called with the number of images done and the total.

    Returns:
        A JSON-ready report: ``splits`` (images per split), ``images``,
        ``classes`` (per class ``pixels`` and ``images``), ``void`` (share of
        all pixels), ``mean`` and ``std`` (BGR, 0 to 255), and ``problems``:
        dicts of ``level`` (``'error'``: training stops or a score is wrong;
        ``'warning'``: worth knowing), ``what`` and ``remedy``.

    Raises:
        UserError: If the data set is not there at all.
    """
    entry = CATALOGUE[name]
    folder = require(name, root)
    names, splits, problems = _read_splits(entry, folder)
    files = {path: label for split in splits.values() for path, label in split}
    looks = _look_at_all(files, len(names), entry.instances, progress)
    problems += [
        _problem('error', look['error']) for look in looks if 'error' in look
    ]
    good = [look for look in looks if 'error' not in look]
    report = {
        'name': name,
        'root': str(folder),
        'splits': {split: len(items) for split, items in splits.items()},
        'images': len(files),
        **_statistics(good, names),
    }
    problems += _size_problems(entry, splits)
    problems += _class_problems(report['classes'])
    problems += _overlaps(splits, {x['image']: x['digest'] for x in looks})
    return {**report, 'problems': problems}


def _problem(level: str, message: str) -> dict[str, str]:
    """Split a one-line message: what is wrong. What to do."""
    what, _, remedy = message.rstrip('.').partition('. ')
    return {'level': level, 'what': what, 'remedy': remedy}


def _read_splits(
    entry: Entry, root: Path
) -> tuple[tuple[str, ...], dict[str, list[tuple[str, str]]], list[dict]]:
    """Return class names, image and label path per split, and problems."""
    kind = DATASETS.get(entry.dataset)
    splits, problems = {}, []
    for split in entry.splits:
        if split in entry.optional and not has_augmentation(root):
            problems.append(
                _problem(
                    'warning',
                    f'{split} is not there: training takes train instead. '
                    f'Run: python tools/data.py prepare {entry.name} '
                    f'--root {root} --archive benchmark.tgz',
                )
            )
            continue
        arguments = {'data_root': str(root), **entry.arguments(split)}
        try:
            dataset = kind(pipeline=[], serialize_data=False, **arguments)
        except UserError as error:
            problems.append(_problem('error', str(error)))
            continue
        records = map(dataset.get_data_info, range(len(dataset)))
        pairs = [(x['img_path'], x['seg_map_path']) for x in records]
        absent = {x for _, x in pairs if not Path(x).is_file()}
        splits[split] = [pair for pair in pairs if pair[1] not in absent]
        if absent:
            problems.append(_absent_labels(entry, root, split, absent))
    return kind.METAINFO['classes'], splits, problems


def _absent_labels(
    entry: Entry, root: Path, split: str, absent: set[str]
) -> dict[str, str]:
    """Return one problem for all: where one is absent, mostly many are."""
    first = min(absent)
    remedy = entry.how_to_make(first, root)
    return _problem(
        'error',
        f'{len(absent)} label maps of {split} are not there, first {first}. '
        f'{remedy or "Get them again, or take the names out of the list"}',
    )


def _look_at_all(
    files: dict[str, str],
    num_classes: int,
    instances: str | None,
    progress: Progress | None,
) -> list[dict]:
    """Look at each pair of files; threads, as decoders release the lock."""
    looks = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = pool.map(
            lambda image: _look(image, files[image], num_classes, instances),
            files,
        )
        for look in jobs:
            looks.append(look)
            if progress:
                progress(len(looks), len(files))
    return looks


def _look(
    image_path: str, label_path: str, num_classes: int, instances: str | None
) -> dict:
    """Return the statistics of one image, or what is wrong with it."""
    look: dict = {'image': image_path, 'digest': None}
    try:
        image = read_photo(image_path)
        look['digest'] = hashlib.sha256(
            Path(image_path).read_bytes()
        ).hexdigest()
        labels = read_label_map(label_path)
        if labels.shape != image.shape[:2]:
            raise UserError(
                f'{label_path}: label map of {describe_size(labels.shape)} '
                f'for an image of {describe_size(image.shape)}, {image_path}. '
                'Replace one of the two, or take the name out of the list'
            )
        if wrong := unknown_ids(labels, num_classes):
            raise UserError(
                f'{label_path}: ids {wrong[:8]} are beyond the {num_classes} '
                f'classes and not {VOID}. Correct the label map'
            )
        if instances is not None:
            read_instances(beside(label_path, instances), labels)
    except UserError as error:
        look['error'] = str(error)
        return look
    # OpenCV releases Python's lock; its shape depends on the version.
    # RGB to BGR, the order of the data_preprocessor's mean
    mean, std = (x.ravel()[::-1] for x in cv2.meanStdDev(image))
    look['pixels'] = labels.size
    look['sum'] = mean * labels.size
    look['squares'] = (std**2 + mean**2) * labels.size
    look['counts'] = np.bincount(labels.ravel(), minlength=256)
    return look


def _statistics(looks: list[dict], names: tuple[str, ...]) -> dict:
    """Return pixels and images per class, share of void, mean and std."""
    if not looks:
        empty = {name: {'pixels': 0, 'images': 0} for name in names}
        return {'classes': empty, 'void': None, 'mean': None, 'std': None}
    counts = np.stack([x['counts'] for x in looks])
    pixels = sum(x['pixels'] for x in looks)
    mean = sum(x['sum'] for x in looks) / pixels
    variance = sum(x['squares'] for x in looks) / pixels - mean**2
    classes = {
        name: {
            'pixels': int(counts[:, i].sum()),
            'images': int((counts[:, i] > 0).sum()),
        }
        for i, name in enumerate(names)
    }
    return {
        'classes': classes,
        'void': round(float(counts[:, VOID].sum() / pixels), 4),
        'mean': [round(float(x), 3) for x in mean],
        'std': [round(float(x), 3) for x in np.sqrt(variance.clip(0))],
    }


def _size_problems(entry: Entry, splits: dict) -> Iterator[dict[str, str]]:
    for split, items in splits.items():
        known = entry.splits[split]
        if known and len(items) not in known:
            expected = ' or '.join(map(str, known))
            yield _problem(
                'warning',
                f'{split} has {len(items)} images, {entry.title} has '
                f'{expected}. Scores do not compare with published ones: get '
                'the published lists, or say so beside the score',
            )


def _class_problems(classes: dict) -> Iterator[dict[str, str]]:
    unseen = [name for name, seen in classes.items() if not seen['pixels']]
    if unseen:
        yield _problem(
            'warning',
            f'classes never seen: {", ".join(unseen)}. Check that the ids of '
            'the labels follow the order of the classes; their IoU is nan',
        )


def _overlaps(
    splits: dict[str, list[tuple[str, str]]], digests: dict[str, str | None]
) -> Iterator[dict[str, str]]:
    """Compare what the splits hold, by content."""
    contents: dict[str, dict[str, str]] = defaultdict(dict)
    for split, items in splits.items():
        for image, _ in items:
            contents[split][digests[image] or image] = image
    for one, other in combinations(contents, 2):
        if _may_share(one, other):
            continue
        pairs = sorted(
            (contents[one][key], contents[other][key])
            for key in contents[one].keys() & contents[other].keys()
        )
        if pairs:
            # Copies under two names come with some published lists.
            listed_twice = any(first == second for first, second in pairs)
            first, second = (Path(path).name for path in pairs[0])
            yield _problem(
                'error' if listed_twice else 'warning',
                f'{len(pairs)} images of {one} are also in {other}, first '
                f'{first} = {second}. Take them out of one of the two lists',
            )


def _may_share(one: str, other: str) -> bool:
    """Tell whether two splits have images in common by design.

    ``trainaug`` contains ``train``, and ``all`` every other. What one fold
    tests, the others train on; no two folds test the same.
    """
    if one.startswith(other) or other.startswith(one) or 'all' in (one, other):
        return True
    (fold, _, part), (another, _, role) = (
        name.partition('_') for name in (one, other)
    )
    folds = fold.startswith('fold') and another.startswith('fold')
    return folds and fold != another and 'train' in (part, role)
