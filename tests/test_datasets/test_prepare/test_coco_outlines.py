"""Drawing of COCO's outlines, and which images and sources are taken."""

import json

import numpy as np
import owner_archives as owner
import pytest

from zoo.datasets.prepare.coco_outlines import (
    Outline,
    Picture,
    read_outlines,
)
from zoo.datasets.prepare.coco_voc20 import prepare_coco_voc20
from zoo.errors import UserError

HEIGHT, WIDTH = owner.SIZE
PIXELS = HEIGHT * WIDTH


def run(start, length):
    """Return the code of pixels that follow another, column by column."""
    counts = [start, length, PIXELS - start - length]
    return {'size': [HEIGHT, WIDTH], 'counts': counts}


def test_an_object_in_two_parts_is_one():
    corners = [[0, 0, 4, 0, 4, 3, 0, 3], [10, 20, 15, 20, 15, 30, 10, 30]]
    outline = Outline(8, 62.0, False, json.dumps(corners).encode())
    classes, numbers = Picture('a', HEIGHT, WIDTH, [outline]).draw()
    wanted = np.zeros((HEIGHT, WIDTH))
    wanted[:3, :4] = wanted[20:30, 10:15] = 1
    np.testing.assert_array_equal(numbers, wanted)
    np.testing.assert_array_equal(classes, 8 * wanted)


def test_objects_beyond_the_254th_are_void():
    outlines = [
        Outline(1, 1.0, False, json.dumps(run(i, 1)).encode())
        for i in range(300)
    ]
    classes, numbers = Picture('a', HEIGHT, WIDTH, outlines).draw()
    known = np.arange(1, 301)  # column after column
    found = numbers.ravel(order='F')[:300]
    np.testing.assert_array_equal(found, np.minimum(known, 255))
    found = classes.ravel(order='F')[:300]
    np.testing.assert_array_equal(found, np.where(known < 255, 1, 255))


def test_two_corners_beside_an_area_enclose_nothing():
    corners = [[9, 9, 20, 20], [0, 0, 4, 0, 4, 3, 0, 3]]
    outline = Outline(8, 12.0, False, json.dumps(corners).encode())
    classes, _ = Picture('a', HEIGHT, WIDTH, [outline]).draw()
    wanted = np.zeros((HEIGHT, WIDTH))
    wanted[:3, :4] = 8
    np.testing.assert_array_equal(classes, wanted)


@pytest.mark.parametrize(
    'code',
    [
        [],
        [[]],
        [1, 2, 3, 4],
        [[1, 2, 3, 4]],
        [[1, 2, 3, 4, 5, 6, 7]],
        [[1e9, 2, 3, 4, 5, 6]],
        {'size': [WIDTH, HEIGHT], 'counts': [PIXELS]},
        {'size': [HEIGHT, WIDTH], 'counts': [3, 4]},
        {'size': [HEIGHT, WIDTH], 'counts': [-1, PIXELS + 1]},
        {'size': [HEIGHT, WIDTH], 'counts': 'abc'},
        {'counts': [PIXELS]},
        None,
    ],
)
def test_an_outline_that_is_none_is_named(tmp_path, code):
    write(tmp_path / 'coco', 'train', {1: (1000, 5)})
    path = tmp_path / 'coco/annotations/instances_train2014.json'
    content = json.loads(path.read_text())
    content['annotations'][0]['segmentation'] = code
    path.write_text(json.dumps(content))
    with pytest.raises(UserError) as told:
        prepare_coco_voc20(tmp_path / 'root', [path])
    message = str(told.value)
    assert message.startswith(
        f'{path}: {path.name}: COCO_train2014_000000000001 has a damaged '
        'outline ('
    )
    assert message.endswith('). Get it again.')
    assert '\n' not in message


@pytest.mark.parametrize('height', [0, -3, 1 << 40])
def test_an_image_of_no_size_is_named(height):
    content = {
        'images': [{'id': 1, 'file_name': 'a', 'height': height, 'width': 5}],
        'annotations': [],
        'categories': owner.coco_categories(),
    }
    with pytest.raises(UserError, match=r'^x: no outlines .* Get it again\.$'):
        read_outlines(json.dumps(content).encode(), 'x')


def write(folder, split, images):
    """Write outlines, and the images themselves.

    ``images`` are, by number, pixels of an object and of a crowd after it.
    """
    cat = {c['name']: c['id'] for c in owner.coco_categories()}['cat']
    annotations = [
        {
            'image_id': image,
            'category_id': cat,
            'segmentation': code,
            'area': code['counts'][1],
            'iscrowd': crowd,
        }
        for image, (pixels, crowded) in images.items()
        for crowd, code in enumerate([run(0, pixels), run(pixels, crowded)])
    ]
    name = 'COCO_{}2014_{:012}.jpg'
    content = {
        'images': [
            {
                'id': i,
                'file_name': name.format(split, i),
                'height': HEIGHT,
                'width': WIDTH,
            }
            for i in images
        ],
        'annotations': annotations,
        'categories': owner.coco_categories(),
    }
    for part in ('annotations', f'{split}2014'):
        (folder / part).mkdir(parents=True, exist_ok=True)
    path = folder / f'annotations/instances_{split}2014.json'
    path.write_text(json.dumps(content))
    for i in images:
        path = folder / f'{split}2014' / name.format(split, i)
        path.write_bytes(owner.photo(i))


@pytest.fixture
def unpacked(tmp_path):
    """COCO as it unpacks; image 2 shows a pixel too little."""
    folder = tmp_path / 'coco'
    write(folder, 'train', {1: (1000, 5), 2: (999, 900)})
    write(folder, 'val', {3: (1500, 0)})
    return folder


@pytest.mark.parametrize(
    'parts', [['.'], ['annotations', 'train2014', 'val2014']]
)
def test_images_that_show_enough_are_kept(unpacked, tmp_path, parts):
    """A crowd does not count. One folder may hold all, or one each."""
    root = tmp_path / 'root'
    prepare_coco_voc20(root, [unpacked / part for part in parts])
    names = ['COCO_train2014_000000000001', 'COCO_val2014_000000000003']
    lists = root / 'ImageSets/Segmentation'
    assert (lists / 'train.txt').read_text() == f'{names[0]}\n'
    assert (lists / 'trainval.txt').read_text().split() == names
    for kind in ('JPEGImages', 'SegmentationClass', 'SegmentationObject'):
        assert sorted(p.stem for p in (root / kind).iterdir()) == names


def test_a_folder_of_something_else_is_named(unpacked, tmp_path):
    (tmp_path / 'other').mkdir()
    sources = [unpacked, tmp_path / 'other']
    with pytest.raises(UserError, match='other: holds nothing of COCO'):
        prepare_coco_voc20(tmp_path / 'root', sources)
