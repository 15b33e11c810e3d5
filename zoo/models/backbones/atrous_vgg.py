"""VGG-16 made dense: pools without stride, dilated convolutions."""

from collections.abc import Iterator, Sequence

import torch
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

DEPTHS = (2, 2, 3, 3, 3)
WIDTHS = (1, 2, 4, 8, 8)  # multiples of base_channels


@MODELS.register_module()
class AtrousVGG16(BaseModule):
    """Five blocks of 3 x 3 convolutions, each followed by one max pooling.

    The defaults are DeepLab's: pool4 and pool5 keep the resolution and the
    fifth block is dilated by 2, so the output stride falls from 32 to 8 while
    every filter still sees what it saw in the classifier.

    Source: Chen et al., ICLR 2015, arXiv:1412.7062, Sec. 3.1; pool kernels,
    paddings and Caffe's rounding-up of pooled sizes as in the released
    network definitions.
    Differs: batch normalisation is an option, for training from scratch;
    randomly initialised weights follow He et al. instead of ImageNet's.

    Shapes:
        - x: ``(N, 3, H, W)``, BGR, 0 to 255 minus the mean.
        - returns: 6-tuple: the input image, then the output of pool1 ...
          pool5, so that ``in_index=5`` of a head means pool5. Cell ``i`` of
          a pool of stride ``s`` with 3 x 3 kernels sits at pixel ``s * i``;
          a side of ``8 n + 1`` pixels gives exactly ``n + 1`` cells.

    Args:
        pool_kernels: Kernel of each pool, in cells; one number for all.
        pool_strides: Stride of each pool; their product is the output stride.
        pool_pads: Padding of each pool on every side, in cells.
        eval_pool_pads: Paddings while testing, where they differ (the first
            release pads its pool4 only in testing).
        dilations: Dilation of the convolutions of each block, in cells.
        base_channels: Width of the first block; 64 is VGG-16.
        input_std: Spread of the input in grey levels. Random weights take
            it out again, evenly over the 13 layers: in one layer alone it
            would make that layer learn ``input_std ** 2`` times too fast.
            Normalisation layers do it where there are any.
        norm_cfg: Normalisation after each convolution, as in mmcv.
        frozen_blocks: Number of leading blocks that are not trained, 0 to 5.
        init_cfg: Weights to start from, e.g. ``VGG16ImageNet``.

    Raises:
        ValueError: If a setting has not five entries, or is out of range.
    """

    def __init__(
        self,
        *,
        pool_kernels: int | Sequence[int] = 3,
        pool_strides: int | Sequence[int] = (2, 2, 2, 1, 1),
        pool_pads: int | Sequence[int] = 1,
        eval_pool_pads: int | Sequence[int] | None = None,
        dilations: int | Sequence[int] = (1, 1, 1, 1, 2),
        base_channels: int = 64,
        input_std: float = 60.0,
        norm_cfg: dict | None = None,
        frozen_blocks: int = 0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not 0 <= frozen_blocks <= 5:
            raise ValueError(
                f'frozen_blocks must be 0..5, got {frozen_blocks}'
            )
        if base_channels < 1:
            raise ValueError(
                f'base_channels must be >= 1, got {base_channels}'
            )
        self.pool_kernels = _five('pool_kernels', pool_kernels)
        self.pool_strides = _five('pool_strides', pool_strides)
        self.pool_pads = _five('pool_pads', pool_pads)
        self.eval_pool_pads = (
            self.pool_pads
            if eval_pool_pads is None
            else _five('eval_pool_pads', eval_pool_pads)
        )
        self.dilations = _five('dilations', dilations)
        self.base_channels = base_channels
        self.norm_cfg = norm_cfg
        self.gain = input_std ** (-1 / sum(DEPTHS)) if not norm_cfg else 1.0
        self.blocks = self._build_blocks()
        self.frozen_blocks = frozen_blocks
        for block in self.blocks[:frozen_blocks]:
            for name in block:
                self.get_submodule(name).requires_grad_(False)

    def _build_blocks(self) -> list[list[str]]:
        """Add the layers under VGG's own names; return them block by block."""
        blocks, before = [], 3
        for number, (depth, multiple) in enumerate(
            zip(DEPTHS, WIDTHS, strict=True), 1
        ):
            dilation = self.dilations[number - 1]
            width, names = multiple * self.base_channels, []
            for layer in range(1, depth + 1):
                conv = nn.Conv2d(
                    before,
                    width,
                    3,
                    padding=dilation,
                    dilation=dilation,
                    bias=self.norm_cfg is None,
                )
                nn.init.kaiming_normal_(conv.weight, nonlinearity='relu')
                conv.weight.data.mul_(self.gain)
                if conv.bias is not None:
                    nn.init.zeros_(conv.bias)
                names.append(f'conv{number}_{layer}')
                self.add_module(names[-1], conv)
                if self.norm_cfg is not None:
                    names.append(f'norm{number}_{layer}')
                    norm = build_norm_layer(self.norm_cfg, width)[1]
                    self.add_module(names[-1], norm)
                before = width
            blocks.append(names)
        return blocks

    def convolutions(self) -> dict[str, nn.Conv2d]:
        """Return the 13 convolutions by VGG's names, conv1_1 ... conv5_3."""
        return {
            name: self.get_submodule(name)
            for block in self.blocks
            for name in block
            if name.startswith('conv')
        }

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the image and the five pools; see ``Shapes``."""
        # pixels' channels side by side: 1.4 times faster on a CPU
        x = x.contiguous(memory_format=torch.channels_last)
        pools = [y for name, y in self.layers(x) if name.startswith('pool')]
        return (x, *pools)

    def layers(self, x: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield what comes out of each layer, by VGG's names, one by one.

        Convolutions come after normalisation and rectifier: ``conv1_1``,
        ``conv1_2``, ``pool1``, ``conv2_1`` and so on.
        """
        pads = self.pool_pads if self.training else self.eval_pool_pads
        for number, (names, kernel, stride, pad) in enumerate(
            zip(
                self.blocks,
                self.pool_kernels,
                self.pool_strides,
                pads,
                strict=True,
            ),
            1,
        ):
            for name in names:
                x = self.get_submodule(name)(x)
                if name.startswith('norm') or self.norm_cfg is None:
                    x = relu(x, inplace=True)
                    yield name.replace('norm', 'conv'), x
            x = max_pool2d(x, kernel, stride, pad, ceil_mode=True)
            yield f'pool{number}', x

    def train(self, mode: bool = True) -> 'AtrousVGG16':
        """Switch mode; frozen blocks keep their batch statistics."""
        super().train(mode)
        for block in self.blocks[: self.frozen_blocks]:
            for name in block:
                self.get_submodule(name).eval()
        return self


def _five(name: str, value: int | Sequence[int]) -> tuple[int, ...]:
    """Return one value per block."""
    values = (value,) * 5 if isinstance(value, int) else tuple(value)
    if len(values) != 5:
        raise ValueError(f'{name} must have 5 entries, got {len(values)}')
    if min(values) < (0 if 'pads' in name else 1):
        raise ValueError(f'{name} must not be that small: got {values}')
    return values
