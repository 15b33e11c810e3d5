"""From owners' archives on a server that drops, to a data set that reads."""

import dataclasses
import hashlib
import io
import json
import os
import tarfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import owner_archives as owner
import pytest
from mmseg.registry import DATASETS
from PIL import Image
from releases import zip_file
from serving import serving

from zoo.datasets.catalogue import CATALOGUE, PREPARABLE
from zoo.datasets.checking import audit
from zoo.datasets.loading import read_label_map
from zoo.datasets.prepare.obtain import obtain
from zoo.datasets.prepare.run import CONVERTERS, plan, prepare
from zoo.errors import UserError
from zoo.files import one_at_a_time

CONTEXT = {
    'VOCtrainval_03-May-2010.tar': owner.voc2010,
    'trainval.tar.gz': owner.context,
}
ARCHIVES = {
    'voc': {
        'VOCtrainval_11-May-2012.tar': owner.voc,
        'benchmark.tgz': owner.sbd,
    },
    'sbd': {
        'benchmark.tgz': owner.sbd,
        'VOCtrainval_11-May-2012.tar': owner.voc,
    },
    'coco_voc20': {
        'annotations_trainval2014.zip': owner.coco_annotations,
        'train2014.zip': lambda: owner.coco_images('train'),
        'val2014.zip': lambda: owner.coco_images('val'),
    },
    'cityscapes': {
        'leftImg8bit_trainvaltest.zip': owner.cityscapes_images,
        'gtFine_trainvaltest.zip': owner.cityscapes_labels,
    },
    'msrc21': {'msrc_objcategimagedatabase_v2.zip': owner.msrc},
    'stanford': {'iccv09Data.tar.gz': owner.stanford},
    'nyud40': {'data.tgz': owner.nyud40},
    'siftflow': {'SiftFlowDataset.zip': owner.siftflow},
    'context59': CONTEXT,
    'context60': CONTEXT,
}
SIZES = {
    'voc': {'train': 2, 'val': 1, 'trainaug': 3},
    'sbd': {'train': 1, 'val': 1},
    'coco_voc20': {'train': 1},
    'cityscapes': {'train': 1, 'val': 1},
    'msrc21': {'train': 6, 'val': 1, 'test': 5},
    'stanford': {'all': 10, 'fold0_train': 8, 'fold0_test': 2},
    'nyud40': {'train': 1, 'test': 1},
    'siftflow': {'train': 1, 'test': 1},
    'context59': {'train': 1, 'val': 1},
    'context60': {'train': 1, 'val': 1},
}
each = pytest.mark.parametrize('name', ARCHIVES)


@contextmanager
def no_bar(text):
    yield lambda done, total: None


@contextmanager
def published(monkeypatch, name, **options):
    """Serve a data set's archives as its owner does; yields what is served."""
    files = {file: make() for file, make in ARCHIVES[name].items()}
    with serving(files, **options) as served:
        entry = CATALOGUE[name]
        archives = tuple(
            dataclasses.replace(
                archive,
                url=f'{served.url}/{archive.file}',
                size=len(files[archive.file]),
                checksum='sha256:'
                + hashlib.sha256(files[archive.file]).hexdigest(),
            )
            for archive in entry.archives
        )
        found = dataclasses.replace(entry, archives=archives)
        monkeypatch.setitem(CATALOGUE, name, found)
        yield served


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """No folder of this machine's data sets is looked at."""
    monkeypatch.chdir(tmp_path)


def run(name, root, **options):
    options = {'downloads': 'downloads', 'bar': no_bar, **options}
    return prepare(name, root, **options)


def tree(root):
    files = [p for p in Path(root).rglob('*') if p.is_file()]
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def test_every_data_set_with_archives_can_be_prepared():
    assert set(PREPARABLE) == set(CONVERTERS) == set(ARCHIVES)
    for name, files in ARCHIVES.items():
        assert {a.file for a in CATALOGUE[name].archives} == set(files)


