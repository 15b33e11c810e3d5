"""Stanford Background: decoding, folds, the data set, preparing a release."""

import io
import itertools
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.checking import audit
from zoo.datasets.loading import read_label_map
from zoo.datasets.prepare import stanford
from zoo.datasets.stanford import (
    CLASSES,
    PALETTE,
    StanfordBackgroundDataset,
    labels_from_ids,
    labels_from_text,
    make_folds,
)
from zoo.errors import UserError

IDS = [f'{i:07}' for i in range(11)]
FOLD0 = ['0000006', '0000009']  # of which fold 0 tests these
RELEASED = np.array([[-1, 0, 1, 2, 3], [4, 5, 6, 7, 7]])
LABELS = [[255, 0, 1, 2, 3], [4, 5, 6, 7, 7]]
ALL = [str(i) for i in range(715)]


def write_text(root, image_id, ids=RELEASED):
    folder = root / 'labels'
    folder.mkdir(parents=True, exist_ok=True)
    rows = (' '.join(map(str, row)) + ' \n' for row in ids)
    (folder / f'{image_id}.regions.txt').write_text(''.join(rows))
    (folder / f'{image_id}.surfaces.txt').write_text('1 1\n')


def write_map(root, image_id, ids):
    folder = root / 'SegmentationClass'
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.array(ids, np.uint8))
    image.putpalette(list(range(256)) * 3)
    image.save(folder / f'{image_id}.png')


def write_photos(root, ids=IDS):
    rng = np.random.default_rng(0)
    (root / 'images').mkdir(parents=True)
    for image_id in ids:
        photo = rng.integers(0, 256, (2, 5, 3), np.uint8)
        Image.fromarray(photo).save(root / f'images/{image_id}.jpg')
    return root


def release(root, ids=IDS):
    """Write the original layout, with tiny images."""
    write_photos(root, ids)
    (root / 'horizons.txt').write_text('0000000 5 2 1\n')
    for image_id in ids:
        write_text(root, image_id)
    return root


def pack(path, source):
    """Write a tar file of a folder as released, with a copy of macOS's."""
    with tarfile.open(path, 'w:gz') as archive:
        archive.add(source, arcname='iccv09Data')
        info = tarfile.TarInfo('iccv09Data/images/._0000000.jpg')
        info.size = 3
        archive.addfile(info, io.BytesIO(b'mac'))
    return path


def prepare(root, sources=(), **options):
    """Prepare from sources, else from the folder; returns sizes of lists."""
    own = [root] if root.is_dir() else []
    stanford.prepare_stanford(root, sources or own, **options)
    return {
        path.stem: len(path.read_text().split())
        for path in (root / 'splits').iterdir()
    }


def stored(root, image_id=IDS[0]):
    return read_label_map(root / f'SegmentationClass/{image_id}.png').tolist()


def snapshot(root):
    files = sorted(p for p in root.rglob('*') if p.is_file())
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_classes_are_in_the_order_of_the_release():
    assert ' '.join(CLASSES) == (
        'sky tree road grass water building mountain foreground'
    )
    assert len({tuple(colour) for colour in PALETTE}) == 8


def test_decodes_either_numbering():
    text = '-1 0 1 2 3 \n4 5 6 7 7\n\n'
    labels = labels_from_text(text)
    assert labels.dtype == np.uint8
    assert labels.tolist() == LABELS
    ids = (RELEASED + 1).astype(np.uint8)
    assert labels_from_ids(ids, unknown=0).tolist() == LABELS


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('0 1\n0\n', r'one length, got \[1, 2\]'),
        ('\n', r'one length, got \[\]'),
        ('0 8\n', r'in -1 \.\. 7, got 8'),
        ('0 -2\n', r'in -1 \.\. 7, got -2'),
        ('0 x\n', 'invalid literal'),
        (f'0 {10**30}\n', f'got {10**30}'),
        (f'0 -{2**63}\n', f'got -{2**63}'),
    ],
)
def test_refuses_a_text_that_is_no_label(text, message):
    with pytest.raises(ValueError, match=message):
        labels_from_text(text)


