"""PASCAL Context from its releases: two kinds of labels, VOC 2010's lists."""

import io

import numpy as np
import pytest
from mmseg.datasets import PascalContextDataset, PascalContextDataset59
from PIL import Image
from releases import (
    interrupted_equals_whole,
    lay_out,
    mat,
    pack,
    picture,
    snapshot,
)

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.loading import LoadLabels
from zoo.datasets.palettes import voc_palette
from zoo.datasets.prepare import context, unpacking
from zoo.datasets.prepare.context import prepare_context
from zoo.datasets.prepare.context_ids import LABEL_MAP_IDS
from zoo.errors import UserError

# The 459 names of labels.txt, as far as they are needed: published id: name.
FROM_LIST = {
    2: 'aeroplane', 9: 'bag', 18: 'bed', 19: 'bedclothes', 22: 'bench',
    23: 'bicycle', 25: 'bird', 31: 'boat', 33: 'book', 34: 'bottle',
    44: 'building', 45: 'bus', 46: 'cabinet', 59: 'car', 65: 'cat',
    68: 'ceiling', 72: 'chair', 80: 'cloth', 85: 'computer', 98: 'cow',
    104: 'cup', 105: 'curtain', 113: 'dog', 115: 'door', 144: 'fence',
    158: 'floor', 159: 'flower', 162: 'food', 187: 'grass', 189: 'ground',
    207: 'horse', 220: 'keyboard', 232: 'light', 258: 'motorbike',
    259: 'mountain', 260: 'mouse', 284: 'person', 295: 'plate',
    296: 'platform', 308: 'pottedplant', 324: 'road', 326: 'rock',
    347: 'sheep', 349: 'shelves', 354: 'sidewalk', 355: 'sign', 360: 'sky',
    366: 'snow', 368: 'sofa', 397: 'table', 415: 'track', 416: 'train',
    420: 'tree', 424: 'truck', 427: 'tvmonitor', 440: 'wall', 445: 'water',
    454: 'window', 458: 'wood',
}  # fmt: skip
# The ids that the Detail API's users map to 0 .. 59, in their order.
DETAIL = [
    0, 2, 259, 260, 415, 324, 9, 258, 144, 18, 19, 22, 23, 397, 25, 284, 158,
    159, 416, 33, 162, 420, 454, 295, 296, 427, 44, 45, 46, 308, 59, 440, 445,
    31, 232, 65, 354, 424, 68, 326, 72, 458, 34, 207, 80, 355, 85, 347, 220,
    349, 360, 98, 187, 104, 105, 366, 189, 368, 113, 115,
]  # fmt: skip
# 59_labels.txt
PNG_NAMES = {
    1: 'aeroplane', 2: 'bicycle', 3: 'bird', 4: 'boat', 5: 'bottle',
    6: 'bus', 7: 'car', 8: 'cat', 9: 'chair', 10: 'cow', 11: 'diningtable',
    12: 'dog', 13: 'horse', 14: 'motorbike', 15: 'person', 16: 'pottedplant',
    17: 'sheep', 18: 'sofa', 19: 'train', 20: 'tvmonitor', 21: 'bag',
    22: 'bed', 23: 'bench', 24: 'book', 25: 'building', 26: 'cabinet',
    27: 'ceiling', 28: 'clothes', 29: 'computer', 30: 'cup', 31: 'door',
    32: 'fence', 33: 'floor', 34: 'flower', 35: 'food', 36: 'grass',
    37: 'ground', 38: 'keyboard', 39: 'light', 40: 'mountain', 41: 'mouse',
    42: 'curtain', 43: 'platform', 44: 'sign', 45: 'plate', 46: 'road',
    47: 'rock', 48: 'shelves', 49: 'sidewalk', 50: 'sky', 51: 'snow',
    52: 'bedcloth', 53: 'track', 54: 'tree', 55: 'truck', 56: 'wall',
    57: 'water', 58: 'window', 59: 'wood',
}  # fmt: skip
OTHER_NAMES = {
    'diningtable': 'table', 'clothes': 'cloth', 'bedcloth': 'bedclothes',
}  # fmt: skip
CLASSES = PascalContextDataset.METAINFO['classes']
TRAIN, VAL = ['2008_000002', '2010_000001'], ['2009_000005']
NAMES = [*TRAIN, *VAL]
UNLABELLED = '2010_009999'


