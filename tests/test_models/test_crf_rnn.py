"""CRF-RNN: at its start the post-processor, and then a network that learns."""

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

from zoo import models  # noqa: F401  registers
from zoo.models.segmentors import post_processed
from zoo.ops import dense_crf

CLASSES = 4
KERNELS = {
    'gaussian_weight': 2.0,
    'gaussian_xy_std': 2.0,
    'bilateral_weight': 4.0,
    'bilateral_xy_std': 12.0,
    'bilateral_rgb_std': 15.0,
}
HEAD = {
    'type': 'DeepLabHead',
    'in_channels': 6,
    'channels': 8,
    'in_index': 1,
    'num_classes': CLASSES,
    'output_stride': 4,
    'dilation': 1,
    'dropout_ratio': 0.0,
}


def build(**options):
    torch.manual_seed(0)
    config = {'type': 'CRFRNN', 'head': HEAD, **KERNELS, **options}
    crf = MODELS.build(config)
    # scores that say something
    torch.nn.init.normal_(crf.head.conv_seg.weight, std=1.0)
    return crf


def seen(sizes=((16, 20), (16, 20)), whole=(16, 20), seed=0):
    """Two maps of a backbone, the second of which is read, and photographs."""
    rng = np.random.default_rng(seed)
    count = len(sizes)
    maps = [
        torch.from_numpy(rng.normal(0, 1, (count, 6, side[0], side[1])))
        for side in ((9, 11), (whole[0] // 4 + 1, whole[1] // 4 + 1))
    ]
    photos = np.zeros((count, *whole, 3), np.uint8)
    for photo, (height, width) in zip(photos, sizes, strict=True):
        blocks = rng.integers(0, 256, (4, 5, 3)).repeat(4, 0).repeat(4, 1)
        photo[:height, :width] = blocks[:height, :width]
    return [*(m.float() for m in maps), torch.from_numpy(photos)]


def sample(size, seed=0, labels=None):
    result = SegDataSample(metainfo={'img_shape': size})
    if labels is not None:
        result.gt_sem_seg = PixelData(data=labels)
    return result


def scores(crf, inputs):
    """What the head alone says of every pixel."""
    size = inputs[-1].shape[1:3]
    return crf.head.predict_by_feat(
        crf.head(inputs[:-1]), [{'img_shape': size}]
    )


def refined(logits, photo, iterations):
    """Pydensecrf's answer for one image."""
    return dense_crf(
        logits.softmax(0),
        photo,
        iterations=iterations,
        backend='pydensecrf',
        **KERNELS,
    )


@pytest.mark.parametrize(('training', 'iterations'), [(True, 5), (False, 10)])
@torch.no_grad()
def test_it_starts_as_the_post_processor(training, iterations):
    crf, inputs = build().train(training), seen()
    found = crf(inputs).softmax(1)
    for own, logits, photo in zip(
        found, scores(crf, inputs), inputs[-1], strict=True
    ):
        expected = refined(logits, photo, iterations)
        torch.testing.assert_close(own, expected, atol=1e-4, rtol=0)
        assert (expected - logits.softmax(0)).abs().max() > 0.1


@torch.no_grad()
def test_numbers_of_updates_are_options():
    crf = build(train_iterations=0, test_iterations=1)
    inputs = seen()
    expected = scores(crf, inputs)
    torch.testing.assert_close(crf.train()(inputs), expected)
    found = crf.eval()(inputs)[0].softmax(0)
    once = refined(expected[0], inputs[-1][0], 1)
    torch.testing.assert_close(found, once, atol=1e-4, rtol=0)


@torch.no_grad()
def test_mixed_precision_ends_before_the_updates(monkeypatch):
    crf, inputs = build().eval(), seen()
    seen_scores = []
    real = crf._updated

    def spy(logits, photos):
        seen_scores.append(logits)
        return real(logits, photos)

    monkeypatch.setattr(crf, '_updated', spy)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        found = crf(inputs)
    assert torch.equal(found, real(seen_scores[0], inputs[-1]))


@torch.no_grad()
def test_padding_takes_no_part():
    """A padded image has the logits of the same image alone."""
    crf = build().eval()
    inputs = seen(sizes=((16, 20), (12, 16)))
    metas = [{'img_shape': (16, 20)}, {'img_shape': (12, 16)}]
    found = crf.predict(inputs, metas, {})
    before = scores(crf, inputs)
    expected = refined(before[0], inputs[-1][0], 10)
    torch.testing.assert_close(
        found[0].softmax(0), expected, atol=1e-4, rtol=0
    )
    own = before[1, :, :12, :16]
    expected = refined(own, inputs[-1][1, :12, :16], 10)
    torch.testing.assert_close(
        found[1, :, :12, :16].softmax(0), expected, atol=1e-4, rtol=0
    )
    torch.testing.assert_close(found[1, :, 12:], before[1, :, 12:])


@torch.no_grad()
def test_a_window_is_no_smaller_than_itself():
    """A sliding window sees less than ``img_shape`` says."""
    crf, inputs = build().eval(), seen()
    metas = [{'img_shape': (64, 80)}] * 2
    found = crf.predict(inputs, metas, {})
    torch.testing.assert_close(found, crf(inputs))


def test_everything_learns():
    """The labels are regions of colour, which the scores know nothing of."""
    crf, inputs = build(train_iterations=3).train(), seen()
    inputs[1].requires_grad_()
    flat = inputs[-1].long().sum(-1)
    labels = (flat % CLASSES)[:, None]
    samples = [sample((16, 20), labels=own) for own in labels]
    before = {name: p.clone() for name, p in crf.named_parameters()}
    optimiser = torch.optim.SGD(crf.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        found = crf.loss(inputs, samples, {})
        assert set(found) == {'loss_ce', 'acc_seg'}
        losses.append(found['loss_ce'].item())
        optimiser.zero_grad()
        found['loss_ce'].backward()
        optimiser.step()
    assert losses[-1] < 0.6 * losses[0]
    assert inputs[1].grad.abs().max() > 0
    for name, parameter in crf.named_parameters():
        assert (parameter - before[name]).abs().max() > 1e-4, name


def test_the_loss_is_a_mean_over_labelled_pixels():
    crf, inputs = build().eval(), seen()
    labels = torch.randint(0, CLASSES, (2, 1, 16, 20))
    labels[0, 0, :9] = 255
    samples = [sample((16, 20), labels=own) for own in labels]
    found = crf.loss(inputs, samples, {})['loss_ce']
    logs = crf(inputs).log_softmax(1)
    known = labels[:, 0] != 255
    picked = logs.gather(1, labels.where(labels != 255, 0))[:, 0]
    torch.testing.assert_close(found, -picked[known].mean())


def test_weights_of_the_crf_are_few_and_named():
    names = {
        name: tuple(p.shape)
        for name, p in build().named_parameters()
        if not name.startswith('head.')
    }
    assert names == {
        'gaussian_weights': (4, 4),
        'bilateral_weights': (4, 4),
        'compatibility': (4, 4),
    }


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'num_classes': 5}, 'num_classes is 5, that of the head 4'),
        ({'bilateral_xy_std': 0}, 'bilateral_xy_std'),
        ({'gaussian_weight': -1}, 'gaussian_weight'),
        ({'train_iterations': -1}, 'iterations'),
        ({'test_iterations': 2.5}, 'iterations'),
        ({'normalization': 'x'}, 'normalization'),
        (
            {'head': {**HEAD, 'num_classes': 2, 'out_channels': 1}},
            'one output for each of several classes, got 1 for 2',
        ),
    ],
)
@pytest.mark.filterwarnings('ignore:For binary')
@pytest.mark.filterwarnings('ignore:threshold is not defined')
def test_wrong_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        build(**options)


