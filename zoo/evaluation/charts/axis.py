"""Axes with round ticks: from values to places in a picture."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """A scale from ``low`` at ``start`` to ``high`` at ``end``.

    ``start`` and ``end`` are in user units of the picture; an axis that points
    upwards has its end above, at the smaller one. ``ticks`` are values and
    how to write them.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = (math.log10(v) for v in (value, low, high))
        share = (value - low) / (high - low)
        return self.start + share * (self.end - self.start)


def linear_axis(
    values: Iterable[float],
    *,
    start: float,
    end: float,
    intervals: int = 8,
    least: float = 0.0,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Axis:
    """Return an axis that begins and ends at a tick and holds all values.

    Args:
        values: At least one.
        start: Place of its lowest value.
        end: Place of its highest value.
        intervals: About how many between ticks, at most one more.
        least: Smallest range of values that it shows, so that small
            differences do not look large.
        bounds: No tick lies beyond these, if no value does.

    Raises:
        ValueError: If there is no value, or no range to show.
    """
    low, high = _range(values)
    slack = max(0.0, (least - (high - low)) / 2)
    low = min(low, max(low - slack, bounds[0]))
    high = max(high, min(high + slack, bounds[1]))
    if low == high:
        raise ValueError(f'least must be above 0 where all are {low}')
    step = _step((high - low) / intervals)
    # Rounded, as 0.3 / 0.1 is a little below 3.
    first = math.floor(round(low / step, 9))
    last = math.ceil(round(high / step, 9))
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = [round(i * step, decimals) for i in range(first, last + 1)]
    return Axis(
        low=ticks[0],
        high=ticks[-1],
        start=start,
        end=end,
        ticks=tuple((tick, f'{tick:.{decimals}f}') for tick in ticks),
    )


def log_axis(values: Iterable[float], *, start: float, end: float) -> Axis:
    """Return a logarithmic axis; its ticks are 1, 2 and 5 times powers of 10.

    Over more than three decades they are powers of 10.

    Raises:
        ValueError: If there is no value, or one that is not above 0.
    """
    low, high = _range(values)
    if low <= 0:
        raise ValueError(f'values must be above 0, got {low}')
    factors = (1, 2, 5) if high <= 1000 * low else (1,)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    # One more on each side, as a logarithm is rounded.
    rounds = [
        factor * 10.0**power
        for power in range(first - 1, last + 2)
        for factor in factors
    ]
    begin = max(i for i, tick in enumerate(rounds) if tick <= low)
    stop = min(i for i, tick in enumerate(rounds) if tick >= high)
    ticks = rounds[begin : max(stop, begin + 1) + 1]
    return Axis(
        low=ticks[0],
        high=ticks[-1],
        start=start,
        end=end,
        ticks=tuple((tick, f'{tick:g}') for tick in ticks),
        log=True,
    )


def _range(values: Iterable[float]) -> tuple[float, float]:
    known = list(values)
    if not known:
        raise ValueError('an axis needs a value')
    return min(known), max(known)


def _step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10 ... that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    factor = next(f for f in (1, 2, 5, 10) if f * power >= least * (1 - 1e-9))
    return factor * power
