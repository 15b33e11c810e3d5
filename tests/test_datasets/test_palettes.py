"""VOC's colours against the values that its development kit prints."""

import pytest

from zoo.datasets.palettes import voc_palette


def test_the_first_colours_are_those_of_the_development_kit():
    assert voc_palette(9) == [
        [128, 0, 0],
        [0, 128, 0],
        [128, 128, 0],
        [0, 0, 128],
        [128, 0, 128],
        [0, 128, 128],
        [128, 128, 128],
        [64, 0, 0],
        [192, 0, 0],
    ]


def test_high_ids_use_the_low_bits_of_a_colour():
    palette = voc_palette(254)
    assert palette[63] == [32, 0, 0]  # id 64: the third bit of red
    assert palette[253] == [96, 224, 192]  # id 254: all but red's first


def test_no_two_classes_look_alike_and_none_is_black_or_white():
    colours = {tuple(colour) for colour in voc_palette(254)}
    assert len(colours) == 254
    assert not colours & {(0, 0, 0), (255, 255, 255)}


@pytest.mark.parametrize('count', [0, 255])
def test_refuses_a_count(count):
    with pytest.raises(ValueError, match=f'got {count}'):
        voc_palette(count)
