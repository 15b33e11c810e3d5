"""FCRN's head: one dilated convolution as the classifier."""

from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads.same_size_conv import same_size_conv
from zoo.models.decode_heads.strided_head import StridedHead
from zoo.models.norms import optional_norm


@MODELS.register_module()
class FCRNHead(StridedHead):
    """Classify each cell by a ``k x k`` convolution of dilation ``d``.

    It replaces the pooling and the linear classifier on top of a ResNet, and
    decides alone how far around a cell counts: ``field_of_view`` in
    ``zoo.ops``. With ``hidden_layers`` the classifier becomes non-linear:
    convolutions of the same kind, each with a ReLU, come before it, and
    each widens the field of view by ``stride * (k - 1) * d`` pixels.

    Source: Wu et al., 2016, Sec. 2.3 and Table 1; the multi-layer classifier
    Sec. 1. Its form (3 x 3, dilation 12, 512 wide, normalised) and Xavier's
    initial weights are those of the authors' later code,
    github itijyou/ademxapp.
    Differs: the paper describes neither. The hidden layers' statistics are
    learned, since no weights bring any; that code freezes all.

    Shapes:
        - inputs: tuple of maps ``(N, C, H, W)``; ``in_index`` is read.
        - returns: logits ``(N, num_classes, H, W)`` at the same stride.

    Args:
        kernel_size: Taps ``k`` along a side.
        dilation: Cells ``d`` from one tap to the next.
        hidden_layers: Number of layers before the classifier.
        channels: Width of the hidden layers.
        dropout_ratio: Share of activations zeroed before the classifier.
        **kwargs: Passed to ``StridedHead``; ``norm_cfg`` is the
            normalisation of the hidden layers.

    Raises:
        ValueError: If the map could not keep its size, i.e.
            ``(kernel_size - 1) * dilation`` is odd, or a value is too small.

    Example:
        >>> import torch
        >>> head = FCRNHead(in_channels=8, num_classes=3)
        >>> tuple(head([torch.zeros(2, 8, 9, 7)]).shape)
        (2, 3, 9, 7)
    """

    def __init__(
        self,
        *,
        kernel_size: int = 5,
        dilation: int = 12,
        hidden_layers: int = 0,
        channels: int = 512,
        dropout_ratio: float = 0.0,
        **kwargs,
    ) -> None:
        if kernel_size < 1 or dilation < 1 or hidden_layers < 0:
            raise ValueError(
                'kernel_size and dilation must be at least 1, hidden_layers '
                f'at least 0, got {kernel_size}, {dilation}, {hidden_layers}'
            )
        xavier = {
            'type': 'Xavier',
            'layer': 'Conv2d',
            'distribution': 'normal',
        }
        super().__init__(
            channels=channels,
            dropout_ratio=dropout_ratio,
            init_cfg=kwargs.pop('init_cfg', xavier),
            **kwargs,
        )
        taps = kernel_size, dilation
        layers: list[nn.Module] = []
        width = self.in_channels
        for _ in range(hidden_layers):
            layers += [
                same_size_conv(width, channels, *taps, bias=not self.norm_cfg),
                optional_norm(self.norm_cfg, channels),
                nn.ReLU(inplace=True),
            ]
            width = channels
        self.hidden = nn.Sequential(*layers)
        self.conv_seg = same_size_conv(width, self.out_channels, *taps)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return logits at the cells; see ``Shapes``."""
        return self.cls_seg(self.hidden(self._transform_inputs(inputs)))
