"""What features depend on, and what they do not."""

import json
import shutil

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from PIL import Image

from zoo.engine.zoom_out.plan import plan_features
from zoo.engine.zoom_out.settings import feature_settings
from zoo.errors import UserError


@MODELS.register_module()
class ConstantNetwork(BaseModule):
    """Has one weight; describes nothing here."""

    out_channels = 6

    def __init__(self, value=1.0, init_cfg=None):
        super().__init__()  # its weight is what it was told
        self.weight = torch.nn.Parameter(torch.tensor(float(value)))


@pytest.fixture
def folder_of(zoom_out_config, zoom_out_leaf):
    """Return a function from options to where their features are kept."""

    def folder_of(*options, **changes):
        config = zoom_out_config(*options, **changes)
        return plan_features(config, zoom_out_leaf).folder

    return folder_of


@pytest.mark.parametrize(
    'option',
    [
        'features.images=4',
        'features.samples=299',
        'features.statistics_images=4',
        'features.seed=1',
        'model.superpixels.n_segments=41',
        'model.superpixels.compactness=16',
        'model.backbone.textons=5',
        'model.backbone.words=6',
        'model.backbone.per_channel=True',
        'model.backbone.sift_step=9',
        "model.backbone.sift_sizes='[8,16]'",
    ],
)
def test_features_of_another_setting_lie_elsewhere(folder_of, option):
    assert folder_of(option) != folder_of()


@pytest.mark.parametrize(
    'option',
    [
        'features.workers=3',
        'features.read_in_tests=False',
        'model.backbone.batch_size=3',
        'model.backbone.bound=3.0',
        "model.backbone.use='[local.sift]'",
        'model.decode_head.hidden="[8]"',
        'randomness.seed=3',
        'train_dataloader.batch_size=2',
    ],
)
def test_what_changes_no_feature_keeps_the_place(folder_of, option):
    assert folder_of(option) == folder_of()


def test_folder_names_the_data_set_below_the_one_that_is_set(
    folder_of, tmp_path
):
    found = folder_of()
    assert found.parent == tmp_path / 'features'
    assert found.name.startswith('minivoc-')
    assert not found.exists(), 'planning writes nothing'


def test_other_images_lie_elsewhere(folder_of, mini_root, tmp_path):
    root = tmp_path / 'minivoc'
    shutil.copytree(mini_root, root)
    assert folder_of(data_root=root) == folder_of()
    image = sorted((root / 'JPEGImages').iterdir())[0]
    Image.new('RGB', (161, 121)).save(image)
    assert folder_of(data_root=root) != folder_of()


def with_network(config, value):
    network = {'type': 'ConstantNetwork', 'value': value}
    network['init_cfg'] = {'type': 'Pretrained'}
    config.model.backbone.network = ConfigDict(network)
    return config


def test_a_network_and_its_weights_count(zoom_out_config, zoom_out_leaf):
    plans = [
        plan_features(with_network(zoom_out_config(), v), zoom_out_leaf)
        for v in (1.0, 2.0)
    ]
    assert plans[0].folder != plans[1].folder
    levels = ['local', 'proximal', 'distant', 'global']
    assert plans[0].extractor.layout.levels == levels
    assert plans[0].extractor.levels == set(levels), 'all are in use'
    store = plans[0].store
    assert (store.own, store.shared) == (2 * 273 + 6, 6)
    assert plans[0].provenance['networks'] != plans[1].provenance['networks']


def test_weights_alone_count_too(zoom_out_config, zoom_out_leaf, monkeypatch):
    """Not where they come from, nor what the config says of them."""
    config = with_network(zoom_out_config(), 1.0)
    before = plan_features(config, zoom_out_leaf).folder

    def other(self):
        self.weight.data.fill_(5)

    monkeypatch.setattr(ConstantNetwork, 'init_weights', other)
    assert plan_features(config, zoom_out_leaf).folder != before


@pytest.mark.parametrize('part', ['local', 'network'])
def test_a_network_without_weights_is_refused(
    zoom_out_config, zoom_out_leaf, part
):
    """It would be random, and another in every call."""
    config = zoom_out_config()
    config.model.backbone[part] = ConfigDict(type='ConstantNetwork')
    with pytest.raises(UserError, match=rf'backbone\.{part} has no weights'):
        plan_features(config, zoom_out_leaf)


def test_without_a_network_nothing_is_shared(zoom_out_config, zoom_out_leaf):
    store = plan_features(zoom_out_config(), zoom_out_leaf).store
    assert (store.own, store.shared) == (2 * 273, 0)


def test_provenance_can_be_read(zoom_out_config, zoom_out_leaf):
    found = plan_features(zoom_out_config(), zoom_out_leaf).provenance
    assert len(found['classes']) == 12
    assert found['seed'] == 0
    assert set(found['versions']) >= {'scikit-image', 'scikit-learn'}
    json.dumps(found)


def test_an_unknown_entry_is_refused(zoom_out_config):
    config = zoom_out_config()
    config.features.pictures = 3
    with pytest.raises(
        UserError, match=r"leaf\.py: .* no entry 'pictures', only folder, im"
    ):
        feature_settings(config, 'leaf.py')


@pytest.mark.parametrize(
    'option', ['images=0', 'samples=0', 'statistics_images=0', 'workers=-1']
)
def test_a_number_out_of_range_is_refused(zoom_out_config, option):
    name, value = option.split('=')
    config = zoom_out_config(f'features.{option}')
    with pytest.raises(UserError, match=rf'features\.{name} .*{value}'):
        feature_settings(config, 'leaf.py')


def test_a_dictionary_that_is_not_there_is_refused(folder_of, tmp_path):
    path = tmp_path / 'none.pth'
    with pytest.raises(UserError, match=r'none\.pth: no such'):
        folder_of(f'features.dictionary={path}')
