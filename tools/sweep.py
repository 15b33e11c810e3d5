"""Train and test many leaves, and print one leaderboard.

python tools/sweep.py configs/deeplab_crf/vgg16_minivoc.py \
    configs/fcrn/r18-k3d6_minivoc.py --seeds 0 1 2 --jobs 2
"""

import argparse
import sys
from pathlib import Path

from zoo.cli import add_sweep_options, run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Train what is missing of the given leaves, parts and '
        'starting weights included, test them, and print one leaderboard. '
        'What two leaves share is trained once. The same command goes on '
        'where it was stopped.'
    )
    add = parser.add_argument
    add('configs', nargs='+', metavar='CONFIG', help='leaves to be tested')
    add(
        '--seeds',
        nargs='+',
        type=int,
        default=[0],
        metavar='N',
        help='train and test with each of these seeds (0)',
    )
    add_sweep_options(parser)
    add(
        '--record',
        nargs='?',
        const='docs/results',
        metavar='DIR',
        help='also keep the records under DIR/<data set> (docs/results); '
        'what has a record there is not run again',
    )
    add(
        '--shorten',
        type=float,
        default=1.0,
        metavar='SHARE',
        help='train only this share of the iterations, below '
        'work_dirs/short-<SHARE>',
    )
    add(
        '--page',
        metavar='FILE',
        help='also write the leaderboard as an HTML page, with pictures',
    )
    return parser


def main(args: argparse.Namespace) -> int:
    """Print the plan, or run it and show the records."""
    from zoo.engine.sweep import SweepOptions, plan_text, sweep

    options = SweepOptions(
        seeds=args.seeds,
        keep=args.record,
        share=args.shorten,
        save_masks=args.page is not None,
        data_root=args.data_root,
    )
    if args.plan:
        print(plan_text(args.configs, options), end='')
        return 0
    outcome = sweep(args.configs, options, jobs=args.jobs)
    return show(outcome, args)


def show(outcome, args: argparse.Namespace) -> int:
    """Print the leaderboard, write the page; return the exit code."""
    from zoo.evaluation import render, summarise
    from zoo.evaluation.reading import read_results

    results = read_results(outcome.records)
    summaries = summarise(results.records())
    print(render(summaries), end='')
    problems = results.problems
    if outcome.failed:
        problems.append(f'{outcome.failed} steps failed, named above')
    for problem in problems:
        print(f'error: {problem}', file=sys.stderr)
    if args.page is not None:
        write_page(summaries, outcome.masks, args)
    return 2 if problems else 0


def write_page(summaries: list, masks: Path, args: argparse.Namespace) -> None:
    """Write the leaderboard as an HTML page with pictures."""
    from zoo.engine.page_pictures import collect_pictures
    from zoo.evaluation.page import render_page
    from zoo.files import write_text

    pictures = collect_pictures(
        masks,
        configs=Path(args.configs[0]).resolve().parents[1],
        data_root=args.data_root,
    )
    write_text(args.page, render_page(summaries, pictures=pictures))
    print(f'page: {args.page}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
