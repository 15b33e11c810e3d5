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
        choices=('table', 'md', 'csv'),
        default='table',
        help='terminal table, Markdown, or one figure per line (%(default)s)',
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--write',
        nargs='*',
        type=Path,
        metavar='FILE',
        help='render docs/results into the results blocks of these files; '
        'into README.md, docs/*.md, configs/*/README.md and '
        'configs/*/metafile.yml where none is given',
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


def main(args: argparse.Namespace) -> int:
    """Show, write or check; return the exit code."""
    from zoo.evaluation import documents

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
        show(results.records(), args.format)
    else:
        files = files or documents.rendered_files(args.root)
        results.problems += update(
            files, results, write=args.write is not None
        )
    for problem in results.problems:
        print(f'error: {problem}', file=sys.stderr)
    return 2 if results.problems else 0


def show(records: list[dict], format: str) -> None:
    """Print the tables."""
    from zoo.evaluation import render, summarise

    if records:
        print(render(summarise(records), format=format), end='')


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
