"""Start a ResNet backbone from ImageNet's weights."""

from functools import partial

import torch
from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from mmseg.models.backbones import ResNet
from torch import Tensor

from zoo.errors import UserError
from zoo.models.imagenet_file import read_imagenet_file
from zoo.ops.resnet_weights import BASIC_DEPTHS, read_resnet, resnet_shapes
from zoo.ops.vgg_weights import CONVENTIONS

# where a block with three convolutions had its stride in training
_STYLES = {'caffe': 'caffe', 'torchvision': 'pytorch'}
_WITHOUT = 'model.backbone.init_cfg=None to start without'


@WEIGHT_INITIALIZERS.register_module()
class ResNetImageNet:
    """Fill a ResNet: convolutions, batch normalisations and statistics.

    Set on the backbone: ``init_cfg=dict(type='ResNetImageNet', ...)``. Called
    by mmengine's ``init_weights``. The blocks have no ``init_cfg`` of their
    own then, so that nothing is filled at random afterwards.

    Source: He et al., CVPR 2016; Wu et al., 2016, Sec. 2.3.
    Differs: torchvision's weights are another training than the Caffe models
    of He et al. that the paper starts from, and have the stride of a block
    in its second convolution, not in its first; ``convention`` says which
    the file holds.

    Args:
        checkpoint: URL or path of a state dict; layout in ``read_resnet``.
        convention: ``'caffe'`` or ``'torchvision'``, see ``read_resnet``.

    Raises:
        ValueError: If the convention is unknown.

    Example:
        >>> from mmengine.registry import WEIGHT_INITIALIZERS
        >>> cfg = dict(type='ResNetImageNet', checkpoint='resnet50.pth')
        >>> WEIGHT_INITIALIZERS.build({**cfg, 'convention': 'caffe'}).style
        'caffe'
    """

    def __init__(self, *, checkpoint: str, convention: str) -> None:
        if convention not in CONVENTIONS:
            raise ValueError(
                f'convention must be one of {CONVENTIONS}, got {convention!r}'
            )
        self.checkpoint = checkpoint
        self.convention = convention

    @property
    def style(self) -> str:
        """The ``style`` that mmseg's ``ResNet`` needs for these weights."""
        return _STYLES[self.convention]

    def __call__(self, module: ResNet) -> None:
        """Fill the backbone.

        Raises:
            UserError: If the backbone is no ResNet as the weights need it, or
                the file cannot be read or is not a ResNet of its depth.
        """
        self._refuse_other_backbones(module)
        tensors = read_imagenet_file(
            self.checkpoint,
            network=f'ResNet-{module.depth}',
            read=partial(
                read_resnet, depth=module.depth, convention=self.convention
            ),
        )
        with torch.no_grad():
            for name, target in _filled(module).items():
                target.copy_(tensors[name])
        if hasattr(module, '_params_init_info'):
            update_init_info(
                module, f'{type(self).__name__}: load from {self.checkpoint}'
            )

    def _refuse_other_backbones(self, module: ResNet) -> None:
        if not isinstance(module, ResNet):
            raise UserError(
                f'ResNetImageNet: the backbone is a {type(module).__name__}, '
                f'not a ResNet. Set {_WITHOUT}'
            )
        for option, expected in (
            ('stem_channels', 64),
            ('base_channels', 64),
            ('deep_stem', False),
            ('avg_down', False),
        ):
            found = getattr(module, option)
            if found != expected:
                raise UserError(
                    f'ResNetImageNet: {option} is {found}, the ImageNet '
                    f'weights fit {option}={expected} only. Set that, or '
                    f'{_WITHOUT}'
                )
        if module.depth not in BASIC_DEPTHS and module.style != self.style:
            raise UserError(
                f"ResNetImageNet: the backbone's style is {module.style!r}, "
                f'weights of convention {self.convention!r} need '
                f'model.backbone.style={self.style}. Set that, or {_WITHOUT}'
            )
        _refuse_other_shapes(module)


def _filled(module: ResNet) -> dict[str, Tensor]:
    """Return what the weights fill, by name: all but the batch counters."""
    return {
        name: tensor
        for name, tensor in module.state_dict().items()
        if not name.endswith('.num_batches_tracked')
    }


def _refuse_other_shapes(module: ResNet) -> None:
    """Refuse groups, plug-ins and other normalisations in the backbone."""
    expected = resnet_shapes(module.depth)
    for name, tensor in _filled(module).items():
        if expected.get(name) != tuple(tensor.shape):
            raise UserError(
                f'ResNetImageNet: the backbone has {name} with shape '
                f'{tuple(tensor.shape)}, the ImageNet weights of a '
                f'ResNet-{module.depth} have {expected.get(name, "none")}. '
                f'Set {_WITHOUT}'
            )
