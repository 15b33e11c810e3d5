"""What a run record says about where and with what it was made."""

import platform
import subprocess
import sys
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import zoo

# Distributions that provide a package, the first one installed counts.
_DISTRIBUTIONS = {
    'torch': ('torch',),
    'mmengine': ('onedl-mmengine', 'mmengine', 'mmengine-lite'),
    'mmcv': ('onedl-mmcv', 'mmcv', 'mmcv-lite'),
    'mmseg': ('onedl-mmsegmentation', 'mmsegmentation'),
    'numba': ('numba',),
    'pydensecrf': ('pydensecrf2', 'pydensecrf'),
}
# What decides a score. A record that is being written is not among it.
_CODE = ('zoo', 'configs', 'tools')


def environment() -> dict[str, Any]:
    """Return the record's commit, dirty, versions, date and argv."""
    return {
        **git_state(Path(zoo.__file__).parents[1]),
        'versions': versions(),
        'date': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'argv': list(sys.argv),
    }


def hardware_name(device: str = 'cpu') -> str:
    """Return the model of the processor, or of the GPU for 'cuda[:n]'."""
    if device.startswith('cuda'):
        import torch

        return torch.cuda.get_device_name(device)
    return cpu_name(Path('/proc/cpuinfo'))


def cpu_name(cpuinfo: Path) -> str:
    """Return the processor's model from Linux's list, or Python's guess."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(errors='replace').splitlines():
            key, _, value = line.partition(':')
            if key.strip() == 'model name' and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or 'unknown'


def versions() -> dict[str, str | None]:
    """Return the versions that matter; null where a package is absent.

    A distribution that is not called like its package is named too, because
    two of them provide mmcv: 'onedl-mmcv 2.3.6'.
    """
    found = {
        package: _version(package, names)
        for package, names in _DISTRIBUTIONS.items()
    }
    python = platform.python_version()
    return {'python': python, **found, 'zoo': zoo.__version__}


def _version(package: str, distributions: tuple[str, ...]) -> str | None:
    for name in distributions:
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return version if name == package else f'{name} {version}'
    return None


def git_state(folder: Path) -> dict[str, Any]:
    """Return commit and dirty of the repository whose top is ``folder``.

    Both are null outside git, without git, and in a folder inside somebody
    else's repository (an installed copy).
    """
    top = _git(folder, 'rev-parse', '--show-toplevel')
    commit = _git(folder, 'rev-parse', '--verify', 'HEAD')
    if top is None or not commit or Path(top) != folder.resolve():
        return {'commit': None, 'dirty': None}
    changes = _git(folder, 'status', '--porcelain', '--', *_CODE)
    return {'commit': commit, 'dirty': bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ['git', '-C', str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