def ids_of(seed, count=460):
    """Every published id once, and some twice."""
    ids = np.random.default_rng(seed).permutation(480) % count
    return ids.reshape(16, 30)


def voc(year='VOC2010'):
    """Return the files of VOCtrainval_03-May-2010.tar, lists first."""
    rng = np.random.default_rng(0)
    main = f'VOCdevkit/{year}/ImageSets/Main'
    files = {
        f'VOCdevkit/{year}/Annotations/2008_000002.xml': b'<annotation/>',
        f'{main}/train.txt': '\n'.join([*TRAIN, UNLABELLED, '']).encode(),
        f'{main}/val.txt': '\n'.join([*VAL, '']).encode(),
        f'{main}/cat_train.txt': b'2008_000002 -1\n',
        f'VOCdevkit/{year}/ImageSets/Segmentation/train.txt': b'2009_000005\n',
    }
    for name in (*NAMES, UNLABELLED):
        image = picture(rng, 16, 30, '.jpg')
        files[f'VOCdevkit/{year}/JPEGImages/{name}.jpg'] = image
    files[f'VOCdevkit/{year}/SegmentationClass/{TRAIN[0]}.png'] = b'not this'
    return files


def mats(dtype=np.uint16):
    """Return the files of trainval.tar.gz."""
    return {
        f'trainval/{name}.mat': mat(LabelMap=ids_of(seed).astype(dtype))
        for seed, name in enumerate(NAMES)
    }


def png(ids, mode='L'):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(ids, np.uint8)).convert(mode).save(
        buffer, 'PNG'
    )
    return buffer.getvalue()


def pngs():
    """Return the files of 59_context_labels.tar.gz."""
    return {
        f'59_context_labels/{name}.png': png(ids_of(seed, 60))
        for seed, name in enumerate(NAMES)
    }


def prepared(tmp_path, *archives):
    """Prepare from packed files; each is a name and what it holds."""
    root = tmp_path / 'VOC2010'
    packed = [pack(tmp_path / name, files) for name, files in archives]
    prepare_context(root, packed)
    return root


VOC = ('VOCtrainval_03-May-2010.tar', voc())
MATS = ('trainval.tar.gz', mats())


def stored(root, name):
    path = root / f'SegmentationClassContext/{name}.png'
    return np.array(Image.open(path))


def test_table_is_the_owners_list_and_the_detail_apis():
    assert {v: k for k, v in LABEL_MAP_IDS.items()} == FROM_LIST
    assert sorted(DETAIL) == [0, *LABEL_MAP_IDS.values()]
    assert list(CLASSES[1:]) == list(LABEL_MAP_IDS)
    assert PascalContextDataset59.METAINFO['classes'] == CLASSES[1:]


def test_a_release_becomes_a_data_set(tmp_path):
    root = prepared(tmp_path, VOC, MATS)
    for seed, name in enumerate(NAMES):
        labels = stored(root, name)
        for (y, x), number in np.ndenumerate(ids_of(seed)):
            expected = FROM_LIST.get(int(number), 'background')
            assert CLASSES[labels[y, x]] == expected
    with Image.open(root / f'SegmentationClassContext/{VAL[0]}.png') as image:
        assert image.mode == 'P'
        colours = image.getpalette()[:180]
    palette = PascalContextDataset.METAINFO['palette']
    assert colours == [value for colour in palette for value in colour]
    photos = {p.stem: p.read_bytes() for p in (root / 'JPEGImages').iterdir()}
    for name in (*NAMES, UNLABELLED):
        assert (
            photos[name] == voc()[f'VOCdevkit/VOC2010/JPEGImages/{name}.jpg']
        )
    assert not (root / 'SegmentationClass').exists()


