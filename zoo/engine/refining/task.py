"""What a process does with one image: read, refine, write, count."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.label_maps import read_label_map
from zoo.engine import pictures
from zoo.engine.refining.album import Item
from zoo.engine.refining.chain import Chain
from zoo.engine.refining.loaded import Loaded, load
from zoo.engine.refining.saved_probs import write_probs
from zoo.errors import UserError
from zoo.evaluation.counts import Counts
from zoo.files import sha256


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

    def files(self, name: str) -> dict[str, Path]:
        """Return what is written of an image, by the name of its folder."""
        found = {'masks': self.out / 'masks' / f'{name}.png'}
        if self.save_probs:
            found['probs'] = self.out / 'probs' / f'{name}.npy'
        return found


@dataclass(frozen=True)
class Done:
    """What became of an image.

    Attributes:
        name: Of the image.
        problem: Why nothing was written; ``None`` if it was.
        digest: See ``Loaded``.
        outputs: SHA-256 of each file written now, see ``Task.files``.
        was_there: Whether an earlier call had written it.
        classes: ``C`` of its file.
        before: Pixel counts of the saved probabilities, with labels only.
        after: Those of the refined ones.
    """

    name: str
    problem: str | None = None
    digest: str = ''
    outputs: dict[str, str] = field(default_factory=dict)
    was_there: bool = False
    classes: int = 0
    before: Counts | None = None
    after: Counts | None = None


def refine_one(
    task: Task, item: Item, known: Mapping[str, Any] | None
) -> Done:
    """Refine an image, in whatever process.

    Args:
        task: What is to be done.
        item: The image; scored where its label map is there.
        known: ``inputs`` and ``outputs`` of an earlier result.

    Returns:
        Also where the input is bad: others must not suffer.

    Raises:
        UserError: If a result cannot be written.
    """
    try:
        chain = _chain(task.chain, task.imports)
        loaded = load(_with_labels_that_are_there(item))
        files = task.files(item.name)
        there = _is_done(files, loaded.digest, known)
        refined = None if there else loaded.refined(chain)
        labels = (
            read_label_map(files['masks'])
            if refined is None
            else refined.argmax(0)
        )
        counts = _counts(loaded, labels)
    except UserError as error:
        return Done(item.name, problem=error.line)
    outputs = {}
    if refined is not None:
        image = pictures.label_image(labels, task.palette)
        pictures.save(image, files['masks'])
        if task.save_probs:
            write_probs(files['probs'], refined)
        outputs = {folder: sha256(path) for folder, path in files.items()}
    return Done(
        item.name,
        digest=loaded.digest,
        outputs=outputs,
        was_there=there,
        classes=len(loaded.probs),
        before=counts[0],
        after=counts[1],
    )


def _with_labels_that_are_there(item: Item) -> Item:
    there = item.labels and Path(item.labels['seg_map_path']).is_file()
    return item if there else replace(item, labels=None)


def _is_done(
    files: Mapping[str, Path], digest: str, known: Mapping[str, Any] | None
) -> bool:
    """Tell whether every file is as it was made from the same inputs."""
    return (
        known is not None
        and known['inputs'] == digest
        and all(
            path.is_file() and sha256(path) == known['outputs'].get(folder)
            for folder, path in files.items()
        )
    )


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
