"""Loading: what an image becomes, and what each kind of damage says."""

import cv2
import mmcv
import numpy as np
import pytest
from PIL import Image

from zoo.datasets.loading import (
    LoadImage,
    LoadLabels,
    read_label_map,
)
from zoo.errors import UserError
from zoo.photo import read_photo

RGB = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)


def save(path, array, **kwargs):
    Image.fromarray(array).save(path, **kwargs)
    return str(path)


def labels_record(path, **kwargs):
    record = {'seg_map_path': path, 'seg_fields': [], 'img_path': 'a.jpg'}
    return {**record, 'reduce_zero_label': False, 'label_map': None, **kwargs}


def load_labels(tmp_path, array, *, num_classes=3, **kwargs):
    record = labels_record(save(tmp_path / 'a.png', array), **kwargs)
    return LoadLabels(num_classes=num_classes)(record)['gt_seg_map']


def test_image_is_bgr_uint8_with_its_size(tmp_path):
    results = LoadImage()({'img_path': save(tmp_path / 'a.png', RGB)})
    np.testing.assert_array_equal(results['img'], RGB[..., ::-1])
    assert results['img'].dtype == np.uint8
    assert results['img'].flags.c_contiguous
    assert results['img_shape'] == results['ori_shape'] == (37, 53)


def test_float32_keeps_the_values(tmp_path):
    record = {'img_path': save(tmp_path / 'a.png', RGB)}
    image = LoadImage(to_float32=True)(record)['img']
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, RGB[..., ::-1])


@pytest.mark.parametrize(
    ('mode', 'name'),
    [
        ('L', 'a.png'),
        ('1', 'a.png'),
        ('LA', 'a.png'),
        ('P', 'a.png'),
        ('RGBA', 'a.png'),
        ('CMYK', 'a.jpg'),
        ('L', 'a.jpg'),
    ],
)
def test_every_mode_gives_three_uint8_channels(tmp_path, mode, name):
    picture = Image.fromarray(RGB).convert(mode)
    if 'A' in mode:
        picture.putalpha(Image.fromarray(RGB[..., 0]))
    picture.save(tmp_path / name)
    image = read_photo(tmp_path / name)
    np.testing.assert_array_equal(
        image,
        mmcv.imread(
            tmp_path / name,
            flag='color_ignore_orientation',
            channel_order='rgb',
            backend='pillow',
        ),
    )
    assert image.shape == (37, 53, 3)
    assert image.dtype == np.uint8
    if mode == 'RGBA':
        np.testing.assert_array_equal(image, RGB)


def test_cmyk_keeps_its_colour(tmp_path):
    red = Image.new('RGB', (16, 16), (200, 30, 40)).convert('CMYK')
    red.save(tmp_path / 'a.jpg', quality=95)
    red, green, blue = read_photo(tmp_path / 'a.jpg')[8, 8].tolist()
    assert red > 150 > 80 > max(blue, green)


def test_exif_does_not_turn_an_image_away_from_its_labels(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    path = save(tmp_path / 'a.jpg', RGB, exif=exif)
    assert cv2.imread(path).shape[:2] == (53, 37)  # what mmseg would do
    assert read_photo(path).shape[:2] == (37, 53)


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'bmp'])
@pytest.mark.parametrize('kept', [0.0, 0.01, 0.5, 0.9])
def test_truncated_image_is_named(tmp_path, suffix, kept):
    path = tmp_path / f'a.{suffix}'
    save(path, np.tile(RGB, (4, 4, 1)))
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(UserError, match=r'a.* split file') as caught:
        LoadImage()({'img_path': str(path)})
    assert str(path) in str(caught.value)
    assert '\n' not in str(caught.value)
    assert 'BytesIO' not in str(caught.value)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'<html>404</html>', r'it is an HTML page.*Download it again'),
        (b' \n<!DOCTYPE HTML>', 'it is an HTML page'),
        (b'version https://git-lfs.github.com/spec/v1', 'git lfs pull'),
        (b'a text', 'not an image of a known'),
        (b'\x89PNG\r\n', 'damaged or cut short'),
        (None, 'No such file'),
    ],
)
def test_what_is_no_image_is_named(tmp_path, content, reason):
    path = tmp_path / 'a.jpg'
    if content:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f'a.jpg: cannot be read .*{reason}'):
        LoadImage()({'img_path': str(path)})


