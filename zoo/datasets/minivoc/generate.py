"""Write minivoc to disk: all of it or nothing, and always the same bytes."""

import contextlib
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.datasets.minivoc.labels import PALETTE, VOID
from zoo.datasets.minivoc.paint import render
from zoo.errors import UserError

VERSION = 1
"""Of the pictures: raised whenever one byte of the data set changes."""

MARKER = 'minivoc.json'
SPLITS = ('train', 'val')
_LISTS = Path('ImageSets', 'Segmentation')
_ABANDONED = 3600  # s after which an unfinished folder has no owner left

Progress = Callable[[int, int], None]


def ensure_minivoc(
    root: str | os.PathLike[str],
    *,
    seed: int = 0,
    train: int = 300,
    val: int = 100,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Return the folder of minivoc; generate it where it is absent.

    The folder appears complete or not at all: it is written beside its
    place under another name, then renamed. Two processes may do so at
    once. One that an older version wrote is replaced.

    Args:
        root: Folder of the data set, in PASCAL VOC's layout.
        seed: At least 0. Other seeds give other pictures.
        train: Number of training pictures.
        val: Number of validation pictures.
        workers: Threads; as many as there are cores where ``None``. They
            change nothing in the files.
        progress: Called with pictures written and pictures in all.

    Raises:
        ValueError: A number is out of range.
        UserError: The folder holds something else, or cannot be written.

    Returns:
        ``root``.
    """
    recipe = {'seed': seed, 'train': train, 'val': val}
    for name, value in recipe.items():
        if value < 0:
            raise ValueError(f'{name} must be at least 0, got {value}')
    if workers is not None and workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')
    root = Path(root)
    if not _ready(root, recipe):
        _generate(root, recipe, workers or os.cpu_count() or 1, progress)
    return root


def read_marker(root: str | os.PathLike[str]) -> dict[str, Any] | None:
    """What a folder says of itself; ``None`` where it is not minivoc.

    Returns:
        ``version``, ``seed``, ``train``, ``val`` and ``sha256`` of the
        content, see ``content_hash``.
    """
    path = Path(root, MARKER)
    if not path.is_file():
        return None
    try:
        marker = json.loads(path.read_text(encoding='utf-8'))
        numbers = [marker[k] for k in ('version', 'seed', 'train', 'val')]
        intact = all(isinstance(n, int) for n in numbers)
        intact &= isinstance(marker['sha256'], str)
    except (ValueError, KeyError, TypeError):
        intact = False
    if not intact:
        raise UserError(f'{path}: damaged. Delete the folder {root}.')
    return marker


def content_hash(root: str | os.PathLike[str]) -> str:
    """SHA-256 over names and bytes of all files except the marker."""
    root, digest = Path(root), hashlib.sha256()
    files = {p.relative_to(root).as_posix(): p for p in root.rglob('*.*')}
    for name in sorted(files.keys() - {MARKER}):
        data = files[name].read_bytes()
        digest.update(f'{name}\0{len(data)}\0'.encode())
        digest.update(data)
    return digest.hexdigest()


def check_minivoc(root: str | os.PathLike[str]) -> None:
    """Raise ``UserError`` unless every file is as it was generated."""
    marker = read_marker(root)
    if marker is None:
        raise UserError(
            f'{root}: holds no minivoc ({MARKER} is missing). '
            'Generate it or name another folder.'
        )
    if content_hash(root) != marker['sha256']:
        raise UserError(
            f'{root}: files were changed or lost since they were '
            'generated. Delete the folder and generate it again.'
        )


def _ready(root: Path, recipe: dict[str, int]) -> bool:
    """Whether what is wanted is there; refuses to replace anything else."""
    if not root.exists():
        return False
    marker = read_marker(root)
    if marker is None:
        if not root.is_dir() or any(root.iterdir()):
            raise UserError(
                f'{root}: exists and is not minivoc. '
                'Move it away or name another folder.'
            )
        return False
    found = {key: marker[key] for key in recipe}
    if found != recipe:
        raise UserError(
            f'{root}: holds minivoc with {_words(found)}, wanted '
            f'{_words(recipe)}. Delete it or name another folder.'
        )
    if marker['version'] > VERSION:
        raise UserError(
            f'{root}: holds version {marker["version"]} of minivoc, this '
            f'zoo knows {VERSION}. Delete it or update the zoo.'
        )
    return marker['version'] == VERSION


def _words(recipe: dict[str, int]) -> str:
    return ', '.join(f'{key} {value}' for key, value in recipe.items())


def _generate(
    root: Path,
    recipe: dict[str, int],
    workers: int,
    progress: Progress | None,
) -> None:
    home = root.resolve()
    fresh = _sibling(home)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        _write(fresh, recipe, workers, progress)
        _install(fresh, home, recipe)
    except OSError as error:
        raise UserError(
            f'{root}: minivoc cannot be written there ({error}). '
            'Make room or name another folder.'
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _sibling(home: Path) -> Path:
    return home.with_name(f'.{home.name}-{uuid.uuid4().hex}')


def _sweep(home: Path) -> None:
    """Remove what killed processes left beside the folder."""
    for path in home.parent.glob(f'.{home.name}-' + '?' * 32):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def _install(fresh: Path, home: Path, recipe: dict[str, int]) -> None:
    """Rename the finished folder into place."""
    with contextlib.suppress(OSError):
        home.rmdir()  # succeeds only where it is empty
    old = _sibling(home)
    if home.exists() and not _ready(home, recipe):
        with contextlib.suppress(FileNotFoundError):
            home.rename(old)
    try:
        fresh.rename(home)
    except OSError:
        if not _ready(home, recipe):  # else another process was faster
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _write(
    folder: Path,
    recipe: dict[str, int],
    workers: int,
    progress: Progress | None,
) -> None:
    for name in ('JPEGImages', 'SegmentationClass', 'SegmentationObject'):
        (folder / name).mkdir(parents=True)
    (folder / _LISTS).mkdir(parents=True)
    stems = {
        split: [f'{split}_{i:04d}' for i in range(recipe[split])]
        for split in SPLITS
    }
    jobs = [
        (folder, stem, (VERSION, recipe['seed'], number, index))
        for number, split in enumerate(SPLITS)
        for index, stem in enumerate(stems[split])
    ]
    # Threads, not processes: numpy and the encoders release the lock, and
    # a fresh process would load torch for longer than it has to paint.
    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(_write_one, jobs), 1):
            if progress is not None:
                progress(done, len(jobs))
    _write_list(folder, 'trainval', stems['train'] + stems['val'])
    for split in SPLITS:
        _write_list(folder, split, stems[split])
    marker = {'version': VERSION, **recipe, 'sha256': content_hash(folder)}
    text = json.dumps(marker, indent=2) + '\n'
    (folder / MARKER).write_text(text, encoding='utf-8')


def _write_list(folder: Path, split: str, stems: Iterable[str]) -> None:
    lines = ''.join(f'{stem}\n' for stem in stems)
    (folder / _LISTS / f'{split}.txt').write_bytes(lines.encode())


def _write_one(job: tuple[Path, str, tuple[int, ...]]) -> None:
    folder, stem, entropy = job
    picture, classes, objects = render(np.random.default_rng(entropy))
    Image.fromarray(picture).save(
        folder / 'JPEGImages' / f'{stem}.jpg', quality=92, subsampling=0
    )
    maps = {'SegmentationClass': classes, 'SegmentationObject': objects}
    for name, numbers in maps.items():
        image = Image.fromarray(numbers)
        image.putpalette(_palette(name))
        image.save(folder / name / f'{stem}.png')


def _palette(name: str) -> bytes:
    """256 RGB colours; things that follow each other differ clearly."""
    if name == 'SegmentationClass':
        colours = np.zeros((256, 3), np.uint8)
        colours[: len(PALETTE)] = PALETTE
    else:
        number = np.arange(256)[:, None]
        colours = (number * (67, 113, 181) % 256).astype(np.uint8)
    colours[VOID] = (224, 224, 192)
    return colours.tobytes()
