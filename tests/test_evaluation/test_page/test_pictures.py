"""Pictures of the page: sizes, errors and colours, by hand."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from zoo.evaluation.page import Picture
from zoo.evaluation.page.pictures import map_uri, photograph_uri

CLASSES = ('cat', 'dog', 'sky')
PALETTE = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
TRUTH = np.array([[0, 0, 1, 255], [0, 1, 1, 3]], np.uint8)
FOUND = np.array([[0, 1, 1, 0], [255, 1, 0, 255]], np.uint8)


def picture(**changes):
    known = {
        'name': 'a',
        'image': np.zeros((2, 4, 3), np.uint8),
        'truth': TRUTH,
        'predictions': {'m/leaf': FOUND},
        'classes': CLASSES,
        'palette': PALETTE,
    }
    return Picture(**{**known, **changes})


def decoded(uri, kind):
    start = f'data:image/{kind};base64,'
    assert uri.startswith(start)
    content = base64.b64decode(uri.removeprefix(start))
    image = Image.open(io.BytesIO(content))
    assert image.format == kind.upper()
    return image


def test_errors_are_where_truth_has_another_class():
    wrong = picture().errors('m/leaf')
    assert wrong.tolist() == [[0, 1, 0, 2], [1, 0, 1, 2]]
    assert picture().wrong_share('m/leaf') == 50.0


def test_no_share_of_a_picture_without_a_label():
    void = np.full((2, 4), 255, np.uint8)
    assert picture(truth=void).wrong_share('m/leaf') is None


def test_occurring_classes_are_those_of_truth_and_predictions():
    assert picture().occurring() == [0, 1]
    sky = np.full((2, 4), 2, np.uint8)
    assert picture(predictions={'m/leaf': sky}).occurring() == [0, 1, 2]
    assert picture(truth=sky, predictions={}).occurring() == [2]


def test_a_map_has_the_colours_of_its_classes_and_grey():
    shown = np.asarray(decoded(map_uri(TRUTH, PALETTE), 'png').convert('RGB'))
    red, green, grey = PALETTE[0], PALETTE[1], [136, 136, 136]
    assert shown.tolist() == [
        [red, red, green, grey],
        [red, green, green, grey],
    ]


@pytest.mark.parametrize('kind', [np.int64, np.uint8])
def test_a_map_may_hold_any_integers(kind):
    labels = np.array([[1, 255]]).astype(kind)
    image = decoded(map_uri(labels, PALETTE[:2]), 'png')
    assert np.asarray(image).tolist() == [[1, 2]]  # ids, and the last for void
    shown = np.asarray(image.convert('RGB'))
    assert shown.tolist() == [[[0, 255, 0], [136, 136, 136]]]


def test_a_map_of_255_classes_has_them_all():
    palette = [[i, 255 - i, 7] for i in range(255)]
    labels = np.arange(256).reshape(16, 16)
    shown = np.asarray(decoded(map_uri(labels, palette), 'png').convert('RGB'))
    assert shown.reshape(256, 3).tolist() == [*palette, [136, 136, 136]]


def test_a_photograph_keeps_size_and_channels():
    image = np.zeros((8, 16, 3), np.uint8)
    image[..., 0] = 200
    shown = decoded(photograph_uri(image), 'jpeg')
    assert shown.size == (16, 8)
    red, green, blue = shown.getpixel((8, 4))
    assert red > 190
    assert max(green, blue) < 10


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (
            {'image': np.zeros((4, 2, 3), np.uint8)},
            r'a: image must be \(H, W, 3\) for a truth of \(2, 4\), got '
            r'\(4, 2, 3\)',
        ),
        (
            {'predictions': {'m/leaf': FOUND.T}},
            r'a: prediction of m/leaf must be \(2, 4\), got \(4, 2\)',
        ),
        ({'palette': PALETTE[:2]}, 'a: palette must have .* 3 .*, got 2'),
    ],
)
def test_refuses_what_does_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        picture(**changes)
