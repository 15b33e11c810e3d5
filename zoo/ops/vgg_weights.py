"""ImageNet weights of VGG-16, brought to the shapes of a DeepLab."""

from collections.abc import Mapping
from math import prod
from statistics import fmean

import torch
from torch import Tensor

CONVENTIONS = ('caffe', 'torchvision')
CAFFE_MEAN_BGR = (104.008, 116.669, 122.675)
TORCHVISION_MEAN_RGB = (0.485, 0.456, 0.406)
TORCHVISION_STD_RGB = (0.229, 0.224, 0.225)


def _conv_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    blocks = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    for block, (width, convolutions) in enumerate(blocks, start=1):
        for index in range(1, convolutions + 1):
            shapes[f'conv{block}_{index}'] = (width, channels, 3, 3)
            channels = width
    return shapes


CONV_SHAPES = _conv_shapes()
FC_SHAPES = {'fc6': (4096, 512, 7, 7), 'fc7': (4096, 4096, 1, 1)}

# Where torchvision's `features` keeps the thirteen convolutions.
_FEATURES = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
# fc6 and fc7 by layout: Caffe's names, torchvision's, and those of the Caffe
# conversion made when torchvision's dropout still stood before the layer.
_CLASSIFIERS = (
    ('fc6', 'fc7'),
    ('classifier.0', 'classifier.3'),
    ('classifier.1', 'classifier.4'),
)


def read_vgg16(
    state: Mapping[str, Tensor], *, convention: str
) -> dict[str, Tensor]:
    """Return VGG-16's tensors under Caffe's names, for Caffe's input.

    The names are ``conv1_1.weight``, ``conv1_1.bias``, ... ``conv5_3.bias``
    and, unless the file holds the convolutions alone, ``fc6.weight``
    ``(4096, 512, 7, 7)``, ``fc6.bias``, ``fc7.weight`` ``(4096, 4096, 1, 1)``
    and ``fc7.bias``. The ImageNet classifier, fc8, is left out. Tensors that
    need no change share memory with ``state``.

    Source: Simonyan and Zisserman, ICLR 2015, Table 1, configuration D; the
    input is that of Chen et al., ICLR 2015 (released training files).
    Differs: the exact Caffe weights were trained with means 103.939, 116.779
    and 123.68; like DeepLab's release we feed ``CAFFE_MEAN_BGR`` regardless.

    Args:
        state: State dict in one of three layouts, told apart by its keys:
            ``conv1_1``/``fc6``/``fc7``; torchvision's ``features.0`` /
            ``classifier.0``/``classifier.3``; or the same with
            ``classifier.1``/``classifier.4``.
        convention: What the first convolution expects. ``'caffe'``: BGR, 0
            to 255, ``CAFFE_MEAN_BGR`` subtracted. ``'torchvision'``: RGB, 0
            to 1, normalised by torchvision's mean and deviation; then
            ``fold_torchvision_input`` and ``spread_scale`` are applied. The
            numbers in the file cannot tell the two apart.

    Raises:
        ValueError: If the convention or the layout is unknown, or a tensor
            is missing or of another shape; it names the key.
    """
    if convention not in CONVENTIONS:
        raise ValueError(
            f'convention must be one of {CONVENTIONS}, got {convention!r}'
        )
    shapes = {**CONV_SHAPES, **FC_SHAPES}
    tensors: dict[str, Tensor] = {}
    for name, source in _sources(state).items():
        shape = shapes[name]
        tensors[f'{name}.weight'] = _take(state, f'{source}.weight', shape)
        tensors[f'{name}.bias'] = _take(state, f'{source}.bias', shape[:1])
    if convention == 'torchvision':
        folded = fold_torchvision_input(
            tensors['conv1_1.weight'], tensors['conv1_1.bias']
        )
        tensors['conv1_1.weight'], tensors['conv1_1.bias'] = folded
        tensors = spread_scale(tensors, scale=255 * fmean(TORCHVISION_STD_RGB))
    return tensors


