"""Blocks of a Markdown file that are rendered, not written by hand."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from zoo.errors import UserError

_MARKER = re.compile(r'<!-- (?P<block>\w+: \S.*?) (?P<side>start|end) -->')


def fill_blocks(
    text: str,
    renderers: Mapping[str, Callable[[str], str]],
    *,
    path: str | Path,
) -> str:
    """Replace what stands between the markers of every block.

    A block is opened by a line ``<!-- KIND: NAME start -->`` and closed by
    ``<!-- KIND: NAME end -->``. Markers inside fenced code are text, and so
    are comments that begin with no KIND.

    Args:
        text: The whole file.
        renderers: By KIND, like 'results', what gives the Markdown for a
            NAME.
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
        marker = None if fenced else _marker(line, renderers, path)
        if marker is not None:
            opened = _step(opened, *marker, path=path)
            lines.append(line)
            if opened:
                kind, _, name = opened.partition(': ')
                lines.append(f'\n{renderers[kind](name).strip()}\n')
        elif opened is None:
            lines.append(line)
    if opened is not None:
        raise UserError(_problem(path, opened, 'start without its end'))
    return '\n'.join(lines) + '\n'


def _marker(
    line: str, kinds: Iterable[str], path: str | Path
) -> tuple[str, str] | None:
    if not line.startswith(tuple(f'<!-- {kind}' for kind in kinds)):
        return None
    match = _MARKER.fullmatch(line.rstrip())
    if match is None or match['block'].partition(': ')[0] not in kinds:
        raise UserError(_problem(path, line.strip(), 'not a marker'))
    return match['block'], match['side']


def _step(
    opened: str | None, block: str, side: str, *, path: str | Path
) -> str | None:
    """Return the block that is open after a marker."""
    if side == 'start' and opened is None:
        return block
    if side == 'end' and opened == block:
        return None
    raise UserError(_problem(path, f'{block} {side}', 'marker out of place'))


def _problem(path: str | Path, what: str, reason: str) -> str:
    return (
        f'{path}: block {what!r}: {reason}. Write the pair '
        '"<!-- results: NAME start -->" and "<!-- results: NAME end -->".'
    )
