"""How far a score would move had the images been others: a bootstrap."""

import functools
from collections.abc import Iterable, Sequence

import numpy as np

from .image_rankings import Rankings, region_rankings, tag_rankings
from .image_ratios import Ratios, image_ratios
from .kinds import KINDS

DRAWS = 1000
_EXACT = 2**24  # integers up to here are exact in single precision
INTERVAL = (2.5, 97.5)  # percentiles
Table = Ratios | Rankings


def replicates(record: dict, metric: str) -> np.ndarray:
    """Score sets of images that are drawn from a record's, with replacement.

    Every draw is of as many images as there are. Which ones depends on their
    number alone, images in the order of their names: two records of the same
    images are drawn alike, so that their replicates form pairs.

    Args:
        record: With ``per_image``.
        metric: One of the metrics of its kind.

    Returns:
        ``(1000,)`` per cent, scored by the rules of the record; nan for a
        draw that holds nothing to score.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
        Ch. 6.
    Differs: the random numbers are the raw ones of PCG64, which do not
        depend on the version of numpy; and the sums of pixels are of
        integers in double precision, the same on every machine.

    Raises:
        ValueError: If the metric is none of the kind, or the rows of an
            image cannot be what was counted.
    """
    scores = [
        table.scores(draw_totals(table.columns))
        for table in _tables(record, metric)
    ]
    return np.mean(scores, 0)


def rank_table(record: dict) -> Table:
    """Return what the metric that ranks is reckoned from, by image."""
    (table,) = _tables(record, KINDS[record['kind']].rank)
    return table


def draw_totals(columns: np.ndarray) -> np.ndarray:
    """Sum columns over the images of each draw.

    Args:
        columns: ``(n, C)`` for ``n`` images.

    Returns:
        ``(1000, C)``, exact where the columns are integers: in single
        precision, which takes half the time, where no sum rounds there.
    """
    weights = multiplicities(len(columns))
    if (np.rint(columns) != columns).any():
        return weights @ columns
    single = weights.astype(np.float32) @ columns.astype(np.float32)
    totals = single.astype(float)
    # Terms are at least 0: a sum below the limit never was above it.
    large = totals.max(0, initial=0) >= _EXACT
    totals[:, large] = weights @ columns[:, large]
    return totals


def _tables(record: dict, metric: str) -> Iterable[Table]:
    kind = record['kind']
    if metric not in KINDS[kind].metrics:
        raise ValueError(
            f'metric must be one of {", ".join(KINDS[kind].metrics)}, got '
            f'{metric!r}'
        )
    if kind == 'instance':
        return region_rankings(record, metric)
    if kind == 'tags':
        return [tag_rankings(record)]
    return [image_ratios(record, metric)]


@functools.lru_cache(maxsize=8)
def multiplicities(images: int) -> np.ndarray:
    """Return how often each image is in each draw.

    Args:
        images: Their number ``n``, at least 1.

    Returns:
        ``(1000, n)`` float64 integers that sum to ``n`` over images; not to
        be written to.
    """
    return _counts(images, stream=0)


@functools.lru_cache(maxsize=64)
def seed_shares(seeds: int, *, stream: int = 1) -> np.ndarray:
    """Return the share of each seed in each draw of as many seeds.

    Args:
        seeds: Number of seeds ``S``, at least 1.
        stream: Draws of another stream, from 1, are independent.

    Returns:
        ``(1000, S)``, each row sums to 1; not to be written to.
    """
    shares = _counts(seeds, stream=stream) / seeds
    shares.flags.writeable = False
    return shares


def _counts(size: int, *, stream: int) -> np.ndarray:
    if size < 1:
        raise ValueError(f'there must be something to draw, got {size}')
    raw = np.random.PCG64(stream).random_raw(DRAWS * size)
    high, shift = np.uint64(size), np.uint64(32)
    drawn = ((raw >> shift) * high >> shift).astype(np.int64)
    row = np.repeat(np.arange(DRAWS), size)
    counts = np.bincount(row * size + drawn, minlength=DRAWS * size)
    table = counts.reshape(DRAWS, size).astype(float)
    table.flags.writeable = False
    return table


def interval(values: np.ndarray) -> tuple[float, float] | None:
    """Return the middle 95 % of draws, nan left out; None without any.

    Args:
        values: ``(B,)``.

    Source: Efron and Tibshirani, 1993, Sec. 13.3: the percentile interval.
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, INTERVAL)
    return float(low), float(high)


def mean_interval(runs: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean over seeds.

    Each draw draws images, the same for all seeds, and seeds. Of few seeds
    it says too little: it knows no others than these.

    Args:
        runs: For each seed its ``replicates``.
    """
    shares = seed_shares(len(runs))
    return interval((np.stack(runs, 1) * shares).sum(1))
