"""Paint a scene: the picture, its class map and its instance map."""

import numpy as np
from scipy import ndimage

from zoo.datasets.minivoc.labels import (
    BACKGROUND,
    HEIGHT,
    ROAD,
    SKY,
    THINGS,
    VOID,
    WIDTH,
)
from zoo.datasets.minivoc.scene import Scene, Shore, sample_scene
from zoo.datasets.minivoc.shapes import Polygon, coverage
from zoo.datasets.minivoc.textures import (
    X,
    Y,
    ground_colour,
    hill_colours,
    light_of,
    ridge,
    sky_colour,
    value_noise,
)
from zoo.datasets.minivoc.things import Thing

_SENSOR_NOISE = 6.0  # grey levels, standard deviation
_THICK = 5  # px; thinner things keep their own border labelled


class _Canvas:
    """Picture (H, W, 3) 0..255, classes (H, W) and thing numbers (H, W)."""

    def __init__(self) -> None:
        self.rgb = np.zeros((HEIGHT, WIDTH, 3))
        self.classes = np.zeros((HEIGHT, WIDTH), np.uint8)
        self.numbers = np.zeros((HEIGHT, WIDTH), np.uint8)

    def stuff(self, cover: np.ndarray, colour: np.ndarray, label: int) -> None:
        """Lay a colour over the covered share of each pixel."""
        self.rgb += cover[..., None] * (colour - self.rgb)
        self.classes[cover >= 0.5] = label

    def thing(
        self,
        thing: Thing,
        number: int,
        light: np.ndarray,
        grain: np.ndarray,
    ) -> None:
        """Paint a thing; its pixels are those covered by half or more."""
        size = {'height': HEIGHT, 'width': WIDTH}
        if thing.shadow is not None:
            window, cover = coverage(thing.shadow, **size)
            self.rgb[window] *= 1 - 0.4 * cover[..., None]
        contrast = 0.24
        if not thing.lit:
            light, contrast = np.ones(3), 0.06
        total = np.zeros((HEIGHT, WIDTH))
        for part in thing.parts:
            window, cover = coverage(part.shape, **size)
            shade = 1 + contrast * (grain[window] - 0.5)[..., None]
            colour = np.asarray(part.colour) * light * shade
            self.rgb[window] += cover[..., None] * (colour - self.rgb[window])
            total[window] = np.maximum(total[window], cover)
        inside = total >= 0.5
        self.classes[inside] = thing.label
        self.numbers[inside] = number


def paint(
    scene: Scene, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paint a scene and label it.

    Args:
        scene: What is where.
        rng: Draws textures and sensor noise.

    Returns:
        Picture (H, W, 3) uint8 RGB; classes (H, W) uint8 with 255 = void;
        instances (H, W) uint8: 0 = no thing, 1..n without gaps, 255 = void.
    """
    canvas = _Canvas()
    light = light_of(scene.night)
    _paint_stuff(canvas, scene, rng, light)
    grain = value_noise(rng, X / 2, Y / 2)
    for number, thing in enumerate(scene.things, 1):
        counted = number if thing.label in THINGS else 0
        canvas.thing(thing, counted, light, grain)
    rgb = canvas.rgb + _SENSOR_NOISE * _noise(rng)
    picture = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    rim = void_rim(canvas.numbers)
    instances = _without_gaps(np.where(rim, 0, canvas.numbers))
    instances[rim] = VOID
    return picture, np.where(rim, VOID, canvas.classes), instances


def render(
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw one scene at random and paint it; returns as ``paint``."""
    return paint(sample_scene(rng), rng)


def void_rim(numbers: np.ndarray) -> np.ndarray:
    """Pixels at the border of things, which VOC leaves unlabelled.

    One pixel outside every thing, and one inside those thick enough to
    bear it: a rim must not eat a pole of 2 px.

    Args:
        numbers: Thing of each pixel (H, W), 0 = none.

    Returns:
        Mask (H, W), bool.
    """
    square = np.ones((3, 3), bool)
    rim = np.zeros(numbers.shape, bool)
    for number, box in enumerate(ndimage.find_objects(numbers), 1):
        if box is None:
            continue
        window = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in box)
        inside = numbers[window] == number
        beside = ndimage.binary_dilation(inside, square) & ~inside
        rim[window] |= beside & (numbers[window] == 0)
        core = ndimage.binary_erosion(
            inside, square, iterations=_THICK // 2, border_value=1
        )
        if core.any():
            rim[window] |= inside & ~ndimage.binary_erosion(
                inside, border_value=1
            )
    return rim


