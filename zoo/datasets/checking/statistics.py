"""What all images and label maps of a data set add up to."""

from typing import Any

import numpy as np

from zoo.datasets.checking.files import Look
from zoo.datasets.checking.problems import Problem, problem
from zoo.datasets.label_maps import VOID, wrong_ids


class Statistics:
    """Pixels of each class, and what the ids say about each file.

    Args:
        looks: At all pairs; those whose label map could not be read count
            for their image only.
        classes: Names, in the order of their ids.
        table: ``(256,)`` class that the data set makes of a stored id.
    """

    def __init__(
        self, looks: list[Look], classes: tuple[str, ...], table: np.ndarray
    ):
        self._photos = [look.colours for look in looks if look.colours]
        self._maps = [look for look in looks if look.counts]
        self._classes, self._table = classes, table
        # (N, 256) of the stored ids
        self._counts = np.array(
            [look.counts.pixels for look in self._maps if look.counts],
            np.int64,
        ).reshape(-1, VOID + 1)
        self._beyond = (table >= len(classes)) & (table != VOID)

    def report(self) -> dict[str, Any]:
        """Return ``classes``, ``label_ids``, ``void``, ``mean``, ``std``."""
        totals = self._counts.sum(0)
        strangers = np.flatnonzero(self._beyond & (totals > 0)).tolist()
        pixels = int(totals.sum())
        void = totals[self._table == VOID].sum()
        return {
            'classes': {
                name: self._of_class(i) for i, name in enumerate(self._classes)
            },
            'label_ids': {str(i): int(totals[i]) for i in strangers},
            'void': round(float(void / pixels), 4) if pixels else None,
            **self._colours(),
        }

    def _of_class(self, index: int) -> dict[str, int]:
        counts = self._counts[:, self._table == index].sum(1)
        return {
            'pixels': int(counts.sum()),
            'images': int(np.count_nonzero(counts)),
        }

    def _colours(self) -> dict[str, list[float] | None]:
        if not self._photos:
            return {'mean': None, 'std': None}
        sizes = np.array([x.shape[0] * x.shape[1] for x in self._photos])
        sizes = sizes[:, None]
        means = np.stack([x.mean for x in self._photos])
        stds = np.stack([x.std for x in self._photos])
        mean = (means * sizes).sum(0) / sizes.sum()
        squares = ((stds**2 + means**2) * sizes).sum(0) / sizes.sum()
        std = np.sqrt((squares - mean**2).clip(0))
        return {
            'mean': [round(float(x), 3) for x in mean],
            'std': [round(float(x), 3) for x in std],
        }

    def problems(self) -> list[Problem]:
        """Name the label maps with ids beyond the classes, or void alone."""
        found = []
        wrong = np.any(self._counts[:, self._beyond], axis=1).tolist()
        for look, row, bad in zip(
            self._maps, self._counts, wrong, strict=True
        ):
            wide = look.counts.wide if look.counts else ()
            if bad or wide:
                ids = np.flatnonzero(self._beyond & (row > 0)).tolist()
                path = look.pair.label
                error = wrong_ids(
                    path, sorted([*ids, *wide]), len(self._classes)
                )
                found.append(problem('error', 'ids', str(error), [path]))
        return found + self._void_alone()

    def _void_alone(self) -> list[Problem]:
        known = self._counts[:, self._table != VOID]
        labelled = np.any(known, axis=1).tolist()
        files = [
            look.pair.label
            for look, any_class in zip(self._maps, labelled, strict=True)
            if not any_class and look.counts and not look.counts.wide
        ]
        if not files:
            return []
        return [
            problem(
                'warning',
                'void',
                f'{len(files)} label maps are void all over, first '
                f'{files[0]}. They teach and test nothing: get them again, '
                'or take the names out of the lists',
                files,
            )
        ]
