"""What features a config asks for, and where those are kept."""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import MMLogger
from mmseg.registry import DATASETS, MODELS

from zoo.datasets.feature_store import FeatureStore
from zoo.engine.zoom_out.provenance import provenance_of
from zoo.engine.zoom_out.settings import FeatureSettings, feature_settings
from zoo.errors import UserError
from zoo.models.backbones import ZoomOutFeatures


@dataclass(frozen=True)
class FeaturePlan:
    """An extractor with its networks, and what identifies its features.

    Attributes:
        settings: The key ``features``.
        extractor: The backbone, complete: all its levels are in use.
        superpixels: Arguments of ``slic_superpixels``.
        provenance: What the features depend on.
        folder: Theirs.
    """

    settings: FeatureSettings
    extractor: ZoomOutFeatures
    superpixels: dict
    provenance: dict[str, Any]
    folder: Path

    @property
    def table(self) -> Path:
        """Which superpixels the training has; see ``FeatureTable``."""
        return self.folder / 'table.npz'

    @property
    def fitted(self) -> Path:
        """What a classifier starts from."""
        return self.folder / 'fitted.pth'

    @property
    def store(self) -> FeatureStore:
        """The files of rows."""
        return store_of(self.folder, self.extractor)


def store_of(folder: Path, extractor: ZoomOutFeatures) -> FeatureStore:
    """Return the files of an extractor's rows in a folder of features."""
    layout = extractor.layout
    shared = layout.size('global') if 'global' in layout.levels else 0
    return FeatureStore(folder / 'rows', columns=layout.size(), shared=shared)


def plan_features(config: Config, path: str | Path) -> FeaturePlan:
    """Build the extractor with its trained networks and identify it.

    Raises:
        UserError: If a network has no weights yet, or the setting is wrong.
    """
    settings = feature_settings(config, path)
    plain = config.to_dict()['model']
    options = {k: v for k, v in plain['backbone'].items() if k != 'use'}
    _require_weights(options, path)
    levels = ['local', 'proximal']
    levels += ['distant', 'global'] if options.get('network') else []
    extractor = MODELS.build({**options, 'use': levels})
    _initialise(extractor)
    extractor.eval().to(get_device())
    dataset = image_dataset(config.train_dataloader.dataset, config)
    provenance = provenance_of(config, settings, extractor, dataset)
    text = json.dumps(provenance, sort_keys=True)
    name = Path(config.get('data_root') or 'data').resolve().name
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = Path(settings.folder).expanduser() / f'{name}-{digest}'
    superpixels = provenance['superpixels']
    return FeaturePlan(settings, extractor, superpixels, provenance, folder)


def image_dataset(dataset: dict, config: Config) -> Any:
    """Build a data set that loads photograph and labels, nothing else."""
    classes = config.model.decode_head.num_classes
    pipeline = [
        {'type': 'LoadImage'},
        {'type': 'LoadLabels', 'num_classes': classes},
    ]
    return DATASETS.build({**dataset, 'pipeline': pipeline})


def _require_weights(options: dict, path: str | Path) -> None:
    """Refuse a network that would be random, and another in every call."""
    for name in ('local', 'network'):
        part = options.get(name) or {}
        own = part.get('init_cfg') or {}
        inner = (part.get('backbone') or {}).get('init_cfg') or {}
        if part and not (own or inner):
            raise UserError(
                f'{path}: model.backbone.{name} has no weights to start from '
                '(init_cfg). Name those of a trained one, e.g. '
                "dict(type='LeafWeights', leaf=...), or take the part out"
            )


def _initialise(extractor: ZoomOutFeatures) -> None:
    """Load the networks, without mmengine's list of every weight."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        extractor.init_weights()
    finally:
        logger.setLevel(level)
