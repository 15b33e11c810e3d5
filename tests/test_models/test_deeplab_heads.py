"""DeepLab's heads: published sizes, taps, targets, side branches."""

import math

import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from zoo.errors import UserError
from zoo.models.backbones import AtrousVGG16
from zoo.models.decode_heads import DeepLabHead, DeepLabMScHead

WIDE = {'in_channels': 512, 'in_index': 5, 'channels': 4096}
VARIANTS = {  # kernel, dilation, width, parameters at 21 classes (A.2)
    'DeepLab': (4, 4, 4096, 65_140_565),
    '4x4': (4, 8, 4096, 65_140_565),
    '7x7': (7, 4, 4096, 134_346_581),
    'LargeFOV': (3, 12, 1024, 20_505_429),
}


def small(cls=DeepLabHead, **kwargs):
    options = {'in_channels': 4, 'channels': 6, 'num_classes': 3}
    return cls(**{**options, 'dropout_ratio': 0.0, **kwargs})


def samples(labels):
    """Return one sample for each ``(H, W)`` label map of ``(N, H, W)``."""
    return [
        SegDataSample(gt_sem_seg=PixelData(data=label[None]))
        for label in labels
    ]


@pytest.mark.parametrize('name', VARIANTS)
def test_parameter_counts_are_the_published_ones(name):
    """65.1 M, 134.3 M and 20.5 M are printed; the exact counts follow."""
    kernel_size, dilation, channels, count = VARIANTS[name]
    with torch.device('meta'):
        parts = [
            AtrousVGG16(),
            DeepLabHead(
                **{**WIDE, 'channels': channels},
                num_classes=21,
                kernel_size=kernel_size,
                dilation=dilation,
            ),
        ]
    total = sum(p.numel() for part in parts for p in part.parameters())
    assert total == count


def test_side_branches_add_1_21_million_parameters():
    with torch.device('meta'):
        plain = DeepLabHead(**WIDE, num_classes=21)
        msc = DeepLabMScHead(**WIDE, num_classes=21)
    counts = [sum(p.numel() for p in h.parameters()) for h in (plain, msc)]
    assert counts[1] - counts[0] == 1_206_121


@pytest.mark.parametrize('name', VARIANTS)
@pytest.mark.parametrize('size', [(1, 1), (9, 7)])
def test_keeps_the_size_of_the_map(name, size):
    kernel_size, dilation, *_ = VARIANTS[name]
    head = small(kernel_size=kernel_size, dilation=dilation)
    assert head([torch.randn(2, 4, *size)]).shape == (2, 3, *size)


@pytest.mark.parametrize(
    ('kernel_size', 'dilation'), [(3, 2), (5, 1), (4, 4), (3, 4)]
)
def test_an_output_cell_sees_the_taps_of_its_kernel_and_no_other(
    kernel_size, dilation
):
    head = small(kernel_size=kernel_size, dilation=dilation).double()
    with torch.no_grad():  # no unit may be switched off by its ReLU
        for layer in (head.fc6, head.fc7, head.conv_seg):
            layer.weight.abs_()
    features = torch.rand(1, 4, 33, 33, dtype=torch.float64)
    features.requires_grad_()
    head([features])[0, 0, 16, 16].backward()
    reach = (kernel_size - 1) * dilation // 2
    taps = torch.arange(kernel_size) * dilation - reach + 16
    expected = torch.zeros(33, 33, dtype=torch.bool)
    expected[taps[:, None], taps] = True
    assert torch.equal(features.grad[0].abs().sum(0) > 0, expected)


def test_average_pool_is_caffes_which_counts_the_padding():
    head = small(kernel_size=1, dilation=1, average_pool=True)
    seen = []
    head.fc6.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    head([torch.ones(1, 4, 5, 5)])
    corner, edge, inside = seen[0][0, 0, [0, 0, 2], [0, 2, 2]].tolist()
    assert corner == pytest.approx(4 / 9)
    assert edge == pytest.approx(6 / 9)
    assert inside == pytest.approx(1)


def test_dropout_drops_single_activations_not_channels():
    head = small(dropout_ratio=0.5, kernel_size=1, dilation=1).train()
    mask = head.dropout(torch.ones(1, 1, 50, 50))
    assert 0.3 < (mask == 0).float().mean() < 0.7


def test_loss_at_cells_reads_every_eighth_label():
    """Two cells, one of them ignored: -log softmax of the other alone."""
    head = small()
    labels = torch.full((1, 1, 9), 1)  # what lies between the cells
    labels[0, 0, 0], labels[0, 0, 8] = 2, 255
    logits = torch.tensor([0.5, -1.0, 2.0]).view(1, 3, 1, 1).repeat(1, 1, 1, 2)
    losses = head.loss_by_feat(logits, samples(labels))
    total = sum(math.exp(x) for x in (0.5, -1.0, 2.0))
    expected = -math.log(math.exp(2.0) / total)
    assert losses['loss_ce'].item() == pytest.approx(expected, rel=1e-6)


