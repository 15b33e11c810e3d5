"""Do the network, the loaders and the data set speak of the same classes?"""

from collections.abc import Mapping
from typing import Any

from zoo.datasets.metainfo import stated_metainfo
from zoo.errors import UserError


def check_classes(cfg: Mapping[str, Any], dataset: Mapping[str, Any]) -> None:
    """Refuse a network or a loader with another number of classes.

    A network with too many would train without a word and score nothing for
    some; with too few, it stops in the middle of the first batch.

    Args:
        cfg: Whole config; without ``model.decode_head.num_classes`` only the
            loader is looked at.
        dataset: One of its data sets, not a wrapper.

    Raises:
        UserError: If a number differs; it names the key and the number.
    """
    names = stated_metainfo(dataset).get('classes')
    if names is None:
        return
    model = cfg.get('model') or {}
    head = model.get('decode_head')
    stated = {}
    if isinstance(head, Mapping):  # a cascade has several
        stated['model.decode_head.num_classes'] = head.get('num_classes')
    for step in dataset.get('pipeline') or ():
        if step['type'] == 'LoadLabels':
            stated['num_classes of LoadLabels'] = step.get('num_classes')
    for key, number in stated.items():
        if number not in (None, len(names)):
            raise UserError(
                f'{key} is {number}, but {_title(dataset)} has {len(names)} '
                f'classes. Set it to {len(names)}.'
            )


def _title(dataset: Mapping[str, Any]) -> str:
    kind = dataset['type']
    name = kind if isinstance(kind, str) else kind.__name__
    root = dataset.get('data_root')
    return f'{name} in {root}' if root else name
