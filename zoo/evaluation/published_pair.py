"""Two published numbers, of which one is ahead of the other."""

import re
from dataclasses import dataclass
from typing import Any

from .published import Row, find_published
from .yaml_file import check_keys, text_of

SIDES = ('better', 'worse')
# What follows the paper in a source.
_PLACE = re.compile(r' (?:Tables?|Sec\.|footnote) ')


@dataclass(frozen=True)
class PublishedPair:
    """Two rows of one paper, data set and split."""

    better: Row
    worse: Row

    @property
    def difference(self) -> float:
        """By how much ``better`` is ahead, in the unit of the rows."""
        return self.better.value - self.worse.value

    @property
    def source(self) -> str:
        """Where both stand."""
        sources = dict.fromkeys((self.better.source, self.worse.source))
        return '; '.join(sources)


def find_pair(stated: Any, metric: str) -> PublishedPair:
    """Return the two rows of published_results.csv that a claim states.

    Args:
        stated: A mapping with dataset, split, and the methods better and
            worse. Its metric, where it has one, is the rows' instead of
            ``metric``: a name, or one for better and one for worse.
        metric: Such as 'mIoU'; another one must begin so, as
            'mIoU_after_crf' does.

    Raises:
        ValueError: If the statement is not as above, the rows are of two
            papers, or better is not ahead.
        UserError: If there is no such row.
    """
    check_keys(stated, ('dataset', 'split', *SIDES), optional=('metric',))
    better, worse = (_rows(stated, side, metric) for side in SIDES)
    pairs = [
        PublishedPair(one, other)
        for one in better
        for other in worse
        if _paper(one) == _paper(other)
    ]
    if not pairs:
        raise ValueError(
            f'the published rows are of two papers, {better[0].source!r} and '
            f'{worse[0].source!r}. State rows of one.'
        )
    if pairs[0].difference <= 0:
        raise ValueError(
            f'{pairs[0].better.method!r} has {pairs[0].better.value:g} '
            f'published and {pairs[0].worse.method!r} '
            f'{pairs[0].worse.value:g}. Exchange better and worse or delete '
            'the claim.'
        )
    return pairs[0]


def _rows(stated: dict, side: str, metric: str) -> list[Row]:
    own = stated.get('metric', metric)
    if isinstance(own, dict):
        check_keys(own, SIDES)
        own = text_of(own, side)
    if own != metric and not str(own).startswith(f'{metric}_'):
        raise ValueError(
            f'the published metric {own!r} is not a kind of {metric!r}. '
            'Correct one of them.'
        )
    row = {
        'method': text_of(stated, side),
        'dataset': text_of(stated, 'dataset'),
        'split': text_of(stated, 'split'),
        'metric': own,
    }
    return [found for found in find_published([row]) if found.metric == own]


def _paper(row: Row) -> str:
    return _PLACE.split(row.source)[0]
