"""Test many configs in one call, and show them as one table."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zoo.engine.config import load_config
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.weights import find_checkpoint
from zoo.engine.workdir import default_work_dir, leaf_name, require_writable
from zoo.errors import UserError
from zoo.evaluation.ladder import make_ladders
from zoo.evaluation.records import write_record
from zoo.evaluation.summaries import summarise
from zoo.evaluation.tables import render, render_sheets
from zoo.evaluation.trimap_curves import trimap_sheets
from zoo.files import write_text


@dataclass(frozen=True)
class Job:
    """One test: a config, and which of its weights."""

    config: str
    checkpoint: str | None  # as given; the leaf's own where None
    seed: int | None
    found: Path | None = None

    @classmethod
    def parse(cls, text: str, seeds: Sequence[int] | None) -> list['Job']:
        """Read ``CONFIG[=CHECKPOINT]``; without one, a job for each seed."""
        config, _, checkpoint = text.partition('=')
        if checkpoint:
            return [cls(config, checkpoint, None)]
        chosen: Sequence[int | None] = seeds or [None]
        return [cls(config, None, seed) for seed in chosen]

    @property
    def part(self) -> str:
        """A folder of this job's own: leaf, seed, checkpoint."""
        part = leaf_name(self.config)
        if self.seed is not None:
            part = f'{part}/seed{self.seed}'
        if self.checkpoint is not None:
            part = f'{part}/{Path(self.checkpoint).stem}'
        return part

    def folders(
        self,
        masks: str | None,
        probs: str | None,
        show: str | None,
        *,
        alone: bool,
    ) -> dict[str, str | None]:
        """Return where outputs go: several jobs get a folder each."""
        chosen = {'masks': masks, 'probs': probs, 'show': show}
        return {
            kind: folder if alone or not folder else f'{folder}/{self.part}'
            for kind, folder in chosen.items()
        }


def run_jobs(
    jobs: Sequence[Job],
    options: Callable[[Job], TestOptions],
    *,
    out: str | None = None,
    keep: str | None = None,
) -> list[dict]:
    """Run the tests and write a record each; return the records.

    Args:
        jobs: In the order of the table.
        options: Returns the options of a job.
        out: File for all records: an object, or a list where there are more.
        keep: Folder under which the records are kept by data set.

    Raises:
        UserError: If a checkpoint is missing or a folder cannot be written,
            before anything is tested; or for whatever stops one test.
            Records already written stay.
    """
    jobs = [_resolved(job, options(job)) for job in jobs]
    if len({job.part for job in jobs}) < len(jobs):
        raise UserError(
            'two of the tests would write to the same place: give checkpoints '
            'of different names, or test them in two calls'
        )
    if out is not None and Path(out).is_dir():
        raise UserError(f'{out}: is a folder, --out needs a file')
    for folder in (out and Path(out).parent, keep):
        if folder is not None:
            require_writable(folder)
    records = []
    for job in jobs:
        record = evaluate(job.config, job.found, options(job))
        records.append(record)
        for path in _places(job, record, keep):
            write_record(path, record)
    if out is not None:
        content = records[0] if len(records) == 1 else records
        write_text(out, json.dumps(content) + '\n')
    return records


def _resolved(job: Job, options: TestOptions) -> Job:
    """Find the checkpoint of a job before any job runs."""
    config = load_config(job.config, options=options.options)
    found = job.checkpoint or find_checkpoint(job.config, config, job.seed)
    if found is None:  # an oracle has no weights
        return job
    if not Path(found).is_file():
        raise UserError(f'{found}: no such checkpoint')
    return replace(job, found=Path(found))


def _places(job: Job, record: dict, keep: str | None) -> list[Path]:
    """Return the files that a record is written to."""
    parts = [record['split']]
    if record['views'] > 1 or 'multi_view' in record:
        parts.append(f'views{record["views"]}')
    if job.checkpoint is not None:  # not the leaf's own run
        parts.append(record['checkpoint']['sha256'][:8])
    seed = record['seed'] or 0
    folder = default_work_dir(job.config, seed)
    places = [folder / f'record_{"_".join(parts)}.json']
    if keep is not None:
        name = record['config'].replace('/', '__')
        file = '_'.join([name, f'seed{seed}', *parts[1:]])
        places.append(Path(keep) / record['dataset'] / f'{file}.json')
    return places


def show(
    records: Sequence[dict], *, ladder: bool = False, trimap: bool = False
) -> str:
    """Return the tables of records for a terminal.

    Args:
        records: As they were tested.
        ladder: Whether to add what each one adds to the one before it.
        trimap: Whether to add the scores around borders.
    """
    tables = [render(summarise(records), format='table')]
    if ladder:
        tables.append(render_sheets(make_ladders(records)))
    scored = [record for record in records if record.get('trimap')]
    if trimap and scored:
        tables.append(render_sheets(trimap_sheets(scored)))
    return '\n'.join(tables)
