"""Classes of minivoc, their colours, and the picture size."""

WIDTH, HEIGHT = 161, 121  # 8n + 1: every stride-2 stage keeps the corners
VOID = 255

CLASSES = (
    'background',
    'sky',
    'grass',
    'water',
    'road',
    'boat',
    'car',
    'sun',
    'moon',
    'pole',
    'sheep',
    'bird',
)

PALETTE = [
    [64, 58, 72],
    [142, 202, 230],
    [106, 176, 76],
    [33, 121, 178],
    [140, 140, 150],
    [244, 132, 32],
    [200, 40, 60],
    [255, 214, 10],
    [205, 190, 250],
    [240, 80, 200],
    [250, 244, 230],
    [90, 30, 120],
]

(
    BACKGROUND,
    SKY,
    GRASS,
    WATER,
    ROAD,
    BOAT,
    CAR,
    SUN,
    MOON,
    POLE,
    SHEEP,
    BIRD,
) = range(len(CLASSES))

THINGS = (BOAT, CAR, SUN, MOON, POLE, SHEEP, BIRD)
"""Classes with instances; the others are stuff and unlabelled clutter."""