@pytest.mark.parametrize(
    ('count', 'sizes'), [(715, [143] * 5), (99, [19, 20, 20, 20, 20])]
)
def test_folds_are_equal_complete_and_disjoint(count, sizes):
    folds = make_folds(ALL[:count])
    assert list(folds)[:3] == ['all', 'fold0_train', 'fold0_test']
    assert len(folds) == 11
    tested = [folds[f'fold{k}_test'] for k in range(5)]
    assert [len(names) for names in tested] == sizes
    assert sorted(itertools.chain(*tested)) == sorted(ALL[:count])
    assert folds['all'] == sorted(ALL[:count])
    for k, names in enumerate(tested):
        assert folds[f'fold{k}_train'] == sorted({*ALL[:count]} - {*names})
        assert names == sorted(names)


def test_folds_depend_on_the_seed_only():
    folds = make_folds(ALL)
    assert make_folds([*reversed(ALL), ALL[3]]) == folds
    assert make_folds(ALL, seed=1) != folds
    # Fixed for good: records name these folds.
    assert make_folds(IDS)['fold0_test'] == FOLD0
    assert folds['fold4_test'] != sorted(ALL[-143:])


def test_folds_refuse_too_little():
    with pytest.raises(ValueError, match='5 folds, got 4'):
        make_folds(IDS[:4])
    with pytest.raises(ValueError, match='at least 2, got 1'):
        make_folds(IDS, count=1)


@pytest.mark.parametrize('kind', ['tar', 'folder', 'above', 'in place'])
def test_prepared_release_is_read(tmp_path, kind):
    source = tmp_path / 'source/iccv09Data'
    root = source if kind == 'in place' else tmp_path / 'root'
    release(source)
    archives = {
        'tar': lambda: [pack(tmp_path / 'iccv09Data.tar.gz', source)],
        'folder': lambda: [source],
        'above': lambda: [source.parent],
        'in place': list,
    }[kind]()
    before = snapshot(source)
    steps = []
    sizes = prepare(root, archives, progress=lambda *x: steps.append(x))
    assert steps[-1][0] == steps[-1][1]
    if kind != 'tar':  # images and texts; in place they are there
        assert steps[-1] == ((11, 11) if kind == 'in place' else (22, 22))
    assert before.items() <= snapshot(source).items()
    assert sizes['all'] == 11
    assert sizes['fold0_train'] == 9
    assert sizes['fold0_test'] == 2
    dataset = StanfordBackgroundDataset(
        data_root=str(root), ann_file='splits/fold0_test.txt'
    )
    assert [dataset[i]['img_path'] for i in range(2)] == [
        str(root / f'images/{name}.jpg') for name in FOLD0
    ]
    path = dataset[0]['seg_map_path']
    assert read_label_map(path).tolist() == LABELS
    coloured = Image.open(path).convert('RGB')
    assert coloured.getpixel((1, 0)) == tuple(PALETTE[0])
    photo = (root / 'images/0000000.jpg').read_bytes()
    assert photo == (source / 'images/0000000.jpg').read_bytes()


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ([[0, 1, 2], [3, 4, 5]], [[0, 6, 7], [8, 8, 8]]),  # 0 unknown
        ([[255, 0, 1], [2, 3, 4]], [[255, 5, 6], [7, 7, 7]]),
    ],
)
def test_label_maps_are_read_in_either_numbering(tmp_path, one, other):
    source, root = write_photos(tmp_path / 'source'), tmp_path / 'root'
    for image_id in IDS:
        write_map(source, image_id, one)
    write_map(source, IDS[4], other)
    prepare(root, [source])
    assert stored(root) == [[255, 0, 1], [2, 3, 4]]
    assert stored(root, IDS[4]) == [[255, 5, 6], [7, 7, 7]]


def test_the_original_text_goes_before_a_label_map(tmp_path):
    source, root = write_photos(tmp_path / 'source'), tmp_path / 'root'
    for image_id in IDS:
        write_map(source, image_id, [[0, 8]])
    write_text(source, IDS[0])
    prepare(root, [source])
    assert stored(root) == LABELS
    assert stored(root, IDS[1]) == [[255, 7]]


