"""Read a map of instances, from VOC's folders or SBD's."""

from pathlib import Path

import numpy as np

from zoo.datasets.loading import VOID, describe_size, read_label_map
from zoo.datasets.sbd_mat import read_mat_file, sbd_instances
from zoo.errors import UserError


def beside(label_map: str | Path, folder: str) -> Path:
    """Return the map of instances in ``folder``, beside that of the labels."""
    path = Path(label_map)
    return path.parent.with_name(folder) / path.name


def read_instances(
    path: Path, labels: np.ndarray
) -> tuple[np.ndarray, dict[int, int]]:
    """Read a map of instances and tell the class of each.

    Args:
        path: An image, or a file of SBD's ``inst``, ``.mat``.
        labels: ``(H, W)`` class ids at the same pixels, 255 for void.

    Returns:
        ``(H, W)`` integers as stored, 0 to 255, and the class of each number
        in it by rising number; 255 for one that has none.

    Raises:
        UserError: If the map cannot be read or has another size.
    """
    if not path.is_file():
        raise UserError(
            f'{path}: no map of instances. Choose a split whose images have '
            'one, or the folder that holds them: LoadInstances.folder'
        )
    if path.suffix == '.mat':
        numbers, categories = sbd_instances(read_mat_file(path), path)
        kinds = dict(enumerate(categories.tolist(), 1))
    else:
        numbers, kinds = read_label_map(path), None
    if numbers.shape != labels.shape:
        raise UserError(
            f'{path}: map of instances of {describe_size(numbers.shape)} for '
            f'labels of {describe_size(labels.shape)}. Get the file again.'
        )
    if numbers.max(initial=0) > VOID:
        raise UserError(
            f'{path}: numbers beyond {VOID}. A map of instances has 1 to '
            f'{VOID - 1}, and {VOID} for void.'
        )
    values = np.unique(numbers[(numbers != 0) & (numbers != VOID)]).tolist()
    if kinds is None:
        return numbers, {x: _majority(labels[numbers == x]) for x in values}
    return numbers, {x: kinds[x] for x in values}


def _majority(labels: np.ndarray) -> int:
    known = labels[labels != VOID]
    return int(np.bincount(known).argmax()) if known.size else VOID
