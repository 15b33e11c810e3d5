"""Find the weights that a leaf is tested with, or starts from."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from zoo.engine.assembly import assemble, origins
from zoo.engine.checkpoint import load_meta
from zoo.engine.config import load_config
from zoo.engine.workdir import (
    checkpoint_of_leaf,
    default_work_dir,
    leaf_name,
    newest_checkpoint,
    seeds_of_leaf,
)
from zoo.errors import UserError

ASSEMBLED = 'assembled.pth'  # unlike iter_<N>.pth, never taken for a run


def find_checkpoint(
    path: str | Path, config: Config, seed: int | None
) -> Path:
    """Return the newest checkpoint of a leaf.

    A leaf that only changes the post-processing names in ``trained_by`` the
    leaf whose weights it tests; one whose parts train apart names theirs in
    ``assembled_from``. A run of the whole leaf goes before its parts.

    Raises:
        UserError: If there is none; names the command that makes it.
    """
    own, trainer = config.get('work_dir'), config.get('trained_by')
    if own and (found := newest_checkpoint(own)):
        return found
    names = [leaf_name(path), *([trainer] if trainer else [])]
    for name in names:
        if found := checkpoint_of_leaf(name, seed):
            return found
    parts = trainer and _assembled_leaf(trainer, path, seed)
    if found := parts or assembled_checkpoint(path, config, seed):
        return found
    extra = '' if seed is None else f' --seed {seed}'
    raise UserError(
        f'{path}: no checkpoint in work_dirs/{names[-1]}. Train it first: '
        f'python tools/train.py configs/{names[-1]}.py{extra}, or name one: '
        f'{path}=CHECKPOINT'
    )


def starting_checkpoint(path: str | Path, config: Config) -> Path:
    """Return the newest checkpoint of the leaf that this one starts from.

    Of the same seed if there is one, else of any.

    Raises:
        UserError: If there is none; names the command that makes it.
    """
    leaf, seed = config.starts_from, config.randomness.seed
    found = checkpoint_of_leaf(leaf, seed) or checkpoint_of_leaf(leaf)
    found = found or _assembled_leaf(leaf, path, seed, strict=False)
    if found is None:
        raise UserError(
            f'{path}: starts from the weights of {leaf}, of which there '
            f'is no run. First: python tools/train.py configs/{leaf}.py, '
            'or name a file: --cfg-options load_from=FILE'
        )
    return found


def assembled_checkpoint(
    path: str | Path, config: Config, seed: int | None, *, strict: bool = True
) -> Path | None:
    """Return the newest weights of a leaf's parts, as one file.

    Args:
        path: Of the leaf.
        config: Names the parts' leaves in ``assembled_from``; without that
            key there is nothing to return.
        seed: Of the parts; where ``None``, that of the first part's newest
            run of which every part has one.
        strict: Whether another seed will not do where a part lacks this one.

    Raises:
        UserError: If a part has no such run; names the command that trains
            it. If the parts do not go together, see ``assemble``.
    """
    leaves = config.get('assembled_from') or []
    if not isinstance(leaves, list | tuple):
        raise UserError(
            f'{path}: assembled_from must be a list of leaves, got {leaves!r}'
        )
    if not leaves:
        return None
    if seed is None or not strict:
        seed = _complete_seed(leaves, seed)
    parts = [_newest_run(leaf, seed, path) for leaf in leaves]
    out = default_work_dir(path, seed or 0) / ASSEMBLED
    if not _is_from(out, origins(parts, leaves)):
        assemble(parts, out, names=leaves)
    print(f'{out}: assembled from {", ".join(map(str, parts))}')
    return out


def _assembled_leaf(
    leaf: str, other: str | Path, seed: int | None, *, strict: bool = True
) -> Path | None:
    """Assemble a leaf that another one names."""
    folders = (Path(other).resolve().parents[1], Path('configs'))
    for path in (folder / f'{leaf}.py' for folder in folders):
        if path.is_file():
            config = load_config(path)
            return assembled_checkpoint(path, config, seed, strict=strict)
    return None


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
    of, extra = '', ''
    if seed is not None:
        of, extra = f' of seed {seed}', f' --seed {seed}'
    raise UserError(
        f'{whole}: its part {leaf} has no run{of}. Train it: python '
        f'tools/train.py configs/{leaf}.py{extra}, or all parts jointly: '
        f'python tools/train.py configs/{leaf_name(whole)}.py{extra}'
    )


def _is_from(out: Path, parts: list[dict[str, str]]) -> bool:
    """Tell whether a file is whole and was assembled from these parts."""
    try:
        return load_meta(out).get('assembled_from') == parts
    except UserError:
        return False