@each
def test_a_data_set_is_downloaded_converted_and_read(monkeypatch, name):
    with published(monkeypatch, name, drops=1) as served:
        sizes = run(name, 'root')
    assert sizes.items() >= SIZES[name].items()
    asked = [file for file, _ in served.asked]
    # the first was broken off, and taken up where it was
    assert asked == [asked[0], *ARCHIVES[name]]
    assert served.asked[1][1].startswith('bytes=')
    entry = CATALOGUE[name]
    for split in entry.splits:
        arguments = {'data_root': 'root', **entry.arguments(split)}
        dataset = DATASETS.get(entry.dataset)(pipeline=[], **arguments)
        for record in dataset:
            labels = read_label_map(record['seg_map_path'])
            assert labels.shape == owner.SIZE
            with Image.open(record['img_path']) as image:
                assert image.size == owner.SIZE[::-1]
    problems = audit(name, 'root')['problems']
    assert [p['what'] for p in problems if p['level'] == 'error'] == []


@each
def test_prepared_once_more_nothing_is_asked_for_or_written(monkeypatch, name):
    with published(monkeypatch, name) as served:
        sizes = run(name, 'root')
        before = {p: p.stat().st_mtime_ns for p in Path('root').rglob('*.*')}
        state = Path('root/.prepared.json')
        known = json.loads(state.read_text())
        served.asked.clear()
        assert run(name, 'root') == sizes
        assert served.asked == []
        assert plan(name, 'root', downloads='downloads') == []
    for path, time in before.items():
        assert path.stat().st_mtime_ns == time or path.name == state.name
    assert known['unfinished'] == []
    assert json.loads(state.read_text()) == known


class Stopped(BaseException):
    """As Ctrl-C."""


def stop_after(monkeypatch, count):
    """Stop at the rename of the ``count``-th file; returns the files."""
    done = []
    plain = Path.replace

    def replace(self, target):
        if len(done) == count:
            raise Stopped
        done.append(target)
        return plain(self, target)

    monkeypatch.setattr(Path, 'replace', replace)
    return done


@each
@pytest.mark.parametrize('share', [0, 0.3, 0.6, 0.95])
def test_an_interrupted_call_is_taken_up(monkeypatch, name, share):
    with published(monkeypatch, name):
        with monkeypatch.context() as patch:
            writes = stop_after(patch, 10**9)
            run(name, 'whole')
        with monkeypatch.context() as patch:
            stop_after(patch, int(share * len(writes)))
            with pytest.raises(Stopped):
                run(name, 'root', downloads='others')
        # a kill leaves the file that it was writing
        gone = 2**22 + 1  # above any number of a process
        folder = Path('root/half')
        folder.mkdir(parents=True)
        (folder / f'.x.png.{gone}.tmp').write_bytes(b'half')
        run(name, 'root', downloads='others')
    assert tree('root') == tree('whole')


@each
def test_given_archives_are_used_and_nothing_is_downloaded(
    monkeypatch, tmp_path, name
):
    paths = []
    for file, make in ARCHIVES[name].items():
        path = tmp_path / 'mine' / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(make())
        paths.append(path)
    with published(monkeypatch, name) as served:
        run(name, 'whole')
        served.asked.clear()
        sizes = run(name, 'root', archives=paths[::-1])
        assert served.asked == []
    assert sizes.items() >= SIZES[name].items()
    state = '.prepared.json'
    trees = tree('root'), tree('whole')
    assert trees[0].pop(state) != trees[1].pop(state)  # names no digest
    assert trees[0] == trees[1]


@each
def test_one_archive_alone_says_what_lacks(monkeypatch, tmp_path, name):
    files = list(ARCHIVES[name])
    if len(files) == 1 or name == 'sbd':
        pytest.skip('one is enough')
    path = tmp_path / files[-1]
    path.write_bytes(ARCHIVES[name][files[-1]]())
    with pytest.raises(UserError) as told:
        run(name, 'root', archives=[path])
    message = str(told.value)
    assert '\n' not in message
    remedies = '--archive', 'Prepare VOC first', 'Get it: python'
    assert any(remedy in message for remedy in remedies)


