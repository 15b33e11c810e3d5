"""ImageNet weights of ResNets, brought to the input of the zoo."""

from collections.abc import Mapping

import torch
from torch import Tensor

from zoo.ops.vgg_weights import (
    CAFFE_MEAN_BGR,
    CONVENTIONS,
    TORCHVISION_MEAN_RGB,
    TORCHVISION_STD_RGB,
)

MSRA_MEAN_BGR = (103.53, 116.28, 123.675)
EPSILON = 1e-5  # of the batch normalisations, in Caffe as in torch
_BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
DEPTHS = tuple(_BLOCKS)
BASIC_DEPTHS = (18, 34)  # two convolutions a block; the others have three
_NORM_PARTS = ('weight', 'bias', 'running_mean', 'running_var')


def resnet_shapes(depth: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor, by torchvision's and mmseg's names.

    Source: He et al., CVPR 2016, Table 1, with projections where a block
    changes the number of channels (option B).

    Args:
        depth: 18, 34, 50, 101 or 152.

    Raises:
        ValueError: If the depth is another.
    """
    if depth not in DEPTHS:
        raise ValueError(f'depth must be one of {DEPTHS}, got {depth}')
    shapes = _layer('conv1', 'bn1', (64, 3, 7, 7))
    before = 64
    for stage, blocks in enumerate(_BLOCKS[depth], start=1):
        for index in range(blocks):
            block = f'layer{stage}.{index}'
            convolutions = _branch(depth, before, 32 * 2**stage)
            for number, shape in enumerate(convolutions, start=1):
                names = f'{block}.conv{number}', f'{block}.bn{number}'
                shapes |= _layer(*names, shape)
            after = convolutions[-1][0]
            if after != before:
                names = f'{block}.downsample.0', f'{block}.downsample.1'
                shapes |= _layer(*names, (after, before, 1, 1))
            before = after
    return shapes


def _branch(depth: int, before: int, width: int) -> list[tuple[int, ...]]:
    """Return the kernels of a block's residual branch."""
    if depth in BASIC_DEPTHS:
        return [(width, before, 3, 3), (width, width, 3, 3)]
    return [
        (width, before, 1, 1),
        (width, width, 3, 3),
        (4 * width, width, 1, 1),
    ]


def _layer(
    conv: str, norm: str, shape: tuple[int, ...]
) -> dict[str, tuple[int, ...]]:
    parts = {f'{norm}.{part}': shape[:1] for part in _NORM_PARTS}
    return {f'{conv}.weight': shape, **parts}


def read_resnet(
    state: Mapping[str, Tensor], *, depth: int, convention: str
) -> dict[str, Tensor]:
    """Return a ResNet's tensors, for the input that the zoo feeds.

    That is BGR, 0 to 255, ``CAFFE_MEAN_BGR`` subtracted. The names are those
    of torchvision and mmseg: ``conv1.weight``, ``bn1.weight``, ``bn1.bias``,
    ``bn1.running_mean``, ``bn1.running_var``, ``layer1.0.conv1.weight``, ...
    ``layer4.2.bn3.running_var``, and ``layer1.0.downsample.0.weight`` for
    the projections. The classifier and the counters of batches are left out.
    Only ``conv1.weight`` and the statistics of ``bn1`` may change; the other
    tensors share memory with ``state``.

    Source: He et al., CVPR 2016, Table 1.
    Differs: He et al. subtract a mean image; the ports of their weights use
    ``MSRA_MEAN_BGR``.

    Args:
        state: State dict. ``conv1.bias`` is allowed: the port of the Caffe
            ResNet-50 has one. It becomes a part of ``bn1.running_mean``.
        depth: 18, 34, 50, 101 or 152.
        convention: What the first convolution expects. ``'caffe'``: BGR, 0
            to 255, ``MSRA_MEAN_BGR`` subtracted. ``'torchvision'``: RGB, 0
            to 1, normalised by torchvision's mean and deviation. The numbers
            in the file cannot tell the two apart. See ``fold_input``.

    Raises:
        ValueError: If the convention or the depth is unknown, or a tensor is
            missing, of another shape, or not of this ResNet; it names the
            key.
    """
    shapes = resnet_shapes(depth)
    _refuse_strangers(state, shapes, depth)
    tensors = {key: _take(state, key, shape) for key, shape in shapes.items()}
    names = ('conv1.weight', 'bn1.running_mean', 'bn1.running_var')
    weight, mean, var = (tensors[name] for name in names)
    if 'conv1.bias' in state:  # BN takes off its mean, so a bias is one less
        mean = mean - _take(state, 'conv1.bias', shapes['bn1.bias'])
    folded = fold_input(weight, mean, var, convention=convention)
    return tensors | dict(zip(names, folded, strict=True))


def _refuse_strangers(
    state: Mapping[str, Tensor], shapes: Mapping[str, object], depth: int
) -> None:
    """Notice a deeper ResNet, which holds all tensors of a shallower one."""
    for key in state:
        dropped = key.startswith('fc.') or key.endswith('.num_batches_tracked')
        if not dropped and key not in shapes and key != 'conv1.bias':
            raise ValueError(f'{key} is not part of a ResNet-{depth}')


def _take(
    state: Mapping[str, Tensor], key: str, shape: tuple[int, ...]
) -> Tensor:
    if key not in state:
        raise ValueError(f'{key} is missing, expected shape {shape}')
    found = tuple(state[key].shape)
    if found != shape:
        raise ValueError(f'{key} has shape {found}, expected {shape}')
    return state[key]


def fold_input(
    weight: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    *,
    convention: str,
) -> tuple[Tensor, Tensor, Tensor]:
    """Make a convolution and its batch normalisation read the zoo's input.

    Computed in float64. The weights take the order of the channels and their
    deviations relative to the mean deviation; that mean, which for
    torchvision's input is 57.6 levels of 255, goes into the statistics, and
    so does the difference of the mean colours. So the weights keep their
    size, and as the normalisation divides by it, the larger input does not
    enlarge their gradient: they learn at the pace they had.

    The normalised response to an image in evaluation mode, i.e. with these
    statistics, is unchanged wherever the kernel lies inside the image.

    Source: none; a choice of ours.
    Differs: at the border, zero padding stands for the mean colour, and the
    two means are not the same colour (at most 1 level of 255 apart).

    Args:
        weight: ``(C, 3, h, w)``, over the input of ``convention``.
        running_mean: ``(C,)``, of the normalisation behind it.
        running_var: ``(C,)``, the same; ``EPSILON`` is added to it there.
        convention: As for ``read_resnet``.

    Returns:
        The three, over BGR, 0 to 255, ``CAFFE_MEAN_BGR`` subtracted.

    Raises:
        ValueError: If the convention is unknown.
    """
    mean, std, zoo_mean = (
        torch.tensor(values, dtype=torch.float64, device=weight.device)
        for values in (*_input_bgr(convention), CAFFE_MEAN_BGR)
    )
    scale = std.mean()
    bgr = weight.flip(1) if convention == 'torchvision' else weight
    kernel = bgr.double() * (scale / std)[:, None, None]
    # response to the difference of the mean colours, everywhere the same
    shift = (kernel.sum((2, 3)) * (zoo_mean - mean)).sum(1)
    return (
        kernel.to(weight.dtype),
        (running_mean.double() * scale - shift).to(running_mean.dtype),
        ((running_var.double() + EPSILON) * scale**2 - EPSILON).to(
            running_var.dtype
        ),
    )


def _input_bgr(convention: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation of blue, green and red, in levels of 255."""
    if convention not in CONVENTIONS:
        raise ValueError(
            f'convention must be one of {CONVENTIONS}, got {convention!r}'
        )
    if convention == 'caffe':
        return MSRA_MEAN_BGR, (1.0, 1.0, 1.0)
    mean = tuple(255 * value for value in reversed(TORCHVISION_MEAN_RGB))
    return mean, tuple(255 * value for value in reversed(TORCHVISION_STD_RGB))
