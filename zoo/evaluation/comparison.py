"""Whether one method is better than another, or was only luckier."""

import hashlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.errors import UserError

from .kinds import KINDS
from .resampling import interval, replicates, seed_shares

# What two records must share, and what a message calls it.
_SAME: dict[str, Callable[[dict], object]] = {
    'kinds of score': lambda r: r['kind'],
    'data sets': lambda r: r['dataset'],
    'splits': lambda r: r['split'],
    'classes': lambda r: r['classes'],
    'rules of the score': lambda r: r.get('rules'),
    'images': lambda r: (
        r.get('image_digest') or image_digest(r.get('per_image', ()))
    ),
}


@dataclass(frozen=True)
class Difference:
    """How much better one method is, in points of per cent.

    ``low`` to ``high`` is the 95 % interval of the ``mean``, and ``spread``
    the standard deviation (n - 1) over seeds; None unless both have the same
    ones, two or more.
    """

    mean: float
    low: float
    high: float
    spread: float | None
    seeds: int
    images: int

    @property
    def verdict(self) -> str:
        """'better' or 'worse' only where the interval excludes zero."""
        if self.low > 0:
            return 'better'
        return 'worse' if self.high < 0 else 'undecided'


def compare(
    better: Sequence[dict], worse: Sequence[dict], metric: str
) -> Difference:
    """Return the difference of two methods, and how sure it is.

    Each draw of the bootstrap draws images, the same for both methods, and
    seeds. An interval over images alone would hold for these networks only:
    it would call a method better whose seed was lucky. Where both have the
    same seeds they are drawn together, for runs of one seed share data order
    and crops; else each method's are drawn for itself. One seed cannot vary:
    then the interval is over images alone.

    Args:
        better: Records of the method that is expected to be better, one for
            each seed, with ``per_image``; or, for the metric that ranks, as
            ``read_results`` returns them.
        worse: Those of the other method.
        metric: One of the metrics of their kind.

    Returns:
        The difference of the means over seeds, on all images; ``seeds`` is
        the smaller number of them.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
        Sec. 8.3 (paired samples) and 13.3 (percentile interval).
    Differs: seeds are a second level, drawn independently of images. Of few
        seeds the interval is too narrow: it knows no others than these.

    Raises:
        UserError: If the records do not score the same images in the same
            way, or have no scores for the metric.
    """
    better, worse = sorted(better, key=_seed), sorted(worse, key=_seed)
    _require_same(better, worse)
    paired = [_seed(r) for r in better] == [_seed(r) for r in worse]
    bounds = interval(
        _draws(better, metric, stream=1)
        - _draws(worse, metric, stream=1 if paired else 2)
    )
    first = [_score(record, metric) for record in better]
    second = [_score(record, metric) for record in worse]
    if bounds is None:
        raise UserError(
            f'{better[0]["config"]}, {worse[0]["config"]}: {metric} has no '
            'value on any draw of images. Compare them by another metric.'
        )
    spread = None
    if paired and len(first) > 1:
        pairs = zip(first, second, strict=True)
        spread = statistics.stdev(a - b for a, b in pairs)
    return Difference(
        statistics.fmean(first) - statistics.fmean(second),
        *bounds,
        spread=spread,
        seeds=min(len(first), len(second)),
        images=better[0]['images'],
    )


def image_digest(names: Iterable[str]) -> str:
    """Return a hash of the names of images, whatever their order."""
    text = '\n'.join(sorted(names))
    return hashlib.sha256(text.encode()).hexdigest()


def _seed(record: dict) -> tuple[bool, int]:
    return record['seed'] is None, record['seed'] or 0


def _require_same(better: Sequence[dict], worse: Sequence[dict]) -> None:
    if not better or not worse:
        raise ValueError(
            f'each method needs a record, got {len(better)} and {len(worse)}'
        )
    first = better[0]
    for name, key in _SAME.items():
        for other in [*better, *worse]:
            if key(other) != key(first):
                raise UserError(
                    f'{first["config"]}, {other["config"]}: have different '
                    f'{name} and cannot be compared. Test both on one split, '
                    'in one way.'
                )


def _draws(records: Sequence[dict], metric: str, *, stream: int) -> np.ndarray:
    """Return ``(B,)``, the mean over the seeds of each draw."""
    runs = np.stack([_replicates(r, metric) for r in records], 1)
    shares = seed_shares(len(records), stream=stream)
    return (runs * shares).sum(1)


def _replicates(record: dict, metric: str) -> np.ndarray:
    if not record['images']:
        raise UserError(
            f'{record["config"]}: its record holds no images. Test it again.'
        )
    if 'per_image' not in record:
        if metric != KINDS[record['kind']].rank:
            raise ValueError(f'{metric} needs records with per_image')
        return record['replicates'].astype(float)
    try:
        return replicates(record, metric)
    except ValueError as error:
        raise UserError(
            f'{record["config"]}: cannot be compared ({error}). Test it again.'
        ) from error


def _score(record: dict, metric: str) -> float:
    score = record['metrics'][metric]
    if score is None:
        raise UserError(
            f'{record["config"]}: its record has no {metric}. Compare it by '
            'another metric, or test it again.'
        )
    return score
