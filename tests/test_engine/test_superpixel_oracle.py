"""What superpixels can reach at best: by hand, and by counting pixels."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from zoo.engine.superpixel_oracle import superpixel_oracle
from zoo.errors import UserError
from zoo.ops.superpixels import slic_superpixels


def write_voc(root, pairs, *, splits=('train', 'val')):
    """Write images and labels in VOC's layout, all in each split."""
    lists = root / 'ImageSets/Segmentation'
    for folder in ('JPEGImages', 'SegmentationClass'):
        (root / folder).mkdir(parents=True)
    lists.mkdir(parents=True)
    for name, (image, labels) in pairs.items():
        # a BMP under this name: lossless, and decoders look at the content
        Image.fromarray(image).save(root / f'JPEGImages/{name}.jpg', 'BMP')
        path = root / f'SegmentationClass/{name}.png'
        Image.fromarray(labels).save(path)
    for split in splits:
        text = ''.join(f'{name}\n' for name in pairs)
        (lists / f'{split}.txt').write_text(text)
    return root


def halves():
    """Return two halves, left and right, that SLIC parts from each other.

    Of the left one, 12 x 12 pixels, 5 columns are cow, 4 aeroplane and the
    rest void; of the right one 8 are void and 4 bird.
    """
    image = np.zeros((12, 24, 3), np.uint8)
    image[:, :12, 0], image[:, 12:, 2] = 255, 255
    labels = np.full((12, 24), 255, np.uint8)
    labels[:, :5], labels[:, 5:9], labels[:, 20:] = 10, 1, 3
    return image, labels


def test_the_best_by_hand(tmp_path):
    image, labels = halves()
    superpixels = slic_superpixels(image, n_segments=2)
    assert np.unique(superpixels[:, :12]).tolist() == [0]
    assert np.unique(superpixels[:, 12:]).tolist() == [1]
    root = write_voc(tmp_path / 'voc', {'a': (image, labels)})
    found = superpixel_oracle('voc', root, n_segments=2)
    iou = found.pop('IoU')
    assert found == {
        'split': 'val',
        'images': 1,
        'n_segments': 2,
        'compactness': 15,
        'aAcc': 69.23,  # cow and bird, 9 of 13 columns
        'mAcc': 66.67,  # aeroplane is lost
        'mIoU': 51.85,  # (5 / 9 + 0 + 1) / 3
        'per_image': {'mean': 2.0, 'min': 2, 'max': 2},
        'size': 144.0,
    }
    assert len(iou) == 21
    seen = {k: score for k, score in iou.items() if score is not None}
    assert seen == {'cow': 55.56, 'aeroplane': 0.0, 'bird': 100.0}


def test_the_best_is_that_of_a_search(tmp_path):
    """Try every class on every superpixel; count what is right."""
    rng = np.random.default_rng(2)
    pairs = {}
    for i, size in enumerate([(30, 40), (20, 25), (33, 17)]):
        blocks = rng.integers(0, 5, (5, 5)).astype(np.uint8)
        labels = np.kron(blocks, np.ones((8, 8), np.uint8))[
            : size[0], : size[1]
        ]
        labels[rng.random(labels.shape) < 0.1] = 255
        zoom = size[0] / 4, size[1] / 4, 1
        colours = rng.integers(0, 256, (4, 4, 3)).astype(float)
        image = ndimage.zoom(colours, zoom, order=1).astype(np.uint8)
        pairs[f'i{i}'] = image, labels
    root = write_voc(tmp_path / 'voc', pairs)
    found = superpixel_oracle('voc', root, n_segments=20, compactness=7)
    right, counted, numbers, pixels = 0, 0, [], 0
    for image, labels in pairs.values():
        superpixels = slic_superpixels(image, n_segments=20, compactness=7)
        numbers.append(superpixels.max() + 1)
        pixels += labels.size
        for number in range(numbers[-1]):
            inside = labels[superpixels == number]
            right += max((inside == k).sum() for k in range(21))
            counted += (inside != 255).sum()
    assert found['aAcc'] == pytest.approx(100 * right / counted, abs=0.006)
    assert found['images'] == 3
    assert found['per_image'] == {
        'mean': round(sum(numbers) / 3, 1),
        'min': min(numbers),
        'max': max(numbers),
    }
    assert len(set(numbers)) > 1
    assert found['size'] == round(pixels / sum(numbers), 1)


def test_pixels_by_themselves_reach_everything(tmp_path):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 21, (6, 7)).astype(np.uint8)
    image = (rng.permutation(42).reshape(6, 7, 1) * [6, 5, 3]).astype(np.uint8)
    root = write_voc(tmp_path / 'voc', {'a': (image, labels)})
    found = superpixel_oracle('voc', root, n_segments=10**4)
    assert found['size'] == 1.0
    assert found['aAcc'] == found['mIoU'] == 100.0


def test_val_then_test_then_the_first(
    tiny_msrc21, tiny_siftflow, tiny_stanford
):
    for name, root, split in (
        ('msrc21', tiny_msrc21, 'val'),
        ('siftflow', tiny_siftflow, 'test'),
        ('stanford', tiny_stanford, 'all'),
    ):
        assert superpixel_oracle(name, root, n_segments=9)['split'] == split


def test_a_split_may_be_chosen(tiny_msrc21):
    found = superpixel_oracle('msrc21', tiny_msrc21, split='test')
    assert found['split'] == 'test'
    with pytest.raises(UserError, match=r'no split all: choose .* train, val'):
        superpixel_oracle('msrc21', tiny_msrc21, split='all')


def test_progress_counts_images(tiny_voc):
    seen = []
    superpixel_oracle(
        'voc',
        tiny_voc,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]


def test_a_split_without_labels_ends_in_one_line(tmp_path):
    root = write_voc(tmp_path / 'voc', {'a': halves()})
    path = root / 'SegmentationClass/a.png'
    path.unlink()
    with pytest.raises(UserError, match=r'a\.png: cannot be read'):
        superpixel_oracle('voc', root)


def test_the_data_set_must_be_there(tmp_path):
    with pytest.raises(UserError, match='PASCAL VOC 2012 not found in'):
        superpixel_oracle('voc', tmp_path)


@pytest.mark.parametrize('options', [{'n_segments': 0}, {'compactness': 0}])
def test_other_options_are_refused(tiny_voc, options):
    with pytest.raises(ValueError, match='got 0'):
        superpixel_oracle('voc', tiny_voc, **options)
