"""Methods are told apart by colour, by marker, and by each alone."""

import itertools

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from zoo.evaluation.charts.looks import (
    COLOURS,
    MARKERS,
    METHODS,
    legend,
    looks,
    marker,
)

# Machado, Oliveira and Fernandes, IEEE TVCG 2009, Table 1, severity 1.0:
# what is seen, in linear RGB, without red and without green cones.
SEEN = {
    'all cones': np.eye(3),
    'no red': np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    'no green': np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(
        rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4
    )


def lab(light):
    light = np.clip(light, 0, 1)
    rgb = np.where(
        light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055
    )
    return rgb2lab(rgb[None, None])[0, 0]


@pytest.mark.parametrize('seen', SEEN)
def test_colours_differ_for_those_who_see_two(seen):
    colours = [lab(SEEN[seen] @ linear(colour)) for colour in COLOURS]
    for one, other in itertools.combinations(range(len(COLOURS)), 2):
        distance = deltaE_ciede2000(colours[one], colours[other])
        assert distance > 14, (COLOURS[one], COLOURS[other], distance)


@pytest.mark.parametrize('colour', COLOURS)
def test_colours_stand_out_from_white(colour):
    # WCAG 2.1, 1.4.11: at least 3 : 1 for parts of a picture.
    luminance = linear(colour) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 3


def test_the_zoo_s_methods_look_the_same_in_every_picture():
    alone = looks(['fcrn'])['fcrn']
    assert looks(['compare', 'fcrn', 'zoom_out', 'a_new_one'])['fcrn'] == alone
    known = looks(METHODS).values()
    assert len({look.colour for look in known}) == len(METHODS)
    assert len({look.marker for look in known}) == len(METHODS)


def test_42_methods_look_different():
    many = looks([*METHODS, *(f'x{i}' for i in range(37))])
    assert len(set(many.values())) == len(many) == 42
    assert looks(['b', 'a', 'b']) == looks(['a', 'b'])


@pytest.mark.parametrize('index', range(len(MARKERS)))
def test_markers_stand_around_their_place(index, read, centre):
    look = list(looks([*METHODS, 'x', 'y']).values())[index]
    shape = read(
        f'<svg xmlns="http://www.w3.org/2000/svg">{marker(look, 30, 40)}</svg>'
    ).root[0]
    assert shape.get('fill') == look.colour
    x, y = centre(shape)
    assert x == pytest.approx(30, abs=0.1)
    assert y == pytest.approx(40, abs=1.1)  # a triangle's weight is low


def test_a_legend_goes_on_on_the_next_line():
    parts, end = legend(looks(['b', 'a']), x=20, y=10, width=500)
    assert end == 30
    assert [part.partition('>')[2][0] for part in parts[1::2]] == ['a', 'b']
    many = [f'a-rather-long-name-{i}' for i in range(8)]
    parts, end = legend(looks(many), x=20, y=10, width=500)
    assert len(parts) == 16
    assert end > 50
    assert all(part.count(' x="35"') for part in parts[1:2])
    lines = {part.split(' y="')[1].split('"')[0] for part in parts[1::2]}
    assert sorted(map(float, lines))[:3] == [24, 44, 64]
