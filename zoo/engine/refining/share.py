"""What one process of a search holds and does: its share of the images."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from zoo.engine.refining.album import Item
from zoo.engine.refining.chain import Chain
from zoo.engine.refining.loaded import Loaded, load
from zoo.errors import UserError
from zoo.evaluation.counts import Counts

_share: list[Loaded] = []  # of this process, between two calls


@dataclass(frozen=True)
class Facts:
    """What the main process is told of a loaded image.

    Attributes:
        classes: ``C`` of its file.
        digest: See ``Loaded.labelled_digest``.
        problem: Why it cannot be used; ``None`` if it can.
    """

    classes: int = 0
    digest: str = ''
    problem: str | None = None


def load_share(items: Sequence[Item]) -> list[Facts]:
    """Load images into this process, in place of those it has."""
    _share.clear()
    return [_load(item) for item in items]


def _load(item: Item) -> Facts:
    try:
        loaded = load(item)
    except UserError as error:
        return Facts(problem=error.line)
    if loaded.truth is None:
        problem = f'{item.photo}: has no labels to score against'
        return Facts(problem=f'{problem}. Choose a split with labels')
    _share.append(loaded)
    return Facts(len(loaded.probs), loaded.labelled_digest)


def score_share(configs: str, imports: Sequence[str]) -> list[Counts]:
    """Return the pixel counts of each image after a chain.

    Args:
        configs: Of the post-processors, as JSON; of none, the saved
            probabilities are scored.
        imports: Modules that they need.

    Raises:
        UserError: If a post-processor refuses an image.
    """
    chain = Chain(json.loads(configs), imports)
    return [
        loaded.counts(loaded.refined(chain).argmax(0)) for loaded in _share
    ]
