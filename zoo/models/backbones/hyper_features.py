"""All layers of a VGG-16 read at superpixels, trained through."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.backbones.atrous_vgg import AtrousVGG16
from zoo.models.fixed_norm import FixedNorm
from zoo.models.norms import optional_norm
from zoo.models.vgg16_imagenet import hand_over_classifier
from zoo.ops.feature_layout import FeatureLayout
from zoo.ops.region_max_pool import region_max_pool
from zoo.ops.regions import superpixel_boxes, union_boxes
from zoo.ops.superpixel_pool import pooling_weights, superpixel_pool
from zoo.ops.superpixels import superpixel_neighbours

DISTANT = 3  # radius in the graph of superpixels
FC = 64  # width of fc6 and fc7, in base_channels


@MODELS.register_module()
class HyperFeatures(BaseModule):
    """Describe superpixels by every layer of one network, which learns.

    Columns of a row, by name, with their number in VGG-16:

    - ``convs``: ``conv1_1`` to ``conv5_3``, the mean over the superpixel,
      2 x 64 + 2 x 128 + 3 x 256 + 3 x 512 + 3 x 512 = 4224;
    - ``distant``: fc7, the maximum in the box around all superpixels within
      radius 3 in the graph of those that touch, 4096;
    - ``global``: fc7, its maximum over the image, 4096.

    The last two are zoom-out's two large regions. fc6 and fc7 are
    convolutions, so that all boxes share one run of the network. A pool of
    2 x 2 cells lies between the pixels: maps are read where their cells are.

    Source: the version of Mostajabi et al. that the proceedings of CVPR 2015
        report, 12 416 columns, of which we had no description but the
        abstract: the layout is from memory and not verified. And the
        authors' release of 2016, which trains end to end: ``convs`` and
        ``global``, 8320 columns, with fixed normalisation.
    Differs: the former ran a network on each region, not trained further.
        The release reads pixels at stride 4: early layers by maxima, late
        ones by the nearest cell; here they are interpolated, and superpixels
        read their mean. Padding lets fc6 look beyond the border. Random
        weights and normalisation layers are options of ours.

    Shapes:
        - inputs: ``(N, 3, H, W)``, BGR, 0 to 255 minus the mean.
        - photos: not used; ``SuperpixelSegmentor`` passes them.
        - superpixels: list of ``(h, w)`` int64: 0 to ``S - 1``; images are
          padded at the right and below.
        - forward returns: list of ``(S, out_channels)`` float32.

    Args:
        network: Config of the ``AtrousVGG16``.
        use: Names of levels or layers, e.g. ``['convs.conv5_3', 'global']``;
            the order does not matter.
        fc_kernel_size: Side of fc6 in cells, odd; 7 is VGG's. Its width is
            VGG's too, 64 of the network's ``base_channels``, and so are the
            network's normalisation and ImageNet's weights, if any.
        norm_batches: Training batches that the normalisation is fitted to.
        init_cfg: Not used by itself; the network has its own.

    Raises:
        ValueError: If ``use`` names what is not there, ``fc_kernel_size`` is
            not odd, or ``norm_batches`` is below 1.
    """

    def __init__(
        self,
        *,
        network: dict,
        use: Sequence[str] = ('convs', 'distant', 'global'),
        fc_kernel_size: int = 7,
        norm_batches: int = 100,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if fc_kernel_size < 1 or fc_kernel_size % 2 == 0:
            raise ValueError(
                f'fc_kernel_size must be odd, got {fc_kernel_size}'
            )
        self.network: AtrousVGG16 = MODELS.build(network)
        self.layout = self._build_layout()
        self.names = self.layout.names(use)
        self.out_channels = self.layout.size(*self.names)
        self.norm = FixedNorm(self.out_channels, batches=norm_batches)
        if {'distant', 'global'} & set(self.names):
            self._build_classifier(fc_kernel_size)

    def _build_layout(self) -> FeatureLayout:
        blocks = {
            f'convs.{name}': convolution.out_channels
            for name, convolution in self.network.convolutions().items()
        }
        blocks['distant'] = blocks['global'] = FC * self.network.base_channels
        return FeatureLayout(blocks)

    def _build_classifier(self, kernel_size: int) -> None:
        before = self.network.convolutions()['conv5_3'].out_channels
        width = FC * self.network.base_channels
        self.fc6 = nn.Conv2d(
            before, width, kernel_size, padding=kernel_size // 2
        )
        self.fc7 = nn.Conv2d(width, width, 1)
        for layer in (self.fc6, self.fc7):
            nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
            nn.init.zeros_(layer.get_parameter('bias'))
        self.fc_norms = nn.ModuleList(
            optional_norm(self.network.norm_cfg, width) for _ in range(2)
        )

    def init_weights(self) -> None:
        """Initialise; VGG's fc6 and fc7 are layers of this network."""
        super().init_weights()
        hand_over_classifier(self.network, self)

    def forward(
        self,
        inputs: Tensor,
        photos: Sequence[np.ndarray],
        superpixels: Sequence[np.ndarray],
    ) -> list[Tensor]:
        """Return the rows of each image, normalised; see ``Shapes``."""
        readers = [_Reader(labels, inputs.device) for labels in superpixels]
        parts: list[list[Tensor]] = [[] for _ in readers]
        for name, maps, stride, offset in self._maps(inputs):
            for reader, part, features in zip(
                readers, parts, maps, strict=True
            ):
                part.append(reader.read(name, features, stride, offset))
        rows = [torch.cat(part, dim=1) for part in parts]
        counts = [len(part) for part in rows]
        return list(self.norm(torch.cat(rows)).split(counts))

    def _maps(
        self, inputs: Tensor
    ) -> Iterator[tuple[str, Tensor, int, float]]:
        """Yield the name, map, stride and offset of each block in use."""
        stride, offset = 1, 0.0
        net = self.network
        pads = net.pool_pads if net.training else net.eval_pool_pads
        for name, x in net.layers(inputs):
            if name.startswith('conv') and f'convs.{name}' in self.names:
                yield f'convs.{name}', x, stride, offset
            elif name.startswith('pool'):
                pool = int(name[-1]) - 1
                middle = (net.pool_kernels[pool] - 1) / 2 - pads[pool]
                offset += stride * middle
                stride *= net.pool_strides[pool]
        if {'distant', 'global'} & set(self.names):
            for layer, norm in zip(
                (self.fc6, self.fc7), self.fc_norms, strict=True
            ):
                x = norm(layer(x)).relu_()
            for name in ('distant', 'global'):
                if name in self.names:
                    yield name, x, stride, offset


