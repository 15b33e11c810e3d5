"""Potentials trained one by one, tested together."""

import torch
from support import ROOT, SMALL

from zoo.engine.checkpoint import load_plain
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.testing import TestOptions, evaluate

FOLDER = ROOT / 'configs/context_crf'
POTENTIALS = ('unary', 'surrounding', 'above-below')
TINY = (
    *SMALL,
    'model.backbone.base_channels=1',
    'model.decode_head.in_channels=72',
)


def test_potentials_trained_one_by_one_are_tested_together(
    mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    data, weights = str(mini_root), {}
    lengths = ('train_cfg.max_iters=2', 'train_cfg.val_interval=2')
    for name in POTENTIALS:
        options = TrainOptions(options=(*TINY, *lengths), data_root=data)
        path = train(FOLDER / f'vgg16-{name}_minivoc.py', options)
        state = load_plain(path)['state_dict']
        assert {key.split('.')[1] for key in state} == {name.replace('-', '_')}
        weights |= state
    record = evaluate(
        FOLDER / 'vgg16_minivoc.py',
        None,
        TestOptions(options=TINY, data_root=data),
    )
    assert record['checkpoint']['assembled_from'] == [
        f'context_crf/vgg16-{name}_minivoc' for name in POTENTIALS
    ]
    assert 0 <= record['metrics']['mIoU'] <= 100
    (path,) = tmp_path.glob(f'work_dirs/*/*/*/{record["checkpoint"]["file"]}')
    merged = load_plain(path)['state_dict']
    assert merged.keys() == weights.keys()
    for key, value in weights.items():
        assert torch.equal(merged[key], value), key
