"""Data set bases: each owns the same keys, and its loaders run."""

from itertools import islice

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmseg.registry import DATASETS, METRICS
from support import ROOT

import zoo.datasets
import zoo.engine
import zoo.evaluation.metrics  # noqa: F401  register
from zoo.datasets.checks import check_data
from zoo.engine.config import dataset_configs
from zoo.engine.sampling import SeededDataset
from zoo.errors import UserError

FOLDER = ROOT / 'configs/_base_/datasets'
BASES = sorted(path.stem for path in FOLDER.glob('*.py'))
TINY = {
    'cityscapes': 'tiny_cityscapes',
    'coco_instances': 'tiny_instances',
    'context59': 'tiny_context60',
    'context59_crop500': 'tiny_context60',
    'context60': 'tiny_context60',
    'context60_crop500': 'tiny_context60',
    'minivoc': 'mini_root',
    'minivoc_boxes': 'mini_root',
    'minivoc_instances': 'mini_root',
    'minivoc_patches': 'mini_root',
    'minivoc_rescaled': 'mini_root',
    'minivoc_superpixels': 'mini_root',
    'minivoc_tags': 'mini_root',
    'msrc21': 'tiny_msrc21',
    'msrc21_patches': 'tiny_msrc21',
    'msrc21_superpixels': 'tiny_msrc21',
    'msrc21_tags': 'tiny_msrc21',
    'nyud40': 'tiny_nyud40',
    'own': 'tiny_own',
    'siftflow': 'tiny_siftflow',
    'stanford': 'tiny_stanford',
    'stanford_patches': 'tiny_stanford',
    'stanford_superpixels': 'tiny_stanford',
    'stanford_tags': 'tiny_stanford',
    'voc': 'tiny_voc',
    'voc_boxes': 'tiny_instances',
    'voc_coco': 'tiny_voc',
    'voc_crop500': 'tiny_voc',
    'voc_instances': 'tiny_instances',
    'voc_objects': 'tiny_instances',
    'voc_patches': 'tiny_voc',
    'voc_rescaled': 'tiny_voc',
    'voc_sbd': 'tiny_instances',
    'voc_sbd_coco': 'tiny_instances',
    'voc_superpixel_maps': 'tiny_voc',
    'voc_superpixels': 'tiny_voc',
}
BATCHES = {
    **dict.fromkeys(('minivoc_boxes', 'minivoc_rescaled'), 8),
    **dict.fromkeys(('context59_crop500', 'context60_crop500'), 16),
    **dict.fromkeys(('cityscapes', 'voc_boxes', 'voc_crop500'), 16),
    **dict.fromkeys(('voc_sbd', 'voc_sbd_coco'), 16),
}
# of Lin et al., CVPR 2016, Sec. 7 and 7.4; 0.7 to 1.3: of Wu et al.'s code
RATIOS = {
    'cityscapes': (0.7, 1.3),
    'context59': (0.7, 1.2),
    'context59_crop500': (0.7, 1.3),
    'context60': (0.7, 1.2),
    'context60_crop500': (0.7, 1.3),
    'minivoc_boxes': (0.7, 1.3),
    'minivoc_rescaled': (0.7, 1.3),
    'nyud40': (0.7, 1.2),
    'siftflow': (2 * 0.7, 2 * 1.2),
    'voc_boxes': (0.7, 1.3),
    'voc_coco': (0.7, 1.2),
    'voc_crop500': (0.7, 1.3),
    'voc_rescaled': (0.7, 1.2),
    'voc_sbd': (0.7, 1.3),
    'voc_sbd_coco': (0.7, 1.3),
}
BOXES = ('minivoc_boxes', 'voc_boxes')
INSTANCES = (
    'coco_instances',
    'minivoc_instances',
    'voc_instances',
    'voc_objects',
)
PATCHES = tuple(name for name in BASES if name.endswith('_patches'))
TABLES = tuple(name for name in BASES if name.endswith('_superpixels'))
SMALLER = 'voc_superpixel_maps'  # shrunk, and scored at full size
TAGS = tuple(name for name in BASES if name.endswith('_tags'))
LABELLED = [name for name in BASES if name not in TAGS]
each_base = pytest.mark.parametrize('name', BASES)
each_labelled = pytest.mark.parametrize('name', LABELLED)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def read(name, root=None):
    config = Config.fromfile(FOLDER / f'{name}.py')
    for _, dataset in dataset_configs(config):
        dataset.data_root = str(root or dataset.data_root)
    return config


