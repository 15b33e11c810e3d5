"""A user's own data: class names from a file, and what is wrong with it."""

import re

import numpy as np
import pytest
from mmseg.registry import DATASETS
from PIL import Image

from zoo.datasets.checks import check_data
from zoo.datasets.loading import LoadImage, LoadLabels
from zoo.datasets.own import OwnDataset, class_colours, read_class_names
from zoo.errors import UserError


@pytest.fixture
def own_root(tmp_path):
    """Three photographs of different sizes, and labels 0 to 2."""
    rng = np.random.default_rng(0)
    for folder in ('JPEGImages', 'SegmentationClass', 'ImageSets'):
        (tmp_path / folder).mkdir()
    sizes = {'a': (24, 32), 'b': (30, 20), 'c': (8, 9)}
    for name, size in sizes.items():
        photo = rng.integers(0, 256, (*size, 3), np.uint8)
        Image.fromarray(photo).save(tmp_path / f'JPEGImages/{name}.png')
        labels = rng.integers(0, 3, size, np.uint8)
        labels[0] = 255
        path = tmp_path / f'SegmentationClass/{name}.png'
        Image.fromarray(labels).save(path)
    lists = tmp_path / 'ImageSets/Segmentation'
    lists.mkdir()
    (lists / 'train.txt').write_text('a\nb\n')
    (lists / 'val.txt').write_text('c\n')
    (tmp_path / 'class_names.txt').write_text('background\ncat\ndog\n')
    return tmp_path


def write_names(root, text):
    (root / 'class_names.txt').write_bytes(text.encode())
    return root


@pytest.mark.parametrize(
    'text',
    [
        'sky\nnight stand\ntree\n',
        'sky\nnight stand\ntree',
        '\ufeff sky \r\nnight stand\r\n\r\ntree\r\n',
        '__ignore__\nsky\nnight stand\ntree\n',
    ],
)
def test_names_are_one_a_line(tmp_path, text):
    names = read_class_names(write_names(tmp_path, text))
    assert names == ('sky', 'night stand', 'tree')


def test_only_the_first_line_ignores(tmp_path):
    names = read_class_names(write_names(tmp_path, 'a\n__ignore__\n'))
    assert names == ('a', '__ignore__')


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('', 'names 0 classes. Name 2 to 255'),
        ('cat\n', 'names 1 classes'),
        ('__ignore__\n_background_\n', 'names 1 classes'),
        ('\n'.join(map(str, range(256))), 'names 256 classes'),
        ('cat\ndog\ncat\n', 'names cat twice'),
    ],
)
def test_names_that_cannot_be_used(tmp_path, text, problem):
    write_names(tmp_path, text)
    with pytest.raises(UserError, match=f'class_names.txt: {problem}'):
        read_class_names(tmp_path)


@pytest.mark.parametrize('content', [None, b'\xff\xfec\x00'])
def test_a_file_that_cannot_be_read(tmp_path, content):
    if content is not None:
        (tmp_path / 'class_names.txt').write_bytes(content)
    with pytest.raises(UserError, match=r'names.txt: cannot be read. Write'):
        read_class_names(tmp_path)


def test_black_is_for_background():
    black, red, green = [0, 0, 0], [128, 0, 0], [0, 128, 0]
    assert class_colours(('background', 'b')) == [black, red]
    assert class_colours(('_background_', 'b')) == [black, red]
    assert class_colours(('sky', 'background')) == [red, green]


@pytest.mark.parametrize('first', ['background', 'sky'])
def test_the_most_classes_have_a_colour_each(first):
    names = (first, *map(str, range(254)))
    colours = class_colours(names)
    assert len(colours) == 255
    assert len({tuple(colour) for colour in colours}) == 255


def test_reads_photographs_labels_and_names(own_root):
    dataset = DATASETS.build({
        'type': 'OwnDataset',
        'data_root': str(own_root),
        'pipeline': [LoadImage(), LoadLabels()],
    })  # fmt: skip
    assert dataset.metainfo['classes'] == ('background', 'cat', 'dog')
    assert dataset.metainfo['palette'][0] == [0, 0, 0]
    assert len(dataset) == 2
    for item, name in zip(dataset, 'ab', strict=True):
        stored = Image.open(own_root / f'SegmentationClass/{name}.png')
        np.testing.assert_array_equal(item['gt_seg_map'], np.array(stored))
        photo = Image.open(own_root / f'JPEGImages/{name}.png')
        np.testing.assert_array_equal(item['img'][..., ::-1], np.array(photo))
    val = OwnDataset(
        data_root=str(own_root), ann_file='ImageSets/Segmentation/val.txt'
    )
    assert [x['img_path'][-5:] for x in val] == ['c.png']


def test_a_number_beyond_the_names_is_refused(own_root):
    write_names(own_root, 'background\ncat\n')
    steps = [LoadImage(), LoadLabels()]
    dataset = OwnDataset(data_root=str(own_root), pipeline=steps)
    problem = 'a.png: ids 2 are beyond the 2 classes'
    with pytest.raises(UserError, match=problem):
        dataset[0]


def test_labels_of_a_data_set_that_does_not_count_its_classes(own_root):
    record = {
        'seg_map_path': str(own_root / 'SegmentationClass/a.png'),
        'seg_fields': [],
    }
    with pytest.raises(UserError, match='Give LoadLabels num_classes'):
        LoadLabels()(record)


@pytest.mark.parametrize(
    'part',
    [
        'JPEGImages',
        'SegmentationClass',
        'class_names.txt',
        'ImageSets/Segmentation/train.txt',
        'ImageSets/Segmentation/val.txt',
    ],
)
def test_a_missing_part_is_named(own_root, part):
    (own_root / part).rename(own_root / 'elsewhere')
    place = re.escape(str(own_root))
    problem = f'not found in {place}: missing {part}.*your_own_data.md'
    with pytest.raises(UserError, match=problem):
        OwnDataset(data_root=str(own_root))
    dataset = {'type': 'OwnDataset', 'data_root': str(own_root)}
    with pytest.raises(UserError, match=problem):
        check_data({'train_dataloader': {'dataset': dataset}})


def test_the_export_of_labelme_is_read_as_it_is(shared_data, tmp_path):
    export = shared_data / 'voc_samples/labelme_inst'
    for folder in ('JPEGImages', 'SegmentationClass'):
        (tmp_path / folder).symlink_to(export / folder)
    text = (export / 'class_names.txt').read_text()
    assert text.startswith('_background_\naeroplane\n')
    write_names(tmp_path, text)
    lists = tmp_path / 'ImageSets/Segmentation'
    lists.mkdir(parents=True)
    names = sorted(p.stem for p in (export / 'JPEGImages').glob('*.jpg'))
    for split in ('train', 'val'):
        (lists / f'{split}.txt').write_text('\n'.join(names))
    steps = [LoadImage(), LoadLabels()]
    dataset = OwnDataset(data_root=str(tmp_path), pipeline=steps)
    classes = dataset.metainfo['classes']
    assert classes[:2] == ('_background_', 'aeroplane')
    seen = {classes[i] for x in dataset for i in np.unique(x['gt_seg_map'])
            if i != 255}  # fmt: skip
    assert {'_background_', 'person'} <= seen
