"""What features depend on: settings, networks, images, libraries."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mmengine.config import Config

from zoo.engine.zoom_out.settings import FeatureSettings
from zoo.errors import UserError
from zoo.files import sha256
from zoo.models.backbones import ZoomOutFeatures

FORMAT = 1  # to be raised when the same settings yield other features
LIBRARIES = ('scikit-image', 'scikit-learn', 'opencv-python')


def provenance_of(
    config: Config,
    settings: FeatureSettings,
    extractor: ZoomOutFeatures,
    dataset: Any,
) -> dict[str, Any]:
    """Return plain data that differs where features do.

    Args:
        config: Of the leaf.
        settings: Its key ``features``.
        extractor: Its networks have their weights.
        dataset: Training images and labels.

    Raises:
        UserError: If the dictionary that is to be taken is not there.
    """
    return {
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
