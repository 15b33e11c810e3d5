"""Find the weights that a leaf is tested with, or starts from."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from zoo.engine.assembly import assemble, origins
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import load_config
from zoo.engine.unfinished import warn_if_unfinished
from zoo.engine.workdir import (
    checkpoint_of_leaf,
    config_of_leaf,
    default_work_dir,
    leaf_name,
    newest_checkpoint,
    remove_leftovers,
    runs_of_leaf,
    seeds_of_leaf,
)
from zoo.errors import UserError

ASSEMBLED = 'assembled.pth'  # unlike iter_<N>.pth, never taken for a run
HOUR = 3600  # seconds; no file takes that long to write


def find_checkpoint(
    path: str | Path, config: Config, seed: int | None
) -> Path | None:
    """Return the newest checkpoint of a leaf.

    A leaf that only changes the post-processing names in ``trained_by`` the
    leaf whose weights it tests; one whose parts train apart names theirs in
    ``assembled_from``. A run of the whole leaf goes before its parts. One
    that is assembled from nothing has no weights: ``None``.

    Raises:
        UserError: If there is none; names the command that makes it.
    """
    if config.get('assembled_from') == {}:
        return None
    own, trainer = config.get('work_dir'), config.get('trained_by')
    if own and (found := newest_checkpoint(own)):
        return found
    names = [leaf_name(path), *([trainer] if trainer else [])]
    for name in names:
        if found := checkpoint_of_leaf(name, seed):
            _say_seed(path, found, [name], seed)
            return found
    parts = trainer and _assembled_leaf(trainer, path, seed)
    if found := parts or assembled_checkpoint(path, config, seed):
        return found
    extra = '' if seed is None else f' --seed {seed}'
    raise UserError(
        f'{path}: no checkpoint in {runs_of_leaf(names[-1])}. Train it first: '
        f'python tools/train.py configs/{names[-1]}.py{extra}, or name one: '
        f'{path}=CHECKPOINT'
    )


def starting_checkpoint(path: str | Path, config: Config) -> Path:
    """Return the newest checkpoint of the leaf that this one starts from.

    Of the same seed if there is one, else of any. Prints which it is.

    Raises:
        UserError: If there is none; names the command that makes it.
    """
    leaf, seed = config.starts_from, config.randomness.seed
    if found := checkpoint_of_leaf(leaf, seed) or checkpoint_of_leaf(leaf):
        warn_if_unfinished(found, leaf, path, role='start')
    else:
        found = _assembled_leaf(leaf, path, seed, strict=False)
    if found is None:
        raise UserError(
            f'{path}: starts from the weights of {leaf}, of which there '
            f'is no run. First: python tools/train.py configs/{leaf}.py, '
            'or name a file: --cfg-options load_from=FILE'
        )
    note, taken = '', _seed_of(found)
    if taken != seed:
        note = f', which has seed {taken}: there is none of seed {seed}'
    print(f'{path}: starts from {found}{note}')
    return found


def assembled_checkpoint(
    path: str | Path, config: Config, seed: int | None, *, strict: bool = True
) -> Path | None:
    """Return the newest weights of a leaf's parts, as one file.

    Args:
        path: Of the leaf.
        config: Names the parts' leaves in ``assembled_from``; without that
            key there is nothing to return. In a mapping, the weights of each
            part begin with its key in the whole.
        seed: Of the parts; where ``None``, that of the first part's newest
            run of which every part has one.
        strict: Whether another seed will not do where a part lacks this one.

    Raises:
        UserError: If a part has no such run; names the command that trains
            it. If the parts do not go together, see ``assemble``.
    """
    leaves, prefixes = part_leaves(config, path)
    if not leaves:
        return None
    wanted, owners = seed, [_trainer(leaf, path) for leaf in leaves]
    if seed is None or not strict:
        seed = _complete_seed(owners, seed)
    parts = [_newest_run(leaf, seed, path) for leaf in owners]
    out = default_work_dir(path, seed or 0) / ASSEMBLED
    _say_seed(path, out, owners, wanted)
    for leaf, part in zip(owners, parts, strict=True):
        warn_if_unfinished(part, leaf, path, role='part')
    remove_leftovers(out.parent, ASSEMBLED, before=time.time() - HOUR)
    if not _is_from(out, origins(parts, leaves)):
        assemble(parts, out, names=leaves, prefixes=prefixes)
    print(f'{out}: assembled from {", ".join(map(str, parts))}')
    return out


def part_leaves(
    config: Config, path: str | Path
) -> tuple[list[str], list[str]]:
    """Return the leaves of a leaf's parts and what their weights begin with.

    Raises:
        UserError: If ``assembled_from`` is no list or mapping of leaves.
    """
    stated = config.get('assembled_from') or []
    if isinstance(stated, dict):
        return list(stated.values()), [f'{name}.' for name in stated]
    if isinstance(stated, list | tuple):
        return list(stated), ['' for _ in stated]
    raise UserError(
        f'{path}: assembled_from must be a list of leaves, or a mapping to '
        f'them, got {stated!r}'
    )


def _trainer(leaf: str, other: str | Path) -> str:
    """Return the leaf that trains the weights of a part."""
    if (path := config_of_leaf(leaf, other)) is None:
        return leaf
    return load_config(path).get('trained_by') or leaf


def _assembled_leaf(
    leaf: str, other: str | Path, seed: int | None, *, strict: bool = True
) -> Path | None:
    """Assemble a leaf that another one names."""
    if (path := config_of_leaf(leaf, other)) is None:
        return None
    return assembled_checkpoint(path, load_config(path), seed, strict=strict)


def _seed_of(found: Path) -> int:
    """Return the seed of what lies in a leaf's ``seed<N>``."""
    return int(found.parent.name.removeprefix('seed'))


def _say_seed(
    path: str | Path, found: Path, leaves: Sequence[str], wanted: int | None
) -> None:
    """Name the seed that was chosen, where it could have been another."""
    seeds = sorted({seed for leaf in leaves for seed in seeds_of_leaf(leaf)})
    if wanted is None and len(seeds) > 1:
        known = ', '.join(map(str, seeds))
        taken = _seed_of(found)
        print(f'{path}: takes seed {taken}; there are runs of seeds {known}')


def _complete_seed(leaves: Sequence[str], wanted: int | None) -> int | None:
    """Return a seed of which every leaf has a run: the wanted, or the newest.

    If there is none, return one to name what is missing of it.
    """
    first, *rest = runs = [seeds_of_leaf(leaf) for leaf in leaves]
    shared = [seed for seed in first if all(seed in other for other in rest)]
    if wanted in shared:
        return wanted
    found = shared or next(filter(None, runs), [])
    return found[0] if found else wanted


def _newest_run(leaf: str, seed: int | None, whole: str | Path) -> Path:
    if found := checkpoint_of_leaf(leaf, seed):
        return found
    if found := _assembled_leaf(leaf, whole, seed):
        return found
    of, extra, joint = '', '', ''
    if seed is not None:
        of, extra = f' of seed {seed}', f' --seed {seed}'
    if load_config(whole).get('train_cfg') is not None:
        joint = (
            ', or all parts jointly: python tools/train.py '
            f'configs/{leaf_name(whole)}.py{extra}'
        )
    raise UserError(
        f'{whole}: its part {leaf} has no run{of}. Train it: python '
        f'tools/train.py configs/{leaf}.py{extra}{joint}'
    )


def _is_from(out: Path, parts: list[dict[str, Any]]) -> bool:
    """Tell whether a file is whole and was assembled from these parts."""
    try:
        return load_meta(out).get('assembled_from') == parts
    except UserError:
        return False