def segmentor(**preprocessor):
    init_default_scope('mmseg')
    return MODELS.build(
        {
            'type': 'PostProcessedEncoderDecoder',
            'data_preprocessor': {
                'type': 'SegDataPreProcessor',
                'pad_val': 0,
                'seg_pad_val': 255,
                'size_divisor': 4,
                'test_cfg': {'size_divisor': 4},
                **preprocessor,
            },
            'backbone': {
                'type': 'AtrousVGG16',
                'base_channels': 2,
                'pool_strides': (2, 2, 2, 1, 1),
                'dilations': (1, 1, 1, 1, 2),
            },
            'decode_head': {
                'type': 'CRFRNN',
                'head': {
                    **HEAD,
                    'in_channels': 16,
                    'in_index': 5,
                    'output_stride': 8,
                },
                **KERNELS,
            },
            'train_cfg': {},
            'test_cfg': ConfigDict(mode='whole'),
        }
    )


@pytest.mark.parametrize(
    'preprocessor',
    [
        {'mean': [104.0, 116.7, 122.7], 'std': [1.0, 1.0, 1.0]},
        {
            'mean': [123.7, 116.3, 103.5],
            'std': [58.4, 57.1, 57.4],
            'bgr_to_rgb': True,
        },
        {},
    ],
)
def test_the_segmentor_hands_on_the_photographs(preprocessor, monkeypatch):
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (13, 18, 3), np.uint8)
    model = segmentor(**preprocessor).eval()
    told = []
    head = model.decode_head
    monkeypatch.setattr(
        head, '_refined', lambda scores, photos: told.append(photos) or scores
    )
    bgr = torch.from_numpy(photo[..., ::-1].copy()).permute(2, 0, 1)
    data = {
        'inputs': [bgr],
        'data_samples': [
            SegDataSample(
                metainfo={'img_shape': (13, 18), 'ori_shape': (13, 18)}
            )
        ],
    }
    with torch.no_grad():
        [result] = model.test_step(data)
    np.testing.assert_array_equal(told[0][0], photo)
    assert result.seg_logits.data.shape == (CLASSES, 13, 18)


