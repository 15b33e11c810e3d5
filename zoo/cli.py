"""Run a command line: one clear line on error, a traceback on request."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from zoo.errors import UserError


def run(
    parser: argparse.ArgumentParser,
    main: Callable[[argparse.Namespace], int | None],
    argv: Sequence[str] | None = None,
) -> int:
    """Parse, call ``main`` and return the exit code.

    Adds ``--debug`` to the parser. ``UserError`` ends in one line on stderr
    and code 2, an interrupt in code 130; with ``--debug`` both show their
    traceback. Every other exception is a bug of ours and is not hidden.

    Args:
        parser: Built without importing torch, so that ``--help`` is fast.
        main: Does the work; ``None`` means success, code 0.
        argv: Arguments; those of the process where ``None``.
    """
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of an error'
    )
    args = parser.parse_args(argv)
    try:
        code = main(args) or 0
        sys.stdout.flush()
        return code
    except UserError as error:
        if args.debug:
            raise
        print(f'error: {error.line}', file=sys.stderr)
        return 2
    except BrokenPipeError:  # `tools/test.py ... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        if args.debug:
            raise
        print('stopped', file=sys.stderr)
        return 130


def add_saved_probs_options(parser: argparse.ArgumentParser) -> None:
    """Add what the tools have that work on saved probabilities."""
    add = parser.add_argument
    add('config', metavar='CONFIG')
    add(
        '--probs',
        required=True,
        metavar='DIR',
        help='.npy of float16, 32 or 64, or .npz with one array',
    )
    add('--out', required=True, metavar='DIR', help='where results go')
    add(
        '--photos',
        metavar='DIR',
        help="folder of the photographs; by default the config's test data "
        'set, of which nothing is needed with it',
    )
    add(
        '--labels',
        metavar='DIR',
        help='folder of label maps NAME.png to score against',
    )
    add(
        '--workers',
        type=int,
        metavar='N',
        help='processes; by default one per core',
    )
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    add('--data-root', metavar='DIR', help='folder of the data set')


def add_sweep_options(parser: argparse.ArgumentParser) -> None:
    """Add what all tools have that run many leaves."""
    add = parser.add_argument
    add(
        '--jobs',
        type=int,
        default=1,
        metavar='N',
        help='how many run at once (1)',
    )
    add(
        '--plan',
        action='store_true',
        help='print the missing commands instead of running them; those of '
        'one stage are independent of each other',
    )
    add('--data-root', metavar='DIR', help='folder of the data set')
