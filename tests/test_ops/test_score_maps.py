"""Score maps and labels on the pixel grid, against explicit loops."""

import pytest
import torch

from zoo.ops.score_maps import subsample_labels, upsample_scores


def scores_by_loops(scores, stride, size, offset):
    """Bilinear interpolation written as its definition, one pixel a time."""
    out = torch.empty(*scores.shape[:2], *size, dtype=scores.dtype)
    last_row, last_col = (cells - 1 for cells in scores.shape[2:])
    for y in range(size[0]):
        for x in range(size[1]):
            row = min(max((y + offset) / stride, 0), last_row)
            col = min(max((x + offset) / stride, 0), last_col)
            top, left = int(row), int(col)
            total = 0
            for i in range(top, min(top + 2, last_row + 1)):
                for j in range(left, min(left + 2, last_col + 1)):
                    share = (1 - abs(row - i)) * (1 - abs(col - j))
                    total = total + share * scores[:, :, i, j]
            out[:, :, y, x] = total
    return out


def labels_by_loops(labels, stride, size, offset, ignore_index):
    out = torch.empty(labels.shape[0], *size, dtype=torch.int64)
    height, width = labels.shape[1:]
    for i in range(size[0]):
        for j in range(size[1]):
            y, x = offset + stride * i, offset + stride * j
            inside = 0 <= y < height and 0 <= x < width
            out[:, i, j] = labels[:, y, x] if inside else ignore_index
    return out


@pytest.mark.parametrize('stride', [1, 2, 3, 8])
@pytest.mark.parametrize('offset', [-9, -3, 0, 1, 2])
@pytest.mark.parametrize('size', [(5, 4), (9, 17), (26, 31), (10, 1)])
def test_upsampled_scores_equal_the_loops(stride, offset, size):
    scores = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    full = [stride * (cells - 1) + 1 for cells in scores.shape[2:]]
    if any(offset + want <= 0 for want in size) or offset >= min(full):
        with pytest.raises(ValueError, match='no cell touches'):
            upsample_scores(scores, stride=stride, size=size, offset=offset)
        return
    found = upsample_scores(scores, stride=stride, size=size, offset=offset)
    expected = scores_by_loops(scores, stride, size, offset)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_the_published_sizes():
    """41 cells at stride 8 are 321 pixels, the crop of the release."""
    scores = torch.randn(1, 2, 41, 41)
    found = upsample_scores(scores, stride=8, size=(321, 321))
    torch.testing.assert_close(found[..., ::8, ::8], scores)


def test_stride_one_is_a_crop():
    scores = torch.randn(1, 2, 6, 7)
    found = upsample_scores(scores, stride=1, size=(3, 4), offset=2)
    assert torch.equal(found, scores[..., 2:5, 2:6])


def test_border_beyond_the_last_cell_repeats_it():
    scores = torch.tensor([[[[1.0, 5.0]]]])
    found = upsample_scores(scores, stride=2, size=(2, 6))
    assert found.tolist() == [[[[1, 3, 5, 5, 5, 5]] * 2]]


def test_upsampling_lets_the_gradient_through():
    scores = torch.randn(1, 2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda s: upsample_scores(s, stride=3, size=(9, 5), offset=1), scores
    )


@pytest.mark.parametrize('stride', [1, 2, 3, 8])
@pytest.mark.parametrize('offset', [-17, -8, -3, 0, 1, 7, 30])
@pytest.mark.parametrize('size', [(2, 3), (5, 4), (14, 12)])
def test_subsampled_labels_equal_the_loops(stride, offset, size):
    labels = torch.randint(0, 21, (2, 13, 18))
    found = subsample_labels(
        labels, stride=stride, size=size, offset=offset, ignore_index=99
    )
    expected = labels_by_loops(labels, stride, size, offset, 99)
    assert torch.equal(found, expected)


def test_outside_is_void_unless_told_otherwise():
    labels = torch.zeros(1, 3, 3, dtype=torch.int64)
    found = subsample_labels(labels, stride=2, size=(2, 3))
    assert found.tolist() == [[[0, 0, 255], [0, 0, 255]]]


@pytest.mark.parametrize('offset', [-2, 0])
def test_subsampling_undoes_upsampling(offset):
    cells = torch.randint(0, 21, (2, 5, 4))
    pixels = upsample_scores(
        cells[:, None].double(), stride=4, size=(20, 16), offset=offset
    )
    labels = pixels[:, 0].round().long()
    found = subsample_labels(labels, stride=4, size=(5, 4), offset=-offset)
    assert torch.equal(found, cells)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'stride': 0}, 'stride must be at least 1, got 0'),
        ({'size': (0, 4)}, r'size must be two numbers from 1, got \(0, 4\)'),
        ({'size': (3,)}, r'size must be two numbers from 1, got \(3,\)'),
    ],
)
def test_both_refuse_a_wrong_grid(wrong, message):
    options = {'stride': 2, 'size': (3, 3), **wrong}
    with pytest.raises(ValueError, match=message):
        upsample_scores(torch.zeros(1, 1, 2, 2), **options)
    with pytest.raises(ValueError, match=message):
        subsample_labels(torch.zeros(1, 4, 4, dtype=torch.int64), **options)


def test_both_refuse_wrong_tensors():
    with pytest.raises(ValueError, match=r'\(N, C, h, w\), got \(2, 2\)'):
        upsample_scores(torch.zeros(2, 2), stride=2, size=(3, 3))
    with pytest.raises(ValueError, match=r'int64, got .* torch.float32'):
        subsample_labels(torch.zeros(1, 2, 2), stride=2, size=(3, 3))