def test_what_lacks_comes_of_its_own_archive(tmp_path):
    path = tmp_path / 'VOCtrainval_11-May-2012.tar'
    path.write_bytes(owner.voc())
    with pytest.raises(UserError, match=r'of benchmark\.tgz \(\S+\); name'):
        run('sbd', 'root', archives=[path], say=[].append)


def test_voc_keeps_its_own_labels_and_gets_those_of_sbd(monkeypatch):
    with published(monkeypatch, 'voc'):
        run('voc', 'root')
    lists = Path('root/ImageSets/Segmentation')
    assert (lists / 'aug.txt').read_text() == 'd\n'
    assert (lists / 'trainaug.txt').read_text() == 'a\nb\nd\n'
    labels = {
        path.stem: read_label_map(path)
        for path in Path('root/SegmentationClassAug').iterdir()
    }
    own, theirs = owner.ids(21, void=255), owner.ids(21)
    assert set(labels) == set('abcd')
    for name in 'abc':
        np.testing.assert_array_equal(labels[name], own)
    np.testing.assert_array_equal(labels['d'], theirs)
    assert not Path('root/Annotations').exists()


def test_augmented_labels_may_come_as_pictures(monkeypatch, tmp_path):
    label = owner.image_file(owner.ids(21))
    files = {f'SegmentationClassAug/{x}.png': label for x in 'abcd'}
    files['__MACOSX/SegmentationClassAug/._a.png'] = b'mac'
    path = tmp_path / 'SegmentationClassAug.zip'
    path.write_bytes(zip_file(files))
    voc = tmp_path / 'voc.tar'
    voc.write_bytes(owner.voc())
    assert run('voc', 'root', archives=[path, voc])['trainaug'] == 3


def test_coco_is_drawn_small_before_large_and_crowds_are_void(monkeypatch):
    with published(monkeypatch, 'coco_voc20'):
        run('coco_voc20', 'root')
    name = 'COCO_train2014_000000000001'
    classes = np.zeros(owner.SIZE, np.uint8)
    numbers = classes.copy()
    classes[:, :2] = numbers[:, :2] = 255
    classes[:35, 5:45], numbers[:35, 5:45] = 15, 2  # second in the file
    classes[10:20, 20:30], numbers[10:20, 20:30] = 7, 1
    for folder, wanted in (
        ('SegmentationClass', classes),
        ('SegmentationObject', numbers),
    ):
        found = read_label_map(f'root/{folder}/{name}.png')
        np.testing.assert_array_equal(found, wanted)
    lists = Path('root/ImageSets/Segmentation')
    sofa = 'COCO_val2014_000000000003'
    assert (lists / 'train.txt').read_text() == f'{name}\n'
    assert (lists / 'val.txt').read_text() == f'{sofa}\n'
    assert (lists / 'trainval.txt').read_text() == f'{name}\n{sofa}\n'
    kept = sorted(path.stem for path in Path('root/JPEGImages').iterdir())
    assert kept == [name, sofa]


def test_cityscapes_is_numbered_by_the_classes(monkeypatch):
    with published(monkeypatch, 'cityscapes'):
        run('cityscapes', 'root')
    table = dict.fromkeys(range(34), 255)
    # ids by rising train id, from the table on the owners' page
    scored = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28]
    for train_id, known in enumerate([*scored, 31, 32, 33]):
        table[known] = train_id
    [path] = Path('root/gtFine/val').rglob('*_labelTrainIds.png')
    wanted = np.vectorize(table.__getitem__)(owner.ids(34))
    np.testing.assert_array_equal(read_label_map(path), wanted)
    assert not list(Path('root/gtFine').rglob('*_labelIds.png'))
    assert not Path('root/gtFine/test').exists()
    assert len(list(Path('root/leftImg8bit/test').rglob('*.png'))) == 1


