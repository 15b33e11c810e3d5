"""Say that weights come from a training that has not reached its end."""

from pathlib import Path

from zoo.engine.checkpoint import load_meta
from zoo.engine.config import load_config
from zoo.engine.workdir import config_of_leaf


def warn_if_unfinished(
    checkpoint: Path, leaf: str, other: str | Path, *, role: str
) -> None:
    """Print one line if a checkpoint is not the last of its leaf's training.

    The run may have been killed, or be under way. Nothing is refused: a run
    can be shorter than its config by intention. Nothing is said where the
    file does not name its iteration or the leaf has no config.

    Args:
        checkpoint: Of a run of ``leaf``.
        leaf: Name, ``method/leaf``.
        other: Config that uses the weights; beside it the leaf is looked for.
        role: What the weights are to ``other``: the first word of the line.

    Raises:
        UserError: If the checkpoint or the leaf's config cannot be read.
    """
    path, meta = config_of_leaf(leaf, other), load_meta(checkpoint)
    done, seed = meta.get('iter'), meta.get('seed')
    if path is None or done is None:
        return
    wanted = (load_config(path).get('train_cfg') or {}).get('max_iters')
    if wanted is None or done >= wanted:
        return
    extra = '' if seed is None else f' --seed {seed}'
    print(
        f'{role} {leaf}: iteration {done} of {wanted}; finish it with python '
        f'tools/train.py configs/{leaf}.py{extra} --resume'
    )
