"""What is done already: a line for each piece, that survives a kill."""

import json
from collections.abc import Mapping
from itertools import product, takewhile
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any

from zoo.errors import UserError
from zoo.files import write_text

_SHOWN = 60  # characters of what differs


class Journal:
    """A file of JSON lines: what it belongs to, then one line per entry.

    Every entry is in the file when ``add`` returns. Of a process that was
    killed while it wrote, half a line may be left; it is not read.

    Args:
        path: The file; a new one is begun where there is none.
        identity: What all entries belong to, in JSON's types.
        keys: Those of every entry, and the types of their values.

    Attributes:
        entries: Those that were there, then those added.

    Raises:
        UserError: If the file belongs to something else, is no journal, or
            cannot be written.
    """

    def __init__(
        self,
        path: str | Path,
        identity: Mapping[str, Any],
        *,
        keys: Mapping[str, type | UnionType] = MappingProxyType({}),
    ) -> None:
        self.path = Path(path)
        # a tuple comes back as a list
        identity = json.loads(json.dumps(identity))
        self.entries: list[dict[str, Any]] = []
        lines = self._whole_lines()
        if lines:
            self._require(lines[0], identity)
            self.entries = lines[1:]
            for entry, key in product(self.entries, keys):
                if not (key in entry and isinstance(entry[key], keys[key])):
                    raise self._damaged()
        # written anew: what is added must not join half a line
        text = [json.dumps(item) for item in (identity, *self.entries)]
        write_text(self.path, '\n'.join(text) + '\n')

    def _whole_lines(self) -> list[dict[str, Any]]:
        if not self.path.is_file():
            return []
        try:
            text = self.path.read_text(encoding='utf-8', errors='replace')
            whole = text.split('\n')[:-1]
            lines = [json.loads(line) for line in whole]
            known = all(isinstance(line, dict) for line in lines)
        except (OSError, ValueError):
            known = False
        if not known:
            raise self._damaged()
        return lines

    def _damaged(self) -> UserError:
        return UserError(
            f'{self.path}: damaged. Delete it, or choose another --out'
        )

    def _require(
        self, found: Mapping[str, Any], identity: Mapping[str, Any]
    ) -> None:
        keys = [*identity, *(key for key in found if key not in identity)]
        for key in keys:
            then, now = (
                json.dumps(found.get(key)),
                json.dumps(identity.get(key)),
            )
            if then != now:
                then, now = _excerpts(then, now)
                raise UserError(
                    f'{self.path}: was begun with another value of {key!r}: '
                    f'{then}, now {now}. Choose another --out, or delete '
                    'that folder'
                )

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append an entry."""
        try:
            with self.path.open('a', encoding='utf-8', newline='\n') as file:
                file.write(json.dumps(entry) + '\n')
        except OSError as error:
            raise UserError(
                f'{self.path}: cannot be written ({error.strerror or error})'
            ) from error
        self.entries.append(dict(entry))


def _excerpts(*texts: str) -> tuple[str, ...]:
    """Return texts from a little before they begin to differ."""
    pairs = zip(*texts, strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: len(set(pair)) == 1, pairs))
    start = max(alike - _SHOWN // 3, 0)
    cut = (text[start : start + _SHOWN] for text in texts)
    return tuple(f'{"..." if start else ""}{text}' for text in cut)
