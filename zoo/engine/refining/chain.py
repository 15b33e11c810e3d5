"""The post-processors of a leaf, without its network."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.utils import import_modules_from_strings
from mmseg.registry import MODELS
from torch import Tensor, nn

from zoo.engine.explain import explained
from zoo.errors import UserError

GROUPER = 'HoughInstances'


def chain_of(config: Config, path: str | Path) -> list[dict[str, Any]]:
    """Return the configs of the post-processors of a leaf, checked.

    Args:
        config: Of the leaf.
        path: What an error calls it.

    Raises:
        UserError: If it has none, one cannot be built, or one needs more
            than probabilities and the photograph.
    """
    model = config.get('model') or {}
    if 'grouper' in model:
        parts = config.get('assembled_from') or {}
        leaf = parts.get('semantic', 'its network for classes')
        raise UserError(
            f'{path}: model.grouper needs boxes beside probabilities, which '
            f'no saved file holds. Refine with {leaf}, or test this leaf'
        )
    stated = model.get('post_processors') or []
    if not stated:
        raise UserError(
            f'{path}: model.post_processors is empty. Choose a leaf with '
            'some, e.g. configs/deeplab_crf/vgg16_voc.py'
        )
    for index, item in enumerate(stated):
        if item.get('type') == GROUPER:
            raise UserError(
                f'{path}: model.post_processors.{index} is a {GROUPER}, which '
                'needs boxes beside probabilities. Take it out of the chain'
            )
    chain = json.loads(json.dumps(stated, default=str))
    with explained(config, path):
        Chain(chain)
    return chain


class Chain:
    """Post-processors that run one after the other.

    Args:
        configs: Of the post-processors, in order.
        imports: Modules that register what the zoo does not know.
    """

    def __init__(
        self, configs: Sequence[dict], imports: Sequence[str] = ()
    ) -> None:
        init_default_scope('mmseg')
        import_modules_from_strings(['zoo.models', *imports])
        self.steps: list[nn.Module] = [
            MODELS.build(dict(config)) for config in configs
        ]

    def __call__(self, probs: np.ndarray, photo: np.ndarray) -> np.ndarray:
        """Return new ``(C, H, W)`` float32 probabilities.

        Args:
            probs: ``(C, H, W)`` float32, summing to 1 over ``C``.
            photo: ``(H, W, 3)`` uint8 RGB.

        Raises:
            ValueError: If a post-processor refuses them.
        """
        found: Tensor = torch.from_numpy(probs)
        with torch.no_grad():
            for step in self.steps:
                found = step(found, photo)
        return found.float().numpy()

    def described(self) -> list[str]:
        """Return each with its numbers, those of its preset too."""
        return [' '.join(str(step).split()) for step in self.steps]


def imports_of(config: Config) -> list[str]:
    """Return the modules that a config asks to import."""
    stated = config.get('custom_imports') or {}
    named = stated.get('imports') or []
    return [named] if isinstance(named, str) else list(named)
