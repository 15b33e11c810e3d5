"""Show run records beside published numbers, or keep documents up to date."""

import argparse
import sys
from pathlib import Path

from zoo.cli import run
from zoo.errors import UserError

ROOT = Path(__file__).resolve().parents[1]


def build_parser() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description='Render run records beside the published numbers.',
        epilog='Exit code 2: a record is malformed, or a file has drifted.',
    )
    parser.add_argument(
        'records',
        nargs='*',
        type=Path,
        metavar='RECORD',
        help='records to show; all of docs/results where none is given',
    )
    parser.add_argument(
        '--format',
        choices=('table', 'md', 'csv', 'html'),
        default='table',
        help='terminal table, Markdown, one figure per line, or a page for '
        'browsers (%(default)s)',
    )
    parser.add_argument(
        '--out', type=Path, metavar='FILE', help='write there, print nothing'
    )
    parser.add_argument(
        '--ladder',
        nargs='+',
        metavar='LEAF',
        help='only these, like fcrn/r18_minivoc, in this order, each with '
        'the difference to the one before',
    )
    _add_pictures(parser)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--write',
        nargs='*',
        type=Path,
        metavar='FILE',
        help='render docs/results into the results blocks of these files; '
        'into README.md, docs/*.md, configs/*/README.md, '
        'configs/*/metafile.yml and docs/images/leaderboard_*.svg where none '
        'is given',
    )
    mode.add_argument(
        '--check',
        nargs='*',
        type=Path,
        metavar='FILE',
        help='name the files that --write would change',
    )
    parser.add_argument(
        '--root',
        type=Path,
        default=ROOT,
        help='folder that holds docs and configs (%(default)s)',
    )
    return parser


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--masks',
        type=Path,
        metavar='DIR',
        help='with html: also show predictions, as tools/test.py '
        '--save-masks DIR wrote them',
    )
    parser.add_argument(
        '--images',
        nargs='+',
        default=(),
        metavar='N|NAME',
        help='of these images, or of so many of each data set (6)',
    )
    parser.add_argument(
        '--data-root', metavar='DIR', help='folder of their data set'
    )


def main(args: argparse.Namespace) -> int:
    """Show, write or check; return the exit code."""
    from zoo.evaluation import documents

    _require_use(args)
    files = args.check if args.write is None else args.write
    if files is not None and args.records:
        raise UserError(
            f'{args.records[0]}: --write and --check take no RECORD. Put it '
            'into docs/results, or leave the option out.'
        )
    paths = args.records or documents.committed_records(args.root)
    if not paths and files is None:
        raise UserError(
            f'{args.root / documents.RESULTS}: no record here. Name one that '
            'tools/test.py wrote.'
        )
    results = documents.read_results(paths)
    if files is None:
        show(results.records(), args)
    else:
        files = files or documents.rendered_files(args.root, results)
        results.problems += update(
            files, results, write=args.write is not None
        )
    for problem in results.problems:
        print(f'error: {problem}', file=sys.stderr)
    return 2 if results.problems else 0


def _require_use(args: argparse.Namespace) -> None:
    """Refuse an option that would have no effect."""
    updates = args.write is not None or args.check is not None
    if args.out is not None and updates:
        raise UserError(
            f'--out {args.out}: has no effect with --write and --check. Leave '
            'it out.'
        )
    if args.ladder is not None and (updates or args.format == 'html'):
        raise UserError(
            f'--ladder {args.ladder[0]}: is a table of its own. Leave out '
            '--write, --check and --format html.'
        )
    if args.masks is not None and (updates or args.format != 'html'):
        raise UserError(
            f'--masks {args.masks}: only the page shows them. Add --format '
            'html.'
        )
    if args.masks is None and (args.images or args.data_root):
        raise UserError(
            '--images and --data-root: pictures need predictions too. Add '
            '--masks DIR.'
        )


def show(records: list[dict], args: argparse.Namespace) -> None:
    """Print the tables, or write them where --out says."""
    from zoo.evaluation import render, summarise
    from zoo.evaluation.ladder import make_ladders
    from zoo.evaluation.tables import render_sheets
    from zoo.files import write_text

    if not records:
        return
    if args.ladder:
        ladders = make_ladders(records, args.ladder)
        text = render_sheets(ladders, format=args.format)
    elif args.format == 'html':
        text = page(summarise(records), args)
    else:
        text = render(summarise(records), format=args.format)
    if args.out is None:
        print(text, end='')
    else:
        write_text(args.out, text)


def page(summaries: list, args: argparse.Namespace) -> str:
    """Return the page for browsers, with pictures where masks are named."""
    from zoo.evaluation.page import render_page

    if args.masks is None:
        return render_page(summaries)
    from zoo.engine.page_pictures import collect_pictures

    pictures = collect_pictures(
        args.masks,
        args.images,
        configs=args.root / 'configs',
        data_root=args.data_root,
    )
    return render_page(summaries, pictures=pictures)


def update(files: list[Path], results, *, write: bool) -> list[str]:
    """Write the files that differ, or return a line about each of them."""
    from zoo.evaluation.documents import read_text, render_file
    from zoo.files import write_text

    problems = []
    for path in files:
        try:
            text = render_file(path, results)
            if path.is_file() and read_text(path) == text:
                continue
        except UserError as error:
            problems.append(str(error))
            continue
        if write:
            write_text(path, text)
            print(f'wrote {path}')
        else:
            problems.append(
                f'{path}: differs from docs/results. Run '
                'tools/leaderboard.py --write.'
            )
    return problems


if __name__ == '__main__':
    sys.exit(run(build_parser(), main))