def test_what_one_must_log_in_for_is_said(tmp_path):
    with pytest.raises(UserError) as told:
        run('cityscapes', 'root')
    assert str(told.value) == (
        'Cityscapes: one has to log in to get leftImg8bit_trainvaltest.zip, '
        'gtFine_trainvaltest.zip. Get them from '
        'https://www.cityscapes-dataset.com/downloads/, then: python '
        'tools/data.py prepare cityscapes --root root --archive '
        'leftImg8bit_trainvaltest.zip gtFine_trainvaltest.zip'
    )


def test_archives_by_hand_may_lie_among_the_downloads(monkeypatch):
    Path('downloads').mkdir()
    for file, make in ARCHIVES['cityscapes'].items():
        Path('downloads', file).write_bytes(make())
    assert run('cityscapes', 'root') == {'train': 1, 'val': 1}


def test_lists_of_sbd_come_from_voc_where_it_is(monkeypatch):
    lists = Path('data/VOCdevkit/VOC2012/ImageSets/Main')
    lists.mkdir(parents=True)
    (lists / 'train.txt').write_text('b\n')
    (lists / 'val.txt').write_text('d\n')
    with published(monkeypatch, 'sbd') as served:
        assert run('sbd', 'root') == {'train': 1, 'val': 1}
        (mine := Path('root/ImageSets/Main/val.txt')).write_text('b\nd\n')
        assert run('sbd', 'root') == {'train': 1, 'val': 2}
    assert mine.read_text() == 'b\nd\n'
    assert [file for file, _ in served.asked] == ['benchmark.tgz']


def test_a_plan_says_what_is_needed(monkeypatch):
    with published(monkeypatch, 'voc') as served:
        needed = plan('voc', 'root', downloads='downloads')
        assert [(a.file, here) for a, here in needed] == [
            ('VOCtrainval_11-May-2012.tar', False),
            ('benchmark.tgz', False),
        ]
        run('voc', 'root')
        assert len(served.asked) == 2
        assert plan('voc', 'other', downloads='downloads')[1][1]


def test_a_wrong_download_is_refused_and_nothing_is_converted(monkeypatch):
    with published(monkeypatch, 'stanford') as served:
        content = bytearray(served.files['iccv09Data.tar.gz'])
        content[-1] ^= 1
        served.files['iccv09Data.tar.gz'] = bytes(content)
        with pytest.raises(UserError, match=r'has sha256 .*, the published'):
            run('stanford', 'root')
    assert list(tree('root')) == ['.prepared.json.lock']


def test_a_download_of_another_size_is_refused(monkeypatch):
    with published(monkeypatch, 'stanford') as served:
        served.files['iccv09Data.tar.gz'] += b'more'
        with pytest.raises(UserError, match=r'the server has \d+ bytes'):
            run('stanford', 'root')


def test_terms_and_digests_are_said(monkeypatch):
    said = []
    with published(monkeypatch, 'msrc21'):
        entry = CATALOGUE['msrc21']
        [archive] = entry.archives
        archive = dataclasses.replace(archive, checksum=None)
        entry = dataclasses.replace(entry, archives=(archive,))
        monkeypatch.setitem(CATALOGUE, 'msrc21', entry)
        run('msrc21', 'root', say=said.append)
    assert said[0].startswith('terms of MSRC-21 (MSRC v2): research use')
    known = hashlib.sha256(owner.msrc()).hexdigest()
    assert f'sha256 {known}; nobody has published one' in said[1]
    state = json.loads(Path('root/.prepared.json').read_text())
    assert state['done'] == {archive.file: f'sha256:{known}'}


def test_a_file_of_another_size_is_remarked_on(monkeypatch, tmp_path):
    said = []
    path = tmp_path / 'VOCtrainval_11-May-2012.tar'
    path.write_bytes(owner.voc())
    sizes = run('voc', 'root', archives=[path], say=said.append)
    assert sizes == {'train': 2, 'val': 1}  # no trainaug without SBD
    size = path.stat().st_size
    assert said == [
        f'warning: {path} has {size} bytes, the published file 1999639040',
        'warning: train has 2 images, PASCAL VOC 2012 has 1464',
        'warning: val has 1 images, PASCAL VOC 2012 has 1449',
    ]


