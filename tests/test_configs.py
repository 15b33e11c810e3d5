"""Every leaf config builds, scores an image, and stays a leaf."""

import re
from pathlib import Path

import pytest
import torch
from mmseg.registry import DATASETS, MODELS

from zoo.engine.config import LOADERS, dataset_configs, load_config
from zoo.engine.runner import renamed
from zoo.engine.weights import part_leaves

CONFIGS = Path(__file__).parents[1] / 'configs'
LEAVES = sorted(p for p in CONFIGS.glob('*/*.py') if '_base_' not in p.parts)
each_leaf = pytest.mark.parametrize(
    'path', LEAVES, ids=lambda p: f'{p.parent.name}/{p.stem}'
)
DATA_SETS = (
    'voc',
    'nyud40',
    'context59',
    'context60',
    'siftflow',
    'cityscapes',
    'stanford',
    'msrc21',
    'minivoc',
    'coco20',
)


def test_there_are_leaves():
    assert len(LEAVES) >= 11, f'too few leaves under {CONFIGS}'


def kind_of(config):
    """Return what a leaf predicts: classes of pixels or otherwise."""
    kinds = {
        'BoxRegressor': 'boxes',
        'InstanceSegmentor': 'instances',
        'SuperpixelSegmentor': 'superpixels',
        'TagClassifier': 'tags',
        'ZoomOutSegmentor': 'superpixels',
    }
    return kinds.get(config.model.type, 'classes')


def leaves_of(*kinds):
    found = [p for p in LEAVES if kind_of(load_config(p)) in kinds]
    return pytest.mark.parametrize(
        'path', found, ids=lambda p: f'{p.parent.name}/{p.stem}'
    )


def outputs_of(head):
    return 4 * len(head.things) if 'things' in head else head.num_classes


@leaves_of('classes', 'boxes')
def test_leaf_builds_and_scores_an_image(path):
    """On the meta device: shapes without memory or arithmetic."""
    config = load_config(path)
    if config.model.decode_head.type == 'CRFRNN':
        # how large a lattice is depends on the colours
        config.model.decode_head.test_iterations = 0
    with torch.device('meta'):
        model = MODELS.build(config.model).eval()
        image = torch.zeros(1, 3, 65, 97)
    logits = model.encode_decode(image, [{'img_shape': (65, 97)}])
    assert logits.shape == (1, outputs_of(config.model.decode_head), 65, 97)


@leaves_of('tags')
def test_classifier_has_one_output_per_class_of_every_dataset(path):
    config = load_config(path)
    with torch.device('meta'):
        model = MODELS.build(config.model).eval()
        image = torch.zeros(1, 3, *config.data_preprocessor['size'])
    outputs = model(image).shape[1]
    datasets = list(dataset_configs(config))
    assert {loader for loader, _ in datasets} == set(LOADERS)
    for _, dataset in datasets:
        steps = {s['type']: s for s in dataset.pipeline}
        assert len(classes_of(dataset)) == outputs
        for step in ('LoadLabels', 'TagsOfLabels'):
            assert steps[step]['num_classes'] == outputs
        size = steps['RandomAreaCrop']['size']
        assert (size, size) == config.data_preprocessor['size']


@leaves_of('superpixels')
def test_superpixels_are_learned_as_they_are_tested(path):
    """At the same number and compactness."""
    config = load_config(path)
    for _, dataset in dataset_configs(config):
        for step in dataset.pipeline:
            if step['type'] == 'AddSuperpixels':
                stated = {k: v for k, v in step.items() if k != 'type'}
                assert stated == config.model.superpixels


@leaves_of('classes', 'boxes', 'superpixels')
def test_head_has_one_output_per_class_of_every_dataset(path):
    config = load_config(path)
    datasets = list(dataset_configs(config))
    assert {loader for loader, _ in datasets} == set(LOADERS)
    for _, dataset in datasets:
        head = config.model.decode_head
        steps = {s['type']: s for s in dataset.pipeline}
        classes = classes_of(dataset)
        if kind_of(config) == 'boxes':
            assert steps['LoadInstances']['things'] == head.things
            assert config.test_evaluator.things == head.things
        else:
            assert head.num_classes == len(classes)
        assert steps['LoadLabels']['num_classes'] == len(classes)


@leaves_of('instances')
def test_parts_agree_on_classes_and_things(path):
    config = load_config(path)
    [(loader, dataset)] = dataset_configs(config)
    assert loader == 'test_dataloader'
    semantic, localisation = config.model.semantic, config.model.localisation
    count = len(classes_of(dataset))
    assert semantic.get('decode_head', semantic).num_classes == count
    things = localisation.get('decode_head', localisation).things
    steps = {s['type']: s for s in dataset.pipeline}
    assert steps['LoadInstances']['things'] == things
    assert config.test_evaluator.things == config.model.grouper.things
    assert config.model.grouper.things == things
    with torch.device('meta'):
        MODELS.build(config.model)


@leaves_of('instances')
def test_what_no_other_leaf_trains_is_an_oracle(path):
    config = load_config(path)
    assert config.get('train_cfg') is None
    oracles = {'semantic': 'TrueClasses', 'localisation': 'TrueBoxes'}
    true = {k for k, v in oracles.items() if config.model[k].type == v}
    assert set(config.assembled_from) == oracles.keys() - true


def classes_of(dataset):
    return DATASETS.get(dataset.type).METAINFO['classes']


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
    if config.get('assembled_from'):
        whole, covered = shapes_of(config), {}
        for leaf, prefix in zip(*part_leaves(config, path), strict=True):
            own = shapes_of(load_config(CONFIGS / f'{leaf}.py'))
            part = {f'{prefix}{name}': shape for name, shape in own.items()}
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
