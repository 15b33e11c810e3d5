"""Shifted views: what they see, how they are undone, what they cost."""

import gc

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from support import LEAF
from torch import nn
from torch.nn import functional

from zoo.engine.config import load_config
from zoo.models.decode_heads.strided_head import input_size
from zoo.models.segmentors import MultiViewSegmentor

CLASSES, STRIDE = 12, 4
SHIFTS = ((0, 0), (1, 2), (3, 0))
MEAN = np.array([104.008, 116.669, 122.675])


@pytest.fixture
def weights():
    """Scores of a class per grey level, ``(12, 3)``."""
    return torch.randn(CLASSES, 3) / 30


def build(net=None):
    """Return a segmentor whose network is ``net``, if one is given."""
    config = load_config(LEAF)
    config.model.post_processors = None
    config.model.backbone.base_channels = 2
    config.model.decode_head.update(in_channels=16, channels=4)
    config.model.data_preprocessor = config.data_preprocessor
    model = MODELS.build(config.model).eval()
    model.decode_head.output_stride = STRIDE if net else 8
    if net:
        model.encode_decode = told_the_size(net)
    return model


def told_the_size(net):
    """Return the network; it fails where the metadata lie about its input."""

    def checked(inputs, metas):
        for meta in metas:
            assert input_size(meta) == tuple(inputs.shape[2:])
        return net(inputs)

    return checked


def pixelwise(weights):
    return lambda inputs: torch.einsum('kc,nchw->nkhw', weights, inputs)


def strided(weights):
    """Score every fourth pixel, and give the three after it its scores."""

    def net(inputs):
        cells = pixelwise(weights)(inputs[..., ::STRIDE, ::STRIDE])
        for axis in (2, 3):
            cells = cells.repeat_interleave(STRIDE, axis)
        return cells[..., : inputs.shape[2], : inputs.shape[3]]

    return net


def photograph(size):
    return torch.randint(0, 256, (3, *size), dtype=torch.uint8)


def view(*images, size=None, flip=False):
    """Return one view of some images as ``(inputs, data_samples)``.

    ``size`` is that of the photograph, the image's own where left out.
    """
    samples = []
    for image in images:
        shape = tuple(image.shape[1:])
        meta = {'ori_shape': size or shape, 'img_shape': shape, 'flip': flip}
        meta['flip_direction'] = 'horizontal' if flip else None
        samples.append(SegDataSample(metainfo=meta))
    return list(images), samples


def mean_of(model, views, shifts=((0, 0),)):
    """Return the mean probabilities of each image as arrays."""
    inputs, samples = zip(*views, strict=True)
    data = {'inputs': list(inputs), 'data_samples': list(samples)}
    found = MultiViewSegmentor(model, shifts=shifts).test_step(data)
    for sample in found:
        probs, labels = sample.seg_logits.data, sample.pred_sem_seg.data
        assert torch.equal(labels, probs.argmax(0, keepdim=True))
    return [sample.seg_logits.data.exp().numpy() for sample in found]


def softmax(scores):
    powers = np.exp(scores - scores.max(0))
    return powers / powers.sum(0)


def scored_by_hand(image, weights, shift):
    """Return logits of a shifted view, pixel by pixel, ``(12, H, W)``."""
    colours = image.numpy() - MEAN[:, None, None]
    _, height, width = image.shape
    scores = np.zeros((CLASSES, height, width))
    for y in range(height):
        for x in range(width):
            row = (y + shift[0]) // STRIDE * STRIDE - shift[0]
            column = (x + shift[1]) // STRIDE * STRIDE - shift[1]
            if row >= 0 and column >= 0:  # else the padding: scores of 0
                scores[:, y, x] = weights.numpy() @ colours[:, row, column]
    return scores


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize('size', [(11, 13), (8, 5), (4, 4), (1, 3)])
def test_shifted_views_of_a_strided_network(weights, size):
    images = [photograph(size), photograph(size)]
    found = mean_of(build(strided(weights)), [view(*images)], SHIFTS)
    for image, probs in zip(images, found, strict=True):
        hand = [scored_by_hand(image, weights, shift) for shift in SHIFTS]
        close(probs, np.mean([softmax(scores) for scores in hand], 0))


