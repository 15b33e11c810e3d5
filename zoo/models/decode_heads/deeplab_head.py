"""DeepLab's head: VGG's fully connected layers as dilated convolutions."""

from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from zoo.models.decode_heads.same_size_conv import same_size_conv
from zoo.models.decode_heads.strided_head import StridedHead
from zoo.models.norms import optional_norm


@MODELS.register_module()
class DeepLabHead(StridedHead):
    """Score each cell from a large, sparsely sampled field of view.

    fc6 becomes a ``k x k`` convolution of dilation ``r``, which spans
    ``k + (k - 1)(r - 1)`` cells; fc7 and fc8 (``conv_seg``) become 1 x 1.
    The four published variants are settings of it: DeepLab (4, 4), 4x4
    (4, 8), 7x7 (7, 4), all 4096 wide, and LargeFOV (3, 12), 1024 wide.

    Source: Chen et al., ICLR 2015, arXiv:1412.7062, Sec. 3 and Table 2;
    ``average_pool`` (pool5a) from the released LargeFOV networks.
    Differs: normalisation is an option, for training from scratch.

    Shapes:
        - inputs: tuple of maps ``(N, C, H, W)``; ``in_index`` is read.
        - returns: logits ``(N, num_classes, H, W)`` at the same stride.

    Args:
        kernel_size: Side ``k`` of fc6, in taps.
        dilation: Distance ``r`` between the taps, in cells.
        average_pool: Smooth the features by a 3 x 3 mean first.
        **kwargs: Passed to ``StridedHead``; ``channels`` is the width.

    Raises:
        ValueError: If the map could not keep its size, i.e.
            ``(kernel_size - 1) * dilation`` is odd, or a value is below 1.

    Example:
        >>> import torch
        >>> head = DeepLabHead(in_channels=8, channels=16, num_classes=3)
        >>> tuple(head([torch.zeros(2, 8, 9, 7)]).shape)
        (2, 3, 9, 7)
    """

    def __init__(
        self,
        *,
        kernel_size: int = 3,
        dilation: int = 12,
        average_pool: bool = False,
        **kwargs,
    ) -> None:
        if kernel_size < 1 or dilation < 1:
            raise ValueError(
                'kernel_size and dilation must be at least 1, got '
                f'{kernel_size} and {dilation}'
            )
        super().__init__(**kwargs)
        self.average_pool = average_pool
        self.fc6 = same_size_conv(
            self.in_channels, self.channels, kernel_size, dilation
        )
        self.fc7 = nn.Conv2d(self.channels, self.channels, 1)
        self.norm6, self.norm7 = (
            optional_norm(self.norm_cfg, self.channels) for _ in range(2)
        )
        for name, parameter in self.named_parameters():
            if name in ('fc6.weight', 'fc7.weight'):
                nn.init.kaiming_normal_(parameter, nonlinearity='relu')
            elif name in ('fc6.bias', 'fc7.bias'):
                nn.init.zeros_(parameter)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return logits at the cells; see ``Shapes``."""
        x = self._transform_inputs(inputs)
        if self.average_pool:
            x = avg_pool2d(x, 3, stride=1, padding=1)
        x = self.dropout(self.norm6(self.fc6(x)).relu())
        return self.cls_seg(self.norm7(self.fc7(x)).relu())
