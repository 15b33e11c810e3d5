"""Train and test leaves on every fold of a data set.

python tools/cross_validate.py CONFIG --record
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Train the given leaves on each fold in turn, test the '
        'last of them, and print the scores of the folds, their mean and '
        'those of all images together. Runs go to work_dirs/fold<K>/<method>/'
        '<leaf>/seed<N>; the same command goes on where it was stopped.'
    )
    add = parser.add_argument
    add(
        'configs',
        nargs='+',
        metavar='CONFIG',
        help='leaves in the order of training; the last is the whole',
    )
    add('--folds', type=int, default=5, metavar='K', help='how many (5)')
    add(
        '--seed',
        type=int,
        metavar='N',
        help='replaces the seed of every config',
    )
    add(
        '--record',
        nargs='?',
        const='docs/results',
        metavar='DIR',
        help='also keep the record under DIR/<data set> (docs/results)',
    )
    add(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='change every config',
    )
    add('--data-root', metavar='DIR', help='folder of the data set')
    return parser


def main(args: argparse.Namespace) -> None:
    """Run all folds, then print the table."""
    from zoo.engine.cross_validation import FoldOptions, cross_validate
    from zoo.evaluation.fold_table import fold_table

    record = cross_validate(
        args.configs,
        FoldOptions(
            folds=args.folds,
            seed=args.seed,
            options=args.cfg_options,
            data_root=args.data_root,
        ),
        keep=args.record,
    )
    print(fold_table(record))


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
