"""Blocks of a Markdown file that are rendered, not written by hand."""

import re
from collections.abc import Callable
from pathlib import Path

from zoo.errors import UserError

_MARKER = re.compile(r'<!-- results: (?P<name>\S.*?) (?P<side>start|end) -->')


def fill_blocks(
    text: str, render: Callable[[str], str], *, path: str | Path
) -> str:
    """Replace what stands between the markers of every results block.

    A block is opened by a line ``<!-- results: NAME start -->`` and closed by
    ``<!-- results: NAME end -->``. Markers inside fenced code are text.

    Args:
        text: The whole file.
        render: Gives the Markdown for a NAME.
        path: The file, for messages.

    Raises:
        UserError: If a marker is misspelt, or has no partner.
    """
    lines: list[str] = []
    opened = None
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith(('```', '~~~')):
            fenced = not fenced
        marker = None if fenced else _marker(line, path)
        if marker is not None:
            opened = _step(opened, *marker, path=path)
            block = f'\n{render(opened).strip()}\n' if opened else ''
            lines += [line, block] if opened else [line]
        elif opened is None:
            lines.append(line)
    if opened is not None:
        raise UserError(_problem(path, opened, 'start without its end'))
    return '\n'.join(lines) + '\n'


def _marker(line: str, path: str | Path) -> tuple[str, str] | None:
    if not line.startswith('<!-- results'):
        return None
    match = _MARKER.fullmatch(line.rstrip())
    if match is None:
        raise UserError(_problem(path, line.strip(), 'not a marker'))
    return match['name'], match['side']


def _step(
    opened: str | None, name: str, side: str, *, path: str | Path
) -> str | None:
    """Return the block that is open after a marker."""
    if side == 'start' and opened is None:
        return name
    if side == 'end' and opened == name:
        return None
    raise UserError(_problem(path, f'{name} {side}', 'marker out of place'))


def _problem(path: str | Path, what: str, reason: str) -> str:
    return (
        f'{path}: results block {what!r}: {reason}. Write the pair '
        '"<!-- results: NAME start -->" and "<!-- results: NAME end -->".'
    )
