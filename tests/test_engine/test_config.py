"""Configs: changes from the command line, and mistakes found in them."""

import hashlib

import pytest
from mmengine.config import Config
from support import LEAF, ROOT

from zoo.engine.config import (
    config_hash,
    dataset_configs,
    load_config,
    parse_options,
    set_data_root,
)
from zoo.engine.experiment import build_runner
from zoo.errors import UserError


def write_leaf(tmp_path, text):
    path = tmp_path / 'mine_minivoc.py'
    path.write_text(f'_base_ = {str(LEAF)!r}\n{text}\n')
    return path


def test_options_are_read_as_mmengine_reads_them():
    options = ['a.b=1', 'c=None', 'd=x', 'e=[1,2]', 'f=0.5']
    expected = {'a.b': 1, 'c': None, 'd': 'x', 'e': [1, 2], 'f': 0.5}
    assert parse_options(options) == expected


def test_changes_reach_the_config():
    config = load_config(
        LEAF,
        options=['model.backbone.init_cfg=None', 'train_cfg.max_iters=7'],
        data_root='elsewhere',
        seed=3,
    )
    assert config.model.backbone.init_cfg is None
    assert config.train_cfg.max_iters == 7
    assert config.randomness.seed == 3
    roots = [d.data_root for _, d in dataset_configs(config)]
    assert roots == ['elsewhere'] * 3


def test_wrapped_data_sets_are_found():
    config = load_config(LEAF)
    plain = config.train_dataloader.dataset.to_dict()
    config.train_dataloader.dataset = {
        'type': 'RepeatDataset',
        'dataset': {'type': 'ConcatDataset', 'datasets': [plain, plain]},
    }
    assert sum(1 for _ in dataset_configs(config)) == 4


def roots_after(top, roots):
    """Return the roots of the training data sets after ``--data-root new``."""
    parts = [{'type': 'X', 'data_root': r} if r else {} for r in roots]
    config = Config(
        {'train_dataloader': {'dataset': {'type': 'Y', 'datasets': parts}}}
    )
    if top:
        config.data_root = top
    set_data_root(config, 'new')
    assert config.data_root == 'new'
    datasets = config.train_dataloader.dataset.datasets
    return [dataset.get('data_root') for dataset in datasets]


@pytest.mark.parametrize(
    ('top', 'roots', 'expected'),
    [
        ('voc', ['voc', 'coco'], ['new', 'coco']),
        ('voc', ['coco', None, 'voc'], ['coco', 'new', 'new']),
        ('voc', ['mine', 'other'], ['new', 'new']),  # nothing reads voc
        (None, ['voc', 'coco'], ['new', 'new']),
    ],
)
def test_data_root_moves_the_main_data_set(top, roots, expected):
    assert roots_after(top, roots) == expected


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['nonsense'], '--cfg-options nonsense: write it as key=value'),
        (['max_iter=3'], "the config has no key 'max_iter'"),
        (['data_root=x'], '--cfg-options data_root: .* use --data-root'),
        (['crop_size=(9,9)'], 'crop_size: has no effect here'),
        (['modle.type=X'], "no key 'modle'. Did you mean 'model'?"),
        (['model.backbone.init_cfg.x=1'], '--cfg-options'),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(UserError, match=message) as caught:
        load_config(LEAF, options=options)
    assert '\n' not in caught.value.line


