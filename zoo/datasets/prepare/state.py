"""Remember in a data set's folder how far its preparation came."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.datasets.catalogue import Archive
from zoo.files import write_text


@dataclass(frozen=True)
class State:
    """The file ``.prepared-<name>.json`` of a data set.

    Attributes:
        path: Of the file.
        unfinished: Names of the archives that a call began with and did not
            come to the end of.
        done: Digest of each archive that was downloaded and used up.
    """

    path: Path
    unfinished: tuple[str, ...] = ()
    done: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, root: Path, name: str) -> 'State':
        """Return what is known; nothing where the file is not or is torn."""
        path = root / f'.prepared-{name}.json'
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            unfinished = tuple(map(str, content['unfinished']))
            done = {str(k): str(v) for k, v in content['done'].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)
        return cls(path, unfinished, tuple(sorted(done.items())))

    def begin(self, sources: Sequence[Path]) -> 'State':
        """Write down what is begun with; what was left off stays begun."""
        names = {*self.unfinished, *(path.name for path in sources)}
        return self._write(tuple(sorted(names)), dict(self.done))

    def finish(
        self, sources: Sequence[Path], digests: dict[str, str]
    ) -> 'State':
        """Write down that these are done with."""
        left = {*self.unfinished} - {path.name for path in sources}
        return self._write(tuple(sorted(left)), {**dict(self.done), **digests})

    def _write(self, unfinished: tuple[str, ...], done: dict) -> 'State':
        content = {'unfinished': unfinished, 'done': done}
        write_text(self.path, json.dumps(content, indent=1) + '\n')
        return State(self.path, unfinished, tuple(sorted(done.items())))

    def needs(self, archive: Archive) -> bool:
        """Tell whether an archive has something that is not there yet."""
        unfinished = archive.file in self.unfinished
        return unfinished or not archive.is_at(self.path.parent)
