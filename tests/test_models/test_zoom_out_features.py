"""Rows of four nested regions: which columns, of what, at which place."""

import pickle

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModule
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from support import ROOT

from zoo.models.backbones import ZoomOutFeatures
from zoo.models.decode_heads import LocalConvnetHead
from zoo.ops.handmade import handmade_features
from zoo.ops.lab_colours import lab_image
from zoo.ops.superpixel_patches import superpixel_patches

SIDE, DOWN, ACROSS = 8, 5, 6  # a grid of superpixels, 40 x 48 pixels
COUNT = DOWN * ACROSS
MEAN = (1.0, 2.0, 3.0)  # BGR
PARTS = (120, 3, 120, 4, 1, 15, 6, 4)  # of 4 textons and 5 words
HANDMADE = sum(PARTS)
LOCAL = {
    'type': 'LocalConvnetHead',
    'num_classes': 3,
    'foreground': [1],
}
NETWORK = {'type': 'BoxNetwork'}


@MODELS.register_module()
class BoxNetwork(BaseModule):
    """Describes a region by its box and its mean colour."""

    out_channels = 9

    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = scale
        self.calls = []

    def describe(self, image, boxes, *, size, batch):
        self.calls.append((size, batch))
        rows = [
            [*box, *image[:, box[1] : box[3], box[0] : box[2]].mean((1, 2))]
            for box in boxes.tolist()
        ]
        ends = torch.tensor([[1.0, -1.0]]).expand(len(rows), 2)
        return torch.cat([torch.tensor(rows), ends], 1) * self.scale


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def build(**options):
    torch.manual_seed(1)
    net = ZoomOutFeatures(
        **{
            'textons': 4,
            'words': 5,
            'local': LOCAL,
            'network': NETWORK,
            'crop_size': 32,
            'batch_size': 7,
            'mean': MEAN,
            **options,
        }
    )
    generator = torch.Generator().manual_seed(2)
    for name in ('textons', 'words'):
        getattr(net, name).uniform_(0, 1, generator=generator)
    return net


def photograph():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (10, 12, 3), np.uint8)
    return coarse.repeat(4, 0).repeat(4, 1)


def grid(order=range(COUNT)):
    """Return the squares, the one at place ``i`` being ``order[i]``."""
    rows, columns = np.indices((DOWN * SIDE, ACROSS * SIDE)) // SIDE
    return np.asarray(order, np.int64)[rows * ACROSS + columns]


def within(radius):
    """Return which squares are how many steps apart, and their box.

    Squares that share a side are neighbours: steps are counted down and
    across.
    """
    y, x = np.divmod(np.arange(COUNT), ACROSS)
    near = abs(y[:, None] - y) + abs(x[:, None] - x) <= radius
    low = np.maximum(np.stack([x, y], 1) - radius, 0) * SIDE
    high = np.stack([x, y], 1) + radius + 1
    high = np.minimum(high, [ACROSS, DOWN]) * SIDE
    return near, np.concatenate([low, high], 1)


def by_hand(net):
    """Return the rows of the grid, level by level."""
    photo, labels = photograph(), grid()
    near, _ = within(2)
    options = {
        'textons': net.textons.numpy(),
        'words': net.words.numpy(),
        'sift_step': net.sift_step,
        'sift_sizes': net.sift_sizes,
    }
    local, proximal = handmade_features(photo, labels, near, **options)
    patches = superpixel_patches(lab_image(photo), within(0)[1])
    with torch.no_grad():
        said = net.local.features(torch.from_numpy(patches)).numpy()
    distant = np.zeros((COUNT, 9))
    for row, (x0, y0, x1, y1) in zip(distant, within(3)[1], strict=True):
        colour = photo[y0:y1, x0:x1].reshape(-1, 3).mean(0)
        row[:] = [x0, y0, x1, y1, *(colour[::-1] - MEAN), 1, -1]
    height, width = labels.shape
    colour = photo.reshape(-1, 3).mean(0)
    whole = [0, 0, width, height, *(colour[::-1] - MEAN), 1, -1]
    levels = [local, said, proximal, distant, np.tile(whole, (COUNT, 1))]
    return [level.astype(np.float16) for level in levels]


