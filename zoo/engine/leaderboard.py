"""Test many configs in one call, and show them as one table."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.workdir import default_work_dir, leaf_name, require_writable
from zoo.errors import UserError
from zoo.evaluation.records import write_record
from zoo.evaluation.summaries import summarise
from zoo.evaluation.tables import render
from zoo.files import write_text


@dataclass(frozen=True)
class Job:
    """One test: a config, and which of its weights."""

    config: str
    checkpoint: str | None
    seed: int | None

    @classmethod
    def parse(cls, text: str, seeds: Sequence[int] | None) -> list['Job']:
        """Read ``CONFIG[=CHECKPOINT]``; without one, a job for each seed."""
        config, _, checkpoint = text.partition('=')
        if checkpoint:
            return [cls(config, checkpoint, None)]
        chosen: Sequence[int | None] = seeds or [None]
        return [cls(config, None, seed) for seed in chosen]

    def folders(
        self,
        masks: str | None,
        probs: str | None,
        show: str | None,
        *,
        alone: bool,
    ) -> dict[str, str | None]:
        """Return where outputs go: several jobs get a folder each."""
        part = leaf_name(self.config)
        if self.seed is not None:
            part = f'{part}/seed{self.seed}'
        return {
            name: folder if alone or folder is None else f'{folder}/{part}'
            for name, folder in (
                ('masks', masks),
                ('probs', probs),
                ('show', show),
            )
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
        UserError: If a config is missing, before anything is tested; or for
            whatever stops one test. Records already written stay.
    """
    for job in jobs:
        if not Path(job.config).is_file():
            raise UserError(f'{job.config}: no such config')
    if out is not None:
        require_writable(Path(out).parent)
    records = []
    for job in jobs:
        record = evaluate(
            job.config, job.checkpoint, options(job), seed=job.seed
        )
        records.append(record)
        for path in _places(job.config, record, keep):
            write_record(path, record)
    if out is not None:
        content = records[0] if len(records) == 1 else records
        write_text(out, json.dumps(content) + '\n')
    return records


def _places(config: str, record: dict, keep: str | None) -> list[Path]:
    """Return the files that a record is written to."""
    views = '' if record['views'] == 1 else f'_views{record["views"]}'
    folder = default_work_dir(config, record['seed'])
    places = [folder / f'record_{record["split"]}{views}.json']
    if keep is not None:
        name = record['config'].replace('/', '__')
        file = f'{name}_seed{record["seed"]}{views}.json'
        places.append(Path(keep) / record['dataset'] / file)
    return places


def show(records: Sequence[dict]) -> str:
    """Return the table of records for a terminal."""
    return render(summarise(records), format='table')
