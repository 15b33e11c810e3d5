"""Hand-made features, against masks and lists region by region."""

import cv2
import numpy as np
import pytest
from handmade_reference import region_row

from zoo.ops.dense_sift import dense_sift, grid_points
from zoo.ops.handmade import (
    handmade_blocks,
    handmade_features,
    sample_descriptors,
    sample_texton_responses,
)
from zoo.ops.lab_colours import lab_image
from zoo.ops.textons import texton_responses

STEP, SIZES = 4, (5, 9)


def photo(height=30, width=41, seed=0):
    """Return smooth colours with some noise, unlike in every part."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 6, 3)).astype(np.uint8)
    smooth = cv2.resize(coarse, (width, height)).astype(int)
    noise = rng.integers(-9, 10, smooth.shape)
    return (smooth + noise).clip(0, 255).astype(np.uint8)


def tiles(height=30, width=41):
    """Return 12 superpixels, the last of one pixel, and who is near whom."""
    y, x = np.indices((height, width))
    ids = y * 3 // height * 4 + x * 4 // width
    ids[ids == 11] = 10
    ids[-1, -1] = 11
    near = np.random.default_rng(1).random((12, 12)) < 0.2
    return ids, near | np.eye(12, dtype=bool)


def dictionaries(seed=0, *, words=11, per_channel=False):
    """Return 7 textons and some words out of a photograph."""
    image, rng = photo(seed=seed), np.random.default_rng(seed)
    found = sample_descriptors(image, count=words, rng=rng, step=STEP)
    return {
        'textons': sample_texton_responses(image, count=7, rng=rng),
        'words': found if per_channel else found.mean(0),
    }


def features(image, ids, near, **changes):
    options = {'sift_step': STEP, 'sift_sizes': SIZES, **dictionaries()}
    return handmade_features(image, ids, near, **{**options, **changes})


@pytest.mark.parametrize('per_channel', [False, True])
@pytest.mark.parametrize('sizes', [SIZES, (6,)])
def test_each_block_equals_masks_and_lists(per_channel, sizes):
    image, (ids, near) = photo(), tiles()
    known = dictionaries(per_channel=per_channel)
    words = known['words'] if per_channel else [known['words']] * 3
    points = grid_points(*ids.shape, step=STEP)
    given = {
        'responses': texton_responses(lab_image(image)[..., 0]),
        'descriptors': [dense_sift(image, points, patch=s) for s in sizes],
        'textons': known['textons'],
        'words': words,
        'step': STEP,
    }
    local, proximal = features(image, ids, near, sift_sizes=sizes, **known)
    for index in range(12):
        mask = ids == index
        alone = region_row(image, mask, **given)
        np.testing.assert_allclose(local[index], alone, atol=2e-6)
        mask = np.isin(ids, [i for i in range(12) if near[index, i]])
        union = region_row(image, mask, **given)
        np.testing.assert_allclose(proximal[index], union, atol=2e-6)
    assert local.dtype == proximal.dtype == np.float32


def test_the_table_of_dimensions():
    blocks = handmade_blocks()
    assert list(blocks.items()) == [
        ('lab', 120),
        ('lab_entropy', 3),
        ('lab_adaptive', 120),
        ('textons', 64),
        ('texton_entropy', 1),
        ('sift', 1500),
        ('sift_entropy', 6),
        ('location', 4),
    ]
    assert sum(blocks.values()) == 1818


@pytest.mark.parametrize('sizes', [(5, 9), (6,), (4, 6, 8)])
def test_blocks_add_up_to_the_rows(sizes):
    local, proximal = features(photo(), *tiles(), sift_sizes=sizes)
    blocks = handmade_blocks(textons=7, words=11, sizes=len(sizes))
    assert local.shape == proximal.shape == (12, sum(blocks.values()))


def test_full_dictionaries_give_1818_columns():
    rng = np.random.default_rng(0)
    local, proximal = features(
        photo(),
        *tiles(),
        textons=rng.normal(size=(64, 38)),
        words=rng.normal(size=(500, 128)),
    )
    assert local.shape == proximal.shape == (12, 1818)


def test_permuting_ids_permutes_rows():
    image, (ids, near) = photo(), tiles()
    local, proximal = features(image, ids, near)
    order = np.random.default_rng(2).permutation(12)  # the new id of each
    renamed = np.empty_like(near)
    renamed[np.ix_(order, order)] = near
    again = features(image, order[ids], renamed)
    np.testing.assert_array_equal(again[0][order], local)
    np.testing.assert_allclose(again[1][order], proximal, rtol=1e-6)


def test_one_superpixel_is_the_whole_image():
    """By OpenCV's and numpy's histograms, and the centre as the place."""
    image = photo()
    ids, near = np.zeros((30, 41), int), np.ones((1, 1), bool)
    local, proximal = features(image, ids, near)
    np.testing.assert_array_equal(local, proximal)
    lab = cv2.cvtColor(np.float32(image) / 255, cv2.COLOR_RGB2Lab)
    counts = np.histogram(lab[..., 0], bins=32, range=(0, 100))[0]
    np.testing.assert_allclose(local[0, :32], counts / 30 / 41, rtol=1e-6)
    np.testing.assert_allclose(local[0, -4:], 0, atol=1e-6)
    adaptive = local[0, 123:155]
    np.testing.assert_allclose(adaptive, 1 / 32, atol=2 / 30 / 41)


def test_all_superpixels_together_are_the_whole_image():
    image, (ids, _) = photo(), tiles()
    everything = np.ones((12, 12), bool)
    _, proximal = features(image, ids, everything)
    one = features(image, 0 * ids, np.ones((1, 1), bool))[0]
    np.testing.assert_allclose(proximal, one.repeat(12, 0), atol=1e-6)


def test_location_by_hand():
    """Two halves of a 2 x 8 image, 4 wide each, and their union."""
    ids = np.array([[0, 0, 0, 0, 1, 1, 1, 1]] * 2)
    near = np.array([[True, False], [True, True]])
    local, proximal = features(photo(2, 8), ids, near)
    np.testing.assert_allclose(local[0, -4:], [-0.5, 0, 0.5, 0], atol=1e-7)
    np.testing.assert_allclose(local[1, -4:], [0.5, 0, 0.5, 0], atol=1e-7)
    np.testing.assert_allclose(proximal[0, -4:], local[0, -4:])
    np.testing.assert_allclose(proximal[1, -4:], 0, atol=1e-7)
    top = features(photo(4, 1), np.array([[0], [1], [1], [1]]), near)[0]
    np.testing.assert_allclose(top[0, -4:], [0, -0.75, 0, 0.75], atol=1e-7)


@pytest.mark.parametrize('size', [(1, 1), (1, 9), (3, 2), (9, 70)])
@pytest.mark.parametrize('uniform', [False, True])
def test_no_nan_on_small_or_uniform_images(size, uniform):
    image = np.full((*size, 3), 77, np.uint8) if uniform else photo(*size)
    ids = np.arange(size[0] * size[1]).reshape(size)
    near = np.eye(ids.size, dtype=bool)
    for rows in features(image, ids, near, sift_step=8, sift_sizes=(8, 18)):
        assert np.isfinite(rows).all()
        assert rows[:, :-4].min() >= 0


def test_a_region_without_a_grid_point_has_no_words():
    image, (ids, near) = photo(), tiles()
    local, _ = features(image, ids, near)
    sift = slice(120 + 3 + 120 + 7 + 1, -4)
    assert not local[11, sift].any()  # of one pixel, off the grid
    sums = local[:11, sift][:, :33].reshape(11, 3, 11).sum(-1)
    np.testing.assert_allclose(sums, 1, rtol=1e-6)


def test_the_number_of_threads_changes_nothing():
    image, (ids, near) = photo(), tiles()
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        one = features(image, ids, near)
        cv2.setNumThreads(2)
        two = features(image, ids, near)
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'superpixels': np.zeros((5, 5), int)}, r'must be \(30, 41\)'),
        ({'superpixels': tiles()[0] + 1}, r'must be \(13, 13\) for 13'),
        (
            {'superpixels': np.maximum(tiles()[0], 1)},
            'superpixel 0 has no pix',
        ),
        ({'superpixels': tiles()[0].astype(float)}, 'must be integers'),
        ({'superpixels': tiles()[0] - 1}, r'must be \(11, 11\) for 11'),
        ({'neighbours': np.zeros((12, 12), bool)}, 'superpixel 0 are none'),
        ({'image': np.zeros((30, 41, 3))}, r'uint8, got \(30, 41, 3\) float'),
        ({'textons': np.zeros((7, 3))}, r'got \(1230, 38\) and \(7, 3\)'),
        ({'words': np.zeros((2, 7, 128))}, r'got \(2, 7, 128\)'),
        ({'words': np.zeros(128)}, r'got \(128,\)'),
        ({'words': np.zeros((7, 64))}, r'\(7, 64\)'),
        ({'sift_sizes': ()}, 'must hold a patch size'),
        ({'sift_sizes': (0,)}, 'patch must be above 0, got 0'),
        ({'sift_step': 0}, 'step must be at least 1, got 0'),
    ],
)
def test_refuses(change, message):
    ids, near = tiles()
    given = {'image': photo(), 'superpixels': ids, 'neighbours': near}
    named = {name: change[name] for name in given if name in change}
    options = {n: v for n, v in change.items() if n not in given}
    with pytest.raises(ValueError, match=message):
        features(*{**given, **named}.values(), **options)


def test_samples_are_responses_of_distinct_pixels():
    image = photo(6, 7)
    rng = np.random.default_rng(0)
    every = texton_responses(lab_image(image)[..., 0]).reshape(38, -1).T
    some = sample_texton_responses(image, count=30, rng=rng)
    assert some.shape == (30, 38)
    rows = {tuple(row) for row in every}
    assert {tuple(row) for row in some} <= rows
    assert len({tuple(row) for row in some}) == 30
    all_of_them = sample_texton_responses(image, count=99, rng=rng)
    assert {tuple(row) for row in all_of_them} == rows


def test_samples_are_descriptors_of_each_channel_and_size():
    image, rng = photo(), np.random.default_rng(0)
    options = {'step': STEP, 'sizes': SIZES, 'rng': rng}
    points = grid_points(30, 41, step=STEP)
    every = [dense_sift(image, points, patch=size) for size in SIZES]
    found = sample_descriptors(image, count=10**6, **options)
    assert found.shape == (3, 2 * len(points), 128)
    for channel in range(3):
        rows = np.concatenate([size[channel] for size in every])
        ours = found[channel]
        assert sorted(map(tuple, rows)) == sorted(map(tuple, ours))
    assert sample_descriptors(image, count=5, **options).shape == (3, 5, 128)
    tiny = np.zeros((2, 2, 3), np.uint8)
    assert sample_descriptors(tiny, count=5, **options).shape == (3, 0, 128)


def test_samples_follow_their_generator():
    def drawn(seed):
        rng = np.random.default_rng(seed)
        return sample_descriptors(photo(), count=9, rng=rng, step=STEP)

    np.testing.assert_array_equal(drawn(3), drawn(3))
    assert (drawn(3) != drawn(4)).any()
