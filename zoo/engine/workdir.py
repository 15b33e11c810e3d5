"""Where runs live: ``work_dirs/<method>/<leaf>/seed<N>``.

The environment variable SEGZOO_RUNS names another folder than work_dirs.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import inf
from pathlib import Path

from zoo.errors import UserError

RUNS = 'SEGZOO_RUNS'  # environment variable: the folder of all runs
_ROOT = ContextVar(
    'folder of all runs', default=Path(os.environ.get(RUNS) or 'work_dirs')
)


@contextmanager
def runs_below(folder: str | Path) -> Iterator[None]:
    """Write and look for runs below another folder than ``work_dirs``.

    Holds in this thread until the block ends. A process that is started in
    it and not forked does not know of it: hand it what was found.
    """
    token = _ROOT.set(Path(folder))
    try:
        yield
    finally:
        _ROOT.reset(token)


def runs_root() -> Path:
    """Return the folder of all runs."""
    return _ROOT.get()


def runs_of_leaf(name: str) -> Path:
    """Return the folder with a folder ``seed<N>`` for each run of a leaf."""
    return _ROOT.get() / name


def leaf_name(config: str | Path) -> str:
    """Return ``method/leaf`` of a config file."""
    path = Path(config)
    return f'{path.resolve().parent.name}/{path.stem}'


def config_of_leaf(name: str, other: str | Path) -> Path | None:
    """Return the config of a leaf that another config names.

    It is in the same folder of configs, or in that of the zoo.
    """
    folders = (Path(other).resolve().parents[1], Path('configs'))
    paths = [folder / f'{name}.py' for folder in folders]
    return next((path for path in paths if path.is_file()), None)


def default_work_dir(config: str | Path, seed: int) -> Path:
    """Return where a config trains with a seed, unless told otherwise."""
    return runs_of_leaf(leaf_name(config)) / f'seed{seed}'


def checkpoints_in(folder: str | Path) -> list[Path]:
    """Return the checkpoints in a folder, by rising iteration."""
    found = {
        int(match[1]): path
        for path in Path(folder).glob('iter_*.pth')
        if (match := re.fullmatch(r'iter_(\d+)\.pth', path.name))
    }
    return [found[iteration] for iteration in sorted(found)]


def newest_checkpoint(folder: str | Path) -> Path | None:
    """Return the checkpoint of the highest iteration in a folder."""
    found = checkpoints_in(folder)
    return found[-1] if found else None


def set_aside(folder: str | Path) -> Path | None:
    """Move an earlier run's checkpoints into ``earlier_<n>``; return it.

    So that a fresh run in the same folder neither deletes them nor is
    mistaken for them.
    """
    folder, found = Path(folder), checkpoints_in(folder)
    if not found:
        return None
    number = 1
    while (target := folder / f'earlier_{number}').exists():
        number += 1
    target.mkdir()
    for path in found:
        path.rename(target / path.name)
    return target


def remove_leftovers(
    folder: str | Path, name: str = 'iter_*.pth', *, before: float = inf
) -> None:
    """Delete checkpoints that a kill has left half written.

    Args:
        folder: Where they are.
        name: Pattern of the names that they were to have.
        before: Seconds since 1970; what was written to later stays, since
            another process may be about to finish it.
    """
    for path in Path(folder).glob(f'.{name}.*.tmp'):
        with suppress(FileNotFoundError):  # just finished, or deleted
            if path.stat().st_mtime < before:
                path.unlink()


def seeds_of_leaf(name: str) -> list[int]:
    """Return the seeds of a leaf's runs, that which wrote last first."""
    newest = {
        int(match[1]): path
        for folder in runs_of_leaf(name).glob('seed*')
        if (match := re.fullmatch(r'seed(\d+)', folder.name))
        and (path := newest_checkpoint(folder))
    }
    return sorted(newest, key=lambda seed: -newest[seed].stat().st_mtime)


def checkpoint_of_leaf(name: str, seed: int | None = None) -> Path | None:
    """Return the newest checkpoint of a leaf: of one seed, or of any.

    Among several seeds the run that wrote last is taken.
    """
    seeds = seeds_of_leaf(name) if seed is None else [seed]
    folders = [runs_of_leaf(name) / f'seed{seed}' for seed in seeds]
    return newest_checkpoint(folders[0]) if folders else None


def require_writable(folder: str | Path) -> Path:
    """Create a folder and prove that it can be written to.

    Raises:
        UserError: If not; names the folder.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f'{folder}: cannot be written ({error.strerror}). Choose another '
            'folder with --work-dir or --out'
        ) from None
    return folder
