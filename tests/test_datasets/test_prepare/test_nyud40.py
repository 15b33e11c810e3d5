"""NYUDv2 from its three releases, alone, together, and damaged."""

import h5py
import numpy as np
import pytest
from PIL import Image
from releases import (
    cell,
    interrupted_equals_whole,
    lay_out,
    mat,
    pack,
    picture,
    snapshot,
)
from scipy.io import savemat

from zoo.datasets.nyud40 import NYUD40Dataset
from zoo.datasets.prepare import unpacking
from zoo.datasets.prepare.nyud40 import prepare_nyud40
from zoo.errors import UserError

_NAMES = (
    'wall floor cabinet bed chair sofa table door window bookshelf picture '
    'counter blinds desk shelves curtain dresser pillow mirror floor_mat '
    'clothes ceiling books refridgerator television paper towel '
    'shower_curtain box whiteboard person night_stand toilet sink lamp '
    'bathtub bag otherstructure otherfurniture otherprop'
)
CLASSES = _NAMES.split()
# A mapping of 894 ids that has every class; the real one is the owners'.
MAP_CLASS = (np.arange(894) * 7 + 3) % 40 + 1
NAMES = [5001, 5002, 5003, 6449]
TRAIN, TEST = ['5001', '6449'], ['5002', '5003']
SIZE = (30, 31)


def ids_of(index):
    """Every published id, 0 for what has no label; higher than wide."""
    return np.random.default_rng(index).permutation(930).reshape(SIZE) % 895


def expected(ids):
    """The class of each pixel, one by one; void is 255."""
    labels = np.empty(ids.shape, np.uint8)
    for (y, x), number in np.ndenumerate(ids):
        labels[y, x] = MAP_CLASS[number - 1] - 1 if number else 255
    return labels


def photo_of(index, size=SIZE):
    return picture(np.random.default_rng(90 + index), *size)


def pixels_of(index):
    rng = np.random.default_rng(90 + index)
    return rng.integers(0, 256, (*SIZE, 3), np.uint8)


def truth(ids):
    """A file of groundTruth; MATLAB's imwrite leaves doubles."""
    struct = {
        'Boundaries': np.zeros((2, 2), np.uint8),
        'Segmentation': np.ones((2, 2)),
        'SegmentationClass': ids.astype(float),
    }
    return mat(groundTruth=cell(struct))


CLASS_TABLE = mat(
    mapClass=MAP_CLASS[None].astype(float),
    className=cell(*CLASSES).T,
    allClassName=cell(*(f'class {i}' for i in range(894))).T,
)
SPLITS = mat(
    train=np.array([[5001.0]]),
    val=np.array([[6449.0]]),
    trainval=np.array([[6449.0], [5001.0]]),
    test=np.array([[5002.0], [5003.0]]),
)


def gupta():
    """Return the files of data.tgz, tables last."""
    files = {}
    for index, number in enumerate(NAMES):
        point = f'data/pointCloud/img_{number}.mat'
        files[point] = b'never read'
        photo = f'data/colorImage/img_{number}.png'
        files[photo] = photo_of(index)
        labels = f'data/benchmarkData/groundTruth/img_{number}.mat'
        files[labels] = truth(ids_of(index))
    folder = 'data/benchmarkData/metadata'
    files[f'{folder}/classMapping04.mat'] = b'never read'
    files[f'{folder}/nyusplits.mat'] = SPLITS
    files[f'{folder}/classMapping40.mat'] = CLASS_TABLE
    return files


def fcn(trainval=True):
    """Return the files of nyud.tar.gz."""
    files = {'nyud/train.txt': b'5001\n', 'nyud/val.txt': b'6449'}
    files['nyud/test.txt'] = b'5003\r\n5002\r\n'
    if trainval:
        files['nyud/trainval.txt'] = b'5001\n6449\n'
    for index, number in enumerate(NAMES):
        ids = ids_of(index)
        mapped = np.where(ids == 0, 0, MAP_CLASS[ids - 1]).astype(np.uint8)
        files[f'nyud/data/images/img_{number}.png'] = photo_of(index)
        files[f'nyud/data/hha/img_{number}.png'] = b'never read'
        labels = mat(segmentation=mapped)
        files[f'nyud/segmentation/img_{number}.mat'] = labels
    return files


