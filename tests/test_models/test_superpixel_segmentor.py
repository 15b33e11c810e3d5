"""From network input to superpixels, from their scores to pixels."""

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.model import BaseModule
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from PIL import Image
from torch import nn

from zoo.models.segmentors import MultiViewSegmentor
from zoo.ops.superpixels import slic_superpixels

CAFFE = {'mean': [104.008, 116.669, 122.675], 'std': [1.0, 1.0, 1.0]}
IMAGENET = {
    'mean': [123.675, 116.28, 103.53],
    'std': [58.395, 57.12, 57.375],
    'bgr_to_rgb': True,
}
SIZES = [(24, 40), (32, 30)]  # of the two photographs of a batch
PADDED = (40, 48)
SLIC = {'n_segments': 20, 'compactness': 10}


@MODELS.register_module()
class MeanColours(BaseModule):
    """Three columns: the mean colour of each superpixel, RGB, 0 to 1."""

    def forward(self, inputs, photos, superpixels):
        self.seen = photos
        return [
            torch.stack(
                [
                    torch.from_numpy(photo[labels == s] / 255).mean(0)
                    for s in range(labels.max() + 1)
                ]
            ).to(inputs)
            for photo, labels in zip(photos, superpixels, strict=True)
        ]


@MODELS.register_module()
class SecondBest(nn.Module):
    """A post-processor: the best class loses; keeps what it was shown."""

    def forward(self, probs, image):
        self.seen = image
        rest = probs.scatter(0, probs.argmax(0, keepdim=True), 0)
        return rest / rest.sum(0)


def build(plan=CAFFE, **options):
    init_default_scope('mmseg')
    model = MODELS.build(
        {
            'type': 'SuperpixelSegmentor',
            'data_preprocessor': {
                'type': 'SegDataPreProcessor',
                'size': PADDED,
                'pad_val': 0,
                'seg_pad_val': 255,
                **plan,
            },
            'backbone': {'type': 'MeanColours'},
            'decode_head': {
                'type': 'SuperpixelHead',
                'in_channels': 3,
                'num_classes': 4,
            },
            'superpixels': SLIC,
            'train_cfg': {},
            'test_cfg': ConfigDict(mode='whole'),
            **options,
        }
    )
    # three classes of colours, and one that is none of them
    model.decode_head.layers[0].weight.data = 4 * torch.eye(4, 3)
    return model.eval()


