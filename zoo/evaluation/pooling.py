"""One record of a data set that was tested in parts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.errors import UserError

from .counts import Counts, add_up, by_class, scores


def pool_folds(
    records: Sequence[dict], seconds: Sequence[float | None]
) -> dict:
    """Return the record of all folds of a cross-validation together.

    Every image is scored by the network that was not trained on it. The
    scores are of the sums of the pixel counts: not the means over folds,
    from which they differ where folds hold unlike shares of a class. Those
    of each fold are under ``folds``.

    Args:
        records: One of kind 'semantic' for each fold, in their order.
        seconds: Training time of each fold, all its networks together.

    Raises:
        UserError: If two folds test an image of the same name, or their
            classes differ.
    """
    first = records[0]
    if any(r['classes'] != first['classes'] for r in records):
        raise UserError(
            f'{first["config"]}: its folds disagree about the classes. Test '
            'them again with one version of the data.'
        )
    images = _join(records)
    total = add_up(images.values(), num_classes=len(first['classes']))
    score = scores(total)
    return {
        **first,
        'checkpoint': None,  # one for each fold, below
        'split': f'{len(records)} folds',
        'images': len(images),
        'metrics': {m: float(score[m]) for m in first['metrics']},
        'per_class': by_class(score, first['classes']),
        'per_image': images,
        'timing': _timing(records),
        'training': _training(records, seconds),
        'date': max(r['date'] for r in records),
        'folds': [
            {
                'split': record['split'],
                'images': record['images'],
                'metrics': record['metrics'],
                'seconds': time,
                'checkpoint': record['checkpoint'],
            }
            for record, time in zip(records, seconds, strict=True)
        ],
    }


def _join(records: Sequence[dict]) -> dict[str, Counts]:
    joined: dict[str, Counts] = {}
    for record in records:
        if twice := sorted(joined.keys() & record['per_image'].keys()):
            raise UserError(
                f'{record["config"]}: {twice[0]} is tested in two folds. '
                'Correct the lists of the folds.'
            )
        joined.update(record['per_image'])
    return joined


def _timing(records: Sequence[dict]) -> dict[str, Any] | None:
    """Return the time for an image; a larger fold counts for more.

    There is none where a fold has none: it was tested on stored features.
    """
    if any(record['timing'] is None for record in records):
        return None
    times = [record['timing']['ms_per_image'] for record in records]
    counts = [record['images'] for record in records]
    mean = float(np.average(times, weights=counts))
    return {**records[0]['timing'], 'ms_per_image': mean}


def _training(
    records: Sequence[dict], seconds: Sequence[float | None]
) -> dict[str, Any]:
    """Return the time of all folds; the iterations are those of one."""
    known = [time for time in seconds if time is not None]
    total = sum(known) if len(known) == len(records) else None
    return {**records[0]['training'], 'seconds': total}
