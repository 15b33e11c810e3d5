"""A head that looks at the features through two dilated convolutions."""

from collections.abc import Sequence

from mmcv.cnn import ConvModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.models.decode_heads import StridedHead


@MODELS.register_module()
class MyHead(StridedHead):
    """Add up what 3 x 3 convolutions of several dilations see, then score.

    Source: none; an example.
    Differs: nothing to differ from.

    Shapes:
        - inputs: tuple of maps ``(N, C, H, W)``; ``in_index`` is read.
        - returns: logits ``(N, num_classes, H, W)`` at the same stride.

    Args:
        dilations: Distance between the taps of each convolution, in cells.
        **kwargs: Passed to ``StridedHead``; ``channels`` is the width.

    Raises:
        ValueError: If there is no dilation, or one is below 1.
    """

    def __init__(
        self, *, dilations: Sequence[int] = (6, 12), **kwargs
    ) -> None:
        if not dilations or min(dilations) < 1:
            raise ValueError(
                f'dilations must all be at least 1, got {dilations}'
            )
        super().__init__(**kwargs)
        self.views = nn.ModuleList(
            ConvModule(
                self.in_channels,
                self.channels,
                3,
                padding=dilation,
                dilation=dilation,
                norm_cfg=self.norm_cfg,
            )
            for dilation in dilations
        )

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return logits at the cells; see ``Shapes``."""
        x = self._transform_inputs(inputs)
        return self.cls_seg(sum(view(x) for view in self.views))