def write_frames(folder, count=4, size=SIZE, **replaced):
    """Write nyu_depth_v2_labeled.mat: HDF5 behind MATLAB's 512 bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'nyu_depth_v2_labeled.mat'
    images = [pixels_of(i) for i in range(count)]
    labels = [ids_of(i) for i in range(count)]
    if size != SIZE:
        images = [np.zeros((*size, 3))] * count
        labels = [np.ones(size)] * count
    # (rows, columns, colours, images) in MATLAB; the other way round in C
    contents = {
        'images': np.stack(images, 3).astype(np.uint8).T,
        'labels': np.stack(labels, 2).astype(np.uint16).T,
        'depths': np.ones((count, 3, 2), np.float32),
        **replaced,
    }
    with h5py.File(path, 'w', userblock_size=512) as file:
        for name, content in contents.items():
            if content is not None:
                chunks = tuple(min(3, s) for s in content.shape)
                file.create_dataset(
                    name, data=content, chunks=chunks, compression='gzip'
                )
    header = b'MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .'
    with path.open('r+b') as file:
        file.write(header.ljust(116) + bytes(8) + b'\x00\x02IM')
    return path


def silberman(folder, numbers=(1, 4), **options):
    """Write the owner's files, and the table of Gupta; returns the paths."""
    frames = write_frames(folder, **options)
    (folder / 'classMapping40.mat').write_bytes(CLASS_TABLE)
    test = np.setdiff1d(np.arange(1, 5), numbers)
    variables = {'trainNdxs': np.array(numbers)[:, None]}
    variables['testNdxs'] = test[:, None].astype(np.uint16)
    savemat(folder / 'splits.mat', variables)
    return [frames, folder / 'classMapping40.mat', folder / 'splits.mat']


def prepared(tmp_path, files, name='data.tgz'):
    root = tmp_path / 'nyud40'
    prepare_nyud40(root, [pack(tmp_path / name, files)])
    return root


def stored(root, number):
    return np.array(Image.open(root / f'Labels/{number}.png'))


def assert_prepared(root, numbers=NAMES, train=TRAIN, test=TEST):
    """The label maps, read as images and by the data set's class."""
    files = {path.name for path in root.rglob('*') if path.is_file()}
    assert files == {*(f'{n}.png' for n in numbers), 'train.txt', 'test.txt'}
    for index, number in enumerate(numbers):
        labels = expected(ids_of(index))
        np.testing.assert_array_equal(stored(root, number), labels)
        photo = np.array(Image.open(root / f'Images/{number}.png'))
        np.testing.assert_array_equal(photo, pixels_of(index))
    for split, members in (('train', train), ('test', test)):
        dataset = NYUD40Dataset(
            data_root=str(root), ann_file=f'splits/{split}.txt', pipeline=[]
        )
        items = [dataset[i] for i in range(len(dataset))]
        assert [item['img_path'] for item in items] == [
            f'{root}/Images/{name}.png' for name in members
        ]


def test_classes_are_the_owners():
    names = [name.replace('_', ' ') for name in CLASSES]
    assert list(NYUD40Dataset.METAINFO['classes']) == names


def test_guptas_release(tmp_path):
    root = prepared(tmp_path, gupta())
    assert_prepared(root)
    assert (root / 'Images/5001.png').read_bytes() == photo_of(0)
    with Image.open(root / 'Labels/5001.png') as image:
        assert image.mode == 'P'
        colours = image.getpalette()
    palette = NYUD40Dataset.METAINFO['palette']
    assert colours[: 3 * 40] == [v for colour in palette for v in colour]


def test_its_files_may_be_named_by_the_number_alone(tmp_path):
    files = {n.replace('/img_', '/'): c for n, c in gupta().items()}
    assert_prepared(prepared(tmp_path, files))


@pytest.mark.parametrize(
    ('train', 'test'),
    [
        ({'trainval': [[5001, 6449]]}, 'test'),
        ({'train': [[6449]], 'val': [[5001]]}, 'tst'),
    ],
)
def test_splits_of_either_spelling(tmp_path, train, test):
    name = 'data/benchmarkData/metadata/nyusplits.mat'
    splits = {key: np.array(value) for key, value in train.items()}
    splits[test] = np.array([[5003], [5002]])
    assert_prepared(prepared(tmp_path, {**gupta(), name: mat(**splits)}))