def test_missing_config_suggests_one():
    path = ROOT / 'configs/deeplab_crf/vgg16_minivok.py'
    with pytest.raises(UserError, match=r'Did you mean .*vgg16_minivoc\.py'):
        load_config(path)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('optim_wraper = dict()', "key 'optim_wraper'. .* 'optim_wrapper'"),
        ('model = (', 'SyntaxError'),
        ('model = 1 / 0', 'ZeroDivisionError'),
    ],
)
def test_broken_configs_end_in_one_line(tmp_path, text, message):
    with pytest.raises(UserError, match=message) as caught:
        load_config(write_leaf(tmp_path, text))
    assert '\n' not in caught.value.line


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            "model = dict(decode_head=dict(type='DeepLabHed'))",
            "model.decode_head.type 'DeepLabHed' is not registered. "
            "Did you mean 'DeepLabHead'",
        ),
        (
            'model = dict(decode_head=dict(kernal_size=3))',
            'model.decode_head.kernal_size: DeepLabHead has no such option. '
            "Did you mean 'kernel_size'",
        ),
        (
            'model = dict(backbone=dict(frozen_blocks=9))',
            'model.backbone.type AtrousVGG16: frozen_blocks must be 0..5, '
            'got 9',
        ),
        (
            "model = dict(post_processors=[dict(type='DenseCRF', "
            "preset='Deeplab')])",
            r'model.post_processors\[0\].type DenseCRF: preset must be one',
        ),
        (
            "optim_wrapper = dict(optimizer=dict(type='SDG'))",
            "optim_wrapper.optimizer.type 'SDG' is not registered. "
            "Did you mean 'SGD'",
        ),
        (
            'train_cfg = dict(max_iter=3)',
            'train_cfg.max_iter: ResumableTrainLoop has no such option. '
            "Did you mean 'max_iters'",
        ),
        (
            "train_dataloader = dict(sampler=dict(type='InfiniteSampler'))",
            "train_dataloader.sampler.type must be 'ResumableSampler'",
        ),
        (
            'val_evaluator = dict(ignore_idx=0)',
            'val_evaluator.ignore_idx: SegmentationMetric has no such option',
        ),
    ],
)
def test_mistakes_name_the_key_and_the_remedy(
    tmp_path, mini_root, text, message
):
    from zoo.engine.experiment import TrainOptions, train

    with pytest.raises(UserError, match=message) as caught:
        train(
            write_leaf(tmp_path, text),
            TrainOptions(
                work_dir=str(tmp_path / 'run'), data_root=str(mini_root)
            ),
        )
    assert '\n' not in caught.value.line


def test_half_a_validation_is_explained(tmp_path, mini_root):
    from zoo.engine.experiment import TrainOptions, train

    options = TrainOptions(
        work_dir=str(tmp_path / 'run'), data_root=str(mini_root)
    )
    with pytest.raises(UserError, match='val_cfg'):
        train(write_leaf(tmp_path, 'val_cfg = None'), options)


def test_names_that_mmsegs_configs_use_are_not_mistakes(tmp_path):
    load_config(write_leaf(tmp_path, 'tta_pipeline = []\nimg_scale = (1, 2)'))


def test_a_bug_is_not_dressed_up_as_a_mistake_of_the_user(tmp_path):
    """What goes wrong outside a registry passes through untouched."""
    from zoo.engine.explain import explained

    with pytest.raises(ValueError, match='ours'), explained({}, 'x'):
        raise ValueError('ours')


def test_an_unknown_class_of_ones_own_names_custom_imports(tmp_path):
    path = write_leaf(tmp_path, "model = dict(type='Qwertz')")
    options = [f'work_dir={tmp_path}/run']
    with pytest.raises(UserError, match='custom_imports'):
        build_runner(load_config(path, options=options), path)


def test_a_preset_file_is_part_of_the_hash(tmp_path):
    """Its numbers decide scores as much as those of the leaf."""
    preset = tmp_path / 'preset.json'
    hashes = []
    for content in ('{"a": 1}', '{"a": 2}', '{"a": 1}'):
        preset.write_text(content)
        steps = [{'type': 'DenseCRF', 'preset': str(preset)}]
        config = Config({'model': {'post_processors': steps}})
        hashes.append(config_hash(config))
    assert hashes[0] == hashes[2] != hashes[1]
    named = Config({'model': {'post_processors': [{'preset': 'DeepLab'}]}})
    text = named.pretty_text.encode()
    assert config_hash(named) == hashlib.sha256(text).hexdigest()


def test_an_option_that_holds_a_dict_in_a_list_is_refused():
    option = 'model.post_processors=[dict(type="DenseCRF",preset="DeepLab")]'
    with pytest.raises(UserError, match='holds more than numbers'):
        parse_options([option])
