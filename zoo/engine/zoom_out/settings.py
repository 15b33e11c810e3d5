"""The key ``features`` of a config."""

from dataclasses import dataclass, fields
from pathlib import Path

from mmengine.config import Config

from zoo.errors import UserError

LEAST = {'images': 1, 'samples': 1, 'statistics_images': 1, 'workers': 0}


@dataclass(frozen=True, kw_only=True)
class FeatureSettings:
    """How features are fitted and extracted, and where they are kept.

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
