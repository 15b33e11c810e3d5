"""What a sweep can change of its leaves, and what follows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from zoo.engine.workdir import leaf_name, runs_root

MASKS = 'masks'  # folder of label maps, below that of all runs


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """What a sweep can change of its leaves.

    Attributes:
        seeds: Each leaf is trained and tested with each of them.
        keep: Folder under which records are kept by data set; where None,
            records stay with the runs.
        share: Of the iterations of each training.
        save_masks: Whether tests save label maps, see ``masks_of``.
        data_root: Folder of the data set.
    """

    seeds: Sequence[int] = (0,)
    keep: str | None = None
    share: float = 1.0
    save_masks: bool = False
    data_root: str | None = None


def seeds_of(config: Config, options: SweepOptions) -> Sequence[int | None]:
    """Return the seeds of a leaf; an oracle without weights has none."""
    return (None,) if config.get('assembled_from') == {} else options.seeds


def masks_of(path: str | Path, seed: int | None) -> Path:
    """Return where a sweep keeps the label maps of a test."""
    folder = runs_root() / MASKS / leaf_name(path)
    return folder if seed is None else folder / f'seed{seed}'
