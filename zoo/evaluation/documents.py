"""Files of the repository that are rendered from its committed records."""

import contextlib
import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zoo.errors import UserError

from .kinds import WORDS
from .markdown import fill_blocks
from .metafile import render_metafile
from .records import read_record
from .summaries import summarise
from .tables import render

RESULTS = Path('docs') / 'results'
METAFILE = 'metafile.yml'


@dataclass
class Results:
    """Records by the folder that they lie in, and what could not be read."""

    folders: dict[str, list[dict]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def records(self) -> list[dict]:
        """Return the records of all folders."""
        return [r for records in self.folders.values() for r in records]


def read_results(paths: Iterable[str | Path]) -> Results:
    """Read records; a bad one becomes a line of ``problems``.

    The counts per image, nearly all of a record, are dropped.
    """
    results = Results()
    with _no_garbage_collection():
        for path in paths:
            try:
                record = read_record(path)
            except UserError as error:
                results.problems.append(str(error))
                continue
            del record['per_image']
            folder = results.folders.setdefault(Path(path).parent.name, [])
            folder.append(record)
    return results


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector: records have no cycles, and it took 4/5 of the time.

    Every few thousand new lists it walks over all that torch has imported.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def committed_records(root: Path) -> list[Path]:
    """Return docs/results/<dataset>/*.json below the repository's root."""
    return sorted((root / RESULTS).glob('*/*.json'))


def rendered_files(root: Path) -> list[Path]:
    """Return every file of the repository that results are rendered into."""
    markdown = [
        root / 'README.md',
        *sorted((root / 'docs').glob('*.md')),
        *sorted((root / 'configs').glob('*/README.md')),
    ]
    collections = sorted((root / 'configs').glob('*/collection.yml'))
    metafiles = [path.with_name(METAFILE) for path in collections]
    return [path for path in markdown if path.is_file()] + metafiles


def render_file(path: Path, results: Results) -> str:
    """Return what a file should say: a metafile, or Markdown with blocks.

    The NAME of a block is a folder of docs/results, optionally followed by a
    method, by kinds of records ('semantic', 'instances', 'boxes', 'tags';
    all where none is named, in tables of their own) and by 'totals', which
    leaves the classes out: 'msrc21', 'msrc21 deeplab_crf', 'minivoc fcrn
    instances', 'msrc21 totals'.

    Raises:
        UserError: If the file cannot be read or a block cannot be rendered.
    """
    if path.name == METAFILE:
        return render_metafile(path.resolve().parent, results.records())
    return fill_blocks(
        read_text(path),
        lambda name: _block(name, results, path),
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


def _block(name: str, results: Results, path: Path) -> str:
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
