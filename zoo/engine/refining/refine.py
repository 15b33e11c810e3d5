"""Apply a chain of post-processors to saved probabilities, on all cores."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zoo.engine.config import load_config
from zoo.engine.meter import open_meter
from zoo.engine.refining.album import Album, Item, open_album
from zoo.engine.refining.chain import Chain, chain_of, imports_of
from zoo.engine.refining.fit import common_classes
from zoo.engine.refining.folders import require_apart, require_overlap
from zoo.engine.refining.journal import Journal
from zoo.engine.refining.saved_probs import find_probs
from zoo.engine.refining.task import Done, Task, refine_one
from zoo.engine.refining.workers import open_workers
from zoo.engine.workdir import require_writable
from zoo.evaluation.counts import add_up, scores
from zoo.files import one_at_a_time

JOURNAL = 'refined.jsonl'
KEYS = {'image': str, 'inputs': str, 'outputs': dict}


@dataclass
class Report:
    """What a call did.

    Attributes:
        written: Images refined.
        kept: Images that an earlier call had refined.
        problems: A line for each file that could not be.
        scores: Of the saved and of the refined probabilities, see
            ``zoo.evaluation.counts.scores``; of labelled images.
        labelled: How many those are.
    """

    written: int = 0
    kept: int = 0
    problems: list[str] = field(default_factory=list)
    scores: tuple[dict, dict] | None = None
    labelled: int = 0


def refine(
    path: str | Path,
    *,
    probs: str | Path,
    out: str | Path,
    photos: str | None = None,
    labels: str | None = None,
    save_probs: bool = False,
    options: Sequence[str] = (),
    data_root: str | None = None,
    workers: int = 1,
) -> Report:
    """Write label maps under ``out/masks``; go on where a kill stopped it.

    ``out/refined.jsonl`` says what is there: the chain, then every image with
    digests of what it was made from and of what was written. The network of
    the leaf is not built. An image without a label map is not scored.

    Args:
        path: Of the leaf whose post-processors are applied.
        probs: Folder of saved probabilities.
        out: Where results go.
        photos: Folder of photographs; those of the leaf's test data set
            where ``None``.
        labels: Folder of label maps; see ``open_album``.
        save_probs: Also write ``out/probs/NAME.npy``.
        options: ``key.path=value`` changes.
        data_root: Replaces the folder of the data set.
        workers: Processes; they change nothing in the result.

    Raises:
        UserError: For all that stops every image.
    """
    config = load_config(path, options=options, data_root=data_root)
    configs = chain_of(config, path)
    files = find_probs(probs)
    album = open_album(config, path, list(files), photos=photos, labels=labels)
    require_overlap(files, album, probs)
    require_apart(Path(out), Path(probs), album, save_probs=save_probs)
    out = require_writable(out)
    imports = tuple(imports_of(config))
    task = Task(json.dumps(configs), imports, out, save_probs, album.palette)
    items = _items(album, files)
    with one_at_a_time(out / JOURNAL):
        # a preset's numbers stand in a file or in code, not in the config
        numbers = Chain(configs, imports).described()
        identity = {'chain': configs, 'numbers': numbers}
        journal = Journal(out / JOURNAL, identity, keys=KEYS)
        return _report(_run(task, items, journal, workers))


def _items(album: Album, files: Mapping[str, Path]) -> list[Item]:
    """Return what belongs to each file; all must have as many classes."""
    items = [album.item(name, file) for name, file in files.items()]
    if album.classes is not None:
        return items
    wanted = common_classes(files.values())
    return [
        replace(item, classes=wanted, classes_of='most others')
        for item in items
    ]


def _run(
    task: Task, items: Sequence[Item], journal: Journal, workers: int
) -> Iterator[Done]:
    known = {entry['image']: entry for entry in journal.entries}
    meter = open_meter('refine', len(items))
    try:
        with open_workers(workers) as (executor,):
            pending = [
                executor.submit(refine_one, task, item, known.get(item.name))
                for item in items
            ]
            for future in pending:
                done = future.result()
                if done.problem is None and not done.was_there:
                    row = done.name, done.digest, done.outputs
                    journal.add(dict(zip(KEYS, row, strict=True)))
                yield done
                meter.step(str)
    finally:
        meter.close()


def _report(results: Iterator[Done]) -> Report:
    report, before, after, classes = Report(), [], [], 0
    for done in results:
        if done.problem is not None:
            report.problems.append(done.problem)
            continue
        report.kept += done.was_there
        report.written += not done.was_there
        classes = max(classes, done.classes)
        if done.before is not None and done.after is not None:
            before.append(done.before)
            after.append(done.after)
    report.labelled = len(before)
    if before:
        first, last = (
            scores(add_up(part, num_classes=classes))
            for part in (before, after)
        )
        report.scores = first, last
    return report
