"""Which settings of the bilateral kernel are tried, coarse to fine."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from zoo.errors import UserError

NAMES = ('bilateral_weight', 'bilateral_xy_std', 'bilateral_rgb_std')
Setting = tuple[float, float, float]
_MOST = 1000  # values of a range


@dataclass(frozen=True)
class Range:
    """Values from ``low`` to at most ``high``, a ``step`` apart."""

    low: float
    high: float
    step: float

    def values(self) -> list[float]:
        """Return them, rising."""
        # a step such as 0.1 must not lose the last value to rounding
        count = int((self.high - self.low) / self.step + 1e-6) + 1
        return [_rounded(self.low + i * self.step) for i in range(count)]

    def around(self, value: float, step: float) -> list[float]:
        """Return ``value`` and its neighbours in the range, rising."""
        near = (_rounded(value + i * step) for i in (-1, 0, 1))
        return sorted({x for x in near if self.low <= x <= self.high})

    def __str__(self) -> str:
        return f'{self.low:g}:{self.step:g}:{self.high:g}'


Space = dict[str, Range]

# Chen et al., ICLR 2015, Sec. 4.1, and arXiv:1606.00915, Sec. 4.1; neither
# prints the step of the weight, nor the second that of the colours.
SPACES: dict[str, Space] = {
    'v1': dict(
        zip(
            NAMES,
            (Range(5, 10, 1), Range(50, 100, 10), Range(3, 10, 1)),
            strict=True,
        )
    ),
    'v2': dict(
        zip(
            NAMES,
            (Range(3, 6, 1), Range(30, 100, 10), Range(3, 6, 1)),
            strict=True,
        )
    ),
}


def space_of(
    name: str, own: Mapping[str, Sequence[float] | None] | None = None
) -> Space:
    """Return a published space with the ranges of a user in it.

    Args:
        name: A key of ``SPACES``.
        own: By the name of a parameter: one fixed value; the lowest and the
            highest; or these and the step, which else is the published one.

    Raises:
        UserError: If a range is empty or its step does not fit.
    """
    space = dict(SPACES[name])
    for key, words in (own or {}).items():
        if words is not None:
            space[key] = _range(key, words, space[key].step)
    return space


def _range(key: str, words: Sequence[float], step: float) -> Range:
    option = f'--{key.replace("_", "-")} {" ".join(f"{w:g}" for w in words)}'
    if len(words) > 3:
        raise UserError(f'{option}: give VALUE, or LOW HIGH, or LOW HIGH STEP')
    if not all(map(math.isfinite, words)):
        raise UserError(f'{option}: must be finite')
    low, high = words[0], words[min(1, len(words) - 1)]
    step = words[2] if len(words) == 3 else step
    floor = 'above 0' if key.endswith('_std') else 'at least 0'
    if low < 0 or (low == 0 and key.endswith('_std')):
        raise UserError(f'{option}: must be {floor}')
    if not (high >= low and step > 0):
        raise UserError(f'{option}: needs LOW <= HIGH and STEP above 0')
    if high > low and step > high - low:
        raise UserError(
            f'{option}: a step of {step:g} is more than the range. Give a '
            'smaller one as the third number'
        )
    if (high - low) / step >= _MOST:
        raise UserError(
            f'{option}: holds more than {_MOST} values, a step of {step:g} '
            'apart. Give a greater one as the third number'
        )
    return Range(low, high, step)


def coarse(space: Space) -> list[Setting]:
    """Return every other value of each parameter, in all combinations."""
    return _all(space[name].values()[::2] for name in NAMES)


def around(space: Space, best: Setting, fraction: float) -> list[Setting]:
    """Return the neighbours of a setting, itself among them.

    Args:
        space: Whose ranges are not left.
        best: The setting.
        fraction: Of the printed steps, how far away neighbours are.
    """
    return _all(
        space[name].around(value, space[name].step * fraction)
        for name, value in zip(NAMES, best, strict=True)
    )


def _all(values: Iterator[list[float]]) -> list[Setting]:
    return [(w, xy, rgb) for w, xy, rgb in product(*values)]


def _rounded(value: float) -> float:
    """Return a number by which a setting is known again."""
    return float(round(value, 6))
