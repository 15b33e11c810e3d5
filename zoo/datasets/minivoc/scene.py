"""What is where in one picture, drawn at random: numbers, no pixels.

Two kinds of scene. A *shore* has vehicles standing on a strip (grass or
stone) high above water, road, or both side by side: only what lies far
below a vehicle says whether it is a boat or a car. A *meadow* has sheep of
all sizes. Either may lie in day or night light, under a sun or a moon.
"""

from dataclasses import dataclass

import numpy as np

from zoo.datasets.minivoc.labels import (
    BACKGROUND,
    BOAT,
    CAR,
    GRASS,
    HEIGHT,
    MOON,
    ROAD,
    SUN,
    WATER,
    WIDTH,
)
from zoo.datasets.minivoc.things import (
    Thing,
    bird,
    clutter,
    disc,
    pole,
    railing,
    sheep,
    vehicle,
)

HALO = 13.0  # px around the disc that look the same by day and by night
_SKY_END = 42.0  # no hill reaches higher than this row


@dataclass(frozen=True)
class Shore:
    """Where the strip ends and which stuff follows, left and right.

    ``left`` equals ``right`` where one stuff fills the whole width.
    """

    y: float
    split: float
    slant: float
    left: int
    right: int


@dataclass(frozen=True)
class Scene:
    """Everything that is drawn; lengths in pixels.

    ``strip`` is the class below the horizon: grass, or bare stone, which
    has no name and counts as background.
    """

    night: bool
    horizon: float
    strip: int
    shore: Shore | None
    body: tuple[float, float, float] | None  # x, y, radius of sun or moon
    things: tuple[Thing, ...]


def sample_scene(rng: np.random.Generator) -> Scene:
    """Draw one scene.

    Args:
        rng: Every random choice comes from here.

    Returns:
        The scene; its things are sorted from far to near.
    """
    night = bool(rng.random() < 0.5)
    horizon = float(rng.uniform(50, 60))
    meadow = bool(rng.random() < 0.25)
    body = _sample_body(rng) if rng.random() < 0.85 else None
    things: list[Thing] = []
    if body is not None:
        things.append(disc(MOON if night else SUN, *body))
    if meadow:
        strip, shore = GRASS, None
        things += _meadow(rng, horizon)
    else:
        strip = GRASS if rng.random() < 0.6 else BACKGROUND
        shore, vehicles = _shore(rng, horizon)
        things += vehicles
        things += _strip(rng, horizon, shore, strip)
    things += _poles(rng, horizon, shore, body)
    things += _birds(rng, night, body)
    things.sort(key=lambda thing: thing.foot)
    return Scene(night, horizon, strip, shore, body, tuple(things))


def _sample_body(rng: np.random.Generator) -> tuple[float, float, float]:
    radius = rng.uniform(7, 9.5)
    x = rng.uniform(radius + 3, WIDTH - radius - 3)
    y = rng.uniform(radius + 2, _SKY_END - radius - HALO)
    return float(x), float(y), float(radius)


def _shore(
    rng: np.random.Generator, horizon: float
) -> tuple[Shore, list[Thing]]:
    """A shore and the vehicles above it."""
    foot = horizon + rng.uniform(5, 9)
    y = foot + rng.uniform(20, 28)
    kinds = [WATER, ROAD]
    rng.shuffle(kinds)
    left, right = kinds
    two_sided = rng.random() < 0.65
    if not two_sided:
        right = left
    split = rng.uniform(62, WIDTH - 62)
    shore = Shore(y, split, rng.uniform(-0.25, 0.25), left, right)
    sides = [(0.0, split, left), (split, float(WIDTH), right)]
    if not two_sided and rng.random() < 0.4:
        del sides[rng.integers(2)]
    things = []
    for start, stop, stuff in sides:
        width = rng.uniform(30, 44)
        reach = width / 2 + 3
        x = rng.uniform(start + reach, stop - reach)
        label = BOAT if stuff == WATER else CAR
        stands = foot + rng.uniform(-1.5, 0)
        things.append(vehicle(rng, label, x, stands, width))
    return shore, things