class _Reader:
    """Read maps of one image at its superpixels."""

    def __init__(self, labels: np.ndarray, device: torch.device) -> None:
        self.labels = labels
        self.superpixels = torch.from_numpy(labels).to(device)
        self.grid: tuple = ()

    def read(
        self, name: str, features: Tensor, stride: int, offset: float
    ) -> Tensor:
        """Return ``(S, C)`` of a map ``(C, h, w)``."""
        if name not in ('distant', 'global'):
            return self._means(features, stride, offset)
        boxes = superpixel_boxes(self.labels)
        members = np.ones((1, len(boxes)), bool)
        if name == 'distant':
            members = superpixel_neighbours(self.labels, radius=DISTANT)
        around = torch.from_numpy(union_boxes(boxes, members))
        found = region_max_pool(
            features, around.to(features.device), stride=stride, offset=offset
        )
        return found.expand(len(boxes), -1)

    def _means(self, features: Tensor, stride: int, offset: float) -> Tensor:
        """Return the means; layers of one grid share their weights."""
        size = (features.shape[1], features.shape[2])
        grid = (size, stride, offset)
        if grid != self.grid:
            self.grid = grid
            self.weights = pooling_weights(
                self.superpixels, size=size, stride=stride, offset=offset
            )
        return superpixel_pool(features, self.weights)
