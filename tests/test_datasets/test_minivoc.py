"""What the pictures of minivoc ask of a method, measured on 160 scenes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from zoo.datasets.minivoc import (
    CLASSES,
    THINGS,
)
from zoo.datasets.minivoc.labels import (
    BIRD,
    BOAT,
    CAR,
    HEIGHT,
    MOON,
    POLE,
    ROAD,
    SHEEP,
    SKY,
    SUN,
    VOID,
    WATER,
    WIDTH,
)
from zoo.datasets.minivoc.paint import render, void_rim
from zoo.datasets.minivoc.shapes import Ellipse, Polygon, bar, coverage
from zoo.datasets.minivoc.things import disc, vehicle


@pytest.fixture(scope='module')
def scenes():
    """160 scenes: pictures, class maps, instance maps."""
    drawn = [render(np.random.default_rng((7, i))) for i in range(160)]
    return [np.stack(arrays) for arrays in zip(*drawn, strict=True)]


def instances_of(scenes, *labels):
    """Yield (picture, classes, mask, label) of the things of some classes."""
    for picture, classes, numbers in zip(*scenes, strict=True):
        for number in np.unique(numbers[~np.isin(numbers, (0, VOID))]):
            mask = numbers == number
            label = int(classes[mask][0])
            if label in labels:
                yield picture, classes, mask, label


def colour_statistics(picture, mask):
    pixels = picture[mask].astype(float)
    rows, cols = np.nonzero(mask)
    shape = (len(rows), np.ptp(rows), np.ptp(cols))
    return [*pixels.mean(0), *pixels.std(0), *shape]


def held_out_accuracy(features, truth):
    """Logistic regression on the even rows, scored on the odd ones."""
    x = np.array(features, float)
    x = (x - x.mean(0)) / (x.std(0) + 1e-9)
    x = np.hstack([x, np.ones((len(x), 1))])
    y = np.array(truth, float)
    weights = np.zeros(x.shape[1])
    for _ in range(400):
        p = 1 / (1 + np.exp(-x[::2] @ weights))
        weights -= 0.5 * (x[::2].T @ (p - y[::2]) / len(p) + 0.01 * weights)
    return np.mean((x[1::2] @ weights > 0) == y[1::2])


def test_a_vehicle_does_not_show_what_it_is(scenes):
    found = list(instances_of(scenes, BOAT, CAR))
    truth = [label == BOAT for *_, label in found]
    assert min(sum(truth), len(truth) - sum(truth)) >= 60
    features = [colour_statistics(picture, m) for picture, _, m, _ in found]
    assert 0.35 < held_out_accuracy(features, truth) < 0.65


def test_a_label_changes_nothing_in_what_is_drawn():
    boat, car = (
        vehicle(np.random.default_rng(3), label, 60, 64, 36)
        for label in (BOAT, CAR)
    )
    assert (boat.label, car.label) == (BOAT, CAR)
    assert replace(boat, label=CAR) == car
    assert replace(disc(SUN, 50, 20, 8), label=MOON) == disc(MOON, 50, 20, 8)


def test_what_lies_far_below_a_vehicle_tells_what_it_is(scenes):
    right, sides = [], 0
    for _, classes, mask, label in instances_of(scenes, BOAT, CAR):
        rows, cols = np.nonzero(mask)
        below = classes[rows.max() + 1 :, cols.min() : cols.max() + 1]
        evidence = np.isin(below, (WATER, ROAD))
        assert np.nonzero(evidence.any(1))[0][0] >= 18  # and 1 px of rim
        water = (below == WATER).sum() > (below == ROAD).sum()
        right.append(water == (label == BOAT))
        sides += (classes == WATER).any() and (classes == ROAD).any()
    assert np.mean(right) == 1
    assert sides / len(right) > 0.5  # the scene alone does not tell


def test_a_disc_and_its_halo_do_not_show_sun_or_moon(scenes):
    rows, cols = np.mgrid[:HEIGHT, :WIDTH]
    features, far, truth = [], [], []
    for picture, classes, mask, label in instances_of(scenes, SUN, MOON):
        y, x = rows[mask].mean(), cols[mask].mean()
        radius = np.ptp(cols[mask]) / 2 + 2
        away = np.hypot(rows - y, cols - x)
        halo = (classes == SKY) & (away > radius) & (away < radius + 10)
        features.append(
            colour_statistics(picture, mask)[:6]
            + colour_statistics(picture, halo)[:6]
        )
        far.append(picture[away > 50].mean())
        truth.append(label == SUN)
    assert min(sum(truth), len(truth) - sum(truth)) >= 40
    assert 0.3 < held_out_accuracy(features, truth) < 0.7
    truth = np.array(truth)
    assert np.min(np.array(far)[truth]) > np.max(np.array(far)[~truth]) + 20


def opened(mask, rows, cols):
    """What of a mask can be covered by rectangles of a size inside it."""
    return ndimage.binary_opening(mask, np.ones((rows, cols)))


def test_poles_are_two_or_three_pixels_wide(scenes):
    total = thin = wide = 0
    for _, _, mask, _ in instances_of(scenes, POLE):
        total += mask.sum()
        thin += (mask & ~opened(mask, 2, 2)).sum()
        wide += opened(mask, 4, 4).sum()
    assert total > 10000
    assert thin / total < 0.03
    assert wide / total < 0.03


def test_birds_are_rare_pixels_in_many_pictures(scenes):
    birds = scenes[1] == BIRD
    assert 0.0005 < birds.mean() < 0.005
    assert 0.3 < birds.any((1, 2)).mean() < 0.7


def test_sheep_touch_and_differ_in_size(scenes):
    widths, touching = [], 0
    for _, classes, mask, _ in instances_of(scenes, SHEEP):
        rows, cols = np.nonzero(mask)
        widths.append(np.ptp(cols) + 1)
        others = (classes == SHEEP) & ~mask
        near = others[
            max(rows.min() - 3, 0) : rows.max() + 4,
            max(cols.min() - 3, 0) : cols.max() + 4,
        ]
        touching += near.any()
    assert touching / len(widths) > 0.5
    assert np.quantile(widths, 0.1) < 11
    assert 45 < max(widths) <= 60


def test_every_class_is_drawn(scenes):
    share = np.bincount(scenes[1].ravel(), minlength=256) / scenes[1].size
    assert (share[: len(CLASSES)] > 0.0005).all()
    assert share[: len(CLASSES)].sum() + share[VOID] == pytest.approx(1)
    assert 0.01 < share[VOID] < 0.08


def test_instances_agree_with_classes_and_have_a_rim(scenes):
    for _, classes, numbers in zip(*scenes, strict=True):
        assert np.array_equal(classes == VOID, numbers == VOID)
        known = classes != VOID
        thing = np.isin(classes, THINGS)
        assert np.array_equal(thing & known, (numbers > 0) & known)
        ids = np.unique(numbers[thing])
        assert np.array_equal(ids, np.arange(1, len(ids) + 1))
        for number in ids:
            assert len(np.unique(classes[numbers == number])) == 1
        for a, b in ((classes[:-1], classes[1:]), (classes.T[:-1],) * 2):
            meets = np.isin(a, THINGS) != np.isin(b, THINGS)
            assert not (meets & (a != VOID) & (b != VOID)).any()


def test_the_rim_spares_thin_things():
    numbers = np.zeros((9, 16), int)
    numbers[:, 2:4] = 1  # 2 px: keeps all
    numbers[1:8, 7:14] = 2  # 7 px: gives its border
    rim = void_rim(numbers)
    assert np.array_equal(np.nonzero(rim[4])[0], [1, 4, 6, 7, 13, 14])
    assert not rim[:, 2:4].any()
    assert rim[0, 6:15].all()
    assert rim[1, 7:14].all()
    assert not rim[2:7, 8:13].any()


def test_coverage_is_the_share_of_a_pixel():
    window, cover = coverage(
        Polygon(((1.6, 1.1), (3, 1.1), (3, 2.2), (1.6, 2.2))),
        height=4,
        width=9,
    )
    assert window == (slice(1, 3), slice(1, 3))
    assert cover.tolist() == [[0.5, 1], [0.125, 0.25]]
    _, disc = coverage(Ellipse(10, 10, 6, 4), height=20, width=20)
    assert disc.sum() == pytest.approx(np.pi * 6 * 4, rel=0.01)
    _, slanted = coverage(bar(2, 2, 14, 11, width=3), height=20, width=20)
    assert slanted.sum() == pytest.approx(15 * 3, rel=0.02)
    assert coverage(Ellipse(-9, 5, 2, 2), height=9, width=9)[1].size == 0
    with pytest.raises(ValueError, match='got 0'):
        bar(1, 1, 1, 1, width=2)