def test_palette_indices_are_the_labels(tmp_path):
    image = Image.fromarray(np.array([[0, 2], [255, 1]], np.uint8))
    image.putpalette(list(range(255, -1, -1)) * 3)
    image.save(tmp_path / 'a.png')
    assert read_label_map(tmp_path / 'a.png').tolist() == [[0, 2], [255, 1]]


@pytest.mark.parametrize('size', [(1, 5), (5, 1)])
def test_a_line_stays_two_dimensional(tmp_path, size):
    assert load_labels(tmp_path, np.ones(size, np.uint8)).shape == size


def test_loads_labels_and_void(tmp_path):
    stored = np.array([[0, 1, 2], [255, 2, 1]], np.uint8)
    labels = load_labels(tmp_path, stored, ori_shape=(2, 3))
    np.testing.assert_array_equal(labels, stored)
    assert labels.dtype == np.uint8


@pytest.mark.parametrize('reduce_zero_label', [False, True])
@pytest.mark.parametrize('label_map', [None, {0: 1, 1: 0, 2: 255}])
def test_maps_ids_as_mmseg_does(tmp_path, reduce_zero_label, label_map):
    from mmseg.datasets.transforms import LoadAnnotations

    first = 1 if reduce_zero_label else 0
    ids = [255, first, first + 1, first + 2] + [0] * reduce_zero_label
    path = save(tmp_path / 'a.png', np.array([ids] * 2, np.uint8))
    options = {'reduce_zero_label': reduce_zero_label, 'label_map': label_map}
    ours = LoadLabels(num_classes=3)(labels_record(path, **options))
    theirs = LoadAnnotations()(labels_record(path, **options))
    np.testing.assert_array_equal(ours['gt_seg_map'], theirs['gt_seg_map'])
    assert ours['seg_fields'] == ['gt_seg_map']


def test_compares_with_the_stored_image_not_the_resized_one(tmp_path):
    stored = np.zeros((2, 3), np.uint8)
    sizes = {'ori_shape': (2, 3), 'img_shape': (20, 30)}
    assert load_labels(tmp_path, stored, **sizes).shape == (2, 3)


@pytest.mark.parametrize(
    ('stored', 'kwargs', 'message'),
    [
        (
            np.zeros((2, 3), np.uint8),
            {'ori_shape': (3, 2)},
            'label map of 3x2 pixels for an image of 2x3 pixels, a.jpg',
        ),
        (np.array([[3, 7, 255]], np.uint8), {}, r'ids 3, 7 are .* 3 classes'),
        (
            np.array([[4, 1]], np.uint8),
            {'reduce_zero_label': True},
            'ids 4 are beyond the 3 classes',
        ),
        (
            np.array([[0, 9]], np.uint8),
            {'label_map': {0: 1, 1: 0, 2: 255}},
            'ids 9 are beyond',
        ),
        (np.array([[256, 1]], np.uint16), {}, 'ids 256 are beyond'),
        (RGB, {}, 'has 3 channels, a label map has one'),
    ],
)
def test_refuses_labels(tmp_path, stored, kwargs, message):
    with pytest.raises(UserError, match=message):
        load_labels(tmp_path, stored, **kwargs)


@pytest.mark.parametrize('num_classes', [0, 256])
def test_refuses_a_number_of_classes(num_classes):
    with pytest.raises(ValueError, match=f'1 .. 255, got {num_classes}'):
        LoadLabels(num_classes=num_classes)
