"""From photographs to a table: what is in it, and what is done once."""

import shutil

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from PIL import Image

from zoo.datasets.feature_store import FeatureStore
from zoo.engine.checkpoint import load_plain
from zoo.engine.zoom_out import extraction, prepare_features
from zoo.engine.zoom_out.plan import plan_features
from zoo.errors import UserError
from zoo.models.backbones import ZoomOutFeatures
from zoo.ops.superpixels import slic_superpixels

WIDTH = 546


@MODELS.register_module()
class RegionSizes(BaseModule):
    """Describes a region by its width, height and 7."""

    out_channels = 3

    def describe(self, image, boxes, *, size, batch):
        sides = boxes[:, 2:] - boxes[:, :2]
        sevens = torch.full((len(boxes), 1), 7.0)
        return torch.cat([sides.float(), sevens], 1)


def images_of(root, split):
    """Return photographs and label maps, read without the zoo."""
    names = root / f'ImageSets/Segmentation/{split}.txt'
    for name in names.read_text().split():
        photo = next((root / 'JPEGImages').glob(f'{name}.*'))
        labels = root / f'SegmentationClass/{name}.png'
        yield (
            np.asarray(Image.open(photo).convert('RGB')),
            np.asarray(Image.open(labels)),
        )


def majority(superpixels, labels):
    found = []
    for s in range(superpixels.max() + 1):
        votes = labels[superpixels == s]
        votes = votes[votes != 255]
        found.append(np.bincount(votes).argmax() if len(votes) else 255)
    return found


def in_folder(folder, **options):
    options = {'columns': WIDTH, 'shared': 0, **options}
    return FeatureStore(folder / 'rows', **options)


def files_of(folder):
    """Return when each file of rows was written."""
    return {p: p.stat().st_mtime_ns for p in folder.glob('rows/*/*.npy')}


@pytest.fixture
def prepare(zoom_out_config, zoom_out_leaf):
    def prepare(*options, splits=('val',), **changes):
        config = zoom_out_config(*options, **changes)
        return prepare_features(config, zoom_out_leaf, splits=splits)

    return prepare


@pytest.fixture
def idle(monkeypatch):
    """Nothing may be extracted."""
    monkeypatch.setattr(extraction._Photos, '__getitem__', None)


def test_table_has_every_superpixel_and_its_class(extracted, mini_root):
    table = np.load(extracted / 'table.npz')
    keys, counts, labels = [], [], []
    for photo, truth in images_of(mini_root, 'train'):
        superpixels = slic_superpixels(photo, n_segments=40, compactness=15)
        keys.append(FeatureStore.key(photo))
        counts.append(superpixels.max() + 1)
        labels += majority(superpixels, truth)
    assert len(keys) == 6
    assert table['keys'].tolist() == keys
    assert table['counts'].tolist() == counts
    assert table['labels'].tolist() == labels
    counted = load_plain(extracted / 'fitted.pth')['meta']['class_counts']
    known = [label for label in labels if label != 255]
    assert counted == np.bincount(known, minlength=12).tolist()


@pytest.mark.parametrize('split', ['train', 'val'])
def test_rows_are_what_the_model_computes(extracted, mini_root, split):
    net = ZoomOutFeatures(
        use=['local', 'proximal'], textons=4, words=5, sift_step=6
    )
    state = load_plain(extracted / 'fitted.pth')['state_dict']
    net.load_state_dict(
        {k.removeprefix('backbone.'): v for k, v in state.items()}
    )
    assert net.textons.std() > 0
    assert net.words.std() > 0
    store = in_folder(extracted)
    for photo, _ in list(images_of(mini_root, split))[:2]:
        superpixels = slic_superpixels(photo, n_segments=40, compactness=15)
        expected = net.describe(photo, superpixels)
        np.testing.assert_array_equal(store.of_photo(photo), expected)


def test_statistics_are_those_of_the_training_images(extracted, mini_root):
    store = in_folder(extracted)
    rows = np.concatenate(
        [
            store.of_photo(photo).astype(np.float64)
            for photo, _ in images_of(mini_root, 'train')
        ]
    )
    state = load_plain(extracted / 'fitted.pth')['state_dict']
    np.testing.assert_allclose(
        state['backbone.mean'], rows.mean(0), rtol=1e-5, atol=1e-7
    )
    deviation = rows.std(0)
    found = state['backbone.deviation'].numpy()
    flat = np.ptp(rows, axis=0) == 0
    np.testing.assert_allclose(found[~flat], deviation[~flat], rtol=1e-5)
    assert (found[flat] == 1).all()


