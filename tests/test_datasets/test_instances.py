"""Instances: their maps, and boxes that follow them through transforms."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import scene, write_sbd
from mmengine.registry import init_default_scope
from mmseg.datasets.transforms import RandomFlip
from PIL import Image

from zoo.datasets import (
    LabelByInstance,
    LoadInstances,
    LoadLabels,
    PackInstances,
    RandomCropWithBoxes,
    RandomRescale,
)
from zoo.datasets.checking import audit
from zoo.errors import UserError
from zoo.ops.box_maps import box_targets

THINGS = range(1, 21)


def boxes_by_search(numbers, count):
    """Return the box of each number, by the rows and columns it is in."""
    boxes = []
    for number in range(1, count + 1):
        rows, columns = (
            [i for i, line in enumerate(lines) if number in line]
            for lines in (numbers.tolist(), numbers.T.tolist())
        )
        boxes.append((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    return np.array(boxes, np.float32).reshape(-1, 4)


def write_pair(root, labels, numbers, folder='SegmentationObject'):
    """Write the two maps as VOC has them; returns what a data set gives."""
    for name, ids in (('SegmentationClass', labels), (folder, numbers)):
        (root / name).mkdir(exist_ok=True)
        Image.fromarray(ids).save(root / name / 'a.png')
    path = root / 'SegmentationClass/a.png'
    return {'seg_map_path': str(path), 'seg_fields': []}


def load(results, things=THINGS, **kwargs):
    results = LoadLabels(num_classes=21)(results)
    return LoadInstances(things=things, **kwargs)(results)


def crowded_scene():
    labels, numbers = scene()
    labels[36:], numbers[36:] = 255, 255  # cuts the second person's foot
    return labels, numbers


def test_maps_of_voc_are_read_as_they_are(tmp_path):
    labels, numbers = crowded_scene()
    results = load(write_pair(tmp_path, labels, numbers))
    found = results['gt_instance_map']
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, numbers)
    np.testing.assert_array_equal(results['gt_seg_map'], labels)
    assert results['gt_bboxes_labels'].tolist() == [15, 15, 10, 5]
    assert results['gt_bboxes_labels'].dtype == np.int64
    assert results['gt_areas'].tolist() == [
        (numbers == i).sum() for i in range(1, 5)
    ]
    expected = boxes_by_search(numbers, 4)
    np.testing.assert_array_equal(results['gt_bboxes'], expected)
    assert expected[1].tolist() == [12, 6, 20, 36]  # both parts, half-open


def test_sbd_says_the_class_itself(tmp_path):
    root = write_sbd(tmp_path / 'dataset')
    labels, numbers = scene()
    results = {
        'seg_map_path': str(root / 'cls/a.mat'),
        'gt_seg_map': np.full_like(labels, 3),  # another majority
    }
    results = LoadInstances(things=THINGS, folder='inst')(results)
    assert results['gt_bboxes_labels'].tolist() == [15, 15, 10, 5]
    expected = boxes_by_search(numbers, 4)
    np.testing.assert_array_equal(results['gt_bboxes'], expected)


@pytest.mark.parametrize('layout', ['voc', 'sbd'])
def test_numbers_close_up_where_a_class_is_no_thing(tmp_path, layout):
    labels, numbers = scene()
    if layout == 'voc':
        given = write_pair(tmp_path, labels, numbers)
        results = load(given, things=[10, 5])
    else:
        root = write_sbd(tmp_path / 'dataset')
        given = {'seg_map_path': str(root / 'cls/a.mat'), 'seg_fields': []}
        results = load(given, things=[10, 5], folder='inst')
    assert results['gt_bboxes_labels'].tolist() == [10, 5]
    expected = np.select([numbers == 3, numbers == 4], [1, 2])
    np.testing.assert_array_equal(results['gt_instance_map'], expected)
    boxes = boxes_by_search(expected, 2)
    np.testing.assert_array_equal(results['gt_bboxes'], boxes)


def test_holes_among_the_numbers_close_up(tmp_path):
    labels, numbers = scene()
    numbers = np.array([0, 9, 4, 200, 30], np.uint8)[numbers]
    results = load(write_pair(tmp_path, labels, numbers))
    assert results['gt_bboxes_labels'].tolist() == [15, 15, 5, 10]
    expected = np.select([numbers == x for x in (4, 9, 30, 200)], range(1, 5))
    np.testing.assert_array_equal(results['gt_instance_map'], expected)


def test_an_instance_has_the_class_of_most_of_its_pixels(tmp_path):
    labels = np.zeros((4, 6), np.uint8)
    numbers = np.zeros_like(labels)
    numbers[0] = 1
    labels[0] = [2, 2, 2, 7, 7, 255]
    numbers[1] = 2
    labels[1] = [8, 3, 255, 255, 255, 255]  # a tie: the lower id
    numbers[2] = 3
    labels[2] = 255  # nobody knows: void
    results = load(write_pair(tmp_path, labels, numbers))
    assert results['gt_bboxes_labels'].tolist() == [2, 3]
    assert results['gt_instance_map'].tolist() == [
        [1] * 6,
        [2] * 6,
        [255] * 6,
        [0] * 6,
    ]


def test_an_image_may_have_no_instance(tmp_path):
    empty = np.zeros((5, 7), np.uint8)
    results = load(write_pair(tmp_path, empty, empty))
    assert results['gt_bboxes'].shape == (0, 4)
    results.update(img=np.zeros((5, 7, 3), np.uint8))
    sample = PackInstances()(results)['data_samples']
    assert len(sample.gt_instances.labels) == 0


def test_another_folder_may_hold_the_maps(tmp_path):
    given = write_pair(tmp_path, *scene(), folder='objects')
    results = load(given, folder='objects')
    assert len(results['gt_bboxes']) == 4


def test_a_wrong_map_ends_in_one_line(tmp_path):
    labels, numbers = scene()
    path = tmp_path / 'SegmentationObject/a.png'
    cases = (
        (lambda: path.unlink(), 'no map of instances. Choose a split'),
        (
            lambda: Image.fromarray(numbers[:5]).save(path),
            'map of instances of 48x5 pixels for labels of 48x40 pixels',
        ),
        (
            lambda: Image.fromarray(numbers.astype(np.uint16) * 200).save(
                path
            ),
            'numbers beyond 255',
        ),
        (lambda: path.write_bytes(b''), 'cannot be read'),
    )
    for damage, message in cases:
        given = write_pair(tmp_path, labels, numbers)
        damage()
        with pytest.raises(UserError, match=message) as told:
            load(given)
        assert str(told.value).startswith(f'{path}: ')
        assert '\n' not in str(told.value)


def test_the_audit_reads_maps_of_instances(mini_root, tmp_path):
    for path in mini_root.rglob('*.*'):
        copy = tmp_path / path.relative_to(mini_root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    path = min((tmp_path / 'SegmentationObject').iterdir())
    path.write_bytes(b'')
    whats = [
        problem['what'] for problem in audit('minivoc', tmp_path)['problems']
    ]
    assert [str(path) in what for what in whats].count(True) == 1


def test_a_packed_sample_has_instances(tmp_path):
    labels, numbers = crowded_scene()
    results = load(write_pair(tmp_path, labels, numbers))
    results.update(img=np.zeros((*labels.shape, 3), np.uint8))
    sample = PackInstances()(results)['data_samples']
    assert sample.gt_instance_map.data.dtype == torch.int64
    assert sample.gt_instance_map.data.shape == (1, 40, 48)
    np.testing.assert_array_equal(sample.gt_instance_map.data[0], numbers)
    np.testing.assert_array_equal(sample.gt_sem_seg.data[0], labels)
    known = sample.gt_instances
    assert known.labels.tolist() == [15, 15, 10, 5]
    assert (known.labels.dtype, known.bboxes.dtype, known.areas.dtype) == (
        torch.int64,
        torch.float32,
        torch.float32,
    )
    np.testing.assert_array_equal(known.bboxes, boxes_by_search(numbers, 4))


def test_numbers_take_the_place_of_classes(tmp_path):
    labels, numbers = crowded_scene()
    results = load(write_pair(tmp_path, labels, numbers))
    results.update(img=np.zeros((*labels.shape, 3), np.uint8))
    sample = PackInstances()(LabelByInstance()(results))['data_samples']
    np.testing.assert_array_equal(sample.gt_sem_seg.data[0], numbers)
    assert 'gt_instance_map' not in sample
    assert len(sample.gt_instances.labels) == 4


def nearest(numbers, size):
    """Resize as OpenCV does, in its order of rounding."""
    rows, columns = (
        np.floor(np.arange(new) * (1 / (new / old))).astype(int)
        for new, old in zip(size, numbers.shape, strict=True)
    )
    return numbers[rows[:, None], columns]


def transformed(root, *, ratio, crop, flip, direction='horizontal'):
    """Return what a network sees, the whole map resized, and the crop."""
    init_default_scope('mmseg')
    labels, numbers = crowded_scene()
    results = load(write_pair(root, labels, numbers))
    results['img'] = np.zeros((*labels.shape, 3), np.uint8)
    results = LabelByInstance()(results)
    results = RandomRescale(ratio_range=(ratio, ratio))(results)
    whole = nearest(numbers, results['img'].shape[:2])
    step = RandomCropWithBoxes(crop_size=crop)
    places = []
    original = step.crop_bbox
    step.crop_bbox = lambda r: places.append(original(r)) or places[0]
    results = step(results)
    results = RandomFlip(prob=float(flip), direction=direction)(results)
    return results, whole, places[0]


def truth_of_window(whole, place, size, flip, direction):
    """Return the whole map and where the window lies after mirroring."""
    top, left = place[0], place[2]
    if flip and direction == 'horizontal':
        whole = whole[:, ::-1]
        left = whole.shape[1] - left - size[1]
    elif flip:
        whole = whole[::-1]
        top = whole.shape[0] - top - size[0]
    return whole, top, left


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('flip', [None, 'horizontal', 'vertical'])
@pytest.mark.parametrize('ratio', [1.0, 2.0, 0.7, 1.3])
def test_targets_are_those_of_the_whole_transformed_map(
    tmp_path, ratio, flip, seed
):
    np.random.seed(seed)  # noqa: NPY002  mmseg's transforms draw from it
    direction = flip or 'horizontal'
    results, whole, place = transformed(
        tmp_path,
        ratio=ratio,
        crop=(17, 23),
        flip=flip is not None,
        direction=direction,
    )
    seen = results['gt_seg_map']
    whole, top, left = truth_of_window(
        whole, place, seen.shape, flip is not None, direction
    )
    window = whole[top : top + seen.shape[0], left : left + seen.shape[1]]
    np.testing.assert_array_equal(seen, window)

    numbers = torch.from_numpy(seen.astype(np.int64))
    boxes = torch.from_numpy(results['gt_bboxes']).float()
    found = box_targets(numbers, boxes).numpy()
    # elsewhere an instance begins at the next whole pixel
    near = 1e-4 if ratio in (1.0, 2.0) else 1.0 + 1e-4
    for i, j in np.ndindex(seen.shape):
        number = seen[i, j]
        expected = np.zeros(4)
        if number not in (0, 255):
            rows, columns = np.nonzero(whole == number)
            y0, y1 = rows.min() - top, rows.max() + 1 - top
            x0, x1 = columns.min() - left, columns.max() + 1 - left
            expected[:2] = (y0 + y1) / 2 - i - 0.5, (x0 + x1) / 2 - j - 0.5
            expected[2:] = y1 - y0, x1 - x0
            assert abs(found[:, i, j] - expected).max() <= near
        else:
            assert not found[:, i, j].any()


def test_a_cropped_instance_keeps_its_whole_box(tmp_path):
    labels, numbers = (np.zeros((50, 20), np.uint8) for _ in range(2))
    labels[5:45, 8:12], numbers[5:45, 8:12] = 15, 1  # a tall person
    results = load(write_pair(tmp_path, labels, numbers))
    results = LabelByInstance()(results)
    results['img'] = np.zeros((50, 20, 3), np.uint8)
    step = RandomCropWithBoxes(crop_size=(10, 20))
    step.crop_bbox = lambda _: (20, 30, 0, 20)
    results = step(results)
    assert results['img_shape'] == (10, 20)
    assert results['gt_bboxes'].tolist() == [[8, -15, 12, 25]]
    assert results['gt_areas'].tolist() == [160]
    # after that, too: a crop may be enlarged
    results = RandomRescale(ratio_range=(2.0, 2.0))(results)
    assert results['gt_bboxes'].tolist() == [[16, -30, 24, 50]]
    assert results['gt_seg_map'].shape == (20, 40)


def test_what_lies_outside_a_crop_keeps_its_number(tmp_path):
    results = load(write_pair(tmp_path, *scene()))
    results = LabelByInstance()(results)
    results['img'] = np.zeros((40, 48, 3), np.uint8)
    step = RandomCropWithBoxes(crop_size=(20, 20))
    step.crop_bbox = lambda _: (18, 38, 23, 43)
    results = step(results)
    assert set(np.unique(results['gt_seg_map'])) == {0, 3}
    sample = PackInstances()(results)['data_samples']
    assert sample.gt_instances.labels.tolist() == [15, 15, 10, 5]
    assert sample.gt_instances.bboxes[2].tolist() == [1, 2, 22, 15]


def test_real_photographs_have_the_instances_of_their_maps(shared_data):
    root = shared_data / 'coco_voc20'
    total = 0
    for path in sorted((root / 'SegmentationObject').iterdir())[:40]:
        numbers = np.array(Image.open(path))
        results = load(
            {
                'seg_map_path': str(root / 'SegmentationClass' / path.name),
                'seg_fields': [],
            }
        )
        count = len(set(np.unique(numbers)) - {0, 255})
        assert len(results['gt_bboxes']) == count, Path(path).name
        found = results['gt_instance_map']
        expected = boxes_by_search(found, count)
        np.testing.assert_array_equal(results['gt_bboxes'], expected)
        total += count
    assert total > 100
