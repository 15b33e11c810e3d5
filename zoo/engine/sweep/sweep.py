"""From leaves to their records: plan, run, and say what failed."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoo.engine.config import load_config
from zoo.engine.sweep.options import SweepOptions, masks_of, seeds_of
from zoo.engine.sweep.plan import plan_steps
from zoo.engine.sweep.records import (
    kept_record,
    masks_are_whole,
    run_record,
)
from zoo.engine.sweep.run import run_steps
from zoo.engine.sweep.shorten import require_share
from zoo.engine.sweep.steps import Step, stages
from zoo.engine.workdir import RUNS, runs_below, runs_root
from zoo.errors import UserError


@dataclass(frozen=True)
class Outcome:
    """What a sweep has brought about.

    Attributes:
        records: Files, in the order of the leaves and seeds.
        masks: Folders of their label maps, where tests saved some.
        failed: How many steps failed or were left out.
    """

    records: list[Path]
    masks: list[Path]
    failed: int


def sweep(
    paths: Sequence[str | Path], options: SweepOptions, *, jobs: int = 1
) -> Outcome:
    """Bring about the records of leaves.

    Args:
        paths: Of the leaves to be tested.
        options: See ``SweepOptions``.
        jobs: How many commands run at once.

    Raises:
        UserError: If an option does not fit, or what ``plan_steps`` raises.
            Before anything runs.
    """
    if jobs < 1:
        raise UserError(f'--jobs {jobs}: must be at least 1')
    with runs_of(options):
        failed = run_steps(plan_steps(paths, options), jobs=jobs)
        return Outcome(*_found(paths, options), failed=len(failed))


def _found(
    paths: Sequence[str | Path], options: SweepOptions
) -> tuple[list[Path], list[Path]]:
    """Return the records and folders of label maps that are there."""
    records, masks = [], []
    for path in paths:
        for seed in seeds_of(load_config(path), options):
            record = run_record(path, seed)
            if masks_are_whole(masks_of(path, seed), record):
                masks.append(masks_of(path, seed))
            if options.keep is not None:
                record = kept_record(path, seed, options.keep)
            records += [] if record is None else [record]
    return records, masks


def plan_text(paths: Sequence[str | Path], options: SweepOptions) -> str:
    """Return the missing commands as lines of a shell, stage by stage.

    Commands of one stage are independent of each other.
    """
    with runs_of(options):
        found = stages(plan_steps(paths, options))
        lines = [f'export {RUNS}={shlex.quote(str(runs_root()))}']
    for number, steps in enumerate(found, 1):
        lines.append(f'# stage {number} of {len(found)}: {_commands(steps)}')
        lines += [f'python {shlex.join(step.command)}' for step in steps]
    return '\n'.join(lines if found else ['# nothing is missing']) + '\n'


def _commands(steps: Sequence[Step]) -> str:
    if len(steps) == 1:
        return 'one command'
    return f'{len(steps)} commands, independent of each other'


@contextmanager
def runs_of(options: SweepOptions) -> Iterator[None]:
    """Keep shortened runs apart from those of full length.

    Raises:
        UserError: If records of shortened runs are to be kept with others.
    """
    require_share(options.share)
    if options.share == 1:
        yield
        return
    if options.keep is not None:
        raise UserError(
            '--record and --shorten: records of shortened trainings must not '
            'stand among others. Leave one of the two out'
        )
    with runs_below(runs_root() / f'short-{options.share:g}'):
        yield
