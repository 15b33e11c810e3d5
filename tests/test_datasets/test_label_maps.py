"""What messages about label maps guess, and do not guess."""

import io

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.label_maps import (
    decode_label_map,
    unknown_ids,
    wrong_ids,
    wrong_size,
)
from zoo.errors import UserError

SHIFTED = 'If its ids are 1 .. 19 and 0 is unknown, subtract 1'
CITYSCAPES = "These look like Cityscapes' labelIds: take the files"
WIDE = 'It has more than 8 bits: save it with 8, void as 255'
ELSE = 'Correct the label map, or the number of classes'


@pytest.mark.parametrize(
    ('ids', 'classes', 'remedy'),
    [
        ([19], 19, SHIFTED),
        ([19, 24, 33], 19, CITYSCAPES),
        ([33], 19, CITYSCAPES),
        ([34], 19, ELSE),
        ([24], 21, ELSE),
        ([20, 21], 20, ELSE),
        ([65535], 19, WIDE),
        ([-1], 19, WIDE),
    ],
)
def test_a_remedy_fits_the_ids(ids, classes, remedy):
    message = str(wrong_ids('a. b.png', ids, classes))
    shown = ', '.join(map(str, ids))
    assert message.startswith(
        f'a. b.png: ids {shown} are beyond the {classes} classes (only 255 '
        f'may be: void). {remedy}'
    )


def test_many_ids_are_cut_short():
    message = str(wrong_ids('a.png', list(range(100, 109)), 21))
    assert 'ids 100, 101, 102, 103, 104, 105, 106, 107, ... are' in message


@pytest.mark.parametrize(
    ('label', 'image', 'swapped'),
    [((2, 3), (3, 2), True), ((2, 3), (3, 2, 3), True), ((2, 2), (3, 2), 0)],
)
def test_swapped_sides_are_said(label, image, swapped):
    message = str(wrong_size('a.png', label, 'a.jpg', image))
    assert ('width and height are swapped' in message) == bool(swapped)


@pytest.mark.parametrize(
    ('mode', 'remedy'),
    [
        ('LA', 'All are equal: keep the first'),
        ('RGBA', 'Its palette was turned into colours'),
    ],
)
def test_transparency_is_no_colour(mode, remedy):
    image = Image.new(mode, (3, 2), (7, 8, 9, 200)[-len(mode) :])
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    with pytest.raises(UserError, match=rf'a.png: has \d channels.* {remedy}'):
        decode_label_map(buffer.getvalue(), 'a.png')


def test_the_remedy_of_a_damaged_file_is_given():
    with pytest.raises(UserError, match=r'empty\)\. Get it again\.$'):
        decode_label_map(b'', 'a.png', remedy='Get it again.')


def test_negative_ids_are_unknown():
    labels = np.array([[-1, 0, 255, 20, 21]], np.int32)
    assert unknown_ids(labels, 21) == [-1, 21]


def test_negative_ids_do_not_become_void_in_training(tmp_path):
    from zoo.datasets.loading import LoadLabels

    path = tmp_path / 'a.tif'
    Image.fromarray(np.array([[-1, 0]], np.int32)).save(path)
    record = {'seg_map_path': str(path), 'seg_fields': []}
    with pytest.raises(UserError, match='ids -1 are beyond the 3 classes'):
        LoadLabels(num_classes=3)(record)
