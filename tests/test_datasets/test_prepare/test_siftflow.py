"""SIFT-Flow from its release: labels, test list, everything that is amiss."""

import re

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

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.prepare import siftflow, unpacking
from zoo.datasets.prepare.siftflow import prepare_siftflow
from zoo.datasets.siftflow import SIFTFlowDataset
from zoo.errors import UserError

_NAMES = (
    'awning balcony bird boat bridge building bus car cow crosswalk desert '
    'door fence field grass moon mountain person plant pole river road rock '
    'sand sea sidewalk sign sky staircase streetlight sun tree window'
)
CLASSES = _NAMES.split()
FOLDER = 'spatial_envelope_256x256_static_8outdoorcategories'
NAMES = ['coast_arnat59', 'forest_for15', 'highway_bost181', 'street_par151']
TEST = f'{FOLDER}\\coast_arnat59.jpg\r\n\r\n{FOLDER}/street_par151.jpg\r\n'


def ids_of(seed):
    """Every published id, 0 for unlabelled."""
    return np.random.default_rng(seed).permutation(34 * 2).reshape(4, 17) % 34


def label_mat(ids, dtype=np.uint8):
    return mat(S=ids.astype(dtype), names=cell(*CLASSES))


def release(names=NAMES, test=TEST):
    """Return the files of SiftFlowDataset.zip; one image has no labels."""
    rng = np.random.default_rng(0)
    files = {}
    for seed, name in enumerate(names):
        ids = ids_of(seed) * (name != 'highway_bost181')
        photo = picture(rng, 4, 17, '.jpg')
        files[f'SiftFlowDataset/Images/{FOLDER}/{name}.jpg'] = photo
        for kind, content in (
            ('GeoLabels', mat(S=np.ones((4, 17)), names=cell('sky'))),
            ('SemanticLabels', label_mat(ids)),
        ):
            files[f'SiftFlowDataset/{kind}/{FOLDER}/{name}.mat'] = content
    if test is not None:
        files['SiftFlowDataset/TestSet1.txt'] = test.encode()
    return files


def prepared(tmp_path, files, name='SiftFlowDataset.zip'):
    root = tmp_path / 'siftflow'
    prepare_siftflow(root, [pack(tmp_path / name, files)])
    return root


def stored(root, name):
    return np.array(Image.open(root / f'Labels/{name}.png'))


def test_a_release_becomes_a_data_set(tmp_path):
    files = release()
    root = prepared(tmp_path, files)
    names = {path.name for path in root.rglob('*') if path.is_file()}
    made = {f'{n}{s}' for n in NAMES for s in ('.jpg', '.png')}
    assert names == {*made, 'train.txt', 'test.txt'}
    for seed, name in enumerate(NAMES):
        photo = files[f'SiftFlowDataset/Images/{FOLDER}/{name}.jpg']
        assert (root / f'Images/{name}.jpg').read_bytes() == photo
        labels = stored(root, name)
        for (y, x), number in np.ndenumerate(ids_of(seed)):
            void = number == 0 or name == 'highway_bost181'
            assert labels[y, x] == (255 if void else number - 1)
    assert SIFTFlowDataset.METAINFO['classes'] == tuple(CLASSES)
    for split, members in (
        ('train', ['forest_for15', 'highway_bost181']),
        ('test', ['coast_arnat59', 'street_par151']),
    ):
        dataset = SIFTFlowDataset(
            data_root=str(root), ann_file=f'splits/{split}.txt', pipeline=[]
        )
        paths = [dataset[i]['img_path'] for i in range(len(dataset))]
        assert paths == [f'{root}/Images/{name}.jpg' for name in members]


def test_colours_are_those_of_the_class(tmp_path):
    root = prepared(tmp_path, release())
    with Image.open(root / 'Labels/coast_arnat59.png') as image:
        assert image.mode == 'P'
        colours = np.array(image.convert('RGB'))
    labels = stored(root, 'coast_arnat59')
    palette = SIFTFlowDataset.METAINFO['palette']
    for (y, x), number in np.ndenumerate(labels):
        white = [255, 255, 255]
        expected = white if number == 255 else palette[number]
        assert colours[y, x].tolist() == expected


@pytest.mark.parametrize('kind', ['zip', 'tar.gz', 'folder', 'root'])
def test_archives_and_folders_give_the_same(tmp_path, kind):
    expected = snapshot(prepared(tmp_path, release()))
    root = tmp_path / 'other'
    if kind == 'folder':
        source = lay_out(tmp_path / 'unpacked', release())
    elif kind == 'root':
        source = lay_out(root, release())
    else:
        source = pack(tmp_path / f'copy.{kind}', release())
    prepare_siftflow(root, [source])
    made = snapshot(root)
    assert {k: v for k, v in made.items() if k in expected} == expected


def test_a_list_may_come_apart_and_names_may_be_plain(tmp_path):
    archive = pack(tmp_path / 'a.zip', release(test=None))
    names = tmp_path / 'test.txt'
    names.write_text('street_par151\nforest_for15.mat\n')
    for order, sources in enumerate(([archive, names], [names, archive])):
        root = tmp_path / str(order)
        prepare_siftflow(root, sources)
        test = (root / 'splits/test.txt').read_text()
        assert test == 'forest_for15\nstreet_par151\n'
    assert snapshot(tmp_path / '0') == snapshot(tmp_path / '1')