def _sources(state: Mapping[str, Tensor]) -> dict[str, str]:
    """Map canonical layer names to the layer names of the file."""
    if any(key.startswith('conv1_1.') for key in state):
        convolutions = list(CONV_SHAPES)
    elif any(key.startswith('features.0.') for key in state):
        convolutions = [f'features.{index}' for index in _FEATURES]
    else:
        raise ValueError(
            'neither conv1_1 nor features.0 among the keys, '
            f'which begin with {list(state)[:3]}'
        )
    sources = dict(zip(CONV_SHAPES, convolutions, strict=True))
    for layers in _CLASSIFIERS:
        if any(f'{layer}.weight' in state for layer in layers):
            return sources | dict(zip(FC_SHAPES, layers, strict=True))
    return sources


def _take(
    state: Mapping[str, Tensor], key: str, shape: tuple[int, ...]
) -> Tensor:
    """Return the tensor reshaped; Caffe and torchvision flatten alike."""
    if key not in state:
        raise ValueError(f'{key} is missing, expected shape {shape}')
    found = tuple(state[key].shape)
    if found not in (shape, (shape[0], prod(shape[1:]))):
        raise ValueError(f'{key} has shape {found}, expected {shape}')
    return state[key].reshape(shape)


def fold_torchvision_input(
    weight: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """Make a convolution for torchvision's input one for Caffe's.

    Computed in float64: input channels are reversed and divided by
    ``255 * std``, and the difference of the means becomes bias. The response
    to an image is unchanged wherever the kernel lies inside the image.

    Differs: at the border, zero padding stands for the mean colour, and the
    two means are not the same colour (at most 1 level of 255 apart).

    Args:
        weight: ``(C, 3, h, w)``, over RGB normalised from the range 0 to 1.
        bias: ``(C,)``.

    Returns:
        Weight and bias over BGR, 0 to 255, ``CAFFE_MEAN_BGR`` subtracted.

    Raises:
        ValueError: If the weight is not ``(C, 3, h, w)``.
    """
    if weight.ndim != 4 or weight.shape[1] != 3:
        raise ValueError(
            f'weight must be (C, 3, h, w), got {tuple(weight.shape)}'
        )
    mean, std, caffe_mean_bgr = (
        torch.tensor(values, dtype=torch.float64, device=weight.device)
        for values in (
            TORCHVISION_MEAN_RGB,
            TORCHVISION_STD_RGB,
            CAFFE_MEAN_BGR,
        )
    )
    scaled = weight.double() / (255 * std)[:, None, None]
    shift = caffe_mean_bgr.flip(0) - 255 * mean
    constant = (scaled.sum((2, 3)) * shift).sum(1)
    return (
        scaled.flip(1).to(weight.dtype),
        (bias.double() + constant).to(bias.dtype),
    )


def spread_scale(
    tensors: Mapping[str, Tensor], *, scale: float
) -> dict[str, Tensor]:
    """Let all 13 convolutions, not the first alone, undo a larger input.

    Folding leaves the first convolution with weights ``scale`` times smaller
    than it was trained with, for inputs as many times larger; a step of the
    learning rate would change it ``scale ** 2`` times more in proportion.
    Here activations shrink evenly along the network, by
    ``scale ** (1 / 13)`` a layer. ReLU and max pooling commute with a
    positive factor, so the output of conv5_3 is unchanged.

    Source: none; a choice of ours, needed because the papers' learning rates
    were chosen for Caffe's weights.

    Args:
        tensors: Canonical weights and biases; fc6 and fc7 are left alone.
        scale: How many times larger the input is than in training, above 0.

    Raises:
        ValueError: If ``scale`` is not above 0.
    """
    if scale <= 0:
        raise ValueError(f'scale must be above 0, got {scale}')
    spread, layers = dict(tensors), len(CONV_SHAPES)
    for number, name in enumerate(CONV_SHAPES, 1):
        after = scale ** (1 - number / layers)
        before = scale ** (1 - (number - 1) / layers) if number > 1 else 1.0
        spread[f'{name}.weight'] = tensors[f'{name}.weight'] * (after / before)
        spread[f'{name}.bias'] = tensors[f'{name}.bias'] * after
    return spread


def decimate_fc6(weight: Tensor, kernel_size: int) -> Tensor:
    """Keep evenly spaced taps of a 7x7 kernel, corners included.

    Rows and columns {0, 2, 4, 6} for a side of 4 and {0, 3, 6} for 3. The
    values are not rescaled. The result is a view.

    Source: Chen et al., ICLR 2015, Sec. 3.1 (spatial subsampling of fc6).
    Differs: the paper does not say which taps; these are our choice.

    Args:
        weight: ``(C, I, 7, 7)``.
        kernel_size: Side of the result, in taps: 7, 4 or 3.

    Returns:
        ``(C, I, kernel_size, kernel_size)``.

    Raises:
        ValueError: If the kernel is not 7x7 or the side is another.
    """
    if weight.ndim != 4 or tuple(weight.shape[2:]) != (7, 7):
        raise ValueError(
            f'weight must be (C, I, 7, 7), got {tuple(weight.shape)}'
        )
    if kernel_size not in (3, 4, 7):
        raise ValueError(f'kernel_size must be 3, 4 or 7, got {kernel_size}')
    step = 6 // (kernel_size - 1)
    return weight[:, :, ::step, ::step]


def subset_filters(
    fc6_w: Tensor,
    fc6_b: Tensor,
    fc7_w: Tensor,
    fc7_b: Tensor,
    *,
    channels: int,
    seed: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Keep a random subset of the filters of fc6 and of fc7.

    Source: Chen et al., arXiv:1606.00915, Sec. 4.1.1 (1024 of 4096, chosen
    at random).
    Differs: the paper does not say whether the layers share a draw. Here
    fc7's inputs follow fc6's outputs, as they must, and fc7's outputs are a
    second draw from the same generator. Kept filters stay in order.

    Args:
        fc6_w: ``(C, I, h, w)``.
        fc6_b: ``(C,)``.
        fc7_w: ``(C, C, 1, 1)``, outputs first.
        fc7_b: ``(C,)``.
        channels: Filters to keep in each layer; ``C`` keeps all.
        seed: Of the CPU generator; the same seed keeps the same filters.

    Returns:
        The four tensors, with ``channels`` in place of ``C``.

    Raises:
        ValueError: If the shapes disagree or ``channels`` is not in 1..C.
    """
    total = fc6_w.shape[0]
    shapes = [tuple(t.shape) for t in (fc6_b, fc7_w, fc7_b)]
    if shapes != [(total,), (total, total, 1, 1), (total,)]:
        raise ValueError(
            f'fc6.bias, fc7.weight and fc7.bias do not fit {total} filters: '
            f'{shapes}'
        )
    if not 1 <= channels <= total:
        raise ValueError(f'channels must be in 1..{total}, got {channels}')
    if channels == total:
        return fc6_w, fc6_b, fc7_w, fc7_b
    generator = torch.Generator().manual_seed(seed)
    kept6, kept7 = (
        torch.randperm(total, generator=generator)[:channels].sort().values
        for _ in range(2)
    )
    return (
        fc6_w[kept6],
        fc6_b[kept6],
        fc7_w[kept7][:, kept6],
        fc7_b[kept7],
    )


def adapt_classifier(
    classifier: Mapping[str, Tensor],
    *,
    kernel_size: int,
    channels: int,
    seed: int,
) -> dict[str, Tensor]:
    """Decimate fc6 and subset fc6 and fc7 to the shapes of a head.

    Args:
        classifier: ``fc6.weight`` ``(C, I, 7, 7)``, ``fc6.bias``,
            ``fc7.weight`` ``(C, C, 1, 1)`` and ``fc7.bias``; further keys
            are ignored.
        kernel_size: As for ``decimate_fc6``.
        channels: As for ``subset_filters``.
        seed: As for ``subset_filters``.

    Returns:
        The four keys; ``fc6.weight`` is ``(channels, I, k, k)``.

    Raises:
        ValueError: If a key is missing, or as the two functions do.
    """
    keys = ('fc6.weight', 'fc6.bias', 'fc7.weight', 'fc7.bias')
    missing = [key for key in keys if key not in classifier]
    if missing:
        raise ValueError(f'the classifier lacks {", ".join(missing)}')
    fc6_w, *others = (classifier[key] for key in keys)
    tensors = subset_filters(
        decimate_fc6(fc6_w, kernel_size), *others, channels=channels, seed=seed
    )
    return dict(zip(keys, tensors, strict=True))
