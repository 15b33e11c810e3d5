"""Prepare a data set: get its archives, convert, see that all is there."""

import re
import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from zoo.datasets.catalogue import CATALOGUE, Archive, Entry
from zoo.datasets.prepare.cityscapes import prepare_cityscapes
from zoo.datasets.prepare.coco_voc20 import prepare_coco_voc20
from zoo.datasets.prepare.context import prepare_context
from zoo.datasets.prepare.msrc21 import prepare_msrc21
from zoo.datasets.prepare.nyud40 import prepare_nyud40
from zoo.datasets.prepare.obtain import Bar, obtain, warn_of_sizes
from zoo.datasets.prepare.readiness import count_images
from zoo.datasets.prepare.sbd import prepare_sbd
from zoo.datasets.prepare.siftflow import prepare_siftflow
from zoo.datasets.prepare.sources import permitted
from zoo.datasets.prepare.stanford import prepare_stanford
from zoo.datasets.prepare.state import FILE, State, Watch
from zoo.datasets.prepare.voc import prepare_voc
from zoo.datasets.writing import Progress
from zoo.errors import UserError
from zoo.files import one_at_a_time

DOWNLOADS = 'data/downloads'
Converter = Callable[[Path, Sequence[Path], Progress | None], None]

CONVERTERS: dict[str, Converter] = {
    'voc': prepare_voc,
    'sbd': prepare_sbd,
    'coco_voc20': prepare_coco_voc20,
    'context59': prepare_context,
    'context60': prepare_context,
    'nyud40': prepare_nyud40,
    'siftflow': prepare_siftflow,
    'cityscapes': prepare_cityscapes,
    'msrc21': prepare_msrc21,
    'stanford': prepare_stanford,
}


def prepare(
    name: str,
    root: str | Path | None = None,
    *,
    archives: Sequence[str | Path] = (),
    downloads: str | Path = DOWNLOADS,
    bar: Bar,
    say: Callable[[str], None] = print,
) -> dict[str, int]:
    """Bring a data set into the layout that its base in ``configs`` expects.

    Without ``archives`` whatever is not there yet is downloaded. Stopped in
    any way, another call goes on and ends with the same files.

    Args:
        name: Key of the catalogue.
        root: Its folder; the usual one where ``None``.
        archives: Files or folders to take instead; nothing is downloaded.
        downloads: Folder that downloads are kept in.
        bar: From a text to a context that shows progress.
        say: Called with lines for the user.

    Returns:
        Images per split.

    Raises:
        UserError: If something cannot be had, is damaged, or is missing in
            the end.
    """
    entry = CATALOGUE[name]
    folder = Path(root or entry.root)
    sources = [Path(path) for path in archives]
    if lost := [path for path in sources if not path.exists()]:
        raise UserError(f'{lost[0]}: no such archive. Correct --archive.')
    with one_at_a_time(folder / FILE):
        return _prepare(entry, folder, sources, Path(downloads), bar, say)


def _prepare(
    entry: Entry,
    folder: Path,
    archives: list[Path],
    downloads: Path,
    bar: Bar,
    say: Callable[[str], None],
) -> dict[str, int]:
    start = time.time()
    state = State(folder)
    if archives:
        warn_of_sizes(entry, archives, say)
        sources = archives
    else:
        _refuse_half(entry, state)
        needed = [a for a in entry.archives if state.needs(a)]
        digests = obtain(entry, needed, folder, downloads, bar, say)
        state.record({path.name: known for path, known in digests.items()})
        sources = list(digests)
    state.begin(sources)
    with permitted(folder), bar(f'preparing {entry.title}') as progress:
        CONVERTERS[entry.name](
            folder, sources or [folder], Watch(progress, state)
        )
    sizes = count_images(entry, folder, say)
    for source in sources:
        state.finished(source)
    if state.unfinished:
        names = ', '.join(state.unfinished)
        say(f'warning: {names}: begun earlier and not finished')
    _remove_leftovers(folder, before=start)
    return sizes


def _refuse_half(entry: Entry, state: State) -> None:
    """What was given by hand and broken off cannot be downloaded."""
    known = {archive.file for archive in entry.archives}
    lost = [x for x in state.unfinished if Path(x).name not in known]
    if lost:
        raise UserError(
            f'{state.path.parent}: a call with --archive '
            f'{shlex.join(lost)} was stopped. Give it again, or remove '
            f'{state.path} if all is there.'
        )


def plan(
    name: str, root: str | Path | None = None, *, downloads: str | Path
) -> list[tuple[Archive, bool]]:
    """Return the archives that a call would use, and which are here."""
    entry = CATALOGUE[name]
    state = State(Path(root or entry.root))
    needed = [a for a in entry.archives if state.needs(a)]
    return [(a, (Path(downloads) / a.file).is_file()) for a in needed]


def _remove_leftovers(root: Path, *, before: float) -> None:
    """Delete what a killed call has left half written.

    Args:
        root: Folder of the data set.
        before: Seconds since 1970; what was written to later stays, since
            another program may be about to finish it.
    """
    for path in root.rglob('.*.tmp'):
        ours = re.fullmatch(r'\..+\.\d+\.tmp', path.name)
        with suppress(OSError):
            if ours and path.stat().st_mtime < before:
                path.unlink()