def test_a_second_call_extracts_nothing(extracted, prepare, idle):
    before = files_of(extracted)
    assert len(before) == 9
    found = prepare()
    assert files_of(extracted) == before
    assert found.fitted == str(extracted / 'fitted.pth')
    assert found.table == {
        'table': str(extracted / 'table.npz'),
        'folder': str(extracted / 'rows'),
        'columns': WIDTH,
        'shared': 0,
        'use': [(0, WIDTH)],
    }


def test_another_split_is_extracted_once_too(extracted, prepare, monkeypatch):
    """Test images are the validation images here: their files are there."""
    prepare(splits=['val', 'test'])
    shutil.rmtree(extracted / 'complete')
    before = files_of(extracted)
    prepare(splits=['test'])
    [note] = (extracted / 'complete').iterdir()
    assert note.read_text() == '3\n'
    assert files_of(extracted) == before
    monkeypatch.setattr(extraction._Photos, '__getitem__', None)
    prepare(splits=['test', 'val'])


def test_what_is_missing_is_made_again_and_is_the_same(extracted, prepare):
    before = files_of(extracted)
    table = (extracted / 'table.npz').read_bytes()
    lost = sorted(before)[::4]
    content = {path: path.read_bytes() for path in lost}
    for path in (*lost, extracted / 'table.npz'):
        path.unlink()
    shutil.rmtree(extracted / 'complete')
    prepare()
    after = files_of(extracted)
    assert after.keys() == before.keys()
    assert {p for p in before if before[p] != after[p]} == set(lost)
    assert {path: path.read_bytes() for path in lost} == content
    assert (extracted / 'table.npz').read_bytes() == table


def test_a_kill_in_the_middle_loses_only_what_was_not_written(
    prepare, extracted_once, monkeypatch, tmp_path, capsys
):
    plain, written = FeatureStore.put, []

    def put(self, key, rows):
        if len(written) == 3:
            raise KeyboardInterrupt
        plain(self, key, rows)
        written.append(key)

    monkeypatch.setattr(FeatureStore, 'put', put)
    with pytest.raises(KeyboardInterrupt):
        prepare()
    [folder] = (tmp_path / 'features').iterdir()
    before = files_of(folder)
    assert {path.stem for path in before} == set(written)
    assert not (folder / 'table.npz').exists()
    monkeypatch.setattr(FeatureStore, 'put', plain)
    capsys.readouterr()
    prepare()
    assert '6 of them are missing' in capsys.readouterr().out
    after = files_of(folder)
    assert {p: after[p] for p in before} == before
    [whole] = extracted_once.iterdir()
    assert folder.name == whole.name
    names = {p.relative_to(folder) for p in after}
    assert names == {p.relative_to(whole) for p in files_of(whole)}
    for name in (*names, 'table.npz'):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()
    fitted = [load_plain(x / 'fitted.pth') for x in (folder, whole)]
    assert fitted[0]['meta'] == fitted[1]['meta']
    for key, value in fitted[0]['state_dict'].items():
        assert torch.equal(value, fitted[1]['state_dict'][key])


@pytest.mark.slow
def test_other_processes_extract_the_same(prepare, extracted_once, tmp_path):
    prepare('features.workers=2', splits=())
    [folder], [whole] = (
        list(x.iterdir()) for x in (tmp_path / 'features', extracted_once)
    )
    assert len(files_of(folder)) == 6
    for path in (*files_of(folder), folder / 'table.npz'):
        other = whole / path.relative_to(folder)
        assert path.read_bytes() == other.read_bytes()


@pytest.fixture
def with_network(zoom_out_config, zoom_out_leaf, extracted):
    """A config of one that has a network; its dictionary is there."""
    dictionary = extracted / 'dictionary.pth'
    config = zoom_out_config(f'features.dictionary={dictionary}')
    nothing = {'type': 'Constant', 'val': 0.0, 'layer': 'Conv2d'}
    config.model.backbone.network = ConfigDict(
        type='RegionSizes', init_cfg=nothing
    )
    config.model.backbone.use = ['global', 'local.sift', 'distant']
    return config