def train_pipelines(config):
    """Return the steps of each training data set by their type."""
    found = [d for loader, d in dataset_configs(config) if 'train' in loader]
    return [{step.type: step for step in d.pipeline} for d in found]


@each_base
def test_bases_own_the_same_keys(name):
    own = {'things'} if name in BOXES + INSTANCES else set()
    own |= {'superpixels'} if name in (*PATCHES, *TABLES, SMALLER) else set()
    own |= {'features'} if name in TABLES else set()
    own |= {'scale'} if name == SMALLER else set()
    assert set(read(name)) - own == set(read('voc'))


@each_base
def test_crop_is_said_once(name):
    config = read(name)
    size = None if name == SMALLER else config.crop_size
    assert config.data_preprocessor['size'] == size
    for steps in train_pipelines(config):
        for step in {'RandomCrop', 'RandomCropWithBoxes'} & set(steps):
            assert steps[step].crop_size == config.crop_size


@each_base
def test_images_are_centred_as_the_weights_expect(name):
    got, voc = (read(x).data_preprocessor for x in (name, 'voc'))
    assert got.type == ('TablePreProcessor' if name in TABLES else voc.type)
    sizes = {'type': None, 'size': None, 'size_divisor': None}
    assert {**got, **sizes} == {**voc, **sizes}


@pytest.mark.parametrize(('name', 'ratios'), RATIOS.items())
def test_training_is_scaled_and_mirrored_as_in_the_paper(name, ratios):
    config = read(name)
    assert config.train_dataloader.batch_size == BATCHES.get(name, 10)
    boxes = name in BOXES
    for steps in train_pipelines(config):
        assert list(steps) == [
            'LoadImage',
            'LoadLabels',
            *(('LoadInstances', 'LabelByInstance') if boxes else ()),
            'RandomRescale',
            'RandomCropWithBoxes' if boxes else 'RandomCrop',
            'RandomFlip',
            'PackInstances' if boxes else 'PackSegInputs',
        ]
        assert steps['RandomRescale'].ratio_range == pytest.approx(ratios)
        assert steps['RandomFlip'].prob == 0.5


@each_labelled
def test_data_is_found_and_loads(request, name):
    root = request.getfixturevalue(TINY[name])
    config = read(name, root)
    check_data(config, ('train', 'val', 'test'))
    loader = config.train_dataloader or config.test_dataloader
    dataset = DATASETS.build(loader.dataset)
    classes = len(dataset.metainfo['classes'])
    for item in (dataset[0], dataset[len(dataset) - 1]):
        labels = item['data_samples'].gt_sem_seg.data[0]
        assert item['inputs'].shape == (3, *labels.shape)
        assert np.all(np.array(labels.shape) <= config.crop_size)
        assert set(labels.unique().tolist()) <= {*range(classes), 255}
    METRICS.build(config.val_evaluator or config.test_evaluator)


@pytest.mark.parametrize('name', INSTANCES)
def test_instances_are_only_tested(name):
    config = read(name)
    assert config.train_dataloader is None
    assert config.val_dataloader is None
    assert config.val_evaluator is None


@pytest.mark.parametrize('name', BOXES + INSTANCES)
def test_a_base_has_the_same_things_everywhere(name):
    config = read(name)
    first = {'minivoc_boxes': range(5, 12), 'minivoc_instances': range(5, 12)}
    things = list(first.get(name, range(1, 21)))
    assert config.test_evaluator.things == config.things == things
    pipelines = [config.test_pipeline, *(
        dataset.pipeline for _, dataset in dataset_configs(config)
    )]  # fmt: skip
    for pipeline in pipelines:
        steps = [s for s in pipeline if s.type == 'LoadInstances']
        assert [step.things for step in steps] == [things]


