"""Say what this machine lacks before anything is installed.

Runs on any Python 3, without any package: ``make`` calls it first.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path


def missing() -> list[str]:
    """Return one line for each thing that is missing, with the remedy."""
    lines = []
    if sys.version_info < (3, 10):  # noqa: UP036  this very check
        version = sys.version.split()[0]
        lines.append(
            f'Python 3.10 or newer is needed, this is {version}. Choose one: '
            'make PYTHON=python3.11 ...'
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        lines.append('venv is missing. Debian: apt install python3-venv')
    if not any(map(shutil.which, ('c++', 'g++', 'clang++'))):
        lines.append(
            'a C++ compiler is missing: pydensecrf is built from source. '
            'Debian, Ubuntu: apt install g++'
        )
    header = Path(sysconfig.get_paths()['include']) / 'Python.h'
    if not header.is_file():
        lines.append(
            'the headers of Python are missing: pydensecrf is built from '
            'source. Debian, Ubuntu: apt install python3-dev'
        )
    return lines


if __name__ == '__main__':
    problems = missing()
    for problem in problems:
        print(f'error: {problem}', file=sys.stderr)
    raise SystemExit(2 if problems else 0)
