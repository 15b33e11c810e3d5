"""The seam of post-processing, and multi-view testing through it."""

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from PIL import Image
from support import ROOT
from torch import nn

from zoo.engine.config import load_config
from zoo.errors import UserError
from zoo.models.segmentors import MultiViewSegmentor

LEAF = ROOT / 'configs/deeplab_crf/vgg16_minivoc.py'
SIZE = (11, 13)


@pytest.fixture
def spy():
    """A post-processor that swaps classes 0 and 1 and remembers its call."""

    class Spy(nn.Module):
        calls: list = []

        def forward(self, probs, image):
            self.calls.append((probs, image))
            return torch.cat([probs[1:2], probs[:1], probs[2:]])

    MODELS.register_module(name='Spy', module=Spy)
    yield Spy
    MODELS.module_dict.pop('Spy')


def build(post_processors):
    config = load_config(LEAF)
    config.model.post_processors = post_processors
    config.model.backbone.base_channels = 2
    config.model.decode_head.update(in_channels=16, channels=4)
    config.model.data_preprocessor = config.data_preprocessor
    return MODELS.build(config.model).eval()


def photo(tmp_path):
    image = np.arange(11 * 13 * 3, dtype=np.uint8).reshape(*SIZE, 3)
    Image.fromarray(image).save(tmp_path / 'photo.png')
    meta = {'img_path': str(tmp_path / 'photo.png')}
    meta.update(ori_shape=SIZE, img_shape=SIZE)
    return image, SegDataSample(metainfo=meta)


def test_chain_gets_probabilities_and_the_photograph(spy, tmp_path):
    image, sample = photo(tmp_path)
    model = build([{'type': 'Spy'}])
    logits = torch.randn(1, 12, *SIZE)
    out = model.postprocess_result(logits, [sample])[0]
    probs, seen = spy.calls.pop()
    torch.testing.assert_close(probs, logits[0].softmax(0))
    assert np.array_equal(seen, image)  # RGB, uint8, height before width
    raw = logits[0].argmax(0)
    assert torch.equal(out.raw_sem_seg.data[0], raw)
    swapped = torch.where(raw < 2, 1 - raw, raw)
    assert torch.equal(out.pred_sem_seg.data[0], swapped)
    assert out.pred_sem_seg.data.shape == (1, *SIZE)
    total = out.seg_logits.data.exp().sum(0)
    torch.testing.assert_close(total, torch.ones(SIZE))


def test_chain_runs_in_order(spy, tmp_path):
    _, sample = photo(tmp_path)
    model = build([{'type': 'Spy'}, {'type': 'Spy'}])
    logits = torch.randn(1, 12, *SIZE)
    out = model.postprocess_result(logits, [sample])[0]
    assert len(spy.calls) == 2
    spy.calls.clear()
    assert torch.equal(out.pred_sem_seg.data[0], logits[0].argmax(0))


def test_a_training_run_validates_the_network_alone(spy, tmp_path):
    _, sample = photo(tmp_path)
    model = build([{'type': 'Spy'}])
    model.post_processing = False
    out = model.postprocess_result(torch.randn(1, 12, *SIZE), [sample])[0]
    assert not spy.calls
    assert 'raw_sem_seg' not in out


def test_without_a_chain_mmsegs_answer_is_left_alone(tmp_path):
    _, sample = photo(tmp_path)
    logits = torch.randn(1, 12, *SIZE)
    out = build(None).postprocess_result(logits, [sample])[0]
    torch.testing.assert_close(out.seg_logits.data, logits[0])
    assert 'raw_sem_seg' not in out


def test_a_changed_photograph_is_refused(spy, tmp_path):
    _, sample = photo(tmp_path)
    sample.set_metainfo({'ori_shape': (5, 5)})
    with pytest.raises(UserError, match=r'photo\.png: the photograph is'):
        build([{'type': 'Spy'}]).postprocess_result(
            torch.randn(1, 12, *SIZE), [sample]
        )


def test_one_output_channel_has_no_probabilities_to_process():
    config = load_config(LEAF)
    config.model.decode_head.update(num_classes=2, out_channels=1)
    config.model.decode_head.threshold = 0.5
    with pytest.raises(ValueError, match='out_channels=1'):
        MODELS.build(config.model)


def views_of(image, sample):
    """Return the image and its mirror image as mmengine batches views."""
    tensor = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)
    flipped = SegDataSample(metainfo=dict(sample.metainfo))
    flipped.set_metainfo({'flip': True, 'flip_direction': 'horizontal'})
    return {
        'inputs': [[tensor], [tensor.flip(2)]],
        'data_samples': [[sample], [flipped]],
    }


def test_views_are_averaged_as_probabilities_and_processed_once(spy, tmp_path):
    image, sample = photo(tmp_path)
    model = build([{'type': 'Spy'}])
    scores = [torch.randn(1, 12, *SIZE), torch.randn(1, 12, *SIZE)]
    pending = list(scores)
    model.inference = lambda inputs, metas: pending.pop(0)
    out = MultiViewSegmentor(module=model).test_step(views_of(image, sample))
    mean = (scores[0].softmax(1) + scores[1].flip(3).softmax(1)) / 2
    ((probs, _),) = spy.calls
    spy.calls.clear()
    torch.testing.assert_close(probs, mean[0])
    swapped = torch.cat([mean[0, 1:2], mean[0, :1], mean[0, 2:]])
    torch.testing.assert_close(out[0].seg_logits.data.exp(), swapped)


def test_views_of_a_mirror_symmetric_network_equal_the_single_view(tmp_path):
    image, sample = photo(tmp_path)
    model = build(None)

    def symmetric(inputs, metas):
        return inputs.mean(1, keepdim=True).repeat(1, 12, 1, 1) * torch.arange(
            12
        ).view(1, 12, 1, 1)

    model.inference = symmetric
    views = views_of(image, sample)
    both = MultiViewSegmentor(module=model).test_step(views)[0]
    one = model.test_step(
        {'inputs': views['inputs'][0], 'data_samples': [sample]}
    )[0]
    torch.testing.assert_close(
        both.seg_logits.data.exp(), one.seg_logits.data.softmax(0)
    )


def test_ground_truth_survives_multi_view_testing(tmp_path):
    image, sample = photo(tmp_path)
    views = views_of(image, sample)
    for part in views['data_samples']:
        truth = torch.zeros(1, *SIZE, dtype=torch.long)
        part[0].gt_sem_seg = PixelData(data=truth)
    out = MultiViewSegmentor(module=build(None)).test_step(views)[0]
    assert out.gt_sem_seg.data.shape == (1, *SIZE)
