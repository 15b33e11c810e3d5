"""Train small networks in a few words: of classes, and of instances."""

import pytest
from support import LEAF, PARTS, SMALL, write_leaf


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
