"""Remember in a data set's folder how far its preparation came."""

import json
from collections.abc import Sequence
from pathlib import Path

from zoo.datasets.catalogue import Archive
from zoo.datasets.writing import Progress
from zoo.files import write_text

FILE = '.prepared.json'


class State:
    """What ``.prepared.json`` in a folder says of it.

    Two data sets may share a folder, and then share this.

    Attributes:
        path: Of the file.
        unfinished: Sources that were begun with and not come to the end of,
            as absolute paths.
        done: Digest of each archive that was downloaded and used up.
    """

    def __init__(self, root: Path) -> None:
        """Read it; where it is not there or torn, nothing is known."""
        self.path = root / FILE
        self.unfinished: list[str] = []
        self.done: dict[str, str] = {}
        try:
            content = json.loads(self.path.read_text(encoding='utf-8'))
            self.unfinished = list(map(str, content['unfinished']))
            self.done = {str(k): str(v) for k, v in content['done'].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return

    def begin(self, sources: Sequence[Path]) -> None:
        """Write down what is begun with; what was left off stays begun."""
        names = {*self.unfinished, *(str(p.resolve()) for p in sources)}
        self._write(names)

    def finished(self, source: Path) -> None:
        """Write down that all of a source is unpacked."""
        self._write({*self.unfinished} - {str(source.resolve())})

    def record(self, digests: dict[str, str]) -> None:
        """Write down what the archives were."""
        self.done |= digests
        self._write({*self.unfinished})

    def needs(self, archive: Archive) -> bool:
        """Tell whether an archive has something that is not there yet."""
        begun = archive.file in (Path(name).name for name in self.unfinished)
        return begun or not archive.is_at(self.path.parent)

    def _write(self, unfinished: set[str]) -> None:
        self.unfinished = sorted(unfinished)
        content = {'unfinished': self.unfinished, 'done': self.done}
        text = json.dumps(content, indent=1, sort_keys=True) + '\n'
        old = self.path.read_text() if self.path.is_file() else ''
        if text != old:
            write_text(self.path, text)


class Watch:
    """Progress that also learns which source is done with.

    ``unpack`` tells it; see there.
    """

    def __init__(self, progress: Progress, state: State) -> None:
        self._progress = progress
        self.finished = state.finished

    def __call__(self, done: int, total: int | None) -> None:
        """Pass on what is done of a source."""
        self._progress(done, total)
