"""Let a model read features that are kept on disk."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from zoo.datasets.feature_store import FeatureStore
from zoo.engine.checkpoint import load_meta
from zoo.engine.zoom_out.plan import store_of
from zoo.engine.zoom_out.provenance import has_features, what_rows_show
from zoo.files import sha256


def read_stored_features(
    model: Any, config: Config, started_from: dict | None
) -> FeatureStore | None:
    """Make a model look its features up before it extracts them.

    Args:
        model: A ``ZoomOutSegmentor``, or any other, which stays as it is.
        config: Its key ``features`` may forbid it.
        started_from: ``file`` and ``sha256`` of what the classifier started
            from, which lies beside the features.

    Returns:
        Where it looks; ``None`` if it does not: the setting forbids it, the
        features are gone, or were made by other settings, dictionaries or
        networks than the model's.
    """
    if not has_features(config) or not started_from:
        return None
    fitted = Path(started_from['file'])
    allowed = config.features.get('read_in_tests', True)
    if not allowed or not _are_of(fitted, started_from, config):
        return None
    while hasattr(model, 'module'):  # several processes, several views
        model = model.module
    store = store_of(fitted.parent, model.backbone)
    model.backbone.stored = store.of_photo
    return store


def _are_of(fitted: Path, started_from: dict, config: Config) -> bool:
    """Tell whether the features beside a file are a config's."""
    if not fitted.is_file() or sha256(fitted) != started_from.get('sha256'):
        return False
    meta = load_meta(fitted)
    wanted = what_rows_show(config)
    return all(meta.get(key) == value for key, value in wanted.items())