@pytest.mark.parametrize('name', INSTANCES)
def test_void_counts_where_the_rules_are_those_of_sds(name):
    void = 'count' if name == 'voc_instances' else 'remove'
    assert read(name).test_evaluator.void == void


@pytest.mark.parametrize('name', BOXES + INSTANCES)
def test_tested_samples_have_instances(request, name):
    config = read(name, request.getfixturevalue(TINY[name]))
    sample = DATASETS.build(config.test_dataloader.dataset)[0]['data_samples']
    numbers = set(sample.gt_instance_map.data.unique().tolist())
    count = len(sample.gt_instances.labels)
    assert count >= 1
    assert numbers - {0, 255} == set(range(1, count + 1))
    assert (255 in numbers) == (name not in ('voc_boxes', 'voc_instances'))


@pytest.mark.parametrize('name', BOXES)
def test_boxes_are_learned_from_numbers_in_the_place_of_classes(request, name):
    config = read(name, request.getfixturevalue(TINY[name]))
    dataset = DATASETS.build(config.train_dataloader.dataset)
    sample = dataset[0]['data_samples']
    numbers = set(sample.gt_sem_seg.data.unique().tolist()) - {0, 255}
    assert numbers <= set(range(1, len(sample.gt_instances.labels) + 1))
    assert set(sample.gt_instances.labels.tolist()) <= set(config.things)


@pytest.mark.parametrize('name', PATCHES)
def test_superpixels_are_those_that_the_base_names(request, name):
    config = read(name, request.getfixturevalue(TINY[name]))
    [steps] = train_pipelines(config)
    step = dict(steps['AddSuperpixels'])
    assert step.pop('type') == 'AddSuperpixels'
    assert step == config.superpixels
    assert not {'RandomCrop', 'RandomResize'} & set(steps)
    sample = DATASETS.build(config.train_dataloader.dataset)[0]
    found = sample['data_samples'].superpixels.data
    assert found.shape == (1, *sample['inputs'].shape[1:])


@pytest.mark.parametrize('name', TAGS)
def test_tags_are_those_of_the_part_that_is_seen(request, name):
    """In training a crop's own, in testing the whole image's."""
    config = read(name, request.getfixturevalue(TINY[name]))
    check_data(config, ('train', 'val', 'test'))
    for loader, dataset in dataset_configs(config):
        steps = {step.type: step for step in dataset.pipeline}
        places = list(steps)
        train, crop = 'train' in loader, steps['RandomAreaCrop']
        order = ['TagsOfLabels', 'RandomAreaCrop']
        assert places[2:4] == (order[::-1] if train else order)
        assert crop.get('min_area', 1) == (0.05 if train else 1)
        built = DATASETS.build(dataset)
        item = built[0]
        assert item['inputs'].shape == (3, crop.size, crop.size)
        assert (crop.size, crop.size) == config.crop_size
        sample = item['data_samples']
        assert 'gt_sem_seg' not in sample
        assert sample.gt_tags.shape == (len(built.metainfo['classes']),)
        assert sample.gt_tags.any()
    METRICS.build(config.val_evaluator)


def test_own_data_is_scaled_in_proportion_and_counts_its_classes(tiny_own):
    config = read('own', tiny_own)
    [steps] = train_pipelines(config)
    assert steps['RandomRescale'].ratio_range == (0.75, 1.5)
    assert steps['RandomFlip'].prob == 0.5
    for _, dataset in dataset_configs(config):
        for step in dataset.pipeline:
            assert 'num_classes' not in step
    dataset = DATASETS.build(config.val_dataloader.dataset)
    assert [x['num_classes'] for x in dataset.load_data_list()] == [3, 3]


