"""Files of the repository that are rendered from its committed records."""

from functools import partial
from pathlib import Path

from zoo.errors import UserError

from .chart_files import chart_files, render_chart
from .claim_choice import select_claims
from .claims import load_claims
from .claims_report import judge, read_leaves, render_claims
from .kinds import WORDS
from .ladder import make_ladders
from .markdown import fill_blocks
from .metafile import render_metafile
from .reading import Results, read_results
from .summaries import summarise
from .tables import render, render_sheets

__all__ = [
    'METAFILE',
    'RESULTS',
    'Results',
    'committed_records',
    'read_results',
    'read_text',
    'render_file',
    'rendered_files',
]

RESULTS = Path('docs') / 'results'
CLAIMS = Path('configs') / 'claims.yml'
METAFILE = 'metafile.yml'


def committed_records(root: Path) -> list[Path]:
    """Return docs/results/<dataset>/*.json below the repository's root."""
    return sorted((root / RESULTS).glob('*/*.json'))


def rendered_files(root: Path, results: Results) -> list[Path]:
    """Return every file of the repository that results are rendered into.

    Pictures of the leaderboard come from ``chart_files``.
    """
    markdown = [
        root / 'README.md',
        *sorted((root / 'docs').glob('*.md')),
        *sorted((root / 'configs').glob('*/README.md')),
    ]
    collections = sorted((root / 'configs').glob('*/collection.yml'))
    metafiles = [path.with_name(METAFILE) for path in collections]
    charts = chart_files(root, results.folders)
    return [p for p in markdown if p.is_file()] + metafiles + charts


def render_file(path: Path, results: Results) -> str:
    """Return what a file should say: a metafile, a picture, or Markdown.

    The NAME of a results block is a folder of docs/results, optionally
    followed by a method, by kinds of records ('semantic', 'instances',
    'boxes', 'tags'; all where none is named, in tables of their own) and by
    'totals', which leaves the classes out: 'msrc21', 'msrc21 deeplab_crf',
    'minivoc fcrn instances', 'msrc21 totals'. That of a ladder block is a
    folder and the leaves of ``make_ladders``; that of a claims block, a
    folder.

    Raises:
        UserError: If the file cannot be read or a block cannot be rendered.
    """
    if path.name == METAFILE:
        return render_metafile(path.resolve().parent, results.records())
    if path.suffix == '.svg':
        return render_chart(path, results.folders)
    return fill_blocks(
        read_text(path),
        {
            kind: partial(render, results=results, path=path)
            for kind, render in _BLOCKS.items()
        },
        path=path,
    )


def read_text(path: Path) -> str:
    """Read UTF-8, or say in one line why not."""
    try:
        return path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f'{path}: cannot be read ({error}). Check the path.'
        ) from error


def _results(name: str, results: Results, path: Path) -> str:
    folder, *options = name.split()
    classes = 'totals' not in options
    words = [word for word in options if word in WORDS]
    kinds = [WORDS[word] for word in words or WORDS]
    method = ' '.join(w for w in options if w not in (*WORDS, 'totals'))
    records = [
        record
        for record in results.folders.get(folder, [])
        if record['kind'] in kinds
        and (not method or record['config'].split('/')[0] == method)
    ]
    if not records:
        wanted = f' of {method}' if method else ''
        wanted += f' ({", ".join(words)})' if words else ''
        raise UserError(
            f'{path}: results block {name!r}: no record{wanted} in '
            f'{RESULTS.as_posix()}/{folder}. Correct the name or add one.'
        )
    return render(summarise(records), format='md', classes=classes)


def _ladder(name: str, results: Results, path: Path) -> str:
    folder, *leaves = name.split()
    try:
        ladders = make_ladders(results.folders.get(folder, []), leaves)
    except UserError as error:
        raise UserError(f'{path}: ladder block {name!r}: {error}') from error
    return render_sheets(ladders, format='md')


def _claims(name: str, results: Results, path: Path) -> str:
    """Render the report of the claims of a data set."""
    root = next(
        (p for p in path.resolve().parents if (p / CLAIMS).exists()), None
    )
    if root is None:
        raise UserError(
            f'{path}: claims block {name!r}: no {CLAIMS.as_posix()} in a '
            'folder above. Delete the block.'
        )
    claims = select_claims(load_claims(root / CLAIMS), name)
    records, problems = read_leaves(root / RESULTS / name, claims)
    findings = judge(claims, name, records)
    problems += [found.problem for found in findings if found.problem]
    if problems:
        raise UserError(f'{path}: claims block {name!r}: {problems[0]}')
    return render_claims(findings, name, format='md')


_BLOCKS = {'results': _results, 'ladder': _ladder, 'claims': _claims}