def test_vgg16_and_vocs_classes_give_the_dimensions_of_the_paper():
    path = ROOT / 'configs/_base_/models/zoom_out_vgg16.py'
    model = Config.fromfile(path).model
    with torch.device('meta'):
        net = MODELS.build(model.backbone)
    sizes = {name: net.layout.size(name) for name in net.layout.levels}
    assert sizes == {
        'local': 1841,
        'proximal': 1818,
        'distant': 4096,
        'global': 4096,
    }
    assert net.layout.size() == model.decode_head.in_channels == 11851
    assert net.layout.size('local.convnet') == 23
    assert net.columns == [(0, 11851)]


def test_a_row_is_level_after_level():
    net = build()
    rows = net.describe(photograph(), grid())
    assert rows.dtype == np.float16
    assert rows.shape == (COUNT, 2 * HANDMADE + 5 + 18)
    expected = np.concatenate(by_hand(net), axis=1)
    np.testing.assert_allclose(rows, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize(
    ('name', 'first', 'count'),
    [
        ('local.lab', 0, 120),
        ('local.sift', 248, 15),
        ('local.convnet', HANDMADE, 5),
        ('proximal.lab_entropy', HANDMADE + 5 + 120, 3),
        ('proximal.location', 2 * HANDMADE + 1, 4),
        ('distant', 2 * HANDMADE + 5, 9),
        ('global', 2 * HANDMADE + 14, 9),
    ],
)
def test_names_stand_for_their_columns(name, first, count):
    assert build(use=[name]).columns == [(first, first + count)]


def test_the_network_sees_regions_at_the_size_and_batch_that_are_set():
    net = build()
    net.describe(photograph(), grid())
    assert net.network.calls == [(32, 7)]


def rows_of(net, labels=None, photo=None):
    photo = photograph() if photo is None else photo
    labels = grid() if labels is None else labels
    [rows] = net(torch.zeros(1, 3, *labels.shape), [photo], [labels])
    return rows


@pytest.mark.parametrize(
    'use',
    [
        ['local'],
        ['proximal'],
        ['local.sift', 'proximal.lab'],
        ['local.convnet'],
        ['distant'],
        ['global', 'local'],
    ],
    ids=' '.join,
)
def test_what_is_in_use_has_the_values_that_all_together_have(use):
    whole, some = build(), build(use=use)
    if some.local is not None:
        some.local.load_state_dict(whole.local.state_dict())
    spans = whole.layout.columns(use)
    expected = torch.cat([rows_of(whole)[:, a:b] for a, b in spans], 1)
    assert torch.equal(rows_of(some), expected)


def test_networks_that_are_not_in_use_are_not_kept():
    net = build(use=['local.sift', 'proximal'])
    assert net.local is None
    assert net.network is None
    assert net.layout.size() == build().layout.size()
    assert build(use=['global', 'local.lab']).network is not None


def test_levels_that_are_not_in_use_are_not_computed(monkeypatch):
    monkeypatch.setattr(
        'zoo.models.backbones.zoom_out_features.handmade_features', None
    )
    rows = build(use=['distant', 'global']).describe(photograph(), grid())
    assert not rows[:, : 2 * HANDMADE + 5].any()


def test_without_networks_two_levels_remain():
    net = build(local=None, network=None, use=['local', 'proximal'])
    assert net.layout.size() == 2 * HANDMADE
    assert net.layout.levels == ['local', 'proximal']
    with pytest.raises(ValueError, match="unknown feature 'distant'"):
        build(local=None, network=None)


def fitted(**options):
    """Return features with made-up means and deviations."""
    net = build(**options)
    generator = torch.Generator().manual_seed(3)
    net.mean.uniform_(-1, 1, generator=generator)
    net.deviation.uniform_(0.1, 2, generator=generator)
    return net


def test_columns_are_standardised_and_bounded():
    net = fitted(bound=1.5, use=['distant', 'local.lab'])
    raw = by_hand(build())[3].astype(np.float64)
    first = 2 * HANDMADE + 5
    mean = net.mean[first : first + 9].numpy()
    deviation = net.deviation[first : first + 9].numpy()
    expected = np.clip((raw - mean) / deviation, -1.5, 1.5)
    found = rows_of(net)
    assert found.dtype == torch.float32
    assert found.shape == (COUNT, 129)
    np.testing.assert_allclose(found[:, 120:], expected, rtol=1e-3)
    assert found.abs().max() == 1.5


def test_rows_of_a_table_are_standardised_alike():
    net = fitted(use=['proximal', 'global'])
    rows = net.describe(photograph(), grid())
    spans = net.layout.columns(['proximal', 'global'])
    assert len(spans) == 2
    chosen = np.concatenate([rows[:, a:b] for a, b in spans], axis=1)
    found = net.standardise(torch.from_numpy(chosen))
    assert torch.equal(found, rows_of(net))


def test_stored_rows_are_taken_and_are_the_same_bit_for_bit():
    use = ['local.textons', 'distant', 'global']
    plain, reader, whole = fitted(use=use), fitted(use=use), fitted()
    rows, asked = whole.describe(photograph(), grid()), []

    def stored(photo):
        asked.append(photo)
        return rows

    reader.stored, reader.describe = stored, None
    assert torch.equal(rows_of(reader), rows_of(plain))
    np.testing.assert_array_equal(asked[0], photograph())


@pytest.mark.parametrize('found', [None, np.zeros((COUNT - 1, 3))])
def test_rows_are_computed_where_none_that_fit_are_stored(found):
    plain, reader = build(), build()
    reader.stored = lambda photo: found
    assert torch.equal(rows_of(reader), rows_of(plain))


def test_numbering_superpixels_otherwise_permutes_the_rows():
    net = build()
    order = np.random.default_rng(5).permutation(COUNT)
    plain, other = rows_of(net), rows_of(net, grid(order))
    torch.testing.assert_close(other[order], plain, rtol=2e-3, atol=1e-3)


def test_images_of_a_batch_are_described_apart():
    net = build(use=['distant', 'local.location'])
    small = grid()[: 2 * SIDE, : 3 * SIDE] % ACROSS
    small += 3 * (np.indices(small.shape)[0] >= SIDE)
    photos = [photograph(), photograph()[: 2 * SIDE, : 3 * SIDE]]
    found = net(torch.zeros(2, 3, 40, 48), photos, [grid(), small])
    assert [len(rows) for rows in found] == [COUNT, 6]
    assert torch.equal(found[0], rows_of(net))
    assert torch.equal(found[1], rows_of(net, small, photos[1]))


def test_activations_too_large_for_half_precision_are_its_largest():
    net = build(network={**NETWORK, 'scale': 1e6}, use=['global'])
    rows = net.describe(photograph(), grid())
    assert rows[0, -2:].tolist() == [65504, -65504]
    assert np.isfinite(rows).all()


def test_each_channel_can_have_words_of_its_own():
    net = build(per_channel=True, use=['local'], network=None)
    assert net.words.shape == (3, 5, 128)
    assert net.layout.size('local.sift') == 15
    shared = build(use=['local'], network=None)
    net.local.load_state_dict(shared.local.state_dict())
    net.words.copy_(shared.words)
    assert torch.equal(rows_of(net), rows_of(shared))


def test_handmade_part_is_for_other_processes():
    net = build()
    work = pickle.loads(pickle.dumps(net.handmade()))
    pair = work(photograph(), grid())
    assert pair.shape == (2, COUNT, HANDMADE)
    assert pair.dtype == np.float16
    rows = net.describe(photograph(), grid())
    np.testing.assert_array_equal(pair[0], rows[:, :HANDMADE])
    second = slice(HANDMADE + 5, 2 * HANDMADE + 5)
    np.testing.assert_array_equal(pair[1], rows[:, second])
    whole = net.complete(photograph(), grid(), pair)
    np.testing.assert_array_equal(whole, rows)


def test_nothing_learns():
    net = build()
    assert not any(p.requires_grad for p in net.parameters())
    net.train()
    assert not any(module.training for module in net.modules())
    assert isinstance(net.local, LocalConvnetHead)


def test_what_was_fitted_is_saved():
    state = fitted(use=['local.lab']).state_dict()
    assert {'textons', 'words', 'mean', 'deviation'} <= state.keys()
    assert len(state['mean']) == 2 * HANDMADE + 5 + 18
    assert 'pixel_mean' not in state