@pytest.mark.parametrize(
    ('ids', 'message'),
    [
        ([[0, 1, 7]], 'neither of the ids 8 and 255'),
        ([[0, 8, 255]], 'both of the ids 8 and 255'),
        ([[0, 9]], '0000000.png holds 9, no id'),
    ],
)
def test_label_maps_that_leave_a_doubt_are_refused(tmp_path, ids, message):
    source, root = write_photos(tmp_path / 'source'), tmp_path / 'root'
    for image_id in IDS:
        write_map(source, image_id, ids)
    with pytest.raises(UserError, match=message):
        prepare(root, [source])
    assert not (root / 'SegmentationClass').exists()


def test_a_copy_with_other_ids_is_not_prepared_in_place(tmp_path):
    root = write_photos(tmp_path / 'root')
    for image_id in IDS:
        write_map(root, image_id, [[0, 8]])
    before = snapshot(root)
    for archives in ([], [root]):
        with pytest.raises(UserError, match=f'DIR --archive {root}$'):
            prepare(root, archives)
    assert snapshot(root) == before


def test_preparing_again_changes_nothing_and_adds_what_was_lost(tmp_path):
    root = release(tmp_path)
    prepare(root)
    before = snapshot(root)
    prepare(root, [root])
    assert snapshot(root) == before
    (root / 'splits/fold3_test.txt').unlink()  # as a kill leaves it
    (root / 'SegmentationClass/0000003.png').unlink()
    prepare(root)
    assert {p: content for p, (content, _) in snapshot(root).items()} == {
        p: content for p, (content, _) in before.items()
    }
    assert not list(root.rglob('*.tmp'))


def test_a_release_without_unknown_pixels_is_prepared_twice(tmp_path):
    """Its label maps could be in either numbering, were they a source."""
    root = write_photos(tmp_path)
    for image_id in IDS:
        write_text(root, image_id, [[0, 7]])
    sizes = prepare(root)
    assert stored(root) == [[0, 7]]
    assert prepare(root) == sizes


def test_own_folds_stay(tmp_path):
    root = release(tmp_path)
    prepare(root)
    (root / 'splits/fold0_test.txt').write_text('0000007\n')
    assert prepare(root)['fold0_test'] == 1
    (root / 'splits/fold1_test.txt').unlink()
    with pytest.raises(UserError, match=r'fold0_test.txt: does not fit'):
        prepare(root)


def test_lists_of_fewer_photographs_are_not_kept(tmp_path):
    root = release(tmp_path / 'root', IDS[:8])
    prepare(root)
    more = release(tmp_path / 'more')
    with pytest.raises(UserError, match=r'all.txt: does not fit the 11'):
        prepare(root, [more])


def remove(path):
    for file in path.iterdir():
        file.unlink()


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda r: (r / 'labels/0000002.regions.txt').unlink(),
         'no label of 0000002, neither 0000002.regions.txt'),
        (lambda r: (r / 'labels/0000002.regions.txt').write_text('0 9\n'),
         r'labels/0000002.regions.txt: not a label .*got 9'),
        (lambda r: (r / 'labels/0000002.regions.txt').write_bytes(b'\xff'),
         r'labels/0000002.regions.txt: not a label of Stanford'),
        (lambda r: remove(r / 'images'), 'images: no photographs. Get them'),
        (lambda r: [(r / f'images/{i}.jpg').unlink() for i in IDS[:8]],
         'images: 5 images or more are needed for 5 folds, got 3'),
    ],
)  # fmt: skip
def test_damaged_release_is_named(tmp_path, damage, message):
    root = release(tmp_path)
    damage(root)
    with pytest.raises(UserError, match=message):
        prepare(root)


@pytest.mark.parametrize('content', [b'x', b'\x89PNG\r\n\x1a\n', None])
def test_damaged_label_map_is_named(tmp_path, content):
    source = write_photos(tmp_path / 'source')
    write_map(source, IDS[0], [[0, 8]])
    path = source / f'SegmentationClass/{IDS[0]}.png'
    if content is None:
        Image.new('RGB', (3, 2)).save(path)
    else:
        path.write_bytes(content)
    message = 'has 3 channels' if content is None else 'cannot be read as a'
    with pytest.raises(UserError, match=f'source: .*0000000.png: {message}'):
        prepare(tmp_path / 'root', [source])


