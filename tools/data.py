"""Data sets: what is there, how to get it, what is wrong with it."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zoo.cli import run

_EXAMPLES = """\
examples:
  python tools/data.py list
  python tools/data.py prepare voc --plan
  python tools/data.py prepare voc
  python tools/data.py prepare stanford --archive iccv09Data.tar.gz
  python tools/data.py check voc --root /data/VOCdevkit/VOC2012
  python tools/data.py check msrc21 --superpixels 500
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all four commands."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest='command', required=True)

    listing = commands.add_parser(
        'list', help='all data sets: there or not, terms, where to get them'
    )
    listing.add_argument(
        '--json', action='store_true', help='print one JSON array'
    )

    prepare = commands.add_parser(
        'prepare', help='download it and bring it into the form the zoo reads'
    )
    prepare.add_argument('name', help='as in the list')
    _add_root(prepare)
    prepare.add_argument(
        '--archive',
        nargs='+',
        default=[],
        metavar='FILE',
        help='start from these files or folders; nothing is downloaded',
    )
    prepare.add_argument(
        '--downloads',
        default='data/downloads',
        metavar='DIR',
        help='where downloads are kept (default: %(default)s)',
    )
    prepare.add_argument(
        '--plan',
        action='store_true',
        help='say what would be downloaded, and stop',
    )

    check = commands.add_parser(
        'check', help='read every file; exit code 2 where something is wrong'
    )
    check.add_argument('name', help='as in the list')
    _add_root(check)
    check.add_argument(
        '--json', action='store_true', help='print one JSON object'
    )
    check.add_argument(
        '--labels-only',
        action='store_true',
        help='read the label maps, not the images',
    )
    _add_superpixels(check)

    minivoc = commands.add_parser('minivoc', help='generate minivoc')
    _add_root(minivoc)
    minivoc.add_argument('--seed', type=int, default=0, metavar='N')
    return parser


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--root', metavar='DIR', help='its folder (default: as in the list)'
    )


def _add_superpixels(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        'superpixels', 'the best scores that a labelling of them can reach'
    )
    group.add_argument(
        '--superpixels',
        type=int,
        nargs='?',
        const=500,
        metavar='N',
        help='measure it with about N per image (%(const)s if left out)',
    )
    group.add_argument(
        '--compactness',
        type=float,
        metavar='M',
        help='weight of the place against the colour (default: 15)',
    )
    group.add_argument(
        '--split', help='on which images (default: val, or else test)'
    )


@contextmanager
def _bar(text: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show progress on stderr; yields a function of done and total."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=None)
        yield lambda done, total: progress.update(
            task, completed=done, total=total
        )


def _entry(name: str, known):
    from zoo.datasets.catalogue import CATALOGUE
    from zoo.errors import UserError

    if name not in known:
        raise UserError(f'{name}: choose one of {", ".join(known)}.')
    return CATALOGUE[name]


def list_all(args: argparse.Namespace) -> None:
    """Print what is known of each data set, and what is on this machine."""
    from zoo.datasets.listing import facts, print_list

    if args.json:
        print(json.dumps(facts(), indent=2))
    else:
        print_list()


def prepare(args: argparse.Namespace) -> None:
    """Get and convert a data set, and print what came of it."""
    from zoo.datasets.catalogue import PREPARABLE
    from zoo.datasets.listing import describe
    from zoo.datasets.prepare.run import plan
    from zoo.datasets.prepare.run import prepare as prepare_dataset
    from zoo.errors import UserError

    entry = _entry(args.name, PREPARABLE)
    root = args.root or entry.root
    if args.plan:
        if args.archive:
            raise UserError('--plan: goes without --archive.')
        needed = plan(args.name, root, downloads=args.downloads)
        for archive, here in needed:
            how = 'to be downloaded' if archive.url else 'to be got by hand'
            print(f'{describe(archive)}: {"here" if here else how}')
        if not needed:
            print(f'{root}: nothing to download.')
        return
    sizes = prepare_dataset(
        args.name,
        root,
        archives=args.archive,
        downloads=args.downloads,
        bar=_bar,
    )
    shown = ', '.join(f'{name} {size}' for name, size in sizes.items())
    print(f'{root}: ready ({shown} images).')
    place = shlex.quote(str(root))
    print(f'Next: python tools/data.py check {args.name} --root {place}')


def check(args: argparse.Namespace) -> int:
    """Audit a data set; returns 2 where something is wrong."""
    import zoo.datasets  # noqa: F401  registers the data sets
    from zoo.datasets.catalogue import CATALOGUE
    from zoo.datasets.checking import audit
    from zoo.datasets.checking.printing import print_report

    entry = _entry(args.name, CATALOGUE)
    options = _superpixel_options(args, entry)
    with _bar(f'reading {entry.title}') as progress:
        report = audit(
            args.name,
            args.root or entry.root,
            labels_only=args.labels_only,
            progress=progress,
        )
    wrong = report['verdict'] != 'fit for use'
    if options:
        root = report['root']
        report['superpixels'] = (
            None if wrong else _measure(entry, root, options)
        )
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        print_report(report)
    return 2 if wrong else 0


def _superpixel_options(args: argparse.Namespace, entry) -> dict:
    """Return what to measure superpixels with; nothing where not asked."""
    from zoo.errors import UserError
    from zoo.ops.superpixels import check_slic_options

    given = {'--compactness': args.compactness, '--split': args.split}
    if args.superpixels is None:
        for option, value in given.items():
            if value is not None:
                raise UserError(f'{option}: add --superpixels.')
        return {}
    if args.split is not None and args.split not in entry.splits:
        raise UserError(
            f'--split {args.split}: choose one of {", ".join(entry.splits)}.'
        )
    numbers = {
        'n_segments': args.superpixels,
        'compactness': 15.0 if args.compactness is None else args.compactness,
    }
    try:
        check_slic_options(**numbers)
    except ValueError as error:
        raise UserError(f'--superpixels, --compactness: {error}.') from None
    return {**numbers, 'split': args.split}


def _measure(entry, root: str, options: dict) -> dict:
    from zoo.engine.superpixel_oracle import superpixel_oracle

    with _bar(f'superpixels of {entry.title}') as progress:
        return superpixel_oracle(
            entry.name, root, progress=progress, **options
        )


def minivoc(args: argparse.Namespace) -> None:
    """Generate the embedded data set where it is not there yet."""
    from zoo.datasets.catalogue import CATALOGUE
    from zoo.datasets.minivoc import ensure_minivoc

    with _bar('generating minivoc') as progress:
        folder = ensure_minivoc(
            args.root or CATALOGUE['minivoc'].root,
            seed=args.seed,
            progress=progress,
        )
    print(f'{folder}: ready.')


def main(args: argparse.Namespace) -> int | None:
    """Run the chosen command."""
    commands = {
        'list': list_all,
        'prepare': prepare,
        'check': check,
        'minivoc': minivoc,
    }
    return commands[args.command](args)


if __name__ == '__main__':
    sys.exit(run(build_parser(), main))
