"""Small networks in a few words: of classes, instances, superpixels."""

import shutil

import pytest
from support import LEAF, PARTS, ROOT, SMALL, write_leaf


@pytest.fixture
def leaf():
    """The leaf that is shrunk."""
    return LEAF


@pytest.fixture
def train_small(mini_root, tmp_path):
    """Return a function that trains a few iterations into a folder."""
    from zoo.engine.experiment import TrainOptions, train

    def train_small(folder='run', iterations=4, resume=None, extra=()):
        options = (
            *SMALL,
            f'train_cfg.max_iters={iterations}',
            f'train_cfg.val_interval={iterations}',
            *extra,
        )
        return train(
            LEAF,
            TrainOptions(
                work_dir=str(tmp_path / folder),
                resume=resume,
                options=options,
                data_root=str(mini_root),
            ),
        )

    return train_small


NARROW = (
    'model = dict(backbone=dict(base_channels=2, stem_channels=2), '
    'decode_head=dict(in_channels=16))\n'
    'train_cfg = dict(max_iters=2, val_interval=2)\n'
    'param_scheduler = []\n'
    'train_dataloader = dict(batch_size=2, num_workers=0, '
    'persistent_workers=False)\n'
    'val_dataloader = dict(num_workers=0, persistent_workers=False)\n'
    'test_dataloader = val_dataloader\n'
)
ONE_PROCESS = (
    'test_dataloader = dict(num_workers=0, persistent_workers=False)\n'
)


@pytest.fixture(scope='module')
def leaves(tmp_path_factory):
    """A folder with small leaves: two networks, their instances, oracles."""
    folder = tmp_path_factory.mktemp('user') / 'configs/m'
    folder.mkdir(parents=True)
    write_leaf(folder, 'classes', 'r18-k3d6', NARROW)
    write_leaf(folder, 'boxes', 'r18-boxes', NARROW)
    parts = f'assembled_from = {PARTS}\n{ONE_PROCESS}'
    write_leaf(folder, 'whole', 'r18-instances', parts)
    one = f"_delete_=True, semantic='{PARTS['semantic']}'"
    oracle = f'assembled_from = dict({one})\n{ONE_PROCESS}'
    write_leaf(folder, 'oracle', 'r18-true-boxes', oracle)
    write_leaf(folder, 'truth', 'true-instances', ONE_PROCESS)
    return folder


@pytest.fixture(scope='module')
def trained(leaves, mini_root):
    """The folder above, both networks trained for two iterations."""
    from zoo.engine.experiment import TrainOptions, train

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(leaves.parents[1])
        for name in ('classes', 'boxes'):
            options = TrainOptions(data_root=str(mini_root))
            train(leaves / f'{name}_minivoc.py', options)
    return leaves


@pytest.fixture
def there(trained, monkeypatch):
    """The folder of the trained leaves, their work dirs being those here."""
    monkeypatch.chdir(trained.parents[1])
    return trained


ZOOM_OUT = f"""# Small.
_base_ = {str(ROOT / 'configs/zoom_out/vgg16-linear_minivoc.py')!r}
model = dict(
    superpixels=dict(n_segments=40),
    backbone=dict(
        use=['local', 'proximal'],
        local=None,
        network=None,
        textons=4,
        words=5,
        sift_step=6,
    ),
    decode_head=dict(in_channels=546),
)
features = dict(images=3, samples=300, workers=0)
train_dataloader = dict(
    batch_size=16, num_workers=0, persistent_workers=False
)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
train_cfg = dict(max_iters=4, val_interval=4)
default_hooks = dict(checkpoint=dict(interval=2))
"""


@pytest.fixture(scope='session')
def zoom_out_leaf(tmp_path_factory):
    """A leaf of 273 local and 273 proximal features, no network."""
    folder = tmp_path_factory.mktemp('user') / 'configs/m'
    folder.mkdir(parents=True)
    path = folder / 'small_minivoc.py'
    path.write_text(ZOOM_OUT)
    return path


@pytest.fixture
def zoom_out_config(zoom_out_leaf, mini_root, tmp_path):
    """Return a function that loads the leaf; features go below tmp_path."""
    from zoo.engine.config import load_config

    def load(*options, data_root=mini_root):
        folder = f'features.folder={tmp_path / "features"}'
        return load_config(
            zoom_out_leaf,
            options=(folder, *options),
            data_root=str(data_root),
        )

    return load


@pytest.fixture(scope='session')
def extracted_once(zoom_out_leaf, mini_root, tmp_path_factory):
    """The leaf's features of training and validation images."""
    from zoo.engine.config import load_config
    from zoo.engine.zoom_out import prepare_features

    folder = tmp_path_factory.mktemp('features')
    options = (f'features.folder={folder}',)
    config = load_config(
        zoom_out_leaf, options=options, data_root=str(mini_root)
    )
    prepare_features(config, zoom_out_leaf, splits=['val'])
    return folder


@pytest.fixture
def extracted(extracted_once, tmp_path):
    """A copy of them where ``zoom_out_config`` looks; their folder."""
    shutil.copytree(extracted_once, tmp_path / 'features')
    [folder] = (tmp_path / 'features').iterdir()
    return folder
