"""A classification network that describes regions of an image."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.ops.crop_and_resize import crops
from zoo.ops.vgg_weights import FC_SHAPES, adapt_classifier


@MODELS.register_module()
class CropNetwork(BaseModule):
    """Convolutions and fully connected layers; the last one describes.

    With VGG-16, 224 pixels, two layers of 4096 units and ``pool='flatten'``
    these are fc6 and fc7, which get ImageNet's weights where the backbone is
    initialised by ``VGG16ImageNet``.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1: activations of the last
        fully connected layer, 4096, for regions resized to 224 x 224.
    Differs: they are taken behind the rectifier; the paper does not say.

    Shapes:
        - x: ``(B, 3, s, s)``, BGR, 0 to 255 minus the mean.
        - forward returns: ``(B, out_channels)``, at least 0.

    Args:
        backbone: Config of a network that returns maps, the last of them
            ``(B, in_channels, h, w)``.
        in_channels: Width of that map.
        hidden: Units of each fully connected layer.
        pool: ``'average'`` takes the mean of the map; ``'flatten'`` joins
            all of its cells, so that ``s`` is given.
        cells: Height and width of the map to be flattened; 7 for VGG-16 at
            224 pixels.
        dropout: Share of hidden units zeroed in training, 0 to 1.
        init_cfg: Weights to start from.

    Raises:
        ValueError: If ``pool`` is unknown, there is no hidden layer, or a map
            to be flattened has another size.
    """

    def __init__(
        self,
        *,
        backbone: dict,
        in_channels: int = 512,
        hidden: Sequence[int] = (4096, 4096),
        pool: str = 'flatten',
        cells: int = 7,
        dropout: float = 0.5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if pool not in ('average', 'flatten'):
            raise ValueError(
                f"pool must be 'average' or 'flatten', got {pool!r}"
            )
        if not hidden:
            raise ValueError('hidden must name a layer, got none')
        self.backbone = MODELS.build(backbone)
        self.pool, self.cells = pool, cells
        self.hidden, self.out_channels = list(hidden), hidden[-1]
        first = in_channels * (cells * cells if pool == 'flatten' else 1)
        self.layers = nn.ModuleList(
            nn.Linear(*pair) for pair in pairwise([first, *hidden])
        )
        for name, weight in self.layers.named_parameters():
            if name.endswith('bias'):
                nn.init.zeros_(weight)
            else:
                nn.init.kaiming_normal_(weight, nonlinearity='relu')
        self.dropout = nn.Dropout(dropout)

    def init_weights(self) -> None:
        """Initialise; take fc6 and fc7 from ImageNet if they are there."""
        super().init_weights()
        classifier = vars(self.backbone).pop('imagenet_classifier', None)
        seed = vars(self.backbone).pop('imagenet_seed', 0)
        if classifier:
            self._fill(classifier, seed)

    def _fill(self, classifier: dict[str, Tensor], seed: int) -> None:
        units = self.hidden
        if self.pool != 'flatten' or len(units) != 2 or units[0] != units[1]:
            raise ValueError(
                "fc6 and fc7 need pool='flatten' and two hidden layers "
                f'alike, got pool={self.pool!r} and hidden={units}'
            )
        tensors = adapt_classifier(
            classifier, kernel_size=self.cells, channels=units[0], seed=seed
        )
        state = {}
        for index, name in enumerate(FC_SHAPES):
            state[f'{index}.weight'] = tensors[f'{name}.weight'].flatten(1)
            state[f'{index}.bias'] = tensors[f'{name}.bias']
        self.layers.load_state_dict(state)

    def forward(self, x: Tensor) -> Tensor:
        """Return the activations of the last layer; see ``Shapes``."""
        maps = self.backbone(x)[-1]
        if self.pool == 'average':
            x = maps.mean((2, 3))
        elif maps.shape[2:] == (self.cells, self.cells):
            x = maps.flatten(1)
        else:
            raise ValueError(
                f'the map to be flattened must be {self.cells} x '
                f'{self.cells}, got {tuple(maps.shape[2:])}: give images of '
                'another size, or set cells'
            )
        for layer in self.layers:
            x = self.dropout(layer(x).relu())
        return x

    @torch.no_grad()
    def describe(
        self, image: Tensor, boxes: Tensor, *, size: int = 224, batch: int = 16
    ) -> Tensor:
        """Return one row for each region of an image, as in testing.

        Args:
            image: ``(3, H, W)`` float, preprocessed like ``x``.
            boxes: ``(R, 4)`` integers: x0, y0, x1, y1, half-open.
            size: Side that regions are resized to, in pixels.
            batch: Regions that pass through the network together.

        Returns:
            ``(R, out_channels)``.

        Raises:
            ValueError: If ``batch`` is below 1, or as ``crops`` does.
        """
        if batch < 1:
            raise ValueError(f'batch must be at least 1, got {batch}')
        was = self.training
        self.eval()
        rows = [
            self(crops(image, some, size=size)) for some in boxes.split(batch)
        ]
        self.train(was)
        return torch.cat(rows)