def test_without_a_list_the_papers_is_taken(tmp_path):
    with pytest.raises(UserError, match='lacks 197 of 202, first coast_bea3'):
        prepared(tmp_path, release([*NAMES, 'coast_art1'], test=None))


def test_the_papers_list_has_200_images(tmp_path):
    """With every one of them there, the list is what the papers test on."""
    names = siftflow._test_names({})
    (size,) = CATALOGUE['siftflow'].splits['test']
    assert len(set(names)) == len(names) == size
    kinds = {re.sub('_.*', '', name) for name in names}
    assert kinds == {
        'coast', 'forest', 'highway', 'insidecity', 'mountain',
        'opencountry', 'street', 'tallbuilding',
    }  # fmt: skip
    assert not {'highway_bost181', 'street_urb506'} & set(names)
    assert {'coast_natu975', 'highway_gre141'} <= set(names)
    root = prepared(tmp_path, release([*names, 'coast_art1'], test=None))
    assert (root / 'splits/test.txt').read_text().split() == names
    assert (root / 'splits/train.txt').read_text() == 'coast_art1\n'


@pytest.mark.parametrize('files', [0, 3, 7])
def test_interrupted_and_called_again_is_the_same(
    tmp_path, monkeypatch, files
):
    archive = pack(tmp_path / 'a.zip', release())
    interrupted_equals_whole(
        monkeypatch,
        lambda root: prepare_siftflow(root, [archive]),
        tmp_path,
        unpacking,
        files,
    )


def test_what_is_there_stays(tmp_path):
    root = tmp_path / 'siftflow'
    for name in ('Labels/forest_for15.png', 'Images/coast_arnat59.jpg'):
        lay_out(root, {name: b'mine'})
    lay_out(root, {'splits/test.txt': b'forest_for15\n'})
    prepared(tmp_path, release())
    assert (root / 'Labels/forest_for15.png').read_bytes() == b'mine'
    assert (root / 'Images/coast_arnat59.jpg').read_bytes() == b'mine'
    assert (root / 'splits/test.txt').read_bytes() == b'forest_for15\n'
    train = (root / 'splits/train.txt').read_text().split()
    assert train == ['coast_arnat59', 'highway_bost181', 'street_par151']


LABEL = f'SiftFlowDataset/SemanticLabels/{FOLDER}/forest_for15.mat'
IMAGE = f'SiftFlowDataset/Images/{FOLDER}/forest_for15.jpg'


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        (LABEL, b'<html>', 'forest_for15.mat: cannot be read as a MATLAB'),
        (LABEL, label_mat(ids_of(0))[:-9], 'forest_for15.mat: cannot be read'),
        (LABEL, mat(T=ids_of(0)), 'forest_for15.mat: has no S. Download'),
        (LABEL, mat(S='text'), 'forest_for15.mat: S holds no whole numbers'),
        (LABEL, mat(S=ids_of(0) + 0.5), 'S holds no whole numbers'),
        (LABEL, mat(S=ids_of(0) - 1.0), 'S holds no whole numbers'),
        (LABEL, mat(S=np.full((2, 2), np.inf)), 'S holds no whole numbers'),
        (LABEL, mat(S=np.ones((2, 2, 2))), 'has 3 dimensions, a label map'),
        (LABEL, label_mat(ids_of(0) + 1), 'mat: holds 34, ids go from 0 to 3'),
        (LABEL, None, None),
        (IMAGE, None, r'Images: lacks 1 of 4, first forest_for15\.jpg; no so'),
        ('SiftFlowDataset/TestSet1.txt', b' \n', 'TestSet1.txt: names no im'),
        (
            'SiftFlowDataset/TestSet1.txt',
            b'coast_no1',
            r'Images: lacks 1 of 5, first coast_no1\.jpg; no source has it\. '
            r'Get it: python tools/data\.py prepare siftflow',
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, content, message):
    files = release()
    if content is None:
        del files[name]
    else:
        files[name] = content
    if message is None:  # an image without label is in no list
        root = prepared(tmp_path, files)
        train = (root / 'splits/train.txt').read_text()
        assert train == 'highway_bost181\n'
        return
    with pytest.raises(UserError, match=message) as caught:
        prepared(tmp_path, files)
    assert '\n' not in str(caught.value)
    assert not list(tmp_path.glob('siftflow/splits/*'))


def test_another_archive_is_refused(tmp_path):
    with pytest.raises(UserError, match=r'a\.zip: holds nothing of SIFT-Flow'):
        prepared(tmp_path, {'iccv09Data/labels/a.txt': b'1'}, 'a.zip')
    damaged = tmp_path / 'b.zip'
    damaged.write_bytes(b'<html>')
    with pytest.raises(UserError, match=r'b\.zip: cannot be read as a zip'):
        prepare_siftflow(tmp_path / 'root', [damaged])
