"""Data sets: what is there, how to get it, what is wrong with it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zoo.cli import run

_EXAMPLES = """\
examples:
  python tools/data.py list
  python tools/data.py prepare msrc21 --archive msrc_v2.zip labels.tar.gz
  python tools/data.py prepare stanford --archive iccv09Data.tar.gz
  python tools/data.py prepare voc --archive benchmark.tgz
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

    commands.add_parser('list', help='all data sets: there or not, terms')

    prepare = commands.add_parser(
        'prepare', help='bring a download into the form the zoo reads'
    )
    prepare.add_argument('name', help='msrc21, stanford or voc')
    _add_root(prepare)
    prepare.add_argument(
        '--archive',
        nargs='+',
        default=[],
        metavar='FILE',
        help='msrc21, stanford: zip or tar files of the release, of stanford '
        'also folders, where the root does not hold it unpacked; voc: '
        'benchmark.tgz of SBD, or its folder',
    )

    check = commands.add_parser(
        'check', help='read every file; exit code 2 where something is wrong'
    )
    check.add_argument('name', help='as in the list')
    _add_root(check)
    check.add_argument(
        '--json', action='store_true', help='print one JSON object'
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
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
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
    """Print a table of the catalogue and of what is on this machine."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from zoo.datasets.catalogue import CATALOGUE

    table = Table(box=box.SIMPLE_HEAD)
    for column in ('name', 'data set', 'images', 'terms', 'here'):
        table.add_column(column, overflow='fold')
    for entry in CATALOGUE.values():
        missing = entry.missing(entry.root)
        colour, here = 'green', entry.root
        if missing:
            colour, here = 'yellow', f'{here}: missing {missing[0]}'
        sizes = (
            f'{name} {known[0]}' if known else name
            for name, known in entry.splits.items()
        )
        table.add_row(
            entry.name,
            entry.title,
            ', '.join(sizes),
            entry.licence,
            f'[{colour}]{here}[/]',
        )
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    # Below the table, not in it: a folded address cannot be copied.
    for entry in CATALOGUE.values():
        console.print(f'{entry.name} ({entry.size}): {entry.where}')


def prepare(args: argparse.Namespace) -> None:
    """Convert a downloaded data set and print what came of it."""
    from zoo.datasets.catalogue import PREPARABLE
    from zoo.errors import UserError

    entry = _entry(args.name, PREPARABLE)
    root = args.root or entry.root
    if args.name == 'voc' and len(args.archive) != 1:
        raise UserError(
            'prepare voc: --archive needs one file or folder, benchmark.tgz '
            f'of SBD. Get it: {entry.where}.'
        )
    with _bar(f'preparing {entry.title}') as progress:
        if args.name == 'voc':
            from zoo.datasets.prepare_voc import prepare_voc

            sizes = prepare_voc(
                root, source=args.archive[0], progress=progress
            )
        elif args.name == 'stanford':
            from zoo.datasets.prepare_stanford import prepare_stanford

            sizes = prepare_stanford(
                root, archives=args.archive, progress=progress
            )
        else:
            from zoo.datasets.prepare_msrc21 import prepare_msrc21

            sizes = prepare_msrc21(
                root, archives=args.archive, progress=progress
            )
    shown = ', '.join(f'{name} {size}' for name, size in sizes.items())
    print(f'{root}: ready ({shown} images).')
    print(f'Next: python tools/data.py check {args.name} --root {root}')


def check(args: argparse.Namespace) -> int:
    """Audit a data set; returns 2 where something is wrong."""
    import zoo.datasets  # noqa: F401  registers the data sets
    from zoo.datasets.audit import audit
    from zoo.datasets.catalogue import CATALOGUE

    entry = _entry(args.name, CATALOGUE)
    options = _superpixel_options(args, entry)
    with _bar(f'reading {entry.title}') as progress:
        report = audit(args.name, args.root or entry.root, progress=progress)
    wrong = any(p['level'] == 'error' for p in report['problems'])
    if options:
        root = report['root']
        report['superpixels'] = (
            None if wrong else _measure(entry, root, options)
        )
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        _print_report(report)
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


def _print_report(report: dict) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True, highlight=False)
    sizes = ', '.join(f'{k} {v}' for k, v in report['splits'].items())
    console.print(f'{report["name"]} in {report["root"]}: {sizes} images')
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column('class')
    for column in ('images', 'pixels', '% of labelled'):
        table.add_column(column, justify='right')
    labelled = sum(c['pixels'] for c in report['classes'].values()) or 1
    for name, seen in report['classes'].items():
        share = 100 * seen['pixels'] / labelled
        table.add_row(
            name, str(seen['images']), str(seen['pixels']), f'{share:.2f}'
        )
    console.print(table)
    if report['mean'] is not None:
        console.print(
            f'void {100 * report["void"]:.2f} % of all pixels; mean BGR '
            f'{report["mean"]}, std {report["std"]}'
        )
    if 'superpixels' in report:
        _print_superpixels(console, report['superpixels'])
    _print_problems(console, report['problems'])


def _print_superpixels(console, found: dict | None) -> None:
    if found is None:
        console.print('superpixels: not measured while there are errors')
        return
    number = found['per_image']
    console.print(
        f'superpixels of {found["split"]} (--superpixels '
        f'{found["n_segments"]} --compactness {found["compactness"]:g}): '
        f'{number["mean"]} per image ({number["min"]} to {number["max"]}), '
        f'{found["size"]} px each'
    )
    known = {k: iou for k, iou in found['IoU'].items() if iou is not None}
    lowest = sorted(known, key=known.__getitem__)[:3]
    shown = ', '.join(f'{name} {known[name]}' for name in lowest)
    console.print(
        f'each with its most frequent label: aAcc {found["aAcc"]}, mIoU '
        f'{found["mIoU"]}; lowest IoU: {shown}'
    )


def _print_problems(console, problems: list[dict[str, str]]) -> None:
    colours = {'error': 'red', 'warning': 'yellow'}
    for problem in problems:
        level = problem['level']
        console.print(f'[{colours[level]}]{level}:[/]', end=' ')
        console.print(f'{problem["what"]}. ', markup=False, end='')
        console.print(f'{problem["remedy"]}.', markup=False)
    count = {k: sum(p['level'] == k for p in problems) for k in colours}
    if count['error']:
        verdict = '[red]not fit for use[/]'
    else:
        verdict = '[green]fit for use[/]'
    console.print(
        f'verdict: {verdict} ({count["error"]} errors, '
        f'{count["warning"]} warnings)'
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