def _strip(
    rng: np.random.Generator, horizon: float, shore: Shore, strip: int
) -> list[Thing]:
    """Clutter, small sheep and a railing between vehicles and shore."""
    top = horizon + 12
    things = []
    for _ in range(rng.integers(0, 4)):
        x, foot = rng.uniform(5, WIDTH - 5), rng.uniform(top, shore.y - 3)
        things.append(clutter(rng, x, foot, rng.uniform(5, 10)))
    if strip == GRASS and rng.random() < 0.5:
        foot = rng.uniform(top + 2, shore.y - 4)
        count = int(rng.integers(2, 5))
        things += _flock(rng, horizon, foot, count, lowest=shore.y - 2)
    if rng.random() < 0.4:
        x0 = rng.uniform(2, WIDTH - 60)
        length = rng.uniform(35, 58)
        things.append(
            railing(rng, x0, x0 + length, shore.y - rng.uniform(1, 4))
        )
    return things


def _meadow(rng: np.random.Generator, horizon: float) -> list[Thing]:
    """Flocks from far (8 px) to near (60 px), and some rocks."""
    things = []
    depths = rng.choice((0.16, 0.35, 0.6, 0.95), 3, replace=False)
    for depth in np.sort(depths):
        foot = horizon + depth * (HEIGHT - 3 - horizon) + rng.uniform(-2, 2)
        count = int(rng.integers(1, 3) if depth > 0.9 else rng.integers(2, 5))
        things += _flock(rng, horizon, foot, count, lowest=HEIGHT - 1.0)
    for _ in range(rng.integers(0, 3)):
        x, foot = rng.uniform(5, WIDTH - 5), rng.uniform(horizon + 8, HEIGHT)
        things.append(clutter(rng, x, foot, (foot - horizon) * 0.25))
    return things


def _flock(
    rng: np.random.Generator,
    horizon: float,
    foot: float,
    count: int,
    *,
    lowest: float,
) -> list[Thing]:
    """Sheep side by side, each touching or overlapping the one before."""
    x = rng.uniform(10, WIDTH - 10)
    step = 1.0 if x < WIDTH / 2 else -1.0
    things = []
    for _ in range(count):
        stands = min(
            foot + rng.uniform(-0.06, 0.06) * (foot - horizon), lowest
        )
        width = float(np.clip(0.86 * (stands - horizon), 8, 60))
        width *= rng.uniform(0.85, 1)
        things.append(sheep(rng, x, stands, max(width, 8.0)))
        x += step * width * rng.uniform(0.55, 0.85)
    return things


def _poles(
    rng: np.random.Generator,
    horizon: float,
    shore: Shore | None,
    body: tuple[float, float, float] | None,
) -> list[Thing]:
    """Posts and masts; none may cross the halo of the sun or moon."""
    lowest = HEIGHT - 6.0 if shore is None else shore.y - 2
    things = []
    for _ in range(rng.integers(0, 4)):
        x = rng.uniform(4, WIDTH - 4)
        foot = rng.uniform(horizon + 4, lowest)
        top = rng.uniform(12, horizon - 4)
        if body is not None and abs(x - body[0]) < body[2] + HALO + 12:
            top = max(top, body[1] + body[2] + HALO + 1)
        things.append(pole(rng, x, foot, foot - top))
    return things


def _birds(
    rng: np.random.Generator,
    night: bool,
    body: tuple[float, float, float] | None,
) -> list[Thing]:
    """None, or a small flight of birds clear of the halo."""
    if rng.random() < 0.45:
        return []
    x, y = rng.uniform(15, WIDTH - 15), rng.uniform(8, _SKY_END - 6)
    things = []
    for _ in range(rng.integers(3, 7)):
        bx = float(np.clip(x + rng.uniform(-22, 22), 6, WIDTH - 6))
        by = float(np.clip(y + rng.uniform(-9, 9), 5, _SKY_END))
        span = rng.uniform(8, 12)
        if body is not None:
            clear = body[2] + HALO + 8
            if (bx - body[0]) ** 2 + (by - body[1]) ** 2 < clear * clear:
                continue
        things.append(bird(bx, by, span=span, night=night))
    return things
