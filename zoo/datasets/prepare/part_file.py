"""What there is of a file that is being downloaded."""

from pathlib import Path

from zoo.files import write_text


class PartFile:
    """Bytes in ``NAME.part``; which version they are of in a note beside it.

    Args:
        path: Of the whole file.
        verified: Whether a checksum will tell a mix of two versions.
    """

    def __init__(self, path: Path, *, verified: bool) -> None:
        self.path = path.with_name(f'{path.name}.part')
        self._note = path.with_name(f'{path.name}.part.version')
        self._verified = verified

    def size(self) -> int:
        """Return the bytes that there are."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def version(self) -> str:
        """Return what the server called their version, if anything."""
        there = self._note.is_file()
        return self._note.read_text(encoding='utf-8') if there else ''

    def usable(self) -> int:
        """Return the bytes that may be gone on from.

        None where the rest could come from another version unnoticed.
        """
        return self.size() if self._verified or self.version() else 0

    def begin(self, version: str) -> None:
        """Start anew with no bytes.

        The old ones go before the note changes: stopped in between, none
        are taken for those of another version.
        """
        self.path.write_bytes(b'')
        if version:
            write_text(self._note, version)
        else:
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete what there is: it is of no use."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, path: Path) -> None:
        """Rename what is whole and right."""
        self.path.replace(path)
        self._note.unlink(missing_ok=True)
