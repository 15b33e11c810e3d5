"""The drawn things: vehicles, sun or moon, poles, sheep, birds, clutter."""

from dataclasses import dataclass

import numpy as np

from zoo.datasets.minivoc.labels import BACKGROUND, BIRD, POLE, SHEEP
from zoo.datasets.minivoc.shapes import (
    Ellipse,
    Polygon,
    Shape,
    bar,
    rectangle,
)

Colour = tuple[float, float, float]

_BODIES = (
    (196, 62, 52),
    (232, 178, 64),
    (226, 222, 210),
    (46, 128, 128),
    (222, 122, 48),
    (62, 84, 150),
)
_POLES = (
    (232, 44, 40),
    (250, 206, 20),
    (248, 248, 244),
    (255, 120, 20),
    (214, 40, 150),
)
_DISC = (252, 240, 204)


@dataclass(frozen=True)
class Part:
    """One shape in one colour, RGB 0..255 in neutral light."""

    shape: Shape
    colour: Colour


@dataclass(frozen=True)
class Thing:
    """Parts painted in order as one instance (or as unlabelled clutter).

    ``foot`` is the y at which it stands: nearer things are painted later.
    A ``lit`` thing takes the light of the scene, the others shine.
    """

    label: int
    parts: tuple[Part, ...]
    foot: float
    lit: bool = True
    shadow: Shape | None = None


def _pick(rng: np.random.Generator, colours: tuple, spread: float) -> Colour:
    base = np.array(colours[rng.integers(len(colours))], float)
    r, g, b = base + rng.uniform(-spread, spread, 3)
    return float(r), float(g), float(b)


def vehicle(
    rng: np.random.Generator, label: int, x: float, foot: float, width: float
) -> Thing:
    """Boat or car: the label changes nothing in what is drawn.

    Args:
        rng: Source of colour and proportions.
        label: Class index.
        x: Centre in pixels.
        foot: Bottom in pixels.
        width: In pixels.
    """
    body = _pick(rng, _BODIES, 12)
    side = float(rng.choice((-1, 1)))  # which way it looks
    hull = width * rng.uniform(0.21, 0.27)
    cabin = width * rng.uniform(0.2, 0.25)

    def trapezoid(low: float, high: float, y0: float, y1: float, at=0.0):
        cx = x + side * at * width
        return Polygon(
            (
                (cx - low * width, y0),
                (cx + low * width, y0),
                (cx + high * width, y1),
                (cx - high * width, y1),
            )
        )

    deck, roof = foot - hull, foot - hull - cabin
    dark = (58.0, 54.0, 60.0)
    parts = (
        Part(trapezoid(0.27, 0.2, deck + 0.5, roof, -0.06), (236, 232, 222)),
        Part(
            trapezoid(0.22, 0.18, deck - 0.8, roof + cabin * 0.3, -0.06),
            (92, 112, 128),
        ),
        Part(trapezoid(0.4, 0.5, foot, deck), body),
        Part(trapezoid(0.4, 0.43, foot, foot - hull * 0.35), dark),
    )
    shadow = Ellipse(x, foot, width * 0.5, 2.2)
    return Thing(label, parts, foot, shadow=shadow)


def disc(label: int, x: float, y: float, radius: float) -> Thing:
    """Sun or moon, the same disc; its halo belongs to the sky."""
    face = Part(Ellipse(x, y, radius, radius), _DISC)
    return Thing(label, (face,), 0.0, lit=False)


def pole(
    rng: np.random.Generator, x: float, foot: float, height: float
) -> Thing:
    """Post or mast, 2 to 3 px wide; half of them carry two yards."""
    colour, width = _pick(rng, _POLES, 6), rng.uniform(2.1, 2.8)
    top, lean = foot - height, rng.uniform(-2, 2)
    parts = [Part(bar(x, foot, x + lean, top, width=width), colour)]
    if rng.random() < 0.5:
        reach = rng.uniform(5, 8)
        for y, half in ((top + 1.2, reach), (top + 7, reach * 0.7)):
            yard = bar(x + lean - half, y, x + lean + half, y, width=2.2)
            parts.append(Part(yard, colour))
    return Thing(POLE, tuple(parts), foot)


def railing(
    rng: np.random.Generator, x0: float, x1: float, foot: float
) -> Thing:
    """Rail on posts, both 2 px or a little more."""
    colour, rail = _pick(rng, _POLES, 6), foot - rng.uniform(7, 9)
    parts = [Part(bar(x0, rail, x1, rail, width=2.3), colour)]
    posts = max(2, round((x1 - x0) / 11) + 1)
    for x in np.linspace(x0 + 1, x1 - 1, posts):
        post = bar(float(x), rail, float(x), foot, width=2.1)
        parts.append(Part(post, colour))
    return Thing(POLE, tuple(parts), foot)


def sheep(
    rng: np.random.Generator, x: float, foot: float, width: float
) -> Thing:
    """Woolly ellipse on legs with a dark head; ``width`` 8 to 60 px."""
    side = float(rng.choice((-1, 1)))
    tall = width * rng.uniform(0.55, 0.64)
    shade = rng.uniform(0.86, 1.0)
    wool = (238 * shade, 230 * shade, 212 * shade)
    dark = (70.0, 60.0, 58.0)
    thick, middle = max(1.1, width * 0.06), foot - tall * 0.6
    legs = [x + at * width for at in (-0.24, -0.1, 0.1, 0.24)]
    face_x, face_y = x + side * width * 0.4, middle - tall * 0.12
    parts = [
        Part(bar(at, foot - tall / 2, at, foot, width=thick), dark)
        for at in legs
    ]
    parts += [
        Part(Ellipse(x, middle, width * 0.42, tall * 0.4), wool),
        Part(Ellipse(face_x, face_y, width * 0.1, tall * 0.17), dark),
    ]
    shadow = Ellipse(x, foot, width * 0.42, max(1.2, width * 0.06))
    return Thing(SHEEP, tuple(parts), foot, shadow=shadow)


def bird(x: float, y: float, *, span: float, night: bool) -> Thing:
    """Pair of wings ``span`` px wide, dark by day and pale by night."""
    colour = (255.0, 255.0, 255.0) if night else (44.0, 40.0, 52.0)
    half, lift = span / 2, span * 0.28
    wings = [
        Part(bar(x, y, x + side * half, y - lift, width=2.1), colour)
        for side in (-1, 1)
    ]
    return Thing(BIRD, tuple(wings), 0.0)


def clutter(
    rng: np.random.Generator, x: float, foot: float, width: float
) -> Thing:
    """Rock or crate: drawn, but of no named class."""
    grey = _pick(rng, ((128, 116, 108), (112, 92, 74), (104, 108, 116)), 8)
    shape: Shape
    if rng.random() < 0.5:
        shape = rectangle(
            x - width / 2, foot - width * 0.7, x + width / 2, foot
        )
    else:
        shape = Ellipse(x, foot - width * 0.3, width / 2, width * 0.36)
    shadow = Ellipse(x, foot, width * 0.55, 1.6)
    return Thing(BACKGROUND, (Part(shape, grey),), foot, shadow=shadow)