@pytest.mark.parametrize('trainval', [True, False])
def test_fcns_packaging(tmp_path, trainval):
    root = prepared(tmp_path, fcn(trainval), 'nyud.tar.gz')
    assert_prepared(root)


@pytest.mark.parametrize('order', [1, -1])
def test_frames_of_the_owner(tmp_path, order):
    root = tmp_path / 'nyud40'
    told = []
    sources = silberman(tmp_path / 'owner')[::order]
    prepare_nyud40(root, sources, lambda *x: told.append(x))
    four = [5001, 5002, 5003, 5004]
    assert_prepared(root, four, ['5001', '5004'], TEST)
    assert told[-1] == (4, 4)


def test_frames_may_lie_in_a_folder_with_the_tables(tmp_path):
    silberman(tmp_path / 'owner')
    prepare_nyud40(tmp_path / 'nyud40', [tmp_path / 'owner'])
    four = [5001, 5002, 5003, 5004]
    assert_prepared(tmp_path / 'nyud40', four, ['5001', '5004'], TEST)


def test_the_class_table_may_come_out_of_guptas_archive(tmp_path):
    frames, _, splits = silberman(tmp_path / 'owner')
    only = {n: c for n, c in gupta().items() if 'classMapping' in n}
    archive = pack(tmp_path / 'data.tgz', only)
    root = tmp_path / 'nyud40'
    prepare_nyud40(root, [frames, archive, splits])
    assert_prepared(root, [5001, 5002, 5003, 5004], ['5001', '5004'], TEST)


@pytest.mark.parametrize('order', [1, -1])
def test_guptas_labels_win_over_frames(tmp_path, order):
    expected = snapshot(prepared(tmp_path, gupta()))
    frames, *_ = silberman(tmp_path / 'owner', size=(8, 9), count=3)
    root = tmp_path / 'both'
    prepare_nyud40(root, [tmp_path / 'data.tgz', frames][::order])
    assert snapshot(root) == expected


def test_releases_of_two_sizes_do_not_go_together(tmp_path):
    """Labels cropped by Gupta, photographs from the whole frames."""
    files = {n: c for n, c in gupta().items() if 'colorImage' not in n}
    for number in NAMES:
        name = f'data/benchmarkData/groundTruth/img_{number}.mat'
        files[name] = truth(np.ones((425, 560)))
    archive = pack(tmp_path / 'data.tgz', files)
    frames, *_ = silberman(tmp_path / 'owner', size=(480, 640), count=1)
    with pytest.raises(
        UserError,
        match=r'Images/5001\.png has 640x480 pixels, as in nyu_depth_v2_labe'
        r'led\.mat; .*Labels/5001\.png has 560x425 pixels, as in data\.tgz of '
        r'Gupta et al\.: of two releases, which do not go together\. Remove',
    ):
        prepare_nyud40(tmp_path / 'nyud40', [frames, archive])
    assert not (tmp_path / 'nyud40/splits').exists()


@pytest.mark.parametrize('where', ['root', 'folder'])
def test_an_archive_may_be_unpacked(tmp_path, where):
    expected = snapshot(prepared(tmp_path, gupta()))
    root = tmp_path / 'other'
    folder = root if where == 'root' else tmp_path / 'unpacked'
    prepare_nyud40(root, [lay_out(folder, gupta())])
    made = snapshot(root)
    assert {n: c for n, c in made.items() if n in expected} == expected
    prepare_nyud40(root, [root])  # all there
    assert snapshot(root) == made


@pytest.mark.parametrize('release', ['gupta', 'fcn', 'frames'])
@pytest.mark.parametrize('files', [0, 3, 7])
def test_interrupted_and_called_again_is_the_same(
    tmp_path, monkeypatch, release, files
):
    from zoo.datasets.prepare import nyud40

    module = unpacking
    if release == 'frames':
        sources, module = silberman(tmp_path / 'owner'), nyud40
    elif release == 'fcn':
        sources = [pack(tmp_path / 'nyud.tar.gz', fcn())]
    else:
        sources = [pack(tmp_path / 'data.tgz', gupta())]
    interrupted_equals_whole(
        monkeypatch,
        lambda root: prepare_nyud40(root, sources),
        tmp_path,
        module,
        files,
    )