def test_loss_at_cells_can_start_at_the_second_pixel():
    head = small(label_offset=1)
    labels = torch.zeros(1, 1, 17, dtype=torch.long)
    labels[0, 0, [1, 9]] = 2
    logits = torch.zeros(1, 3, 1, 2)
    logits[:, 2] = 20.0
    losses = head.loss_by_feat(logits, samples(labels))
    assert losses['loss_ce'].item() < 1e-6


def test_loss_at_pixels_compares_interpolated_scores():
    """Between two cells the logit is the mean of theirs."""
    head = small(loss_at='pixels', output_stride=2)
    logits = torch.tensor([[0.0, 4.0], [0.0, 0.0], [0.0, 0.0]]).view(
        1, 3, 1, 2
    )
    labels = torch.tensor([[[255, 0, 255]]])
    losses = head.loss_by_feat(logits, samples(labels))
    expected = -math.log(math.exp(2.0) / (math.exp(2.0) + 2))
    assert losses['loss_ce'].item() == pytest.approx(expected, rel=1e-6)


def test_scores_can_start_before_the_image():
    """The first release upsamples 67 cells by 8 and crops 7 pixels off."""
    head = small(score_offset=7)
    ramp = 8.0 * torch.arange(67.0).expand(1, 3, 67, 67)
    logits = head.predict_by_feat(ramp, [{'img_shape': (514, 514)}])
    expected = (torch.arange(514.0) + 7).expand(1, 3, 514, 514)
    torch.testing.assert_close(logits, expected)


def msc(**kwargs):
    return small(
        DeepLabMScHead,
        in_channels=16,
        in_index=5,
        branch_inputs=(3, 2, 4, 8, 16),
        branch_channels=5,
        kernel_size=1,
        dilation=1,
        **kwargs,
    )


def test_side_branches_in_training_are_those_of_testing_at_the_cells():
    """Strided convolutions see the cells that the dense ones pass over."""
    net, head = AtrousVGG16(base_channels=2, input_std=1.0), msc().eval()
    with torch.no_grad():
        head.branches[3].score.weight.normal_()
        features = net.eval()(torch.randn(1, 3, 33, 41))
        coarse = head(features)
        fine = head.predict(features, [{'img_shape': (33, 41)}], {})
    assert fine.shape == (1, 3, 33, 41)
    torch.testing.assert_close(fine[:, :, ::8, ::8], coarse)


@pytest.mark.parametrize(
    ('trained', 'learning'),
    [
        ('branches', {'branches'}),
        ('branches_and_classifier', {'branches', 'conv_seg'}),
        ('all', {'branches', 'conv_seg', 'fc6', 'fc7'}),
    ],
)
def test_what_learns_is_what_was_asked_for(trained, learning):
    names = {
        name.split('.')[0]
        for name, p in msc(trained=trained).named_parameters()
        if p.requires_grad
    }
    assert names == learning


def test_branches_start_as_released():
    head = msc(num_classes=21)
    wide = DeepLabMScHead(in_channels=8, channels=8, num_classes=21)
    stds = [
        [x.weight.std().item() for x in (b.conv1, b.conv2, b.score)]
        for b in wide.branches
    ]
    expected = [[0.001, 0.001, 0.01]] * 3
    expected += [[0.001, 0.001, 0.0], [0.001, 0.005, 0.01]]
    for got, want in zip(stds, expected, strict=True):
        assert got == pytest.approx(want, rel=0.1)
    assert not head.branches[0].conv1.bias.any()


def test_crops_that_do_not_fit_are_refused_with_the_remedy():
    features = AtrousVGG16(base_channels=2)(torch.zeros(1, 3, 34, 34))
    with pytest.raises(UserError, match=r'8 n \+ 1 .* change crop_size'):
        msc()(features)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (
            {'kernel_size': 4, 'dilation': 3},
            'must be even .* got kernel_size 4',
        ),
        ({'dilation': 0}, 'must be at least 1, got 3 and 0'),
        ({'loss_at': 'pixel'}, "'cells' or 'pixels', got 'pixel'"),
        ({'sampler': {'type': 'OHEMPixelSampler'}}, 'use a loss instead'),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        small(**wrong)


def test_msc_refuses_unknown_parts():
    with pytest.raises(ValueError, match=r"trained must be .* got 'some'"):
        msc(trained='some')
