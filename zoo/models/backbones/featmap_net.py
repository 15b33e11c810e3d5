"""FeatMap-Net: VGG-16 at several scales, with sliding pyramid pooling."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from math import prod

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from zoo.models.backbones.atrous_vgg import AtrousVGG16
from zoo.models.norms import optional_norm
from zoo.models.vgg16_imagenet import hand_over_fc6
from zoo.ops import resize_map, spanning_size

# first layer of block 6: kernel, dilation, width in base_channels
PROFILES = {'light': (3, 3, 16), 'paper': (7, 1, 64)}
WIDTH = 8  # of the other layers of block 6, in base_channels


@MODELS.register_module()
class FeatMapNet(AtrousVGG16):
    """Describe each node by what is around it, near and far.

    The image in each scale passes through blocks 1 to 5, the same for all,
    and a block 6 of the scale's own. Maxima over sliding windows join the
    map of each scale; the maps of the smaller images are interpolated to
    the largest one and all are concatenated.

    Source: Lin et al., CVPR 2016, Sec. 3 and Fig. 4 and 5 (scales 1.2, 0.8
    and 0.4, windows of 5 and 9 cells, stride 16).
    Differs: the paper gives no layers of block 6 beyond "the first is
    VGG's": the profile ``paper`` is 7 x 7, 4096 wide, then two of 3 x 3,
    512 wide; ``light`` has every third tap of that kernel and 1024 filters.
    Images are resized to sides of ``16 n + 1`` pixels, so that all maps
    span the same area; pools are 3 x 3 as in DeepLab, which keeps a cell on
    the pixel that it describes.

    Shapes:
        - x: ``(N, 3, H, W)``, BGR, 0 to 255 minus the mean.
        - returns: 7-tuple: the image, pool1 ... pool5 of the largest scale,
          and the feature map ``(N, out_channels, h, w)`` at stride
          ``16 / max(scales)``.

    Args:
        scales: Of the image, one map each.
        pyramid: Sides of the sliding windows, in cells, odd and ascending;
            empty switches the pooling off.
        pyramid_norm: Normalise the maxima, with a gain that starts at zero.
            An option of ours for training from scratch: what is somewhere
            around is learned sooner than where it is, and is then hard to
            put right.
        profile: Of block 6, ``'light'`` or ``'paper'``.
        frozen_blocks: Number of leading blocks that are not trained, 0 to 6.
        **kwargs: Passed to ``AtrousVGG16``. All widths, block 6's too, are
            multiples of ``base_channels``. With ``norm_cfg``, an option of
            ours, each scale has normalisations of its own.

    Raises:
        ValueError: If a setting is out of range.

    Example:
        >>> import torch
        >>> net = FeatMapNet(base_channels=1)
        >>> maps = net(torch.zeros(1, 3, 81, 161))
        >>> tuple(maps[-1].shape), net.out_channels
        ((1, 72, 7, 13), 72)
    """

    def __init__(
        self,
        *,
        scales: Sequence[float] = (1.2, 0.8, 0.4),
        pyramid: Sequence[int] = (5, 9),
        pyramid_norm: bool = False,
        profile: str = 'light',
        pool_strides: Sequence[int] = (2, 2, 2, 2, 1),
        dilations: int | Sequence[int] = 1,
        frozen_blocks: int = 0,
        **kwargs,
    ) -> None:
        if not scales or min(scales) <= 0:
            raise ValueError(f'scales must be above 0, got {tuple(scales)}')
        steps = [b - a for a, b in pairwise((1, *pyramid))]
        if any(step < 2 or step % 2 for step in steps):
            raise ValueError(
                f'pyramid must be odd and ascending from 3, got {pyramid}'
            )
        if pyramid_norm and not kwargs.get('norm_cfg'):
            raise ValueError('pyramid_norm needs norm_cfg, got none')
        if profile not in PROFILES:
            raise ValueError(
                f'profile must be one of {tuple(PROFILES)}, got {profile!r}'
            )
        if not 0 <= frozen_blocks <= 6:
            raise ValueError(
                f'frozen_blocks must be 0..6, got {frozen_blocks}'
            )
        super().__init__(
            pool_strides=pool_strides,
            dilations=dilations,
            frozen_blocks=min(frozen_blocks, 5),
            **kwargs,
        )
        self.scales = tuple(scales)
        self.pyramid = tuple(pyramid)
        self.windows = tuple(step + 1 for step in steps)
        self.stride = prod(self.pool_strides)
        self.block6 = nn.ModuleList(
            _Block6(profile, self.base_channels, self.norm_cfg)
            for _ in self.scales
        )
        self.scale_norms = self._norms_per_scale()
        self.pyramid_norms = self._pyramid_norms(pyramid_norm)
        if frozen_blocks > 5:
            self.frozen_blocks = frozen_blocks
            self.block6.requires_grad_(False)
            self.pyramid_norms.requires_grad_(False)

    def _norms_per_scale(self) -> list['_PerScale']:
        """Give each scale normalisations of its own in blocks 1 to 5."""
        if self.norm_cfg is None or len(self.scales) == 1:
            return []
        replaced = []
        for block in self.blocks:
            for name in block:
                if name.startswith('norm'):
                    norm = _PerScale(
                        self.get_submodule(name), len(self.scales)
                    )
                    self.add_module(name, norm)
                    replaced.append(norm)
        return replaced

    def _pyramid_norms(self, wanted: bool) -> nn.ModuleList:
        """Return the normalisation of each scale's maxima, or nothing."""
        channels = WIDTH * self.base_channels * len(self.pyramid)
        norm_cfg = self.norm_cfg if wanted and channels else None
        norms = [optional_norm(norm_cfg, channels) for _ in self.scales]
        for norm in norms:
            for gain in norm.parameters():  # the shift is zero already
                nn.init.zeros_(gain)
        return nn.ModuleList(norms)

    @property
    def out_channels(self) -> int:
        """Channels of the feature map."""
        each = WIDTH * self.base_channels * (1 + len(self.pyramid))
        return len(self.scales) * each

    def init_weights(self) -> None:
        """Initialise; VGG's fc6 starts the block 6 of every scale."""
        super().init_weights()
        hand_over_fc6(
            self, [block.get_submodule('fc6') for block in self.block6]
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return image, pools and the feature map; see ``Shapes``."""
        size = (x.shape[2], x.shape[3])
        maps, largest = [], self.scales.index(max(self.scales))
        for number, scale in enumerate(self.scales):
            for norm in self.scale_norms:
                norm.scale = number
            scaled = spanning_size(size, scale=scale, stride=self.stride)
            outputs = super().forward(resize_map(x, scaled))
            maps.append(
                self._pyramid(self.block6[number](outputs[-1]), number)
            )
            if number == largest:
                pools = outputs[1:]
        grid = maps[largest].shape[2:]
        merged = torch.cat([resize_map(m, grid) for m in maps], dim=1)
        return (x, *pools, merged)

    def _pyramid(self, x: Tensor, number: int) -> Tensor:
        """Append the maxima over windows around each cell."""
        if not self.windows:
            return x
        levels = [x]
        for window in self.windows:  # a window of 5 twice is one of 9
            levels.append(max_pool2d(levels[-1], window, 1, window // 2))
        maxima = self.pyramid_norms[number](torch.cat(levels[1:], dim=1))
        return torch.cat([x, maxima], dim=1)

    def train(self, mode: bool = True) -> 'FeatMapNet':
        """Switch mode; frozen blocks keep their batch statistics."""
        super().train(mode)
        if self.frozen_blocks > 5:
            self.block6.eval()
            self.pyramid_norms.eval()
        return self


class _PerScale(nn.Module):
    """One normalisation for each image scale.

    The convolutions are shared, but each scale has statistics of its own.
    Batch normalisation that runs on all of them keeps a mixture, which fits
    none when it is used in testing.
    """

    def __init__(self, norm: nn.Module, scales: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(deepcopy(norm) for _ in range(scales))
        self.scale = 0

    def forward(self, x: Tensor) -> Tensor:
        return self.norms[self.scale](x)


class _Block6(nn.Module):
    """VGG's fc6 as a convolution, then two of 3 x 3."""

    def __init__(
        self, profile: str, base_channels: int, norm_cfg: dict | None
    ) -> None:
        super().__init__()
        kernel_size, dilation, multiple = PROFILES[profile]
        hidden, width = multiple * base_channels, WIDTH * base_channels
        self.fc6 = nn.Conv2d(
            width,
            hidden,
            kernel_size,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
        )
        self.conv6_2 = nn.Conv2d(hidden, width, 3, padding=1)
        self.conv6_3 = nn.Conv2d(width, width, 3, padding=1)
        for layer in (self.fc6, self.conv6_2, self.conv6_3):
            nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
            nn.init.zeros_(layer.get_parameter('bias'))
        self.norms = nn.ModuleList(
            optional_norm(norm_cfg, channels)
            for channels in (hidden, width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        layers = (self.fc6, self.conv6_2, self.conv6_3)
        for layer, norm in zip(layers, self.norms, strict=True):
            x = norm(layer(x)).relu_()
        return x
