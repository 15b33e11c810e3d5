"""A small run record, to be varied."""

import copy

import pytest

RECORD = {
    'schema': 1,
    'kind': 'semantic',
    'config': 'deeplab_crf/vgg16_minivoc',
    'config_hash': 'c' * 64,
    'title': 'DeepLab on minivoc.',
    'checkpoint': {'file': 'iter_100.pth', 'sha256': 'a' * 64},
    'dataset': 'minivoc',
    'split': 'val',
    'images': 2,
    'classes': ['cat', 'dog'],
    'metrics': {'mIoU': 50.0, 'aAcc': 200 / 3, 'mAcc': 75.0},
    'per_class': {
        'IoU': {'cat': 50.0, 'dog': 50.0},
        'Acc': {'cat': 100.0, 'dog': 50.0},
    },
    'per_image': {'a': [[0, 1, 2, 1], [1, 1, 1, 2]], 'b': []},
    'parameters': 1_234_567,
    'timing': {
        'ms_per_image': 12.34,
        'hardware': 'Abacus',
        'device': 'cpu',
        'threads': 2,
    },
    'training': {'iterations': 100, 'seconds': 9.5, 'hardware': 'Abacus'},
    'seed': 0,
    'commit': 'f' * 40,
    'dirty': False,
    'versions': {'python': '3.11.0'},
    'date': '2026-01-02T03:04:05+00:00',
    'published': [],
    'views': 1,
    'argv': ['tools/test.py'],
}


@pytest.fixture
def make_record():
    """Return a function: keys to replace -> a record of its own."""

    def make(**changes):
        return {**copy.deepcopy(RECORD), **changes}

    return make