def photograph(size, seed=0):
    """Return smooth colours in which superpixels are no squares, RGB."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 5, 3), np.uint8)
    large = Image.fromarray(coarse).resize(size[::-1], Image.BILINEAR)
    noise = rng.integers(0, 8, (*size, 3), np.uint8)
    photo = np.asarray(large) // 2 + noise
    photo[:3, 0] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    return photo


def quarters(size):
    """Return a map of four superpixels."""
    rows, columns = np.indices(size)
    return 2 * (rows >= size[0] // 2) + (columns >= size[1] // 2)


def labels_of(size):
    """Superpixel 0 is of class 3, 1 void, 2 of class 1 or 0, 3 of class 0."""
    labels = np.array([3, 255, 1, 0])[quarters(size)]
    height, width = size[0] // 2, size[1] // 2
    labels[height:, :width] = 0
    labels[height : height + 8, :width] = 1  # eight rows of 12 or 16
    labels[:4, :width] = 255  # of twelve rows: no vote
    return labels


def batch(model, sizes, training):
    """Return images as the loader brings them, preprocessed."""
    samples = []
    for size in sizes:
        meta = {'img_shape': size, 'ori_shape': size}
        sample = SegDataSample(metainfo=meta)
        for name, found in (
            ('gt_sem_seg', labels_of(size)),
            ('superpixels', quarters(size)),
        ):
            data = PixelData(data=torch.from_numpy(found[None]))
            sample.set_data({name: data})
        samples.append(sample)
    photos = [photograph(size, seed) for seed, size in enumerate(sizes)]
    images = [
        torch.from_numpy(photo[..., ::-1].copy()).permute(2, 0, 1)
        for photo in photos
    ]
    data = {'inputs': images, 'data_samples': samples}
    return photos, model.data_preprocessor(data, training)


@pytest.mark.parametrize('plan', [CAFFE, IMAGENET, {}], ids=range(3))
def test_photographs_come_back_from_a_padded_batch(plan):
    model = build(plan)
    photos, data = batch(model, SIZES, training=True)
    assert data['inputs'].shape[2:] == PADDED
    found = model.photos(data['inputs'].float(), SIZES)
    for photo, back in zip(photos, found, strict=True):
        assert back.dtype == np.uint8
        assert back.flags.c_contiguous
        np.testing.assert_array_equal(back, photo)


@pytest.mark.parametrize('plan', [CAFFE, IMAGENET], ids=range(2))
def test_every_value_comes_back(plan):
    model = build({**plan, 'size': (3, 256)})
    ramp = torch.arange(256, dtype=torch.uint8)
    image = torch.stack([ramp, ramp.flip(0), ramp.roll(7)])
    image = image[:, None].repeat(1, 3, 1)
    sample = SegDataSample(metainfo={'img_shape': (3, 256)})
    sample.gt_sem_seg = PixelData(data=torch.zeros(1, 3, 256))
    data = {'inputs': [image], 'data_samples': [sample]}
    inputs = model.data_preprocessor(data, True)['inputs']
    [back] = model.photos(inputs, [(3, 256)])
    expected = image.flip(0).permute(1, 2, 0).numpy()  # BGR to RGB
    np.testing.assert_array_equal(back, expected)


def rows_that_learn(model, sizes=SIZES):
    """Return rows and labels that reach the head, and the losses."""
    seen = {}
    plain = model.loss_of_rows

    def spy(rows, labels):
        seen.update(rows=rows, labels=labels)
        return plain(rows, labels)

    model.loss_of_rows = spy
    photos, data = batch(model, sizes, training=True)
    losses = model.loss(**data)
    return photos, seen['rows'], seen['labels'], losses


def test_a_superpixel_learns_the_class_of_most_of_its_pixels():
    """Void has no vote, and a superpixel of void alone does not learn."""
    photos, rows, labels, losses = rows_that_learn(build())
    # of 12 rows eight are of class 1, of 16 rows half: a tie goes to 0
    assert labels.tolist() == [3, 1, 0, 3, 0, 0]
    expected = [
        photo[quarters(photo.shape[:2]) == s].mean(0) / 255
        for photo in photos
        for s in (0, 2, 3)
    ]
    np.testing.assert_allclose(rows, np.array(expected), rtol=1e-5)
    assert losses.keys() == {'decode.loss_ce', 'decode.acc_seg'}


def test_loss_is_the_heads_of_these_rows():
    model = build()
    _, rows, labels, losses = rows_that_learn(model)
    logits = model.decode_head(rows)
    expected = nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(losses['decode.loss_ce'], expected)


@pytest.mark.parametrize('count', [1, 2, 3, 9])
def test_so_many_of_an_image_learn_and_only_labelled_ones(count):
    model, drawn = build(per_image=count), set()
    for _ in range(20):
        _, rows, labels, _ = rows_that_learn(model, SIZES[:1])
        assert len(rows) == len(labels) == min(count, 3)
        assert set(labels.tolist()) <= {3, 1, 0}
        assert len(set(labels.tolist())) == len(labels), 'one came twice'
        drawn |= set(labels.tolist())
    assert drawn == {3, 1, 0}


def test_rows_that_were_drawn_keep_their_labels():
    model, seen = build(per_image=2), {}
    for _ in range(20):
        _, rows, labels, _ = rows_that_learn(model, SIZES[:1])
        for row, label in zip(rows, labels.tolist(), strict=True):
            seen.setdefault(label, row)
            torch.testing.assert_close(seen[label], row)


def test_pixels_score_as_their_superpixel_and_padding_nothing():
    model = build()
    photos, data = batch(model, SIZES, training=True)
    metas = [{'img_shape': size} for size in SIZES]
    with torch.no_grad():
        logits = model.encode_decode(data['inputs'], metas)
    assert logits.shape == (2, 4, *PADDED)
    [linear] = model.decode_head.layers
    weight, bias = linear.weight.detach(), linear.bias.detach()
    for scores, photo in zip(logits.numpy(), photos, strict=True):
        height, width = photo.shape[:2]
        assert not scores[:, height:].any()
        assert not scores[:, :, width:].any()
        labels = slic_superpixels(photo, **SLIC)
        assert labels.max() >= 9
        for s in range(labels.max() + 1):
            place = labels == s
            colour = photo[place].mean(0) / 255
            expected = weight.double().numpy() @ colour + bias.numpy()
            inside = scores[:, :height, :width][:, place]
            np.testing.assert_allclose(
                inside,
                np.broadcast_to(expected[:, None], inside.shape),
                rtol=1e-4,
                atol=1e-5,
            )


def predict(model, size=SIZES[0], path=None):
    photo = photograph(size)
    meta = {'img_shape': size, 'ori_shape': size, 'img_path': path}
    image = torch.from_numpy(photo[..., ::-1].copy()).permute(2, 0, 1)
    data = {
        'inputs': [image],
        'data_samples': [SegDataSample(metainfo=meta)],
    }
    [sample] = model.test_step(data)
    return photo, sample


def test_prediction_is_constant_within_superpixels():
    photo, sample = predict(build())
    found = sample.pred_sem_seg.data[0].numpy()
    labels = slic_superpixels(photo, **SLIC)
    for s in range(labels.max() + 1):
        assert len(np.unique(found[labels == s])) == 1
    assert len(np.unique(found)) > 1


def test_post_processors_see_probabilities_of_pixels(tmp_path):
    path = str(tmp_path / 'photo.png')
    Image.fromarray(photograph(SIZES[0])).save(path)
    model = build(post_processors=[{'type': 'SecondBest'}])
    photo, sample = predict(model, path=path)
    np.testing.assert_array_equal(model.post_processors[0].seen, photo)
    plain = build()
    plain.load_state_dict(model.state_dict())
    scores = predict(plain)[1].seg_logits.data
    order = scores.argsort(0, descending=True)
    assert torch.equal(sample.raw_sem_seg.data[0], order[0])
    assert torch.equal(sample.pred_sem_seg.data[0], order[1])


def test_views_are_averaged():
    """An image and itself mirrored, each with superpixels of its own."""
    model, size = build(), SIZES[0]
    photo = photograph(size)
    total = np.zeros((4, *size))
    views, samples = [], []
    for mirrored in (False, True):
        seen = photo[:, ::-1] if mirrored else photo
        image = torch.from_numpy(seen[..., ::-1].copy()).permute(2, 0, 1)
        views.append([image])
        meta = {
            'img_shape': size,
            'ori_shape': size,
            'flip': mirrored,
            'flip_direction': 'horizontal' if mirrored else None,
        }
        samples.append([SegDataSample(metainfo=meta)])
        inputs = model.data_preprocessor(
            {'inputs': [image], 'data_samples': samples[-1]}, False
        )['inputs']
        with torch.no_grad():
            logits = model.encode_decode(inputs, [{'img_shape': size}])
        probs = logits[0].softmax(0).numpy()
        total += probs[..., ::-1] if mirrored else probs
    several = MultiViewSegmentor(model)
    [sample] = several.test_step({'inputs': views, 'data_samples': samples})
    found = sample.seg_logits.data.exp().numpy()
    np.testing.assert_allclose(found, total / 2, rtol=1e-4, atol=1e-6)


def test_a_sample_without_superpixels_names_the_missing_steps():
    model = build()
    _, data = batch(model, SIZES[:1], training=True)
    del data['data_samples'][0].superpixels
    with pytest.raises(ValueError, match='AddSuperpixels and PackSuperpixels'):
        model.loss(**data)


def test_nothing_to_learn_from_an_image_is_refused():
    with pytest.raises(ValueError, match=r'per_image must be .* got 0'):
        build(per_image=0)
