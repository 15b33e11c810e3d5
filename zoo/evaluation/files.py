"""Text files that are never half written."""

import os
from pathlib import Path


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 under a temporary name, then rename; folders are made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f'.{path.name}.{os.getpid()}.tmp')
    try:
        temporary.write_text(text, encoding='utf-8', newline='\n')
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
