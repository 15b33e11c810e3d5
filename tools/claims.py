"""Repeat published ablations and say which of them hold.

python tools/claims.py run --dataset minivoc --seeds 3 --jobs 2
python tools/claims.py report --dataset minivoc
"""

import argparse
import sys
from pathlib import Path

from zoo.cli import add_sweep_options, run

CLAIMS = Path('configs/claims.yml')
RECORDS = Path('docs/results')


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Claims are published ablations: of two leaves one is '
        'better. This trains and tests what is missing, and reports what '
        'was measured beside what was published.'
    )
    commands = parser.add_subparsers(dest='command', required=True)
    running = commands.add_parser(
        'run',
        help='train and test what has no record, then report',
        description='Train and test the leaves of the claims that have no '
        'record, each by ordinary commands, and report. What two claims '
        'share runs once; the same command goes on where it was stopped.',
    )
    reporting = commands.add_parser(
        'report',
        help='published and measured difference of each claim, and a verdict',
        description='Print the published and the measured difference of '
        'each claim with its 95 % interval, and a verdict: reproduced or '
        'not reproduced where the interval excludes zero, else undecided.',
    )
    for command in (running, reporting):
        add_common(command)
    running.add_argument(
        '--seeds',
        type=int,
        default=3,
        metavar='N',
        help='train and test with seeds 0 to N - 1 (3)',
    )
    add_sweep_options(running)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add which claims, which records, which format."""
    add = parser.add_argument
    add('--dataset', required=True, metavar='NAME', help='such as minivoc')
    add(
        '--only',
        nargs='+',
        metavar='CLAIM',
        help='names of claims; all of the data set where left out',
    )
    add(
        '--format',
        choices=('table', 'md', 'csv'),
        default='table',
        help='of the report (%(default)s)',
    )
    add(
        '--claims',
        type=Path,
        default=CLAIMS,
        metavar='FILE',
        help='the claims (%(default)s)',
    )
    add(
        '--records',
        type=Path,
        default=RECORDS,
        metavar='DIR',
        help='records by data set: read there, and kept there (%(default)s)',
    )


def main(args: argparse.Namespace) -> int:
    """Run and report, or only report; return the exit code."""
    from zoo.evaluation.claim_choice import select_claims
    from zoo.evaluation.claims import load_claims

    claims = select_claims(
        load_claims(args.claims), args.dataset, args.only or ()
    )
    if args.command == 'run':
        failed = run_missing(claims, args)
        if args.plan:
            return 0
        return max(report(claims, args), 2 if failed else 0)
    return report(claims, args)


def run_missing(claims: list, args: argparse.Namespace) -> int:
    """Print the plan, or run it; return how many steps failed."""
    from zoo.engine.sweep import SweepOptions, plan_text, sweep
    from zoo.errors import UserError
    from zoo.evaluation.claim_choice import leaves_of

    if args.seeds < 1:
        raise UserError(f'--seeds {args.seeds}: must be at least 1')
    folder = args.claims.parent
    leaves = leaves_of(claims, args.dataset)
    paths = [folder / f'{leaf}.py' for leaf in leaves]
    options = SweepOptions(
        seeds=range(args.seeds),
        keep=str(args.records),
        data_root=args.data_root,
    )
    if args.plan:
        print(plan_text(paths, options), end='')
        return 0
    return sweep(paths, options, jobs=args.jobs).failed


def report(claims: list, args: argparse.Namespace) -> int:
    """Print the report; return the exit code."""
    from zoo.evaluation.claims_report import judge, read_leaves, render_claims

    records, problems = read_leaves(args.records / args.dataset, claims)
    findings = judge(claims, args.dataset, records)
    print(render_claims(findings, args.dataset, format=args.format), end='')
    found = dict.fromkeys(x.problem for x in findings if x.problem)
    problems += list(found)
    for problem in problems:
        print(f'error: {problem}', file=sys.stderr)
    return 2 if problems else 0


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
