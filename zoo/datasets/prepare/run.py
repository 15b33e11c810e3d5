"""Prepare a data set: get its archives, convert, see that all is there."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from mmseg.registry import DATASETS

import zoo.datasets  # noqa: F401  registers the data sets
from zoo.datasets.catalogue import CATALOGUE, Archive, Entry
from zoo.datasets.prepare.cityscapes import prepare_cityscapes
from zoo.datasets.prepare.coco_voc20 import prepare_coco_voc20
from zoo.datasets.prepare.context import prepare_context
from zoo.datasets.prepare.downloads import digest
from zoo.datasets.prepare.msrc21 import prepare_msrc21
from zoo.datasets.prepare.nyud40 import prepare_nyud40
from zoo.datasets.prepare.obtain import Bar, obtain, warn_of_sizes
from zoo.datasets.prepare.sbd import prepare_sbd
from zoo.datasets.prepare.siftflow import prepare_siftflow
from zoo.datasets.prepare.stanford import prepare_stanford
from zoo.datasets.prepare.state import State
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
    with one_at_a_time(State.read(folder, name).path):
        return _prepare(
            entry, folder, list(map(Path, archives)), Path(downloads), bar, say
        )


def _prepare(
    entry: Entry,
    folder: Path,
    archives: list[Path],
    downloads: Path,
    bar: Bar,
    say: Callable[[str], None],
) -> dict[str, int]:
    state = State.read(folder, entry.name)
    needed = [a for a in entry.archives if state.needs(a)]
    known = {archive.file for archive in entry.archives}
    if lost := [] if archives else sorted({*state.unfinished} - known):
        raise UserError(
            f'{folder}: a call with --archive {" ".join(lost)} was stopped. '
            f'Give it again, or remove {state.path} if all is there.'
        )
    sources = archives
    if archives:
        warn_of_sizes(entry, archives, say)
    else:
        sources = obtain(entry, needed, folder, downloads, bar, say)
    state = state.begin(sources)
    with bar(f'preparing {entry.title}') as progress:
        CONVERTERS[entry.name](folder, sources or [folder], progress)
    sizes = _sizes(entry, folder)
    digests = {
        archive.file: archive.checksum or f'sha256:{digest(path, "sha256")}'
        for archive, path in zip(needed, sources, strict=False)
        if not archives
    }
    left = state.finish(sources, digests).unfinished
    if left:
        say(f'warning: {", ".join(left)} was begun earlier and not finished')
    _remove_leftovers(folder)
    return sizes


def plan(
    name: str, root: str | Path | None = None, *, downloads: str | Path
) -> list[tuple[Archive, bool]]:
    """Return the archives that a call would use, and which are here."""
    entry = CATALOGUE[name]
    state = State.read(Path(root or entry.root), name)
    needed = [a for a in entry.archives if state.needs(a)]
    return [(a, (Path(downloads) / a.file).is_file()) for a in needed]


def _sizes(entry: Entry, root: Path) -> dict[str, int]:
    """Return images per split; refuse what is not complete."""
    if missing := entry.missing(root):
        files = ', '.join(
            f'{a.file} ({a.page})'
            for a in entry.archives
            if set(missing) & set(a.gives)
        ) or ', '.join(a.file for a in entry.archives)
        raise UserError(
            f'{root}: missing {missing[0]}, after all that was given. It '
            f'comes of {files}; name it with --archive.'
        )
    sizes = {}
    for split in entry.splits:
        arguments = {'data_root': str(root), **entry.arguments(split)}
        kind = DATASETS.get(entry.dataset)
        built = kind(pipeline=[], serialize_data=False, **arguments)
        used = built.metainfo.get('split', split)
        if not (split in entry.optional and used != split):
            sizes[split] = len(built)
    return sizes


def _remove_leftovers(root: Path) -> None:
    """Delete what a killed call has left half written."""
    for path in root.rglob('.*.tmp'):
        pid = path.name.split('.')[-2]
        if pid.isdigit() and not _is_running(int(pid)):
            with suppress(OSError):
                path.unlink()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