def test_a_disk_without_room_is_said_before(monkeypatch):
    entry = CATALOGUE['voc']
    usage = type('Usage', (), {'free': 10**9})
    monkeypatch.setattr('shutil.disk_usage', lambda place: usage)
    with pytest.raises(UserError, match=r'3\.4 GB .* 1\.0 GB are free'):
        obtain(entry, entry.archives, Path(), Path('d/e'), no_bar, print)
    assert not Path('d').exists()


def test_what_has_come_already_needs_no_room(monkeypatch):
    with published(monkeypatch, 'stanford') as served:
        content = served.files['iccv09Data.tar.gz']
        usage = type('Usage', (), {'free': len(content) - 10})
        monkeypatch.setattr('shutil.disk_usage', lambda place: usage)
        with pytest.raises(UserError, match='are free'):
            run('stanford', 'root')
        Path('downloads').mkdir()
        Path('downloads/iccv09Data.tar.gz.part').write_bytes(content[:10])
        assert run('stanford', 'root')['all'] == 10


def test_files_of_others_are_left_alone(monkeypatch):
    """Of no call of the zoo, and of one that writes at this moment."""
    Path('root/half').mkdir(parents=True)
    names = ('.mine.tmp', '.my.notes.tmp', 'half/.x.jpg.7.tmp', 'x.9.tmp')
    files = [Path('root', name) for name in names]
    for path in files:
        path.write_bytes(b'half')
    os.utime(files[2], (2**31, 2**31))  # in years to come
    with published(monkeypatch, 'stanford'):
        run('stanford', 'root')
    assert all(path.is_file() for path in files)


def test_a_torn_state_is_no_harm(monkeypatch):
    with published(monkeypatch, 'stanford'):
        run('stanford', 'root')
        Path('root/.prepared.json').write_text('{"unfin')
        assert run('stanford', 'root')['all'] == 10


def stopped_early(monkeypatch, tmp_path, name):
    """Stop a call with an archive of another name; returns the archive."""
    path = tmp_path / name
    path.write_bytes(owner.voc())
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        with pytest.raises(Stopped):
            run('voc', 'root', archives=[path])
    return path


def test_half_of_an_archive_is_not_taken_for_all_of_it(monkeypatch, tmp_path):
    """Its folders are there, and some of the files."""
    path = stopped_early(monkeypatch, tmp_path, 'mine.tar')
    with pytest.raises(UserError, match=r'--archive .*mine\.tar was stopped'):
        run('voc', 'root')
    assert run('voc', 'root', archives=[path])['train'] == 2
    with published(monkeypatch, 'voc') as served:
        run('voc', 'root')
        assert [file for file, _ in served.asked] == ['benchmark.tgz']


def test_another_archive_does_not_finish_what_was_begun(monkeypatch, tmp_path):
    file = 'VOCtrainval_11-May-2012.tar'
    first = stopped_early(monkeypatch, tmp_path, file)
    (tmp_path / 'other').mkdir()
    second = tmp_path / 'other/copy.tar'
    second.write_bytes(first.read_bytes())
    said = []
    run('voc', 'root', archives=[second], say=said.append)
    assert said[-1] == f'warning: {first}: begun earlier and not finished'
    assert plan('voc', 'root', downloads='d')[0][0].file == file


def test_two_calls_at_once_do_not_meet(monkeypatch):
    with (
        published(monkeypatch, 'stanford'),
        one_at_a_time('root/.prepared.json'),
        pytest.raises(UserError, match='another process is at it'),
    ):
        run('stanford', 'root')


