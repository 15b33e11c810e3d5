"""Names and colours of the classes, before a data set is built."""

from collections.abc import Mapping
from typing import Any

from mmseg.registry import DATASETS


def stated_metainfo(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a config's data set will say of its classes.

    That is what its class states, or, where the names stand in a file of the
    data set, ``metainfo_of`` its folder; ``metainfo`` of the config replaces
    either.

    Args:
        dataset: Config of one data set, not of a wrapper.

    Returns:
        ``classes`` and ``palette``, where known.

    Raises:
        UserError: If the names stand in a file that cannot be read.
    """
    kind = dataset['type']
    if isinstance(kind, str):
        kind = DATASETS.get(kind)
    stated: Mapping[str, Any] = getattr(kind, 'METAINFO', {})
    if hasattr(kind, 'metainfo_of'):
        stated = kind.metainfo_of(dataset.get('data_root'))
    return {**stated, **(dataset.get('metainfo') or {})}
