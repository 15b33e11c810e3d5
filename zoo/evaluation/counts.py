"""Pixel counts of one image, and the scores of their sum."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

Counts = list[list[int]]


def count_pixels(
    prediction: np.ndarray,
    label: np.ndarray,
    *,
    num_classes: int,
    ignore_index: int = 255,
) -> Counts:
    """Count the pixels of every class that occurs in an image.

    Integers, so that sums are exact; only classes that occur, so that a
    record of many images stays small.

    Args:
        prediction: ``(H, W)`` integers, class of every pixel.
        label: ``(H, W)`` integers, true class or ``ignore_index``.
        num_classes: Number of classes ``K``.
        ignore_index: Label of the pixels that do not count.

    Returns:
        Rows ``[class, tp, predicted, labelled]`` by rising class: pixels that
        are right, predicted as and labelled as the class, among those whose
        label is not ``ignore_index``.

    Raises:
        ValueError: If the shapes differ or a counted value is not in
            ``0..K-1``.
    """
    if prediction.shape != label.shape:
        raise ValueError(
            f'prediction is {prediction.shape}, label is {label.shape}'
        )
    valid = label != ignore_index
    prediction, label = prediction[valid], label[valid]
    _refuse_outside('label', label, num_classes)
    _refuse_outside('prediction', prediction, num_classes)
    right, predicted, labelled = (
        np.bincount(pixels, minlength=num_classes)
        for pixels in (label[label == prediction], prediction, label)
    )
    return [
        [int(k), int(right[k]), int(predicted[k]), int(labelled[k])]
        for k in np.flatnonzero(predicted + labelled)
    ]


def _refuse_outside(name: str, values: np.ndarray, num_classes: int) -> None:
    if values.size == 0:
        return
    for value in (int(values.min()), int(values.max())):
        if not 0 <= value < num_classes:
            raise ValueError(f'{name} {value} is outside 0..{num_classes - 1}')


def add_up(images: Iterable[Counts], *, num_classes: int) -> np.ndarray:
    """Return ``(K, 3)`` int64: tp, predicted, labelled over all images."""
    total = np.zeros((num_classes, 3), np.int64)
    for rows in images:
        if rows:
            table = np.asarray(rows, np.int64)
            total[table[:, 0]] += table[:, 1:]
    return total


def scores(total: np.ndarray) -> dict[str, np.ndarray]:
    """Return IoU and accuracies from pixel counts, in per cent.

    With ``t`` true positives, ``p`` predicted and ``l`` labelled pixels of a
    class, IoU is ``t / (p + l - t)`` and accuracy ``t / l``; nan where the
    denominator is 0. Means leave nan out.

    Args:
        total: ``(K, 3)`` integers, see ``add_up``.

    Returns:
        'IoU' and 'Acc' ``(K,)``; 'mIoU', 'aAcc' (all pixels) and 'mAcc'
        scalars; 0 to 100.

    Source:
        Long et al., CVPR 2015, Sec. 5: pixel accuracy, mean accuracy, mean
        IU. Names and treatment of absent classes as in mmseg's ``IoUMetric``.
    """
    right, predicted, labelled = total.T
    iou = _per_cent(right, predicted + labelled - right)
    acc = _per_cent(right, labelled)
    return {
        'IoU': iou,
        'Acc': acc,
        'mIoU': _mean(iou),
        'aAcc': _per_cent(right.sum(), labelled.sum()),
        'mAcc': _mean(acc),
    }


def by_class(
    score: Mapping[str, np.ndarray], classes: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """Return IoU and accuracy by the name of the class, as records do.

    Args:
        score: See ``scores``; nan becomes ``None``.
        classes: Names of the ``K`` classes.
    """
    return {
        metric: {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(classes, score[metric], strict=True)
        }
        for metric in ('IoU', 'Acc')
    }


def _per_cent(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid='ignore'):  # 0 / 0 is the nan that we want
        return 100 * np.asarray(part / whole)


def _mean(values: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    return np.asarray(known.mean() if known.size else np.nan)
