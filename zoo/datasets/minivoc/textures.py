"""Colours of the stuff: sky, hills and ground in perspective.

All in float64, so that a last bit that differs between processors is lost
when the picture is rounded to bytes.
"""

import numpy as np

from zoo.datasets.minivoc.labels import (
    BACKGROUND,
    GRASS,
    HEIGHT,
    ROAD,
    WATER,
    WIDTH,
)
from zoo.datasets.minivoc.scene import HALO, Scene

X = np.arange(WIDTH)[None, :] + 0.5  # pixel centres, (1, W)
Y = np.arange(HEIGHT)[:, None] + 0.5  # (H, 1)

_DAY_SKY = ((104.0, 160.0, 222.0), (206.0, 224.0, 236.0))
_NIGHT_SKY = ((20.0, 26.0, 62.0), (66.0, 74.0, 116.0))
_GLOW = ((244.0, 232.0, 202.0), (190.0, 200.0, 214.0))
_DAY_LIGHT, _NIGHT_LIGHT = (1.03, 1.0, 0.95), (0.5, 0.56, 0.74)
_GROUND = {  # dark and light end of the texture
    BACKGROUND: ((150.0, 134.0, 110.0), (206.0, 190.0, 162.0)),
    GRASS: ((58.0, 106.0, 44.0), (136.0, 166.0, 78.0)),
    WATER: ((30.0, 84.0, 124.0), (120.0, 176.0, 196.0)),
    ROAD: ((84.0, 82.0, 88.0), (132.0, 128.0, 130.0)),
}
_STRETCH = {BACKGROUND: 1.0, GRASS: 1.6, WATER: 0.3, ROAD: 2.2}


def value_noise(
    rng: np.random.Generator, u: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Smooth noise: random values on a unit lattice, blended between.

    Args:
        rng: Draws the lattice (64 x 64, then it repeats).
        u: Coordinates in lattice cells, any shape.
        v: As ``u``; the two broadcast.

    Returns:
        Noise in 0..1 of the broadcast shape.
    """
    lattice = rng.random((64, 64))
    iu, iv = np.floor(u), np.floor(v)
    fu, fv = u - iu, v - iv
    fu, fv = fu * fu * (3 - 2 * fu), fv * fv * (3 - 2 * fv)
    u0, v0 = iu.astype(int) % 64, iv.astype(int) % 64
    u1, v1 = (u0 + 1) % 64, (v0 + 1) % 64
    top = lattice[v0, u0] * (1 - fu) + lattice[v0, u1] * fu
    low = lattice[v1, u0] * (1 - fu) + lattice[v1, u1] * fu
    return top * (1 - fv) + low * fv


def light_of(night: bool) -> np.ndarray:
    """Colour (3,) of the light that multiplies what a scene holds."""
    return np.array(_NIGHT_LIGHT if night else _DAY_LIGHT)


def _mix(a, b, t: np.ndarray) -> np.ndarray:
    return np.asarray(a) + t[..., None] * (np.asarray(b) - np.asarray(a))


def sky_colour(rng: np.random.Generator, scene: Scene) -> np.ndarray:
    """Sky (H, W, 3) with clouds and the halo of the sun or moon.

    Within ``HALO`` px of the disc the colour is one function of the
    distance, whatever the light; beyond, it fades into the sky.
    """
    top, low = _NIGHT_SKY if scene.night else _DAY_SKY
    depth = np.clip(Y / scene.horizon, 0, 1) + 0 * X
    sky = _mix(top, low, depth)
    cloud = value_noise(rng, X / 34, Y / 11)
    cloud = 0.7 * cloud + 0.3 * value_noise(rng, X / 9, Y / 4)
    white = np.array(low) * 0.75 + (12 if scene.night else 62)
    sky = _mix(sky, white, np.clip(cloud * 3 - 1.6, 0, 0.75))
    if scene.body is None:
        return sky
    x, y, radius = scene.body
    away = np.sqrt((X - x) ** 2 + (Y - y) ** 2) - radius
    glow = _mix(*_GLOW, np.sqrt(np.clip(away / HALO, 0, 1)))
    fade = np.clip((away - HALO) / HALO, 0, 1)
    return _mix(glow, sky, fade * fade * (3 - 2 * fade))


def ridge(rng: np.random.Generator, base: float, height: float) -> np.ndarray:
    """Height profile (W,) of a range of hills: y of its upper edge."""
    far = value_noise(rng, X / 38, np.zeros_like(X))
    near = value_noise(rng, X / 11, np.zeros_like(X))
    return (base - height * (0.75 * far + 0.25 * near))[0]


def ground_colour(
    rng: np.random.Generator, stuff: int, horizon: float
) -> np.ndarray:
    """Texture (H, W, 3) of one ground class, finer towards the horizon."""
    down = np.maximum(Y - horizon, 0) + 4
    scale = 70 / down  # 1 at the lower edge
    u, v = (X - WIDTH / 2) * scale, 70 * np.log(down)
    stretch = _STRETCH[stuff]
    coarse = value_noise(rng, u * stretch / 14, v / 7)
    fine = value_noise(rng, u * stretch / 4, v / 2)
    # Where a cell of the fine noise is smaller than a pixel, it fades.
    fine = 0.5 + (fine - 0.5) * np.minimum(1, 3 / scale)
    return _mix(*_GROUND[stuff], 0.45 * coarse + 0.55 * fine)


def hill_colours(horizon: float) -> tuple[np.ndarray, np.ndarray]:
    """Far and near range of hills (H, 1, 3), hazy towards their foot."""
    haze = np.clip((Y - horizon + 14) / 14, 0, 1)
    far = _mix((126.0, 146.0, 172.0), (176.0, 184.0, 194.0), haze)
    near = _mix((92.0, 112.0, 116.0), (140.0, 148.0, 142.0), haze)
    return far, near
