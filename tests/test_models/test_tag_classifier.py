"""A classifier of tags: loss by hand, and a leaf from training to record."""

import math

import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.structures import SegDataSample
from support import ROOT

from zoo.errors import UserError
from zoo.models.segmentors import TagClassifier

LEAF = ROOT / 'configs/zoom_out/vgg16-tags_minivoc.py'
SMALL = (
    'model.network.backbone.base_channels=2',
    'model.network.in_channels=16',
    'model.network.hidden=[4,4]',
    'train_dataloader.batch_size=2',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
    'val_dataloader.num_workers=0',
    'val_dataloader.persistent_workers=False',
    'test_dataloader.num_workers=0',
    'test_dataloader.persistent_workers=False',
    'train_cfg.max_iters=2',
    'train_cfg.val_interval=2',
)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def make_model():
    backbone = {
        'type': 'AtrousVGG16',
        'base_channels': 2,
        'norm_cfg': {'type': 'BN'},
    }
    network = {
        'type': 'CropNetwork',
        'backbone': backbone,
        'in_channels': 16,
        'hidden': [4],
        'pool': 'average',
    }
    return TagClassifier(network=network, num_classes=3)


def make_samples():
    samples = [SegDataSample(), SegDataSample()]
    for sample, tags in zip(samples, ([1.0, 0, 1], [0, 0, 1]), strict=True):
        sample.set_data({'gt_tags': torch.tensor(tags)})
    return samples


def test_loss_is_the_mean_over_images_and_tags():
    model, x = make_model().eval(), torch.randn(2, 3, 33, 33)
    samples = make_samples()
    with torch.no_grad():
        losses, logits = model(x, samples, mode='loss'), model(x)
    assert logits.shape == (2, 3)
    total = 0.0
    for row, sample in zip(logits.tolist(), samples, strict=True):
        for logit, tag in zip(row, sample.gt_tags.tolist(), strict=True):
            p = 1 / (1 + math.exp(-logit))
            total -= math.log(p if tag else 1 - p)
    assert set(losses) == {'loss_tags'}
    assert float(losses['loss_tags']) == pytest.approx(total / 6, rel=1e-5)


def test_prediction_is_a_probability_of_every_tag():
    model, x = make_model().eval(), torch.randn(2, 3, 33, 33)
    torch.nn.init.normal_(model.score.weight, std=100)
    found = model(x, make_samples(), mode='predict')
    for sample, row in zip(found, model(x), strict=True):
        assert torch.allclose(sample.pred_tags, 1 / (1 + (-row).exp()))


def test_other_modes_are_refused():
    model, x = make_model(), torch.randn(2, 3, 33, 33)
    for samples, mode in ((None, 'loss'), (None, 'predict'), ([], 'views')):
        with pytest.raises(ValueError, match=f"got '{mode}'"):
            model(x, samples, mode=mode)


@pytest.fixture(scope='module')
def trained(mini_root, tmp_path_factory):
    from zoo.engine.experiment import TrainOptions, train

    options = TrainOptions(
        work_dir=str(tmp_path_factory.mktemp('run')),
        options=SMALL,
        data_root=str(mini_root),
    )
    return train(LEAF, options)


def options_of(mini_root, **changes):
    from zoo.engine.testing import TestOptions

    return TestOptions(options=SMALL, data_root=str(mini_root), **changes)


def test_a_run_ends_in_a_record(trained, mini_root, tmp_path, monkeypatch):
    from zoo.engine.testing import evaluate
    from zoo.evaluation import read_record, write_record

    monkeypatch.chdir(tmp_path)
    record = evaluate(LEAF, trained, options_of(mini_root))
    assert record['kind'] == 'tags'
    assert record['images'] == 3
    assert 0 <= record['metrics']['mAP'] <= 100
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json')['dataset'] == 'minivoc'


def test_the_network_is_a_part_of_the_checkpoint(trained):
    from mmseg.registry import MODELS

    from zoo.engine.config import load_config

    state = torch.load(trained)['state_dict']
    part = {k for k in state if k.startswith('network.')}
    network = MODELS.build(load_config(LEAF, options=SMALL).model.network)
    assert {k.removeprefix('network.') for k in part} == set(
        network.state_dict()
    )
    assert set(state) - part == {'score.weight', 'score.bias'}


@pytest.mark.parametrize('kind', ['show', 'probs', 'masks'])
def test_tags_make_no_picture(kind, mini_root, tmp_path):
    from zoo.engine.testing import evaluate

    options = options_of(mini_root, **{kind: str(tmp_path / 'out')})
    with pytest.raises(UserError, match='predicts tags, which make no pict'):
        evaluate(LEAF, None, options)


def test_several_views_of_tags_are_refused(trained, mini_root):
    from zoo.engine.testing import evaluate

    with pytest.raises(UserError, match=r"model\.type is 'TagClassifier'"):
        evaluate(LEAF, trained, options_of(mini_root, tta=True))


def test_a_photograph_cannot_be_predicted(trained, mini_root, tmp_path):
    from zoo.engine.prediction import predict

    photo = next((mini_root / 'JPEGImages').iterdir())
    found = predict([photo], LEAF, trained, tmp_path, options=SMALL)
    with pytest.raises(UserError, match='boxes or tags alone'):
        list(found)
