"""Hits and misses of every image, for scores that are average precisions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .image_ratios import known_mean
from .region_ap import VOLUME, find_hits

_LEVELS = {'AP_0.5': (0.5,), 'AP_0.7': (0.7,), 'AP_vol': VOLUME}


@dataclass
class _Findings:
    """What was found of one class, in the order of the record.

    Args:
        truths: By image, how many there are.
        images: Where each finding is.
        values: Their scores.
        hits: Whether each is right.
    """

    truths: dict[int, int] = field(default_factory=dict)
    images: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    hits: list[bool] = field(default_factory=list)


@dataclass(frozen=True)
class Rankings:
    """A score that is a mean of average precisions, one for each class.

    Only hits need a place in the ranking: between two of them precision
    falls, and recall stands still. So a class has three kinds of columns for
    its ``H`` hits: true instances of an image, ``(n, 1)``; hits of an image,
    ``(n, H)``, by falling score; and all that was found in an image down to
    each hit, ``(n, H)``.

    Args:
        columns: ``(n, C)``, those of all classes side by side.
        last: For each class ``(H,)``, the last hit of the same rank.
        ap: 'all-point', '11-point' (see ``average_precision``) or 'step':
            the precision at each hit, without interpolation.
    """

    columns: np.ndarray
    last: list[np.ndarray]
    ap: str

    def scores(self, totals: np.ndarray) -> np.ndarray:
        """Return ``(B,)`` per cent; classes without a truth left out.

        Args:
            totals: ``(B, C)``, columns summed over ``B`` sets of images. An
                image that is twice in a set ranks twice, its copies beside
                each other.
        """
        ends = np.cumsum([1 + 2 * len(last) for last in self.last])
        classes = np.split(totals, ends[:-1], axis=1) if len(ends) else []
        found = [
            _average_precision(part, last, self.ap)
            for part, last in zip(classes, self.last, strict=True)
        ]
        if not found:
            return np.full(len(totals), np.nan)
        return 100 * known_mean(np.stack(found, 1))


def _average_precision(
    totals: np.ndarray, last: np.ndarray, ap: str
) -> np.ndarray:
    """Return ``(B,)``, 0 to 1, of one class; nan without a truth."""
    truths, hits, seen = np.split(totals, [1, 1 + len(last)], axis=1)
    right = hits.cumsum(1)[:, last]
    precision = right / np.maximum(seen, 1)
    if ap == 'all-point':
        precision = np.maximum.accumulate(precision[:, ::-1], 1)[:, ::-1]
    if ap == '11-point':
        steps = [
            (precision * (10 * right >= i * truths)).max(1, initial=0)
            for i in range(11)
        ]
        return np.where(truths[:, 0] > 0, np.mean(steps, 0), np.nan)
    with np.errstate(invalid='ignore'):  # 0 / 0 is the nan that we want
        return (precision * hits).sum(1) / truths[:, 0]


def region_rankings(record: dict, metric: str) -> Iterator[Rankings]:
    """Yield a ranking for each level of overlap; the score is their mean.

    Args:
        record: Of kind 'instance', with ``per_image``.
        metric: 'AP_0.5', 'AP_0.7' or 'AP_vol'.

    Raises:
        ValueError: If the rows of an image cannot be what was counted.
    """
    rules = record['rules']
    for level in _LEVELS[metric]:
        findings: dict[int, _Findings] = defaultdict(_Findings)
        for image, name, rows in _images(record):
            _require_classes(record, name, rows)
            for label, truths, found in rows:
                _require_overlaps(name, truths, found)
                one = findings[label]
                one.truths[image] = truths
                one.images += [image] * len(found)
                one.values += [score for score, _ in found]
                one.hits += _hits(found, truths, level, rules['matching'])
        yield _rankings(record, findings, rules['ap'], ties=False)


def tag_rankings(record: dict) -> Rankings:
    """Return the ranking of the images by each tag.

    Args:
        record: Of kind 'tags', with ``per_image``. Equal scores have one
            rank, as in scikit-learn.

    Raises:
        ValueError: If the rows of an image cannot be what was predicted.
    """
    findings: dict[int, _Findings] = defaultdict(_Findings)
    for image, name, rows in _images(record):
        _require_classes(record, name, rows)
        for label, there, score in rows:
            if there not in (0, 1):
                raise ValueError(f'image {name!r}: {there} is not 0 or 1')
            one = findings[label]
            one.truths[image] = there
            one.images.append(image)
            one.values.append(score)
            one.hits.append(bool(there))
    return _rankings(record, findings, 'step', ties=True)


def _images(record: dict) -> Iterator[tuple[int, str, list]]:
    """Yield images as the record has them, numbered by their sorted names."""
    rows = record['per_image']
    order = {name: i for i, name in enumerate(sorted(rows))}
    for name in rows:
        yield order[name], name, rows[name]


def _require_classes(record: dict, name: str, rows: Sequence) -> None:
    labels = [row[0] for row in rows]
    classes = len(record['classes'])
    if len(set(labels)) < len(labels) or not all(
        0 <= label < classes for label in labels
    ):
        raise ValueError(
            f'image {name!r}: {labels} are not distinct ones of {classes} '
            'classes'
        )


def _require_overlaps(name: str, truths: int, found: Sequence) -> None:
    if truths < 0 or any(len(ious) != truths for _, ious in found):
        raise ValueError(
            f'image {name!r}: a detection has not an overlap with each of '
            f'{truths} truths'
        )


def _hits(
    found: Sequence, truths: int, level: float, matching: str
) -> list[bool]:
    """Return which detections are right; most are far from any truth."""
    hits = [False] * len(found)
    near = [
        i
        for i, (_, ious) in enumerate(found)
        if max(ious, default=-1) >= level
    ]
    if near:
        chosen = [found[i] for i in near]
        levels = np.array([level])
        right = find_hits(chosen, truths, levels, matching)[:, 0]
        for i, hit in zip(near, right.tolist(), strict=True):
            hits[i] = hit
    return hits


def _rankings(
    record: dict, findings: dict[int, _Findings], ap: str, *, ties: bool
) -> Rankings:
    images = len(record['per_image'])
    columns, last = [np.zeros((images, 0))], []
    for label in sorted(findings):
        ranked, same = _class_columns(findings[label], images, ties)
        columns.append(ranked)
        last.append(same)
    return Rankings(np.hstack(columns), last, ap)


def _class_columns(
    one: _Findings, images: int, ties: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(n, 1 + 2 H)`` columns and ``(H,)`` last hits of a rank."""
    falling = -np.array(one.values)
    order = np.argsort(falling, kind='stable')
    image, falling = np.array(one.images, int)[order], falling[order]
    place = np.flatnonzero(np.array(one.hits, bool)[order])
    end = place
    if ties:
        end = np.searchsorted(falling, falling[place], 'right') - 1
    truths = np.zeros((images, 1))
    truths[list(one.truths), 0] = list(one.truths.values())
    hits = np.zeros((images, len(place)))
    hits[image[place], np.arange(len(place))] = 1
    # The first hit that each finding is ranked above or at; none is dropped.
    first = np.searchsorted(end, np.arange(len(image)))
    width = len(place) + 1
    counts = np.bincount(image * width + first, minlength=images * width)
    seen = counts.reshape(images, width)[:, :-1].cumsum(1)
    last = np.searchsorted(end, end, 'right') - 1
    return np.hstack([truths, hits, seen]), last
