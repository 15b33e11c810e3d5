"""Pictures of the page from saved label maps and a test set."""

import numpy as np
import pytest
from PIL import Image
from support import ROOT

from zoo.datasets.minivoc import CLASSES, PALETTE
from zoo.engine.page_pictures import collect_pictures
from zoo.engine.pictures import label_image, save
from zoo.errors import UserError

FIRST = 'deeplab_crf/vgg16_minivoc'
SECOND = 'fcrn/r18-boxes_minivoc'  # its pipeline loads instances too
SIZE = (121, 161)


@pytest.fixture
def names(mini_root):
    text = (mini_root / 'ImageSets/Segmentation/val.txt').read_text()
    return text.split()


@pytest.fixture
def collect(mini_root, tmp_path):
    """Return a function that collects from ``tmp_path / masks``."""

    def collect(*images, masks=tmp_path / 'masks'):
        return collect_pictures(
            masks, images, configs=ROOT / 'configs', data_root=str(mini_root)
        )

    return collect


@pytest.fixture
def write(tmp_path, names):
    """Return a function that writes maps of one class into a folder."""

    def write(part, value, images=names, size=SIZE):
        labels = np.full(size, value, np.uint8)
        for name in images:
            path = tmp_path / 'masks' / part / f'{name}.png'
            save(label_image(labels, PALETTE), path)

    return write


def test_photograph_truth_and_predictions_of_each_image(
    collect, write, names, mini_root
):
    write(FIRST, 3)
    write(SECOND, 4)
    pictures = collect()
    assert [picture.name for picture in pictures] == sorted(names)
    for picture in pictures:
        folder = mini_root / 'SegmentationClass'
        truth = np.asarray(Image.open(folder / f'{picture.name}.png'))
        photo = mini_root / 'JPEGImages' / f'{picture.name}.jpg'
        assert (picture.image == np.asarray(Image.open(photo))).all()
        assert (picture.truth == truth).all()
        assert list(picture.predictions) == [FIRST, SECOND]
        assert (picture.predictions[FIRST] == 3).all()
        assert (picture.predictions[SECOND] == 4).all()
        assert tuple(picture.classes) == tuple(CLASSES)
        assert [list(c) for c in picture.palette] == [list(c) for c in PALETTE]
        assert picture.dataset == 'minivoc val'


def test_folders_of_one_leaf_are_told_apart(collect, write):
    for part, value in (('seed0', 1), ('seed1/iter_9', 2)):
        write(f'{FIRST}/{part}', value)
    write(f'{SECOND}/seed0', 3)
    (picture,) = collect('1')
    found = {k: v[0, 0] for k, v in picture.predictions.items()}
    assert found == {
        f'{FIRST} (seed0)': 1,
        f'{FIRST} (seed1/iter_9)': 2,
        SECOND: 3,
    }


def test_maps_of_one_test_may_lie_in_the_folder_itself(
    collect, write, tmp_path
):
    write(FIRST, 1)
    pictures = collect('1', masks=tmp_path / 'masks' / FIRST)
    assert list(pictures[0].predictions) == [FIRST]


def test_images_are_spread_evenly_or_named(collect, write, names):
    first, middle, last = sorted(names)
    write(FIRST, 0)

    def chosen(*images):
        return [picture.name for picture in collect(*images)]

    assert chosen('2') == [first, last]
    assert chosen('9') == [first, middle, last]
    assert chosen(last, first) == [last, first]


def test_an_image_may_be_named_by_a_number():
    from zoo.engine.page_pictures import _choose

    names = [f'{n:04}' for n in range(0, 100, 10)]
    assert _choose(names, ['0020']) == ['0020']
    assert _choose(names, ['4']) == ['0000', '0030', '0060', '0090']
    assert _choose(names, []) == [f'00{n}0' for n in (0, 2, 4, 5, 7, 9)]
    assert _choose([], ['4']) == []


def test_only_chosen_images_need_maps(collect, write, names):
    write(FIRST, 0, images=names[:1])
    assert [p.name for p in collect(names[0])] == names[:1]
    message = rf'{FIRST}/{names[1]}.png: no such label map. Test it again with'
    with pytest.raises(UserError, match=message):
        collect(names[1])


@pytest.mark.parametrize(
    ('part', 'value', 'size', 'message'),
    [
        (FIRST, 0, (7, 5), 'label map of 5x7 pixels for an image of 161x121'),
        (FIRST, 12, SIZE, 'class 12 is beyond the 12 classes'),
        ('m/none', 0, SIZE, 'of no leaf in .*configs. Name the folder METHOD'),
        ('.', 0, SIZE, 'of no leaf in'),
        (f'{FIRST}/a/b', 0, SIZE, None),
        (f'{FIRST}/a/b/c', 0, SIZE, 'of no leaf in'),
    ],
)
def test_says_which_map_is_wrong(part, value, size, message, collect, write):
    write(part, value, size=size)
    if message is None:
        assert collect('1')
        return
    with pytest.raises(UserError, match=message) as caught:
        collect('1')
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('images', 'message'),
    [
        (['val_none'], 'val_none: no such image in the test set'),
        (['0'], '0: no such image'),
        (['1', '2'], '1: no such image'),
    ],
)
def test_refuses_images_that_are_not_there(images, message, collect, write):
    write(FIRST, 0)
    with pytest.raises(UserError, match=message):
        collect(*images)


def test_a_misspelt_image_is_told_the_nearest(collect, write, names):
    write(FIRST, 0)
    with pytest.raises(UserError, match=f"Did you mean '{names[0]}'"):
        collect(f'{names[0]}x')


def test_refuses_a_folder_without_maps(collect, tmp_path):
    with pytest.raises(UserError, match=r'masks: no label maps here\. Write'):
        collect()
    (tmp_path / 'masks').mkdir()
    with pytest.raises(UserError, match='no label maps here'):
        collect()