@pytest.mark.parametrize(
    ('kind', 'name', 'shift'),
    [
        (PascalContextDataset, 'context60', 0),
        (PascalContextDataset59, 'context59', 1),
    ],
)
def test_59_and_60_classes_read_the_same_maps(tmp_path, kind, name, shift):
    root = prepared(tmp_path, VOC, MATS)
    classes = kind.METAINFO['classes']
    for split, members in (('train', TRAIN), ('val', VAL)):
        dataset = kind(
            data_root=str(root),
            pipeline=[LoadLabels(num_classes=len(classes))],
            **CATALOGUE[name].arguments(split),
        )
        assert [dataset[i]['img_path'] for i in range(len(dataset))] == [
            f'{root}/JPEGImages/{i}.jpg' for i in members
        ]
        for item, member in zip(dataset, members, strict=True):
            read = item['gt_seg_map']
            for (y, x), number in np.ndenumerate(stored(root, member)):
                void = number == 0 and shift
                assert read[y, x] == (255 if void else number - shift)


def test_png_of_the_owners_have_another_order(tmp_path):
    root = prepared(tmp_path, VOC, ('59_context_labels.tar.gz', pngs()))
    for seed, name in enumerate(NAMES):
        labels = stored(root, name)
        for (y, x), number in np.ndenumerate(ids_of(seed, 60)):
            expected = PNG_NAMES.get(int(number), 'background')
            expected = OTHER_NAMES.get(expected, expected)
            assert CLASSES[labels[y, x]] == expected


def test_real_label_maps_of_59_classes(tmp_path, shared_data):
    """Colours of ids in the owners' order; what they show was seen by eye."""
    shown = {
        '2008_008376': {'bird', 'grass', 'water', 'ground', 'wood'},
        '2009_000637': {'sky', 'grass', 'person', 'motorbike', 'ground'},
        '2010_003321': {'floor', 'wall', 'person', 'cloth', 'dog', 'table'},
    }
    ids = {tuple(c): i for i, c in enumerate([[0, 0, 0], *voc_palette(59)])}
    labels, images, main = {}, {}, 'VOCdevkit/VOC2010/ImageSets/Main'
    for name in shown:
        path = shared_data / f'voc_samples/drsleep/Context/{name}'
        colours = np.array(Image.open(path.with_suffix('.png')))
        flat = [ids[tuple(c)] for c in colours.reshape(-1, 3).tolist()]
        flat = np.array(flat).reshape(colours.shape[:2])
        labels[f'59_context_labels/{name}.png'] = png(flat)
        photo = path.with_suffix('.jpg').read_bytes()
        images[f'VOCdevkit/VOC2010/JPEGImages/{name}.jpg'] = photo
    lists = {
        f'{main}/{s}.txt': '\n'.join(shown).encode() for s in ('train', 'val')
    }
    root = prepared(
        tmp_path, ('voc.tar', {**images, **lists}), ('labels.tar.gz', labels)
    )
    for name, expected in shown.items():
        found = np.unique(stored(root, name)).tolist()
        assert {CLASSES[i] for i in found} - {'background'} == expected


@pytest.mark.parametrize('order', [1, -1])
def test_sources_may_come_in_any_order_or_unpacked(tmp_path, order):
    expected = snapshot(prepared(tmp_path, VOC, MATS))
    folder = tmp_path / 'unpacked'
    for name, files in (VOC, MATS):
        lay_out(folder / name, files)
    sources = [folder / MATS[0], tmp_path / VOC[0]][::order]
    prepare_context(tmp_path / 'a', sources)
    assert snapshot(tmp_path / 'a') == expected
    sources = [folder / VOC[0] / 'VOCdevkit/VOC2010', folder / MATS[0]]
    prepare_context(tmp_path / 'b', sources[::order])
    assert snapshot(tmp_path / 'b') == expected


def test_voc_may_be_unpacked_in_its_place(tmp_path):
    expected = snapshot(prepared(tmp_path, VOC, MATS))
    lay_out(tmp_path / 'data', voc())
    root = tmp_path / 'data/VOCdevkit/VOC2010'
    before = snapshot(root)
    prepare_context(root, [root, tmp_path / MATS[0]])
    assert snapshot(root) == {**before, **expected}