def test_what_is_there_stays(tmp_path):
    root = tmp_path / 'nyud40'
    mine = {
        'Labels/5002.png': photo_of(9),
        'Images/5003.png': photo_of(8),
        'splits/train.txt': b'5003\n',
    }
    lay_out(root, mine)
    prepared(tmp_path, gupta())
    made = snapshot(root)
    assert mine.items() <= made.items()
    assert made['splits/test.txt'] == b'5002\n5003\n'


def test_real_label_maps(tmp_path, shared_data):
    """Maps others made of 0 .. 39 and 255, packed as FCN's, come out so."""
    folder = shared_data / 'voc_samples/drsleep/NYU'
    files, maps = {}, {}
    for path in sorted(folder.glob('*_mask.png')):
        number = 5000 + int(path.name[:6])
        ids = np.array(Image.open(path))
        maps[number] = ids
        labels = mat(segmentation=(ids + 1).astype(np.uint8))  # 255: 0
        photo = path.with_name(f'{path.name[:6]}.png').read_bytes()
        files[f'nyud/data/images/img_{number}.png'] = photo
        files[f'nyud/segmentation/img_{number}.mat'] = labels
    first, *others = maps
    files['nyud/trainval.txt'] = str(first).encode()
    files['nyud/test.txt'] = '\n'.join(map(str, others)).encode()
    root = prepared(tmp_path, files, 'nyud.tar.gz')
    assert len(maps) == 5
    for number, ids in maps.items():
        np.testing.assert_array_equal(stored(root, number), ids)
    # Seen by eye: a person in a kitchen; curtains, a picture.
    for number, names in (
        (5834, ('person', 'counter', 'refridgerator', 'cabinet')),
        (6391, ('curtain', 'picture', 'chair', 'window')),
    ):
        found = {CLASSES[i] for i in np.unique(maps[number]) if i < 40}
        assert found >= set(names)


LABEL = 'data/benchmarkData/groundTruth/img_5002.mat'
TABLE = 'data/benchmarkData/metadata/classMapping40.mat'
SPLIT = 'data/benchmarkData/metadata/nyusplits.mat'
PHOTO = 'data/colorImage/img_5002.png'


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        (LABEL, b'<html>', r'img_5002\.mat: cannot be read as a MATLAB file'),
        (LABEL, truth(ids_of(0))[:-9], r'img_5002\.mat: cannot be read as a'),
        (
            LABEL,
            mat(other=1),
            r'img_5002\.mat: has no groundTruth\.SegmentationClass\. Download',
        ),
        (LABEL, mat(groundTruth=cell({'A': 1})), 'has no groundTruth.Segmen'),
        (LABEL, mat(groundTruth=cell(1, 2)), 'has no groundTruth.Segmentat'),
        (LABEL, truth(ids_of(0) + 0.5), 'SegmentationClass holds no whole n'),
        (LABEL, truth(ids_of(0) + 1), r'img_5002\.mat: holds 895, ids go fr'),
        (LABEL, None, r'Labels/5002\.png: in no source, though a split names'),
        (PHOTO, None, r'Images/5002\.png: in no source, though a split names'),
        (PHOTO, b'<html>', r'Images/5002\.png: cannot be read as an image'),
        (
            PHOTO,
            photo_of(1, (9, 8)),
            r'Images/5002\.png has 8x9 pixels: of tw',
        ),
        (TABLE, b'<html>', r'classMapping40\.mat: cannot be read as a MATLAB'),
        (TABLE, mat(a=1), r'classMapping40\.mat: has no mapClass'),
        (TABLE, mat(mapClass=MAP_CLASS + 1), 'maps to 41 classes, not to 40'),
        (
            TABLE,
            mat(mapClass=MAP_CLASS, className=cell(*CLASSES[:13])),
            'maps to 13 classes, not to 40. Get classMapping40.mat of Gupta',
        ),
        (TABLE, None, r'img_500\d\.mat: is of 894 classes, and no classMapp'),
        (SPLIT, b'<html>', r'nyusplits\.mat: cannot be read as a MATLAB file'),
        (SPLIT, mat(test=[[5002]]), r'nyusplits\.mat: has no trainval\. Do'),
        (SPLIT, mat(trainval=[[5001]]), r'nyusplits\.mat: has no test\. Dow'),
        (
            SPLIT,
            mat(trainval=[[5001, 6450]], test=[[5002]]),
            r'nyusplits\.mat: names image 6450, they have the numbers 5001 to',
        ),
        (SPLIT, mat(trainval=[[5000]], test=[[5002]]), 'names image 5000, th'),
        (
            SPLIT,
            mat(trainval=[[5001, 5002]], test=[[5002]]),
            'nyusplits.mat: names an image twice. Download it again.',
        ),
        (
            SPLIT,
            mat(trainval=np.zeros((0, 0)), test=[[5002]]),
            'nyusplits.mat: has an empty split. Download it again.',
        ),
        (
            SPLIT,
            None,
            r'splits/train\.txt: cannot be made, as no source has nyusplits\.'
            r'mat, .* Get it: python tools/data\.py prepare nyud40 --root',
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, content, message):
    files = gupta()
    if content is None:
        del files[name]
    else:
        files[name] = content
    with pytest.raises(UserError, match=message) as caught:
        prepared(tmp_path, files)
    assert '\n' not in str(caught.value)
    assert not (tmp_path / 'nyud40/splits').exists()


