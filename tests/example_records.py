"""A small run record of each kind, to be varied."""

import copy

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

INSTANCE = {
    'kind': 'instance',
    'metrics': {'AP_0.5': 50.0, 'AP_0.7': 30.25, 'AP_vol': 40.125},
    'per_class': {
        'AP_0.5': {'cat': 75.0, 'dog': 25.0},
        'AP_0.7': {'cat': 60.5, 'dog': 0.0},
        'AP_vol': {'cat': 70.25, 'dog': 10.0},
    },
    'per_image': {'a': [[0, 1, [[0.5, [0.75]]]]], 'b': []},
    'rules': {'matching': 'uncovered', 'ap': 'all-point', 'void': 'count'},
}
BOXES = {
    'kind': 'boxes',
    'metrics': {'box_IoU': 60.0, 'hit_0.5': 70.0},
    'per_class': {
        'box_IoU': {'cat': 65.0, 'dog': 55.0},
        'hit_0.5': {'cat': 80.0, 'dog': 60.0},
    },
    'per_image': {'a': [[0, 4, 2.5, 3]], 'b': []},
}
TAGS = {
    'kind': 'tags',
    'metrics': {'mAP': 80.0},
    'per_class': {'AP': {'cat': 85.0, 'dog': 75.0}},
    'per_image': {'a': [[0, 1, 0.75], [1, 0, 0.5]], 'b': []},
}
TRIMAP = {
    'widths': [1, 5, 7],
    'final': {'mIoU': [40.0, 50.0, 60.0], 'aAcc': [70.0, 75.0, 77.5]},
    'raw': {'mIoU': [30.0, 45.0, 58.5], 'aAcc': [62.5, 70.0, 75.0]},
}
KINDS = {
    'semantic': {},
    'instance': INSTANCE,
    'boxes': BOXES,
    'tags': TAGS,
}


def make_record(kind='semantic', **changes):
    """Return a record of its own: a kind, and keys to replace."""
    base = {**RECORD, 'kind': kind, **KINDS.get(kind, {})}
    return {**copy.deepcopy(base), **changes}


def trimap_block(more=0.0):
    """Return scores around borders, all of them higher by ``more``."""
    block = copy.deepcopy(TRIMAP)
    for key in ('final', 'raw'):
        for name, values in block[key].items():
            block[key][name] = [value + more for value in values]
    return block
