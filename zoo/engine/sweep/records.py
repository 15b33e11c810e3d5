"""Where the record of a leaf's test is, if there is one."""

from pathlib import Path

from zoo.engine.workdir import default_work_dir, leaf_name


def find_record(
    path: str | Path, seed: int | None, *, keep: str | Path | None = None
) -> Path | None:
    """Return the record of a test of one view.

    Args:
        path: Of the leaf.
        seed: Of the run; None for a leaf without weights.
        keep: Folder with records by data set. Where None, the record lies
            with the run, and one that is older than the run's newest
            checkpoint does not count.
    """
    name = leaf_name(path).replace('/', '__')
    if keep is not None:
        dataset = name.rsplit('_', 1)[-1]
        kept = Path(keep) / dataset / f'{name}_seed{seed or 0}.json'
        return kept if kept.is_file() else None
    folder = default_work_dir(path, seed or 0)
    written = [p.stat().st_mtime for p in folder.glob('iter_*.pth')]
    found = [
        record
        for record in folder.glob('record_*.json')
        if record.stem.count('_') == 1  # neither views nor another file
        and record.stat().st_mtime >= max(written, default=0)
    ]
    return max(found, key=lambda p: p.stat().st_mtime, default=None)