def _paint_stuff(
    canvas: _Canvas,
    scene: Scene,
    rng: np.random.Generator,
    light: np.ndarray,
) -> None:
    horizon = scene.horizon
    everywhere = np.ones((HEIGHT, WIDTH))
    canvas.stuff(everywhere, sky_colour(rng, scene), SKY)
    for colour, height in zip(hill_colours(horizon), (8, 5), strict=True):
        edge = ridge(rng, horizon, height)
        canvas.stuff(_below(edge), colour * light, BACKGROUND)
    strip = ground_colour(rng, scene.strip, horizon) * light
    canvas.stuff(_below(horizon), strip, scene.strip)
    if scene.shore is not None:
        _paint_shore(canvas, scene, scene.shore, rng, light)


def _paint_shore(
    canvas: _Canvas,
    scene: Scene,
    shore: Shore,
    rng: np.random.Generator,
    light: np.ndarray,
) -> None:
    low = _below(shore.y)
    border = shore.split + shore.slant * (Y - shore.y)
    right = np.clip(X + 0.5 - border, 0, 1)
    sides = [(shore.left, 1 - right), (shore.right, right)]
    if shore.left == shore.right:
        sides = [(shore.left, np.ones_like(right))]
    for stuff, side in sides:
        colour = ground_colour(rng, stuff, scene.horizon) * light
        canvas.stuff(low * side, colour, stuff)
        if stuff == ROAD:
            _paint_dashes(canvas, low * side, scene.horizon, light)
    if shore.left != shore.right:
        bank = np.clip(3 - np.abs(X - border), 0, 1) * low
        stone = ground_colour(rng, BACKGROUND, scene.horizon) * light
        canvas.stuff(bank, stone, BACKGROUND)


def _paint_dashes(
    canvas: _Canvas, cover: np.ndarray, horizon: float, light: np.ndarray
) -> None:
    """White lane marks that run towards the middle of the horizon."""
    white = np.array((226.0, 224.0, 214.0)) * light
    down = HEIGHT - horizon
    for lane in range(-140, 141, 40):
        for near, far in ((0.98, 0.84), (0.76, 0.66), (0.6, 0.52)):
            corners = [
                (WIDTH / 2 + (lane + side) * t, horizon + down * t)
                for side, t in ((-2, near), (2, near), (2, far), (-2, far))
            ]
            window, mark = coverage(
                Polygon(tuple(corners)), height=HEIGHT, width=WIDTH
            )
            alpha = (0.8 * mark * cover[window])[..., None]
            canvas.rgb[window] += alpha * (white - canvas.rgb[window])


def _below(edge: np.ndarray | float) -> np.ndarray:
    """Share (H, W) of each pixel that lies below y = edge, 0..1."""
    return np.clip(Y + 0.5 - edge, 0, 1) + 0 * X


def _noise(rng: np.random.Generator) -> np.ndarray:
    """Nearly Gaussian noise (H, W, 3), variance 1: a sum of four bytes."""
    total = rng.integers(0, 256, (4, HEIGHT, WIDTH, 3), np.uint8).sum(0, int)
    return (total - 510) / np.sqrt(4 * (256**2 - 1) / 12)


def _without_gaps(numbers: np.ndarray) -> np.ndarray:
    """Renumber things 1..n; those hidden altogether lose their number."""
    new = np.zeros(256, np.uint8)
    visible = np.unique(numbers[numbers > 0])
    new[visible] = np.arange(1, len(visible) + 1)
    return new[numbers]
