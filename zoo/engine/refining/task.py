"""What a process does with one image: read, refine, write, count."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from zoo.datasets.label_maps import read_label_map
from zoo.engine import pictures
from zoo.engine.refining.album import Item
from zoo.engine.refining.chain import Chain
from zoo.engine.refining.loaded import Loaded, load
from zoo.engine.refining.saved_probs import write_probs
from zoo.errors import UserError
from zoo.evaluation.counts import Counts


@dataclass(frozen=True)
class Task:
    """What is the same for all images.

    Attributes:
        chain: Configs of the post-processors, as JSON.
        imports: Modules that they need.
        out: Folder of ``masks`` and ``probs``.
        save_probs: Whether ``probs`` is wanted.
        palette: RGB of each class.
    """

    chain: str
    imports: tuple[str, ...]
    out: Path
    save_probs: bool
    palette: Sequence[Sequence[int]]

    def files(self, name: str) -> list[Path]:
        """Return what is written of an image."""
        found = [self.out / 'masks' / f'{name}.png']
        if self.save_probs:
            found.append(self.out / 'probs' / f'{name}.npy')
        return found


@dataclass(frozen=True)
class Done:
    """What became of an image.

    Attributes:
        name: Of the image.
        problem: Why nothing was written; ``None`` if it was.
        digest: See ``Loaded``.
        was_there: Whether an earlier call had written it.
        classes: ``C`` of its file.
        before: Pixel counts of the saved probabilities, with labels only.
        after: Those of the refined ones.
    """

    name: str
    problem: str | None = None
    digest: str = ''
    was_there: bool = False
    classes: int = 0
    before: Counts | None = None
    after: Counts | None = None


def refine_one(task: Task, item: Item, known: str | None) -> Done:
    """Refine an image, in whatever process.

    Args:
        task: What is to be done.
        item: The image.
        known: Digest of what an earlier result was made from.

    Returns:
        Also where the input is bad: others must not suffer.

    Raises:
        UserError: If a result cannot be written.
    """
    try:
        chain = _chain(task.chain, task.imports)
        loaded = load(item)
        files = task.files(item.name)
        there = known == loaded.digest and all(f.is_file() for f in files)
        refined = None if there else loaded.refined(chain)
        labels = (
            read_label_map(files[0]) if refined is None else refined.argmax(0)
        )
        counts = _counts(loaded, labels)
    except UserError as error:
        return Done(item.name, problem=error.line)
    if refined is not None:
        image = pictures.label_image(labels, task.palette)
        pictures.save(image, files[0])
        if task.save_probs:
            write_probs(files[1], refined)
    classes = len(loaded.probs)
    return Done(item.name, None, loaded.digest, there, classes, *counts)


@cache
def _chain(configs: str, imports: tuple[str, ...]) -> Chain:
    """Build the post-processors once in a process."""
    return Chain(json.loads(configs), imports)


def _counts(
    loaded: Loaded, labels: np.ndarray
) -> tuple[Counts | None, Counts | None]:
    if loaded.truth is None:
        return None, None
    return loaded.counts(loaded.probs.argmax(0)), loaded.counts(labels)
