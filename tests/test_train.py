"""Every leaf trains one step and is scored, on two images."""

import pytest
import torch
from test_configs import LEAVES

from zoo.engine.config import dataset_configs, load_config
from zoo.engine.experiment import build_runner

ROOTS = {
    'voc': 'tiny_voc',
    'nyud40': 'tiny_nyud40',
    'context60': 'tiny_context60',
    'siftflow': 'tiny_siftflow',
    'cityscapes': 'tiny_cityscapes',
    'msrc21': 'tiny_msrc21',
    'minivoc': 'mini_root',
}


def shrink(config, root, work_dir):
    """One iteration on two small images, from random weights."""
    for _, dataset in dataset_configs(config):
        dataset.data_root = str(root)
    for name in ('train', 'val', 'test'):
        loader = config[f'{name}_dataloader']
        loader.update(batch_size=1, num_workers=0, persistent_workers=False)
    config.train_dataloader.batch_size = 2
    if config.data_preprocessor['size'] != (121, 161):
        # 8 n + 1, or 8 n + 2 for the first release, whose pools differ
        legacy = config.data_preprocessor['size'][0] % 8 == 2
        size = (66, 66) if legacy else (65, 65)
        config.data_preprocessor['size'] = size
        for _, dataset in dataset_configs(config):
            for step in dataset.pipeline:
                if step['type'] == 'RandomCrop':
                    step['crop_size'] = size
    narrow(config.model)
    config.train_cfg.update(max_iters=1, val_interval=1)
    config.work_dir = str(work_dir)


def narrow(model):
    """Random weights; ResNets at an eighth of their width, to save minutes.

    That they fit at full width, test_configs.py shows without memory.
    """
    backbone = model.backbone
    backbone.init_cfg = None
    if backbone.type == 'DilatedResNet' and backbone.depth > 18:
        backbone.update(stem_channels=8, base_channels=8)
        model.decode_head.in_channels //= 8


@pytest.mark.slow
@pytest.mark.parametrize('path', LEAVES, ids=lambda p: p.stem)
def test_leaf_learns_and_reports_a_score(path, request, tmp_path):
    config = load_config(path)
    root = request.getfixturevalue(ROOTS[path.stem.rsplit('_', 1)[-1]])
    shrink(config, root, tmp_path / 'work')
    runner = build_runner(config, path)
    before = {k: v.clone() for k, v in runner.model.state_dict().items()}
    runner.train()
    after = runner.model.state_dict()
    assert any(not torch.equal(before[k], after[k]) for k in before)
    assert 0 <= runner.test()['mIoU'] <= 100
    assert (tmp_path / 'work' / 'iter_1.pth').is_file()