def test_what_is_damaged_is_to_be_downloaded_again(tmp_path):
    source = write_photos(tmp_path / 'source')
    write_map(source, IDS[0], [[0, 8]])
    (source / f'SegmentationClass/{IDS[0]}.png').write_bytes(b'x')
    with pytest.raises(UserError, match=r'\. Download it again\.$'):
        prepare(tmp_path / 'root', [source])


def test_what_is_there_is_not_read_again(tmp_path, monkeypatch):
    source, root = release(tmp_path / 'source'), tmp_path / 'root'
    write_map(source, IDS[0], [[0, 8]])
    prepare(root, [source])
    (root / f'SegmentationClass/{IDS[1]}.png').unlink()
    read = []
    original = Path.read_bytes
    monkeypatch.setattr(
        Path, 'read_bytes', lambda path: read.append(path) or original(path)
    )
    prepare(root, [source])
    texts = source / 'labels'
    assert [p for p in read if source in p.parents] == [
        texts / f'{IDS[1]}.regions.txt'
    ]
    assert stored(root, IDS[1]) == LABELS


class Recorder:
    """Progress that is told of the end of a source, as in a call."""

    def __init__(self, root):
        self.root, self.there = root, []

    def __call__(self, done, total):
        pass

    def finished(self, source):
        maps = (self.root / 'SegmentationClass').glob('*.png')
        self.there.append(len(list(maps)))


def test_a_source_is_not_done_with_before_its_maps(tmp_path):
    source, root = write_photos(tmp_path / 'source'), tmp_path / 'root'
    for image_id in IDS:
        write_map(source, image_id, [[0, 8]])
    progress = Recorder(root)
    prepare(root, [source], progress=progress)
    assert all(there == 11 for there in progress.there)


def test_foreign_or_absent_source_is_named(tmp_path):
    (tmp_path / 'a.txt').write_text('x')
    with pytest.raises(UserError, match='holds nothing of Stanford Backg'):
        prepare(tmp_path / 'root', [tmp_path])
    with pytest.raises(UserError, match=r'none.tgz: no such archive'):
        prepare(tmp_path / 'root', [tmp_path / 'none.tgz'])
    with pytest.raises(UserError, match=r'no photographs. Get them: python'):
        prepare(tmp_path / 'root')


def test_unprepared_release_names_the_command(tmp_path):
    root = release(tmp_path)
    with pytest.raises(UserError, match=f'prepare stanford --root {root}; or'):
        StanfordBackgroundDataset(data_root=str(root))


def test_check_sees_folds_that_share_an_image(tmp_path):
    root = release(tmp_path)
    prepare(root)
    found = audit('stanford', root)
    assert found['images'] == 11
    assert [p['what'] for p in found['problems']] == [
        'all has 11 images, Stanford Background has 715'
    ]
    path = root / 'splits/fold0_test.txt'
    name = (root / 'splits/fold1_test.txt').read_text().split()[0]
    path.write_text(f'{path.read_text()}{name}\n')
    what = {
        p['what'].partition(', first')[0]
        for p in audit('stanford', root)['problems']
        if p['level'] == 'error'
    }
    assert what == {
        '1 images of fold0_train are also in fold0_test',
        '1 images of fold0_test are also in fold1_test',
    }


def test_real_texts_and_label_maps_agree(shared_data, tmp_path):
    source = shared_data / 'stanford_bg'
    texts = sorted((source / 'labels').glob('*.regions.txt'))
    assert len(texts) == 33
    for path in texts:
        name = path.name.removesuffix('.regions.txt')
        ids = read_label_map(source / f'SegmentationClass/{name}.png')
        labels = labels_from_text(path.read_text())
        np.testing.assert_array_equal(labels_from_ids(ids, unknown=0), labels)
    sizes = prepare(tmp_path, [source])
    assert sizes['all'] == 99
    assert sorted({sizes[f'fold{k}_test'] for k in range(5)}) == [19, 20]
