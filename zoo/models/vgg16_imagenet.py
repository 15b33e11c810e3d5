"""Start a DeepLab from ImageNet: VGG-16's weights into backbone and head."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

import torch
from mmengine.logging import print_log
from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from torch import Tensor, nn

from zoo.errors import UserError
from zoo.models.imagenet_file import read_imagenet_file
from zoo.ops.vgg_weights import (
    CONV_SHAPES,
    CONVENTIONS,
    FC_SHAPES,
    adapt_classifier,
    read_vgg16,
)


class Backbone(Protocol):
    """What the initialiser needs: plain ``nn.Conv2d`` by Caffe's names.

    An mmcv ``ConvModule`` would be filled at random again afterwards: mmengine
    initialises the children of a module after the module itself.
    """

    imagenet_classifier: dict[str, Tensor]
    imagenet_seed: int

    def convolutions(self) -> Mapping[str, nn.Conv2d]:
        """Return ``conv1_1`` to ``conv5_3``."""


@WEIGHT_INITIALIZERS.register_module()
class VGG16ImageNet:
    """Fill the convolutions of a VGG-16 and keep fc6 and fc7 for the head.

    Set on the backbone: ``init_cfg=dict(type='VGG16ImageNet', ...)``. Called
    by mmengine's ``init_weights``. The backbone gets two attributes, which
    are neither parameters nor saved: ``imagenet_classifier``, the dict of
    fc6's and fc7's tensors (empty where the file has none), and
    ``imagenet_seed``. ``hand_over_classifier`` passes them on and drops them.

    Source: Chen et al., ICLR 2015, Sec. 3; Simonyan and Zisserman, ICLR 2015.
    Differs: torchvision's weights are another training of VGG-16 than the
    papers' Caffe model; ``convention`` says which the file holds.

    Args:
        checkpoint: URL or path of a state dict; layouts in ``read_vgg16``.
        convention: ``'caffe'`` or ``'torchvision'``, see ``read_vgg16``.
        seed: Of the choice of filters where the head has fewer than 4096.

    Raises:
        ValueError: If the convention is unknown.

    Example:
        >>> from mmengine.registry import WEIGHT_INITIALIZERS
        >>> cfg = dict(type='VGG16ImageNet', checkpoint='vgg16.pth')
        >>> WEIGHT_INITIALIZERS.build({**cfg, 'convention': 'caffe'}).seed
        0
    """

    def __init__(
        self, *, checkpoint: str, convention: str, seed: int = 0
    ) -> None:
        if convention not in CONVENTIONS:
            raise ValueError(
                f'convention must be one of {CONVENTIONS}, got {convention!r}'
            )
        self.checkpoint = checkpoint
        self.convention = convention
        self.seed = seed

    def __call__(self, module: Backbone) -> None:
        """Fill the backbone.

        Raises:
            UserError: If the backbone is not as wide as VGG-16, or the file
                cannot be read or is not a VGG-16.
        """
        convolutions = module.convolutions()
        _refuse_other_shapes(convolutions)
        tensors = self._read()
        for name, convolution in convolutions.items():
            _copy(convolution, tensors, name)
        module.imagenet_classifier = {
            key: value
            for key, value in tensors.items()
            if key.split('.')[0] in FC_SHAPES
        }
        module.imagenet_seed = self.seed
        if not module.imagenet_classifier:
            print_log(
                f'{self.checkpoint} holds no fc6 and fc7: the head starts '
                'at random',
                logger='current',
                level=logging.WARNING,
            )
        if hasattr(module, '_params_init_info'):
            update_init_info(
                module, f'{type(self).__name__}: load from {self.checkpoint}'
            )

    def _read(self) -> dict[str, Tensor]:
        return read_imagenet_file(
            self.checkpoint,
            network='VGG-16',
            read=partial(read_vgg16, convention=self.convention),
        )


def load_classifier(
    head_fc6: nn.Module,
    head_fc7: nn.Module,
    classifier: Mapping[str, Tensor],
    *,
    seed: int,
) -> None:
    """Fill a head's fc6 and fc7 from VGG-16's, in place.

    The layers' shapes say how many taps and filters are kept; see
    ``adapt_classifier``.

    Args:
        head_fc6: Convolution ``(C, 512, k, k)``, ``k`` 3, 4 or 7, or an mmcv
            ``ConvModule`` around it.
        head_fc7: Convolution ``(C, C, 1, 1)``, or the same.
        classifier: As ``VGG16ImageNet`` keeps it.
        seed: Of the choice of filters.

    Raises:
        ValueError: If the layers have other shapes or the classifier is
            incomplete.
    """
    fc6, fc7 = _convolution(head_fc6), _convolution(head_fc7)
    channels, _, kernel_size, _ = fc6.weight.shape
    tensors = adapt_classifier(
        classifier, kernel_size=kernel_size, channels=channels, seed=seed
    )
    _copy(fc6, tensors, 'fc6')
    _copy(fc7, tensors, 'fc7')


def hand_over_classifier(backbone: nn.Module, head: nn.Module) -> bool:
    """Fill ``head.fc6`` and ``head.fc7`` and free what the backbone kept.

    To be called after ``init_weights``. Without these two layers, as in most
    heads, or without fc6 and fc7 in the file, the head stays as it is.

    Returns:
        Whether the head was filled.

    Raises:
        ValueError: As ``load_classifier`` does.
    """
    classifier = vars(backbone).pop('imagenet_classifier', None)
    seed = vars(backbone).pop('imagenet_seed', 0)
    fc6, fc7 = (getattr(head, name, None) for name in FC_SHAPES)
    if not classifier or fc6 is None or fc7 is None:
        return False
    load_classifier(fc6, fc7, classifier, seed=seed)
    return True


def hand_over_fc6(backbone: nn.Module, layers: Sequence[nn.Module]) -> bool:
    """Fill layers of the backbone's own from VGG-16's fc6, all alike.

    To be called by a backbone that has such layers after its own
    ``init_weights``; nothing is left for a head then. Without fc6 in the
    file they stay as they are.

    Args:
        backbone: As ``VGG16ImageNet`` left it.
        layers: Convolutions ``(C, 512, k, k)``, ``k`` 3, 4 or 7.

    Returns:
        Whether they were filled.

    Raises:
        ValueError: If the layers have other shapes.
    """
    classifier = vars(backbone).pop('imagenet_classifier', None)
    seed = vars(backbone).pop('imagenet_seed', 0)
    if not classifier:
        return False
    convolutions = [_convolution(layer) for layer in layers]
    channels, _, kernel_size, _ = convolutions[0].weight.shape
    tensors = adapt_classifier(
        classifier, kernel_size=kernel_size, channels=channels, seed=seed
    )
    for convolution in convolutions:
        _copy(convolution, tensors, 'fc6')
    return True


def _convolution(layer: nn.Module) -> nn.Conv2d:
    inner = getattr(layer, 'conv', layer)
    if not isinstance(inner, nn.Conv2d):
        raise ValueError(
            'fc6 and fc7 must be convolutions, got ' + type(inner).__name__
        )
    return inner


def _refuse_other_shapes(convolutions: Mapping[str, nn.Conv2d]) -> None:
    if set(convolutions) != set(CONV_SHAPES):
        raise UserError(
            'VGG16ImageNet: the backbone has the convolutions '
            f'{sorted(convolutions)}, not those of VGG-16. Set '
            'model.backbone.init_cfg=None'
        )
    for name, expected in CONV_SHAPES.items():
        shape = tuple(convolutions[name].weight.shape)
        if shape != expected:
            raise UserError(
                f'VGG16ImageNet: {name} has shape {shape}, the ImageNet '
                f'weights have {expected}: they fit base_channels=64 only. '
                'Set that, or model.backbone.init_cfg=None to start without'
            )
        if convolutions[name].bias is None:
            raise UserError(
                f'VGG16ImageNet: {name} has no bias, VGG-16 has one and no '
                'normalisation. Set model.backbone.norm_cfg=None, or '
                'model.backbone.init_cfg=None to start without'
            )


@torch.no_grad()
def _copy(
    convolution: nn.Conv2d, tensors: Mapping[str, Tensor], name: str
) -> None:
    for part in ('weight', 'bias'):
        source, target = tensors[f'{name}.{part}'], getattr(convolution, part)
        if target is None or target.shape != source.shape:
            found = None if target is None else tuple(target.shape)
            raise ValueError(
                f'{name}.{part} is {found} in the model and '
                f'{tuple(source.shape)} in the weights'
            )
        target.copy_(source)