def test_fcns_lists_must_be_numbers(tmp_path):
    files = {**fcn(), 'nyud/test.txt': b'img_5002\n'}
    with pytest.raises(UserError, match=r'test\.txt: is no list of numbers'):
        prepared(tmp_path, files, 'nyud.tar.gz')
    files = {**fcn(), 'nyud/segmentation/img_5001.mat': mat(segmentation=41)}
    with pytest.raises(UserError, match='holds 41, ids go from 0 to 40'):
        prepared(tmp_path / 'other', files, 'nyud.tar.gz')


@pytest.mark.parametrize(
    ('replaced', 'message'),
    [
        ({'images': None}, r'labeled\.mat: cannot be read as nyu_depth_v2_la'),
        ({'labels': None}, r'labeled\.mat: cannot be read as nyu_depth_v2_la'),
        (
            {'labels': np.zeros((4, 30, 31), np.uint16)},
            r'\(images and labels do not fit together\)\. Download it again',
        ),
        (
            {'images': np.zeros((4, 4, 31, 30), np.uint8)},
            r'\(images and labels do not fit together\)\. Download it again',
        ),
        (
            {'labels': np.full((4, 31, 30), 895, np.uint16)},
            r'labeled\.mat: labels of image \d: holds 895, ids go from 0 to 8',
        ),
    ],
)
def test_frames_that_are_wrong_are_named(tmp_path, replaced, message):
    sources = silberman(tmp_path / 'owner', **replaced)
    with pytest.raises(UserError, match=message) as caught:
        prepare_nyud40(tmp_path / 'nyud40', sources)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('damage', ['html', 'cut', 'hole'])
def test_a_damaged_frames_file_is_named(tmp_path, damage):
    sources = silberman(tmp_path / 'owner')
    content = sources[0].read_bytes()
    if damage == 'hole':
        with h5py.File(sources[0]) as file:
            piece = file['images'].id.get_chunk_info(1)
        start = piece.byte_offset + 20
        end = start + piece.size
        content = content[:start] + bytes(piece.size) + content[end:]
    else:
        content = b'<html>' if damage == 'html' else content[:-99]
    sources[0].write_bytes(content)
    with pytest.raises(UserError, match=r'labeled\.mat: cannot be read as'):
        prepare_nyud40(tmp_path / 'nyud40', sources)


@pytest.mark.parametrize(
    ('lost', 'message'),
    [
        (1, r'labels of image 1: is of 894 classes, and no classMapping40\.m'),
        (2, r'splits/train\.txt: cannot be made, as no source has nyusplits'),
    ],
)
def test_frames_need_their_tables(tmp_path, lost, message):
    sources = silberman(tmp_path / 'owner')
    del sources[lost]
    with pytest.raises(UserError, match=message):
        prepare_nyud40(tmp_path / 'nyud40', sources)


@pytest.mark.parametrize(
    ('numbers', 'message'),
    [
        ((1, 1450), 'splits.mat: names image 6450'),
        ((0, 1), 'splits.mat: names image 5000'),
    ],
)
def test_frames_are_counted_from_1(tmp_path, numbers, message):
    sources = silberman(tmp_path / 'owner', numbers)
    with pytest.raises(UserError, match=message):
        prepare_nyud40(tmp_path / 'nyud40', sources)


def test_another_archive_is_refused(tmp_path):
    with pytest.raises(UserError, match=r'a\.zip: holds nothing of NYUDv2: '):
        prepared(tmp_path, {'iccv09Data/labels/a.txt': b'1'}, 'a.zip')
