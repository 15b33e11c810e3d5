"""Checkpoints that hold tensors and plain data, and load as nothing else."""

import os
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from zipfile import is_zipfile

import numpy as np
import torch
from mmengine.dist import barrier, is_main_process
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader, get_external_models

from zoo.errors import UserError
from zoo.files import replacing

PLAIN = (str, bytes, bool, int, float, complex, type(None))
# what torch says of a file that names a class or a function
MORE_THAN_DATA = re.compile(r'Unsupported (global|class)|reduce|instantiate')
BUFFER = '__history_buffer__'


def load_plain(
    path: str | Path, map_location: Any = 'cpu', *, lazy: bool = False
) -> Any:
    """Load a local file with ``weights_only=True`` and no allow-list.

    Args:
        path: Of the file.
        map_location: As in ``torch.load``.
        lazy: Whether to read a tensor only when it is used.

    Raises:
        UserError: If the file is missing, cut short, or holds anything but
            tensors and plain data; nothing of it has been run then.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise UserError(f'{path}: no such checkpoint')
    lazy = lazy and is_zipfile(path)  # torch's older format is read at once
    try:
        return torch.load(
            str(path), map_location, weights_only=True, mmap=lazy
        )
    except pickle.UnpicklingError as error:
        if not MORE_THAN_DATA.search(str(error)):
            raise UserError(_damaged(path)) from None
        raise UserError(
            f'{path}: refused, it holds more than tensors and plain data and '
            'could run code when loaded. If you trust its source, convert it '
            f'once: python tools/convert.py --trust {path}'
        ) from None
    except Exception:  # a damaged file fails in ways that no list covers
        raise UserError(_damaged(path)) from None


def load_meta(path: str | Path) -> dict:
    """Return what a local checkpoint says of itself, and read no weights.

    Raises:
        UserError: See ``load_plain``.
    """
    content = load_plain(path, lazy=True)
    found = content.get('meta') if isinstance(content, Mapping) else None
    return found if isinstance(found, dict) else {}


def _damaged(path: Path) -> str:
    return f'{path}: damaged or not a checkpoint. Use another one'


def fetch(url: str, map_location: Any = 'cpu') -> Any:
    """Download once into torch's cache, then ``load_plain``.

    Raises:
        UserError: If it cannot be fetched; names the file to put where.
    """
    folder = Path(torch.hub.get_dir()) / 'checkpoints'
    path = folder / url.rsplit('/', 1)[-1]
    if not path.is_file() and is_main_process():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), _hash_in(path.name))
        except (URLError, OSError, RuntimeError) as error:
            raise UserError(
                f'cannot fetch {url} ({getattr(error, "reason", error)}). Put '
                f'the file at {path}, or start without these weights: '
                '--cfg-options model.backbone.init_cfg=None'
            ) from None
    barrier()
    return load_plain(path, map_location)


def _hash_in(name: str) -> str | None:
    """Return the hash that torch's file names carry: vgg16-397923af.pth."""
    tail = name.rsplit('.', 1)[0].rsplit('-', 1)[-1]
    is_hash = len(tail) >= 8 and set(tail) <= set('0123456789abcdef')
    return tail if is_hash else None


def _fetch_by_name(name: str, map_location: Any = 'cpu') -> Any:
    """Load ``open-mmlab://NAME`` from the address that mmengine lists."""
    short, known = name.split('://', 1)[1], get_external_models()
    if not str(known.get(short, '')).startswith('http'):
        raise UserError(f'{name}: unknown to mmengine. Give a URL or a file')
    return fetch(known[short], map_location)


def _refuse(name: str, map_location: Any = 'cpu') -> Any:
    raise UserError(
        f'{name}: this scheme is not supported. Give a URL or file'
    )


def install() -> None:
    """Make every load path of mmengine go through this module.

    mmengine's own loaders fall back to full unpickling, or allow ``getattr``;
    with these ``load_from``, ``--resume``, ``Pretrained`` and URLs are safe.
    """
    schemes: dict[str, Callable] = dict.fromkeys(
        CheckpointLoader._schemes, _refuse
    )
    schemes.update(dict.fromkeys(('http://', 'https://'), fetch))
    schemes.update(
        dict.fromkeys(('open-mmlab://', 'openmmlab://'), _fetch_by_name)
    )
    schemes[''] = load_plain
    for prefix, loader in schemes.items():
        CheckpointLoader.register_scheme(prefix, loader, force=True)


def save_plain(
    content: dict,
    path: Path,
    *,
    remedy: str = 'Make room, then go on with --resume',
) -> None:
    """Write under a temporary name, flush to disk, then rename.

    Args:
        content: What ``to_plain`` can convert.
        path: What to write; what was there is replaced.
        remedy: What to do if that fails, for the message.

    Raises:
        UserError: If the disk is full or cannot be written.
    """
    try:
        with replacing(path) as temporary, temporary.open('wb') as file:
            torch.save(to_plain(content), file)
            file.flush()
            os.fsync(file.fileno())
    except (UserError, RuntimeError) as error:  # torch's for a full disk
        raise UserError(f'{path}: cannot be written. {remedy}') from error


def to_plain(value: Any, name: str = 'checkpoint') -> Any:
    """Return a copy that ``weights_only=True`` can load.

    Logged histories become dicts of tensors, numpy values become Python's.

    Raises:
        TypeError: If something has no plain form; names its place.
    """
    if type(value) in PLAIN:  # numpy's float64 is a float, but not plain
        return value
    for kind, convert in LEAVES.items():
        if isinstance(value, kind):
            return convert(value)
    if isinstance(value, Mapping):
        return {k: to_plain(item, f'{name}.{k}') for k, item in value.items()}
    if isinstance(value, list | tuple):
        items = [to_plain(x, f'{name}[{i}]') for i, x in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    raise TypeError(f'{name} is a {type(value).__name__}, not plain data')


def _history(value: HistoryBuffer) -> dict:
    log, count = value.data
    log = torch.as_tensor(np.asarray(log, np.float64))
    return {BUFFER: [log, torch.as_tensor(np.asarray(count, np.int64))]}


LEAVES: dict[type, Callable] = {
    torch.Tensor: lambda value: value.detach().cpu(),
    np.generic: lambda value: value.item(),
    np.ndarray: lambda value: torch.from_numpy(value.copy()),
    os.PathLike: str,
    HistoryBuffer: _history,
}


def from_plain(value: Any) -> Any:
    """Undo what ``to_plain`` did to logged histories."""
    if isinstance(value, Mapping) and BUFFER in value:
        log, count = value[BUFFER]
        return HistoryBuffer(log.numpy(), count.numpy())
    if isinstance(value, Mapping):
        return {key: from_plain(item) for key, item in value.items()}
    return value


install()
