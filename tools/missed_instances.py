"""Test a leaf of instances and say what kinds of instances it missed.

python tools/missed_instances.py configs/fcrn/true-instances_minivoc.py
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Test a leaf of instances, then count the true instances '
        'that no mask of their class overlaps by more than half: small ones, '
        'those whose box overlaps a neighbour of their class, those in '
        'several parts, and the rest.'
    )
    add = parser.add_argument
    add('config', metavar='CONFIG[=CHECKPOINT]')
    add('--data-root', metavar='DIR', help='folder of the data set')
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    return parser


def main(args: argparse.Namespace) -> None:
    """Test and count."""
    from zoo.engine.missed_instances import instances_of_test, kinds_of_missed
    from zoo.engine.testing import TestOptions

    path, _, checkpoint = args.config.partition('=')
    options = TestOptions(options=args.cfg_options, data_root=args.data_root)
    found, grouper = instances_of_test(path, checkpoint or None, options)
    lines = kinds_of_missed(found, grouper)
    width = max(len(words) for words, *_ in lines)
    print(f'{"instances":{width}}  there  missed')
    for words, there, missed in lines:
        print(f'{words:{width}}  {there:5}  {missed:6}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