def test_what_the_whole_image_shows_is_stored_once(
    with_network, zoom_out_leaf, mini_root
):
    found = prepare_features(with_network, zoom_out_leaf)
    table = found.table
    assert (table['columns'], table['shared']) == (WIDTH + 6, 3)
    assert table['use'] == [(248, 263), (WIDTH, WIDTH + 6)]
    folder = plan_features(with_network, zoom_out_leaf).folder
    store = in_folder(folder, columns=WIDTH + 6, shared=3)
    for photo, _ in images_of(mini_root, 'train'):
        rows = store.of_photo(photo)
        assert (rows[:, -3:] == [161, 121, 7]).all()
        assert (rows[:, -4] == 7).all()
        assert rows[:, WIDTH].max() <= 161
        assert len(np.unique(rows[:, WIDTH])) > 1, 'distant ones differ'


def test_config_trains_on_the_table_and_starts_from_the_fitted(
    extracted, prepare, zoom_out_config
):
    config = zoom_out_config()
    images = config.train_dataloader.dataset.to_dict()
    found = prepare()
    found.use_in(config)
    dataset = config.train_dataloader.dataset.to_dict()
    assert dataset == {
        'type': 'FeatureTable',
        'dataset': images,
        **found.table,
    }
    assert config.load_from == found.fitted
    loss = config.model.decode_head.loss_decode
    assert loss.class_counts == found.class_counts
    assert sum(found.class_counts) > 100


def test_what_a_config_states_itself_is_kept(prepare, extracted):
    found = prepare()
    terms = [
        {'type': 'AsymmetricCrossEntropyLoss', 'class_counts': [1] * 12},
        {'type': 'CrossEntropyLoss'},
        {'type': 'AsymmetricCrossEntropyLoss'},
    ]
    config = Config(
        {
            'model': {'decode_head': {'loss_decode': terms}},
            'train_dataloader': {'dataset': {'type': 'X'}},
            'load_from': 'mine.pth',
        }
    )
    found.use_in(config)
    assert config.load_from == 'mine.pth'
    first, plain, last = config.model.decode_head.loss_decode
    assert first.class_counts == [1] * 12
    assert 'class_counts' not in plain
    assert last.class_counts == found.class_counts


def test_training_images_without_a_label_are_refused(
    prepare, mini_root, tmp_path
):
    root = tmp_path / 'minivoc'
    shutil.copytree(mini_root, root)
    for path in (root / 'SegmentationClass').iterdir():
        labels = np.full((121, 161), 255, np.uint8)
        Image.fromarray(labels).save(path)
    with pytest.raises(UserError, match='no training image has a label'):
        prepare(data_root=root)


def test_too_few_samples_for_the_words_are_refused(prepare):
    with pytest.raises(UserError, match=r'features\.samples'):
        prepare('features.images=1', 'features.samples=2', splits=())


def test_several_processes_need_all_to_be_there(
    zoom_out_config, zoom_out_leaf, tmp_path
):
    with pytest.raises(UserError, match=r'First: python tools/extract_feat'):
        prepare_features(
            zoom_out_config(), zoom_out_leaf, splits=['val'], extracting=False
        )
    assert not (tmp_path / 'features').exists()


def test_several_processes_take_what_is_there(
    extracted, zoom_out_config, zoom_out_leaf
):
    found = prepare_features(
        zoom_out_config(), zoom_out_leaf, splits=['val'], extracting=False
    )
    assert found.fitted == str(extracted / 'fitted.pth')


def test_rows_that_are_gone_are_made_again(extracted, prepare):
    """The table and what is fitted stay: runs name them by their digest."""
    before = {path: path.read_bytes() for path in files_of(extracted)}
    fitted = (extracted / 'fitted.pth').read_bytes()
    with np.load(extracted / 'table.npz') as table:
        lost = in_folder(extracted).path(str(table['keys'][2]))
    lost.unlink()
    prepare()
    assert {p: p.read_bytes() for p in files_of(extracted)} == before
    assert (extracted / 'fitted.pth').read_bytes() == fitted


def test_a_network_that_would_be_random_is_refused(with_network):
    with_network.model.backbone.network.init_cfg = None
    with pytest.raises(UserError, match=r'network has no weights to start'):
        prepare_features(with_network, 'leaf.py')