def test_two_downloads_of_one_archive_do_not_meet(monkeypatch):
    with published(monkeypatch, 'stanford') as served:
        with (
            one_at_a_time('downloads/iccv09Data.tar.gz'),
            pytest.raises(UserError, match=r'tar\.gz: another process is at'),
        ):
            run('stanford', 'root')
        assert served.asked == []
        assert run('stanford', 'root')['all'] == 10


def test_a_root_that_is_a_file_is_named(tmp_path):
    (tmp_path / 'root').write_text('x')
    with pytest.raises(UserError, match='root: nothing can be written there'):
        run('stanford', 'root')


def lay_out(files, root):
    for name, content in files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path(root)


def unpacked(content, root):
    """Unpack a tar archive as a user would."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(root, filter='data')
    return Path(root)


def test_two_data_sets_of_one_folder_share_what_is_known_of_it(monkeypatch):
    """What the one began with, the other does not take for whole."""
    with published(monkeypatch, 'context59'):
        with monkeypatch.context() as patch:
            writes = stop_after(patch, 10**9)
            whole = run('context59', 'whole')
        labels = [i for i, x in enumerate(writes) if 'ClassCon' in str(x)]
        with monkeypatch.context() as patch:
            stop_after(patch, labels[0] - 4)  # two archives are here now
            with pytest.raises(Stopped):
                run('context59', 'root')
    assert Path('root/SegmentationClassContext').is_dir()
    with published(monkeypatch, 'context60') as served:
        assert run('context60', 'root') == whole
        assert served.asked == []  # it lies among the downloads
    assert tree('root') == tree('whole')


def test_labels_of_sbd_wait_for_the_lists_of_voc(monkeypatch, tmp_path):
    sbd, voc = tmp_path / 'benchmark.tgz', tmp_path / 'voc.tar'
    sbd.write_bytes(owner.sbd())
    voc.write_bytes(owner.voc())
    with pytest.raises(UserError, match='Prepare VOC first'):
        run('voc', 'root', archives=[sbd])
    assert not Path('root/SegmentationClassAug').exists()
    run('voc', 'root', archives=[voc])
    run('voc', 'root', archives=[sbd])
    run('voc', 'other', archives=[sbd, voc])
    both = unpacked(owner.sbd(), 'both')
    unpacked(owner.voc(), 'both')
    run('voc', 'third', archives=[both])
    found = tree('root')
    for other in (tree('other'), tree('third')):
        assert other == found


def test_another_year_of_voc_is_passed_over(monkeypatch, tmp_path):
    """They have the same folders, and lists of the same names."""
    year = {
        f'VOCdevkit/VOC2007/{name}': content
        for name, content in {
            'ImageSets/Segmentation/train.txt': b'x\n',
            'ImageSets/Main/train.txt': b'x\n',
            'JPEGImages/x.jpg': b'x',
        }.items()
    }
    both = lay_out(year, 'both')
    unpacked(owner.voc(), 'both')
    assert run('voc', 'root', archives=[both])['train'] == 2
    assert not Path('root/JPEGImages/x.jpg').exists()
    alone = tmp_path / 'VOCtrainval_11-May-2012.tar'
    alone.write_bytes(owner.zip_file(year))
    for name in ('voc', 'sbd'):
        with pytest.raises(UserError, match='holds nothing of'):
            run(name, f'new{name}', archives=[alone])


def test_half_of_coco_is_not_ready(monkeypatch, tmp_path):
    paths = []
    for file, make in list(ARCHIVES['coco_voc20'].items())[:2]:
        paths.append(tmp_path / file)
        paths[-1].write_bytes(make())
    with pytest.raises(UserError, match=r'COCO_val2014_.*jpg, which val'):
        run('coco_voc20', 'root', archives=paths)


def test_lists_of_ones_own_stay(monkeypatch):
    with published(monkeypatch, 'voc'):
        run('voc', 'root')
        own = '/JPEGImages/d.jpg /SegmentationClassAug/d.png\n'
        path = Path('root/ImageSets/Segmentation/trainaug.txt')
        path.write_text(own)
        assert run('voc', 'root')['trainaug'] == 1
    assert path.read_text() == own


@pytest.mark.parametrize('name', ['voc', 'msrc21', 'sbd'])
def test_a_file_that_a_list_names_must_be_there(monkeypatch, name):
    with published(monkeypatch, name):
        run(name, 'root')
    folder = {'voc': 'JPEGImages', 'sbd': 'inst'}.get(name, 'Images')
    lost = sorted(Path('root', folder).iterdir())[0]
    lost.unlink()
    with pytest.raises(UserError) as told:
        run(name, 'root')
    assert lost.stem in str(told.value)


def test_cleaned_labels_that_come_later_are_taken(monkeypatch, tmp_path):
    regions = np.ones(owner.SIZE, np.uint8)
    clean = owner.mat(newseg=regions, newlabels=np.array([[7]], np.uint8))
    names = [f'{s}_{i}_s' for s in (1, 2, 3) for i in range(1, 5)]
    later = lay_out(
        {f'newsegmentations_mats/{n}_GT.mat': clean for n in names}, 'later'
    )
    with published(monkeypatch, 'msrc21'):
        run('msrc21', 'root')
        path = 'root/SegmentationClass21/1_1_s.png'
        assert read_label_map(path).max() == 255
        run('msrc21', 'root', archives=[later])
        assert (read_label_map(path) == 5).all()  # 7 is sky
        before = Path(path).stat().st_mtime_ns
        run('msrc21', 'root')
        assert Path(path).stat().st_mtime_ns == before


def test_a_slip_of_the_pen_leaves_no_trace(monkeypatch):
    with pytest.raises(UserError, match=r'typo\.tgz: no such archive'):
        run('stanford', 'root', archives=['typo.tgz'])
    Path('other.zip').write_bytes(owner.zip_file({'a.txt': b'x'}))
    with pytest.raises(UserError, match=r'other\.zip: holds n'):
        run('msrc21', 'root', archives=['other.zip'])
    with published(monkeypatch, 'msrc21'):
        said = []
        run('msrc21', 'root', say=said.append)
    assert not [line for line in said if 'begun' in line]


def test_what_is_unpacked_is_not_wanted_again(monkeypatch, tmp_path):
    """Though the call ended in an error, as the labels were not there."""
    voc, labels = tmp_path / 'VOC2010.tar', tmp_path / 'trainval.tar.gz'
    voc.write_bytes(owner.voc2010())
    labels.write_bytes(owner.context())
    with pytest.raises(UserError):
        run('context60', 'root', archives=[voc])
    run('context60', 'root', archives=[labels])
    assert plan('context60', 'root', downloads='downloads') == []


def test_unpacked_folders_of_coco(monkeypatch, tmp_path):
    folders = []
    for file, make in ARCHIVES['coco_voc20'].items():
        folders.append(tmp_path / 'mine' / file.removesuffix('.zip'))
        with zipfile.ZipFile(io.BytesIO(make())) as archive:
            archive.extractall(folders[-1])
    with published(monkeypatch, 'coco_voc20'):
        run('coco_voc20', 'whole')
    run('coco_voc20', 'root', archives=folders)
    found, whole = tree('root'), tree('whole')
    state = '.prepared.json'
    assert found.pop(state) != whole.pop(state)
    assert found == whole


@pytest.mark.parametrize('name', ['stanford', 'voc', 'nyud40', 'siftflow'])
def test_a_folder_without_permission_is_named(monkeypatch, name):
    """As root, who runs many a test, one may read everything."""
    original = Path.stat

    def stat(path, **options):
        if path.parent.parent == Path('root'):
            raise PermissionError(13, 'Permission denied', str(path))
        return original(path, **options)

    with published(monkeypatch, name), monkeypatch.context() as patch:
        patch.setattr(Path, 'stat', stat)
        message = r'^root/.*: cannot be read .Permission denied.. Corr'
        with pytest.raises(UserError, match=message):
            run(name, 'root')
