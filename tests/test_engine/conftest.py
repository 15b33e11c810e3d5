"""Train the small network in a few words."""

import pytest
from support import LEAF, SMALL


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
