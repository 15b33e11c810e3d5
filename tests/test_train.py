"""Every leaf trains one step and is scored, on two images."""

import pytest
import torch
from mmseg.registry import MODELS
from test_configs import LEAVES, kind_of

from zoo.engine.config import dataset_configs, load_config
from zoo.engine.experiment import build_runner
from zoo.engine.zoom_out import prepare_features

ROOTS = {
    'voc': 'tiny_voc',
    'nyud40': 'tiny_nyud40',
    'context59': 'tiny_context60',
    'context60': 'tiny_context60',
    'siftflow': 'tiny_siftflow',
    'cityscapes': 'tiny_cityscapes',
    'stanford': 'tiny_stanford',
    'msrc21': 'tiny_msrc21',
    'minivoc': 'mini_root',
    'coco20': 'tiny_instances',
}
TRAINED = [p for p in LEAVES if load_config(p).get('train_cfg') is not None]
SCORES = {
    'boxes': 'box_IoU',
    'classes': 'mIoU',
    'superpixels': 'mIoU',
    'tags': 'mAP',
}


def shrink(config, root, work_dir):
    """One iteration on two small images, from random weights."""
    for _, dataset in dataset_configs(config):
        dataset.data_root = str(root)
    for name in ('train', 'val', 'test'):
        if loader := config[f'{name}_dataloader']:
            loader.update(
                batch_size=1, num_workers=0, persistent_workers=False
            )
    config.work_dir = str(work_dir)
    if config.get('train_cfg') is None:
        for part in ('semantic', 'localisation'):
            narrow(config.model[part])
        return
    size = config.data_preprocessor['size']
    if size is not None:  # else whole images, one at a time
        config.train_dataloader.batch_size = 2
        if size != (121, 161):
            crop_less(config)
    narrow(config.model)
    config.train_cfg.update(max_iters=1, val_interval=1)


def crop_less(config):
    """Train on crops of 8 n + 1 pixels."""
    # 8 n + 2 for the first release, whose pools differ
    legacy = config.data_preprocessor['size'][0] % 8 == 2
    size = (66, 66) if legacy else (65, 65)
    config.data_preprocessor['size'] = size
    for _, dataset in dataset_configs(config):
        for step in dataset.pipeline:
            if step['type'] in ('RandomCrop', 'RandomCropWithBoxes'):
                step['crop_size'] = size


def narrow(model):
    """Random weights; ResNets at an eighth of their width, to save minutes.

    That they fit at full width, test_configs.py shows without memory.
    """
    if 'backbone' not in model:
        return  # an oracle
    backbone = model.backbone
    backbone.init_cfg = None
    if 'superpixels' in model:
        narrow_superpixels(model)
    full = backbone.get('base_channels', 64) == 64
    if backbone.type == 'DilatedResNet' and full:
        backbone.update(stem_channels=8, base_channels=8)
        model.decode_head.in_channels //= 8


def narrow_superpixels(model):
    """Few superpixels; parts and networks of a few random weights."""
    model.superpixels.n_segments = 12
    backbone = model.backbone
    if backbone.type == 'HyperFeatures':
        backbone.network.update(base_channels=2, init_cfg=None)
    if backbone.type == 'ZoomOutFeatures':
        # what states no weights to start from is refused
        weights = {'type': 'Kaiming', 'layer': ['Conv2d', 'Linear']}
        backbone.update(textons=4, words=5, crop_size=32)
        backbone.network.update(in_channels=16, hidden=[8], pool='average')
        for part in (backbone.local, backbone.network):
            part.init_cfg = weights
        backbone.network.backbone.update(base_channels=2, init_cfg=None)
    if 'in_channels' in model.decode_head:
        built = MODELS.build(backbone)
        model.decode_head.in_channels = (
            built.out_channels
            if backbone.type == 'HyperFeatures'
            else sum(stop - start for start, stop in built.columns)
        )


def extract_first(config, path, folder):
    """Where a leaf learns from a table, write it."""
    if config.get('features'):
        config.features = {
            'folder': str(folder),
            'images': 2,
            'samples': 100,
            'workers': 0,
        }
        prepare_features(config, path).use_in(config)


def tiny_root(config, path):
    """Return the fixture with a leaf's data; for some of VOC's, instances."""
    name = path.stem.rsplit('_', 1)[-1]
    for _, dataset in dataset_configs(config):
        steps = {step['type'] for step in dataset.get('pipeline', ())}
        by_instance = 'LoadInstances' in steps or dataset.type == 'SBDDataset'
        if name == 'voc' and by_instance:
            return 'tiny_instances'
    return ROOTS[name]


@pytest.mark.slow
@pytest.mark.parametrize('path', TRAINED, ids=lambda p: p.stem)
def test_leaf_learns_and_reports_a_score(path, request, tmp_path):
    config = load_config(path)
    root = request.getfixturevalue(tiny_root(config, path))
    shrink(config, root, tmp_path / 'work')
    extract_first(config, path, tmp_path / 'features')
    runner = build_runner(config, path)
    before = {k: v.clone() for k, v in runner.model.state_dict().items()}
    runner.train()
    after = runner.model.state_dict()
    assert any(not torch.equal(before[k], after[k]) for k in before)
    assert 0 <= runner.test()[SCORES[kind_of(config)]] <= 100
    assert (tmp_path / 'work' / 'iter_1.pth').is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    'path', [p for p in LEAVES if p not in TRAINED], ids=lambda p: p.stem
)
def test_leaf_that_is_only_tested_reports_a_score(path, request, tmp_path):
    """With random weights, which its parts would bring."""
    config = load_config(path)
    root = request.getfixturevalue(tiny_root(config, path))
    shrink(config, root, tmp_path / 'work')
    scores = build_runner(config, path).test()
    for name in ('AP_0.5', 'AP_0.7', 'AP_vol'):
        assert 0 <= scores[name] <= 100
    parts = config.model.semantic.type, config.model.localisation.type
    if parts == ('TrueClasses', 'TrueBoxes'):
        every = config.model.grouper.stride == 1  # the images are tiny
        assert (scores['AP_0.5'] > 60) == every
