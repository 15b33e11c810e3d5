"""What a config can name under ``model``; importing registers all of it."""

from zoo import stack  # noqa: F401  first: loads mmseg without its noise

from . import (
    backbones,
    decode_heads,
    losses,
    post_processors,
    resnet_imagenet,
    segmentors,
    table_preprocessor,
    vgg16_imagenet,
)

__all__ = [
    'backbones',
    'decode_heads',
    'losses',
    'post_processors',
    'resnet_imagenet',
    'segmentors',
    'table_preprocessor',
    'vgg16_imagenet',
]
