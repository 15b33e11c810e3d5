"""DeepLab-MSc: side branches from the image and the first four pools."""

from collections.abc import Sequence

from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import conv2d

from zoo.errors import UserError
from zoo.models.decode_heads.deeplab_head import DeepLabHead
from zoo.models.decode_heads.strided_head import input_size
from zoo.ops import upsample_scores

STRIDES = (1, 2, 4, 8, 8)  # of the image and pool1 ... pool4, in pixels
TRAINED = ('branches', 'branches_and_classifier', 'all')


@MODELS.register_module()
class DeepLabMScHead(DeepLabHead):
    """Add scores of fine maps, which know where borders are, to DeepLab's.

    Each of five maps passes through its own 3 x 3 and 1 x 1 layers of 128
    channels and a score layer; the six score maps are summed. In training
    all are computed at the cells; in testing each at its own resolution,
    interpolated to pixels before the sum.

    Source: Chen et al., ICLR 2015, arXiv:1412.7062, Sec. 4.3; strides,
    initial spreads and what stays fixed from the released networks.
    Differs: the paper concatenates the 128-channel maps and classifies them
    together, which is the same function as the released sum used here.

    Shapes:
        - inputs: the 6-tuple of ``AtrousVGG16``.
        - returns: logits ``(N, num_classes, h, w)`` at the cells.

    Args:
        branch_inputs: Channels of the image and of pool1 ... pool4.
        branch_channels: Width of the branches.
        trained: What learns: ``'branches'`` (released
            MSc-LargeFOV), ``'branches_and_classifier'`` (released MSc) or
            ``'all'``. The backbone has its own ``frozen_blocks``.
        **kwargs: Passed to ``DeepLabHead``.

    Raises:
        ValueError: If ``trained`` is unknown or five inputs are not given.
        UserError: In training, if the crop's sides are not ``8 n + 1`` pixels.
    """

    def __init__(
        self,
        *,
        branch_inputs: Sequence[int] = (3, 64, 128, 256, 512),
        branch_channels: int = 128,
        trained: str = 'branches',
        **kwargs,
    ) -> None:
        if trained not in TRAINED:
            raise ValueError(f'trained must be in {TRAINED}, got {trained!r}')
        if len(branch_inputs) != len(STRIDES):
            raise ValueError(
                f'branch_inputs must have 5 entries, got {len(branch_inputs)}'
            )
        super().__init__(**kwargs)
        if trained != 'all':
            self.requires_grad_(False)
        if trained == 'branches_and_classifier':
            self.conv_seg.requires_grad_(True)
        self.branches = nn.ModuleList(
            _Branch(number, channels, branch_channels, self)
            for number, channels in enumerate(branch_inputs)
        )

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return the summed logits at the cells; see ``Shapes``."""
        total = super().forward(inputs)
        for branch, stride, x in zip(
            self.branches, STRIDES, inputs[:5], strict=True
        ):
            scores = branch(x, stride=self.output_stride // stride)
            if scores.shape != total.shape:
                raise UserError(
                    'MSc needs image sides of 8 n + 1 pixels in training, '
                    f'got {tuple(inputs[0].shape[2:])}: change crop_size'
                )
            total = total + scores
        return total

    def predict(
        self,
        inputs: tuple[Tensor, ...],
        batch_img_metas: list[dict],
        test_cfg: dict,
    ) -> Tensor:
        """Return the summed logits at every pixel of the input image."""
        size = input_size(batch_img_metas[0])
        total = self.predict_by_feat(super().forward(inputs), batch_img_metas)
        for branch, stride, x in zip(
            self.branches, STRIDES, inputs[:5], strict=True
        ):
            total += upsample_scores(branch(x), stride=stride, size=size)
        return total


class _Branch(nn.Module):
    """3 x 3, 1 x 1 and score layer on one map."""

    def __init__(
        self, number: int, inputs: int, channels: int, head: DeepLabMScHead
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 1)
        self.score = nn.Conv2d(channels, head.out_channels, 1)
        self.dropout = nn.Dropout(head.dropout_ratio)
        spreads = (0.001, 0.005 if number == 4 else 0.001, 0.01)
        for layer, std in zip(
            (self.conv1, self.conv2, self.score), spreads, strict=True
        ):
            nn.init.normal_(layer.weight, std=std)
            nn.init.constant_(layer.get_parameter('bias'), 0.0)
        if number == 3:  # the release names no filler here: Caffe's zero
            nn.init.zeros_(self.score.weight)

    def forward(self, x: Tensor, *, stride: int = 1) -> Tensor:
        first = self.conv1
        x = conv2d(x, first.weight, first.bias, stride=stride, padding=1)
        x = self.dropout(x.relu())
        return self.score(self.dropout(self.conv2(x).relu()))
