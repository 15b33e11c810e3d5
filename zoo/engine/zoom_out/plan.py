"""What features a config asks for, and where those are kept."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import MMLogger
from mmseg.registry import DATASETS, MODELS

from zoo.datasets.feature_store import FeatureStore
from zoo.errors import UserError
from zoo.files import sha256
from zoo.models.backbones import ZoomOutFeatures

FORMAT = 1  # to be raised when the same settings yield other features
LIBRARIES = ('scikit-image', 'scikit-learn', 'opencv-python')
LEAST = {'images': 1, 'samples': 1, 'statistics_images': 1, 'workers': 0}


@dataclass(frozen=True, kw_only=True)
class FeatureSettings:
    """The key ``features`` of a config.

    Args:
        folder: Below which features are kept; one folder per way to make
            them.
        images: Training images that the dictionaries are fitted on.
        samples: Texton responses, and as many SIFT descriptors, from them.
        statistics_images: Training images that means and deviations are
            taken from.
        seed: Of these choices and of k-means.
        dictionary: File of dictionaries to take instead of fitting them.
        workers: Processes that extract; by default one per core.
        read_in_tests: Whether a test reads what is kept. It is faster, and
            then the record has no time per image.
    """

    folder: str = 'work_dirs/features'
    images: int = 200
    samples: int = 100_000
    statistics_images: int = 1000
    seed: int = 0
    dictionary: str | None = None
    workers: int | None = None
    read_in_tests: bool = True


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
        layout = self.extractor.layout
        shared = layout.size('global') if 'global' in layout.levels else 0
        return FeatureStore(
            self.folder / 'rows', columns=layout.size(), shared=shared
        )


def feature_settings(config: Config, path: str | Path) -> FeatureSettings:
    """Return the key ``features``, checked.

    Raises:
        UserError: If an entry is unknown, or a number out of range.
    """
    stated = dict(config.features)
    known = [field.name for field in fields(FeatureSettings)]
    for key in stated:
        if key not in known:
            raise UserError(
                f'{path}: features has no entry {key!r}, only '
                f'{", ".join(known)}'
            )
    for key, least in LEAST.items():
        value = stated.get(key)
        if value is not None and value < least:
            raise UserError(
                f'{path}: features.{key} must be at least {least}, got {value}'
            )
    return FeatureSettings(**stated)


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
    provenance = {
        'format': FORMAT,
        **what_rows_show(config),
        'networks': _digest_of_weights(extractor),
        'classes': list(dataset.metainfo['classes']),
        'data': digest_of_files(dataset),
        'images': settings.images,
        'samples': settings.samples,
        'statistics_images': settings.statistics_images,
        'seed': settings.seed,
        'dictionary': _digest_of_dictionary(settings),
        'versions': {name: version(name) for name in LIBRARIES},
    }
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


def digest_of_files(dataset: Any) -> str:
    """Return a digest of names and sizes of photographs, and of labels."""
    digest = hashlib.sha256()
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        photo, labels = Path(info['img_path']), Path(info['seg_map_path'])
        digest.update(f'{photo.name} {photo.stat().st_size}\n'.encode())
        digest.update(labels.read_bytes() if labels.is_file() else b'')
    return digest.hexdigest()


def has_features(config: Config) -> bool:
    """Tell whether a leaf's classifier trains on features kept on disk."""
    backbone = _plain_model(config).get('backbone') or {}
    stated = config.get('features') is not None
    return stated and backbone.get('type') == 'ZoomOutFeatures'


def _plain_model(config: Config) -> dict[str, Any]:
    """Return the model itself, also of one that sees several views."""
    model = config.to_dict()['model']
    return model.get('module', model)


def what_rows_show(config: Config) -> dict[str, Any]:
    """Return the settings of a model that its rows depend on."""
    model = _plain_model(config)
    return {
        'extractor': _without_places(model['backbone']),
        'superpixels': model.get('superpixels') or {},
    }


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


def _without_places(options: Any) -> Any:
    """Drop where weights come from: the weights themselves are hashed."""
    if isinstance(options, Mapping):
        return {
            key: _without_places(value)
            for key, value in options.items()
            if key not in ('init_cfg', 'batch_size', 'bound', 'use')
        }
    return options


def _digest_of_dictionary(settings: FeatureSettings) -> str | None:
    if settings.dictionary is None:
        return None
    if not Path(settings.dictionary).is_file():
        raise UserError(
            f'{settings.dictionary}: no such file. Take out '
            'features.dictionary to have dictionaries fitted'
        )
    return sha256(settings.dictionary)


def _digest_of_weights(extractor: ZoomOutFeatures) -> str:
    digest = hashlib.sha256()
    for part in (extractor.local, extractor.network):
        if part is not None:
            for name, value in part.state_dict().items():
                digest.update(name.encode())
                digest.update(value.cpu().numpy().tobytes())
    return digest.hexdigest()