def test_all_shifts_see_every_pixel(weights):
    """Together they tell apart what one view gives the same scores."""
    image = photograph((12, 12))
    model = build(strided(weights))
    shifts = [(dy, dx) for dy in range(STRIDE) for dx in range(STRIDE)]
    (one,) = mean_of(model, [view(image)])
    (all_of_them,) = mean_of(model, [view(image)], shifts)
    assert len(np.unique(one[0])) == 9
    assert len(np.unique(all_of_them[0])) > 100


def test_scale_flip_and_shift_are_undone_in_that_order(weights):
    """The second view is twice the size, mirrored, and then shifted."""
    model, shifts = build(strided(weights)), ((0, 0), (1, 2))
    model.align_corners = False  # so that halving means over 2 x 2 pixels
    image = photograph((11, 13))
    large = image.repeat_interleave(2, 1).repeat_interleave(2, 2).flip(2)
    views = [view(image), view(large, size=(11, 13), flip=True)]
    expected = []
    for shift in shifts:
        expected.append(softmax(scored_by_hand(image, weights, shift)))
        scores = scored_by_hand(large, weights, shift)[:, :, ::-1]
        halved = scores.reshape(CLASSES, 11, 2, 13, 2).mean((2, 4))
        expected.append(softmax(halved))
    (found,) = mean_of(model, views, shifts)
    close(found, np.mean(expected, 0))


def test_views_of_a_pixelwise_network_equal_the_single_view(weights):
    image, model = photograph((11, 13)), build(pixelwise(weights))
    flipped = view(image.flip(2), flip=True)
    (one,) = mean_of(model, [view(image)])
    (many,) = mean_of(model, [view(image), flipped], SHIFTS)
    close(many, one)


def test_shifts_move_nothing_away_from_the_border():
    layers = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 12, 3)
    )
    image = photograph((11, 13))

    @torch.no_grad()
    def net(inputs):
        return functional.pad(layers(inputs / 99), (1, 1, 1, 1))

    (one,) = mean_of(build(net), [view(image)])
    (many,) = mean_of(build(net), [view(image)], SHIFTS)
    close(many[:, 2:, 2:-1], one[:, 2:, 2:-1])
    assert np.abs(many - one).max() > 1e-3  # at the border, where they may


def test_a_sliding_window_moves_over_the_shifted_view(weights):
    image, model = photograph((11, 13)), build(pixelwise(weights))
    (one,) = mean_of(model, [view(image)])
    window = {'mode': 'slide', 'crop_size': (9, 8), 'stride': (5, 3)}
    model.test_cfg = ConfigDict(window)
    (many,) = mean_of(model, [view(image)], SHIFTS)
    close(many, one)


def test_shifts_add_to_the_padding_of_the_preprocessor(weights):
    image, model = photograph((11, 13)), build(pixelwise(weights))
    (one,) = mean_of(model, [view(image)])
    model.data_preprocessor.test_cfg = {'size_divisor': 8}
    (many,) = mean_of(model, [view(image)], SHIFTS)
    close(many, one)


def test_shifted_views_of_a_whole_network():
    """DeepLab's, stride 8, whose head reads the size from the metadata."""
    model, image = build(), photograph((33, 41))
    for parameter in model.parameters():
        if parameter.ndim == 4:
            nn.init.kaiming_normal_(parameter)
    grey = (image - torch.tensor(MEAN)[:, None, None]).float()
    expected = []
    for dy, dx in ((0, 0), (3, 5)):
        large = torch.zeros(1, 3, 33 + dy, 41 + dx)
        large[0, :, dy:, dx:] = grey
        with torch.no_grad():
            size = {'img_shape': (33 + dy, 41 + dx)}
            scores = model.encode_decode(large, [size])[0, :, dy:, dx:]
        expected.append(softmax(scores.double().numpy()))
    assert np.abs(expected[0] - expected[1]).max() > 0.01
    (found,) = mean_of(model, [view(image)], ((0, 0), (3, 5)))
    close(found, np.mean(expected, 0))


