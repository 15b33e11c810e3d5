"""Superpixels of many images as rows with labels."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS

from zoo.datasets.feature_store import FeatureStore

OWN, SHARED = 6, 4
COLUMNS = OWN + SHARED
LABELS = [[0, 255, 3], [255, 255], [1], [2, 0, 255, 0]]


@pytest.fixture
def made(tmp_path):
    """Write four images' rows; return the rows and the arguments."""
    store = FeatureStore(tmp_path / 'rows', columns=COLUMNS, shared=SHARED)
    rng, rows = np.random.default_rng(0), []
    keys = [f'{n:02d}key' for n in range(len(LABELS))]
    for key, labels in zip(keys, LABELS, strict=True):
        some = rng.normal(size=(len(labels), COLUMNS)).astype(np.float16)
        some[:, OWN:] = some[0, OWN:]
        store.put(key, some)
        rows.append(some)
    table = tmp_path / 'table.npz'
    np.savez(
        table,
        keys=np.array(keys),
        counts=np.array([len(x) for x in LABELS]),
        labels=np.concatenate(LABELS).astype(np.uint8),
    )
    options = {
        'type': 'FeatureTable',
        'dataset': {'type': 'MiniVOCDataset', 'data_root': 'not/there'},
        'table': str(table),
        'folder': str(store.folder),
        'columns': COLUMNS,
        'shared': SHARED,
        'use': [(0, COLUMNS)],
    }
    return np.concatenate(rows), options


def build(options, **changes):
    init_default_scope('mmseg')
    return DATASETS.build({**options, **changes})


def test_every_labelled_superpixel_is_there_once_in_order(made):
    rows, options = made
    labels = np.concatenate(LABELS)
    table = build(options)
    assert len(table) == (labels != 255).sum() == 6
    items = [table[i] for i in range(len(table))]
    found = torch.stack([item['inputs'] for item in items])
    assert found.dtype == torch.float16
    np.testing.assert_array_equal(found, rows[labels != 255])
    found = torch.stack([item['data_samples'] for item in items])
    assert found.dtype == torch.int64
    assert found.tolist() == [0, 3, 1, 2, 0, 0]


@pytest.mark.parametrize(
    'use',
    [
        [(0, 3)],
        [(2, 6)],
        [(6, 10)],
        [(7, 9)],
        [(4, 8)],
        [(0, 1), (3, 7), (9, 10)],
        [(0, 6), (6, 10)],
        [(5, 6), (6, 7)],
    ],
    ids=str,
)
def test_columns_are_read_on_both_sides_of_the_shared_ones(made, use):
    rows, options = made
    table = build(options, use=use)
    expected = np.concatenate([rows[:, a:b] for a, b in use], axis=1)
    known = np.concatenate(LABELS) != 255
    found = torch.stack([table[i]['inputs'] for i in range(len(table))])
    np.testing.assert_array_equal(found, expected[known])


def test_any_order_of_reading_gives_the_same(made):
    rows, options = made
    table = build(options)
    known = rows[np.concatenate(LABELS) != 255]
    for index in np.random.default_rng(3).integers(0, 6, 30):
        found = table[int(index)]['inputs']
        np.testing.assert_array_equal(found, known[index])


def test_a_row_is_of_the_reader_alone(made):
    """What is done to a batch does not reach the file."""
    _, options = made
    table = build(options)
    before = table[0]['inputs'].clone()
    table[0]['inputs'].zero_()
    assert torch.equal(table[0]['inputs'], before)


def test_classes_are_those_of_the_images(made):
    _, options = made
    table = build(options)
    assert len(table.metainfo['classes']) == 12
    assert table.deterministic