def test_other_heads_get_the_maps_alone():
    model = segmentor()
    features = model.extract_feat(torch.zeros(1, 3, 16, 16))
    model.decode_head = model.decode_head.head
    alone = model.extract_feat(torch.zeros(1, 3, 16, 16))
    assert len(features) == len(alone) + 1
    assert all(x.ndim == 4 and x.shape[1] > 1 for x in alone)


def test_imagenet_weights_reach_the_head_inside(monkeypatch):
    model, told = segmentor(), []
    monkeypatch.setattr(
        post_processed, 'hand_over_classifier', lambda *args: told.append(args)
    )
    model.init_weights()
    assert told == [(model.backbone, model.decode_head.head)]


def test_without_photographs_it_says_what_is_wrong():
    with pytest.raises(ValueError, match='decode_head of a PostProcessed'):
        build()(seen()[:2])


def test_auxiliary_heads_see_the_maps_alone():
    """Mmseg's default is the last of what the segmentor extracts."""
    model = segmentor()
    told = []
    model.auxiliary_head = torch.nn.Identity()
    model.auxiliary_head.loss = lambda maps, *_: told.append(maps) or {}
    maps = model.extract_feat(torch.zeros(1, 3, 16, 16))
    model._auxiliary_head_forward_train(maps, [])
    assert len(told[0]) == len(maps) - 1
    assert told[0][-1] is maps[-2]


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_on_cuda_it_learns_the_same():
    """Torch's lattice in place of the compiled one, and mixed precision."""
    grads = []
    for device in ('cpu', 'cuda'):
        crf = build(train_iterations=3).to(device).train()
        inputs = [x.to(device) for x in seen()]
        with torch.autocast(device, enabled=False):
            crf(inputs).softmax(1).square().sum().backward()
        grads.append(crf.compatibility.grad.cpu())
    torch.testing.assert_close(*grads, atol=1e-3, rtol=1e-3)