def test_the_metadata_tell_image_and_padding_apart(weights):
    model, seen = build(pixelwise(weights)), []
    model.data_preprocessor.test_cfg = {'size_divisor': 8}
    inference = model.inference

    def spy(inputs, metas):
        seen.extend((meta['img_shape'], meta['pad_shape']) for meta in metas)
        return inference(inputs, metas)

    model.inference = spy
    image = photograph((11, 13))
    mean_of(model, [view(image, image)], ((0, 0), (1, 2)))
    assert seen == [((11, 13), (16, 16))] * 2 + [((12, 15), (17, 18))] * 2


def test_post_processors_see_the_mean_once(weights):
    model, image = build(strided(weights)), photograph((11, 13))
    seen = []
    post_process = model.post_process

    def spy(sample, probs):
        seen.append(probs.clone())
        post_process(sample, probs)

    model.post_process = spy
    (found,) = mean_of(model, [view(image)], SHIFTS)
    assert len(seen) == 1
    close(seen[0].numpy(), found)


def test_a_view_is_preprocessed_once_for_all_its_shifts(weights):
    model, image = build(pixelwise(weights)), photograph((11, 13))
    calls = []
    model.data_preprocessor.register_forward_hook(lambda *_: calls.append(1))
    mean_of(model, [view(image)] * 2, SHIFTS)
    assert len(calls) == 2


def test_only_the_sum_waits_for_the_next_view(weights):
    """However many views there are."""
    size, waiting = (40, 30), []
    net = pixelwise(weights)

    def counting(inputs):
        waiting.append(len(maps_in_memory(size)))
        return net(inputs)

    model, image = build(counting), photograph(size)
    assert not maps_in_memory(size)
    mean_of(model, [view(image) for _ in range(5)], SHIFTS)
    assert waiting == [0] + [1] * 14


def maps_in_memory(size):
    """Return the memory of all tensors that are large enough for a map."""
    gc.collect()
    return {
        item.untyped_storage().data_ptr()
        for item in gc.get_objects()
        if type(item) is torch.Tensor
        and item.untyped_storage().nbytes() == 4 * CLASSES * np.prod(size)
    }


@pytest.mark.parametrize(
    ('shifts', 'message'),
    [
        ((), r'must be a list of pairs \(dy, dx\), got \(\)'),
        (4, 'must be a list of pairs .* got 4'),
        ((4, 4), 'must be pairs .* got 4$'),
        (((0, 0), (1, 2, 3)), r'must be pairs .* got \(1, 2, 3\)'),
        (((0, -1),), r'must be pairs .* >= 0 .*, got \(0, -1\)'),
        (((-1, 0),), r'got \(-1, 0\)'),
        (((0, 0.5),), r'whole pixels .*, got \(0, 0\.5\)'),
        (((4, 0),), r"< 4, the head's output_stride, got \(4, 0\)"),
        (((0, 4),), r"< 4, the head's output_stride, got \(0, 4\)"),
        (((1, 2), [1, 2]), r'must differ, got \(\(1, 2\), \[1, 2\]\)'),
    ],
)
def test_refuses_other_shifts(weights, shifts, message):
    model = build(pixelwise(weights))
    with pytest.raises(ValueError, match=f'^shifts .*{message}'):
        MultiViewSegmentor(model, shifts=shifts)


def test_a_head_that_states_no_stride_is_not_shifted(weights):
    """It may stretch its scores over the image, and them with it."""
    model = build(pixelwise(weights))
    del model.decode_head.output_stride
    assert MultiViewSegmentor(model).shifts == ((0, 0),)
    with pytest.raises(ValueError, match=r"< 1, the head's .* got \[0, 1\]"):
        MultiViewSegmentor(model, shifts=[[0, 0], [0, 1]])