@pytest.mark.parametrize('files', [0, 2, 6])
def test_interrupted_and_called_again_is_the_same(
    tmp_path, monkeypatch, files
):
    sources = [pack(tmp_path / name, held) for name, held in (VOC, MATS)]
    interrupted_equals_whole(
        monkeypatch,
        lambda root: prepare_context(root, sources),
        tmp_path,
        unpacking,
        files,
    )


def test_lists_come_last(tmp_path, monkeypatch):
    """Stopped at the first list there is none that promises all images."""

    def stop(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr(context, 'write_bytes', stop)
    with pytest.raises(KeyboardInterrupt):
        prepared(tmp_path, VOC, MATS)
    names = snapshot(tmp_path / 'VOC2010')
    assert sum(name.startswith('JPEGImages/') for name in names) == 4
    assert sum(name.endswith('.png') for name in names) == 3
    assert not any(name.endswith('.txt') for name in names)


def test_what_is_there_stays(tmp_path):
    root = tmp_path / 'VOC2010'
    mine = {
        f'SegmentationClassContext/{VAL[0]}.png': b'mine',
        'ImageSets/SegmentationContext/val.txt': b'my\n',
        'ImageSets/Main/train.txt': b'2010_000001\n',
    }
    lay_out(root, mine)
    prepared(tmp_path, VOC, MATS)
    made = snapshot(root)
    assert mine.items() <= made.items()
    train = made['ImageSets/SegmentationContext/train.txt']
    assert train == b'2010_000001\n'


LABEL = f'trainval/{TRAIN[1]}.mat'


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'<html>', '2010_000001.mat: cannot be read as a MATLAB file'),
        (mat(LabelMap=ids_of(0))[:-9], 'mat: cannot be read as a MATLAB file'),
        (mat(GTcls=ids_of(0)), '2010_000001.mat: has no LabelMap. Download'),
        (mat(LabelMap=ids_of(0) + 0.5), 'LabelMap holds no whole numbers'),
        (
            mat(LabelMap=np.uint16([[460]])),
            '2010_000001.mat: holds 460, ids go from 0 to 459. Download it',
        ),
    ],
)
def test_a_wrong_label_is_named(tmp_path, content, message):
    with pytest.raises(UserError, match=message) as caught:
        prepared(tmp_path, VOC, (MATS[0], {**mats(), LABEL: content}))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'<html>', 'png: cannot be read as a label map'),
        (b'', r'png: .* \(the file is empty\)\. Download it again\.$'),
        (png([[1, 2]], 'RGB'), r'2010_000001\.png: has 3 channels'),
        (png([[60]]), r'2010_000001\.png: holds 60, ids go from 0 to 59\. '),
    ],
)
def test_a_wrong_png_is_named(tmp_path, content, message):
    files = {**pngs(), f'59_context_labels/{TRAIN[1]}.png': content}
    with pytest.raises(UserError, match=message):
        prepared(tmp_path, VOC, ('59_context_labels.tar.gz', files))


def without(files, part):
    return {k: v for k, v in files.items() if part not in k}


@pytest.mark.parametrize(
    ('archives', 'message'),
    [
        ([VOC], r'Context: no source has labels, trainval\.tar\.gz\. Get it'),
        (
            [MATS],
            r'Main/train\.txt: no source has it, VOCtrainval_03-May-2010',
        ),
        (
            [(VOC[0], without(voc(), f'JPEGImages/{VAL[0]}')), MATS],
            r'JPEGImages: lacks 1 images that have labels, first 2009_000005',
        ),
        (
            [('VOC.tar', voc('VOC2012')), MATS],
            r'VOC\.tar: holds nothing of PASCAL Context: VOCtrainval_03-May',
        ),
        ([('a.zip', {'a.txt': b'1'})], r'a\.zip: holds nothing of PASCAL Con'),
    ],
)
def test_what_is_missing_is_named(tmp_path, archives, message):
    with pytest.raises(UserError, match=message) as caught:
        prepared(tmp_path, *archives)
    assert '\n' not in str(caught.value)
    assert not list(tmp_path.glob('VOC2010/ImageSets/SegmentationContext/*'))
