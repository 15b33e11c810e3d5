"""Whether the record of a leaf's test is there, and still of its weights."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from zoo.engine.config import config_hash
from zoo.engine.workdir import checkpoints_in, default_work_dir, leaf_name
from zoo.errors import UserError
from zoo.evaluation.records import read_record


def kept_record(
    path: str | Path, seed: int | None, keep: str | Path
) -> Path | None:
    """Return the record that is kept of a leaf; it counts until deleted.

    Args:
        path: Of the leaf.
        seed: Of the run; None for a leaf without weights.
        keep: Folder with records by data set.
    """
    name = leaf_name(path).replace('/', '__')
    dataset = name.rsplit('_', 1)[-1]
    kept = Path(keep) / dataset / f'{name}_seed{seed or 0}.json'
    return kept if kept.is_file() else None


def run_record(path: str | Path, seed: int | None) -> Path | None:
    """Return the newest record of one view that lies with a leaf's run."""
    folder = default_work_dir(path, seed or 0)
    found = [
        record
        for record in folder.glob('record_*.json')
        if record.stem.count('_') == 1  # neither views nor another file
    ]
    return max(found, key=lambda p: p.stat().st_mtime, default=None)


def is_current(
    record: Path,
    config: Config,
    *,
    sources: Sequence[Path],
    iterations: int | None,
) -> bool:
    """Tell whether a test would say the same again.

    Args:
        record: That lies with a run.
        config: Of the leaf today.
        sources: Folders of the runs that its weights come from.
        iterations: Of the training, once it is finished, or None.
    """
    try:
        content = read_record(record)
    except UserError:
        return False  # it will be written again
    if content['config_hash'] != config_hash(config):
        return False
    trained = (content['training'] or {}).get('iterations')
    if trained is not None and trained < (iterations or 0):
        return False
    return record.stat().st_mtime >= newest(sources)


def newest(folders: Sequence[Path]) -> float:
    """Return when the newest checkpoint in any of the folders was written."""
    paths = [path for folder in folders for path in checkpoints_in(folder)]
    return max((path.stat().st_mtime for path in paths), default=0.0)


def masks_are_whole(masks: Path, record: Path | None) -> bool:
    """Tell whether the test that saved label maps came to its end.

    A test writes its record last, so that maps which are newer than it are
    of a test that was stopped.
    """
    written = [path.stat().st_mtime for path in masks.glob('*.png')]
    if not written or record is None:
        return False
    return max(written) <= record.stat().st_mtime
