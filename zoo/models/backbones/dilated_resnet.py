"""A ResNet that keeps its resolution: dilation instead of stride."""

from collections.abc import Sequence

import torch
from mmseg.models.backbones import ResNet
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (4, 8, 16, 32)
STYLES = ('caffe', 'pytorch')
# settings of mmseg's that would contradict the layout made here
REFUSED = (
    'avg_down',
    'contract_dilation',
    'conv_cfg',
    'dcn',
    'dilations',
    'multi_grid',
    'num_stages',
    'strides',
)


@MODELS.register_module()
class DilatedResNet(ResNet):
    """mmseg's ResNet with feature maps of a chosen output stride.

    Where a stage would go beyond the output stride, it no longer steps over
    cells; all convolutions after the one that did are dilated to match. The
    cells that the plain ResNet has keep their values exactly, and the names
    of the weights stay, whichever layer of a block has the stride
    (``style``). (mmseg's ``dilations`` do so for bottlenecks, given the right
    ``contract_dilation``, but not for ResNet-18 and -34: there they leave
    every second convolution as it was.)

    The statistics of the batch normalisations are frozen by default; their
    scales and shifts are not.

    Source: Wu et al., 2016, Sec. 2.3; the blocks are those of He et al.,
    CVPR 2016. Which statistics freeze, where dropout stands and its ratios,
    0.3 and 0.5, from the authors' later code, github itijyou/ademxapp.
    Differs: the paper says "some of the residual blocks" and no ratio.

    Shapes:
        - input: ``(N, 3, H, W)``; a stride of 8 likes ``8 n + 1`` pixels.
        - returns: maps of the four stages, ``in_index`` 0 to 3; the last has
          8 (depth 18, 34) or 32 times ``base_channels``.

    Args:
        depth: 18, 34, 50, 101 or 152.
        output_stride: Of the last map: 4, 8, 16 or 32 pixels.
        dropout: Share of activations zeroed before the last convolution of
            each residual branch, in the third and in the fourth stage.
        style: ``'caffe'``: the first convolution of a bottleneck has the
            stride; ``'pytorch'``: the second. The weights decide.
        norm_eval: Freeze the statistics of the batch normalisations.
        **kwargs: Passed to mmseg's ``ResNet``: ``base_channels``,
            ``stem_channels``, ``frozen_stages``, ``with_cp`` ...

    Raises:
        ValueError: If a setting is out of range or contradicts the above.
    """

    def __init__(
        self,
        *,
        depth: int,
        output_stride: int = 8,
        dropout: Sequence[float] = (0.0, 0.0),
        style: str = 'caffe',
        norm_eval: bool = True,
        **kwargs,
    ) -> None:
        _check(depth, output_stride, dropout, kwargs)
        if style not in STYLES:
            raise ValueError(f'style must be one of {STYLES}, got {style!r}')
        super().__init__(
            depth=depth, style=style, norm_eval=norm_eval, **kwargs
        )
        self.output_stride = output_stride
        self._keep_resolution()
        for name, ratio in zip(('layer3', 'layer4'), dropout, strict=True):
            for block in self.get_submodule(name):
                _thin(block, ratio)

    def _keep_resolution(self) -> None:
        """Trade stride for dilation beyond the output stride."""
        stride, dilation = 4, 1
        for name in self.res_layers[1:]:
            stride *= 2
            if stride > self.output_stride:
                for block in self.get_submodule(name):
                    dilation = _dilate(block, dilation)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the maps of the stages; see ``Shapes``."""
        # pixels' channels side by side: faster, on a CPU above all
        return super().forward(x.contiguous(memory_format=torch.channels_last))


class ThinnedConv2d(nn.Conv2d):
    """A convolution whose input loses random activations in training.

    It takes the place of a plain one: same shape, same names of weights.
    """

    def __init__(self, conv: nn.Conv2d, ratio: float) -> None:
        super().__init__(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size[0],
            padding=conv.padding[0],
            dilation=conv.dilation[0],
            bias=conv.bias is not None,
        )
        self.ratio = ratio

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(N, C', H, W)`` of ``(N, C, H, W)``."""
        x = functional.dropout(x, self.ratio, self.training)
        return super().forward(x)


def _branch(block: nn.Module) -> dict[str, nn.Conv2d]:
    """Return the convolutions of a residual branch, first to last."""
    names = ('conv1', 'conv2', 'conv3')
    return {n: getattr(block, n) for n in names if hasattr(block, n)}


def _dilate(block: nn.Module, dilation: int) -> int:
    """Take the stride out of a block; return the dilation behind it."""
    for conv in _branch(block).values():
        conv.dilation = (dilation, dilation)
        conv.padding = tuple(dilation * (k // 2) for k in conv.kernel_size)
        dilation *= conv.stride[0]
        conv.stride = (1, 1)
    for name, layer in block.named_modules():
        if name.startswith('downsample') and isinstance(layer, nn.Conv2d):
            layer.stride = (1, 1)
    return dilation


def _thin(block: nn.Module, ratio: float) -> None:
    """Drop activations before the last convolution of a residual branch."""
    if ratio:
        name, conv = list(_branch(block).items())[-1]
        setattr(block, name, ThinnedConv2d(conv, ratio))


def _check(
    depth: int, output_stride: int, dropout: Sequence[float], others: dict
) -> None:
    if depth not in ResNet.arch_settings:
        raise ValueError(
            f'depth must be one of {tuple(ResNet.arch_settings)}, got {depth}'
        )
    if output_stride not in STRIDES:
        raise ValueError(
            f'output_stride must be one of {STRIDES}, got {output_stride}'
        )
    if len(dropout) != 2 or not all(0 <= ratio < 1 for ratio in dropout):
        raise ValueError(
            'dropout must be two ratios from 0 to below 1, for the third and '
            f'the fourth stage, got {dropout}'
        )
    for name in REFUSED:
        if name in others:
            raise ValueError(
                f'{name} is not supported: output_stride decides the layout'
            )