@pytest.mark.parametrize('crop', ['', '_crop500'])
def test_context59_is_context60_without_background(tiny_context60, crop):
    configs = [read(f'context{n}{crop}', tiny_context60) for n in (59, 60)]
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        few, all_ = (c[loader].dataset for c in configs)
        assert few.type == 'PascalContextDataset59'
        few.type, few.pipeline[1].num_classes = all_.type, 60
        assert few == all_
    few, all_ = (
        DATASETS.build(read(f'context{n}{crop}', tiny_context60)
                       .test_dataloader.dataset) for n in (59, 60)
    )  # fmt: skip
    assert few.metainfo['classes'] == all_.metainfo['classes'][1:]
    for one, other in zip(few, all_, strict=True):
        one, other = (x['data_samples'].gt_sem_seg.data for x in (one, other))
        expected = torch.where((other == 0) | (other == 255), 256, other) - 1
        assert torch.equal(one, expected)


@each_labelled
def test_labels_are_tested_at_their_own_size(request, name):
    scale = 2 if name == 'siftflow' else 1  # as it is trained
    config = read(name, request.getfixturevalue(TINY[name]))
    for loader in ('val_dataloader', 'test_dataloader'):
        if config[loader] is None:
            continue
        sample = DATASETS.build(config[loader].dataset)[0]['data_samples']
        assert tuple(sample.gt_sem_seg.shape) == sample.ori_shape
        own = tuple(scale * side for side in sample.ori_shape)
        assert name == SMALLER or sample.img_shape == own


def coco_voc_loader(voc, coco, seed):
    config = read('voc_coco', voc)
    config.train_dataloader.dataset.datasets[1].data_root = str(coco)
    dataset = DATASETS.build(config.train_dataloader.dataset)
    loader = {
        **config.train_dataloader,
        'dataset': SeededDataset(dataset, seed),
        'batch_size': 2,
        'num_workers': 0,
        'persistent_workers': False,
    }
    return Runner.build_dataloader(loader, seed=seed)


@pytest.fixture
def tiny_coco(tmp_path, tiny_voc):
    """The tiny VOC without augmented labels, under another name."""
    for path in tiny_voc.rglob('*.*'):
        if 'Aug' not in str(path):
            copy = tmp_path / 'coco' / path.relative_to(tiny_voc)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path / 'coco'


def test_coco_joins_voc(tiny_voc, tiny_coco):
    loader = coco_voc_loader(tiny_voc, tiny_coco, seed=0)
    assert len(loader.sampler) == 4
    batches = list(islice(iter(loader), 4))  # two passes
    paths = [s.img_path for batch in batches for s in batch['data_samples']]
    images = [f'{r}/JPEGImages/{x}' for r in (tiny_voc, tiny_coco)
              for x in ('a.jpg', 'b.jpg')]  # fmt: skip
    assert sorted(paths[:4]) == sorted(paths[4:]) == sorted(images)
    metainfo = loader.dataset.metainfo
    assert metainfo['split'] == 'trainaug'
    assert len(metainfo['classes']) == 21


def test_draws_of_two_data_sets_can_be_drawn_again(tiny_voc, tiny_coco):
    whole = iter(coco_voc_loader(tiny_voc, tiny_coco, seed=3))
    batches = list(islice(whole, 4))
    resumed = coco_voc_loader(tiny_voc, tiny_coco, seed=3)
    resumed.sampler.start = 2 * 2
    for old, new in zip(batches[2:], islice(iter(resumed), 2), strict=True):
        for one, other in zip(old['inputs'], new['inputs'], strict=True):
            assert torch.equal(one, other)


def test_an_absent_coco_names_the_key_to_change(tiny_voc, tmp_path):
    config = read('voc_coco', tiny_voc)
    config.train_dataloader.dataset.datasets[1].data_root = str(tmp_path)
    key = 'train_dataloader.dataset.datasets.1.data_root=DIR'
    with pytest.raises(UserError, match=f'COCO .*--cfg-options {key}'):
        check_data(config)
    config.merge_from_dict({key.removesuffix('=DIR'): str(tiny_voc)})
    check_data(config)
