"""From leaves to their records: plan, run, and say what failed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoo.engine.sweep.plan import MASKS, SweepOptions, plan_steps
from zoo.engine.sweep.records import find_record
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
        masks: Folder below which the tests saved label maps.
        failed: How many steps failed or were left out.
    """

    records: list[Path]
    masks: Path
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
        records = records_of(paths, options)
        return Outcome(records, runs_root() / MASKS, len(failed))


def records_of(
    paths: Sequence[str | Path], options: SweepOptions
) -> list[Path]:
    """Return the records of leaves that are there; see ``SweepOptions``."""
    wanted = [(p, seed) for p in paths for seed in (*options.seeds, None)]
    found = [find_record(p, seed, keep=options.keep) for p, seed in wanted]
    return list(dict.fromkeys(path for path in found if path is not None))


def plan_text(paths: Sequence[str | Path], options: SweepOptions) -> str:
    """Return the missing commands as lines of a shell, stage by stage.

    Commands of one stage are independent of each other.
    """
    with runs_of(options):
        found = stages(plan_steps(paths, options))
        lines = [f'export {RUNS}={runs_root()}']
    for number, steps in enumerate(found, 1):
        lines.append(f'# stage {number} of {len(found)}: {_commands(steps)}')
        lines += [f'python {" ".join(step.command)}' for step in steps]
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
