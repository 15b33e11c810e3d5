"""Every leaf config builds, scores an image, and stays a leaf."""

import re
from pathlib import Path

import pytest
import torch
from mmseg.registry import DATASETS, MODELS

from zoo.engine.config import LOADERS, dataset_configs, load_config
from zoo.engine.runner import renamed

CONFIGS = Path(__file__).parents[1] / 'configs'
LEAVES = sorted(p for p in CONFIGS.glob('*/*.py') if '_base_' not in p.parts)
each_leaf = pytest.mark.parametrize(
    'path', LEAVES, ids=lambda p: f'{p.parent.name}/{p.stem}'
)
DATA_SETS = (
    'voc',
    'nyud40',
    'context60',
    'siftflow',
    'cityscapes',
    'stanford',
    'msrc21',
    'minivoc',
)


def test_there_are_leaves():
    assert len(LEAVES) >= 11, f'too few leaves under {CONFIGS}'


@each_leaf
def test_leaf_builds_and_scores_an_image(path):
    """On the meta device: shapes without memory or arithmetic."""
    config = load_config(path)
    with torch.device('meta'):
        model = MODELS.build(config.model).eval()
        image = torch.zeros(1, 3, 65, 97)
    logits = model.encode_decode(image, [{'img_shape': (65, 97)}])
    assert logits.shape == (1, config.model.decode_head.num_classes, 65, 97)


@each_leaf
def test_head_has_one_output_per_class_of_every_dataset(path):
    config = load_config(path)
    datasets = list(dataset_configs(config))
    assert {loader for loader, _ in datasets} == set(LOADERS)
    for _, dataset in datasets:
        classes = DATASETS.get(dataset.type).METAINFO['classes']
        assert config.model.decode_head.num_classes == len(classes)
        labels = [s for s in dataset.pipeline if s['type'] == 'LoadLabels']
        assert labels[0]['num_classes'] == len(classes)


@each_leaf
def test_leaf_opens_with_a_sentence_and_states_only_differences(path):
    lines = path.read_text().splitlines()
    assert lines[0].startswith('# ')
    assert len(lines) <= 30, 'move what is shared into configs/_base_'


@each_leaf
def test_leaf_is_named_after_backbone_variant_and_data_set(path):
    match = re.fullmatch(r'[a-z0-9]+(-[a-z0-9-]+)?_([a-z0-9]+)', path.stem)
    assert match, path.stem
    assert match[2] in DATA_SETS


@each_leaf
def test_leaf_names_published_rows_that_exist(path):
    from zoo.evaluation import find_published

    for row in load_config(path).get('published', []):
        assert find_published([dict(row)])


@each_leaf
def test_leaf_that_borrows_weights_names_a_leaf_of_the_same_network(path):
    config = load_config(path)
    for key in ('trained_by', 'starts_from'):
        if other := config.get(key):
            assert (CONFIGS / f'{other}.py').is_file()
    if config.get('trained_by'):
        other = load_config(CONFIGS / f'{config.trained_by}.py')
        for part in ('backbone', 'decode_head'):
            assert config.model[part] == other.model[part]
    if leaves := config.get('assembled_from'):
        whole, covered = shapes_of(config), {}
        for leaf in leaves:
            part = shapes_of(load_config(CONFIGS / f'{leaf}.py'))
            assert part.items() <= whole.items(), leaf
            covered |= part
        assert covered == whole, 'no part trains the rest'


@each_leaf
def test_weights_that_a_leaf_renames_are_all_there(path):
    config = load_config(path)
    if names := config.get('starts_as'):
        start = load_config(CONFIGS / f'{config.starts_from}.py')
        given, taken = renamed(shapes_of(start), names), shapes_of(config)
        for new in names.values():
            wanted = {k: v for k, v in taken.items() if k.startswith(new)}
            assert wanted
            assert wanted.items() <= given.items()


def shapes_of(config):
    with torch.device('meta'):
        state = MODELS.build(config.model).state_dict()
    return {key: value.shape for key, value in state.items()}
