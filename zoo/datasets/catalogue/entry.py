"""What is known of one data set, and of the archives it is published in."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Archive:
    """One file as its owner publishes it.

    Attributes:
        file: Its name.
        gives: Files and folders below the data set's root that come of it;
            where all are there, it need not be downloaded.
        url: Where it is downloaded; ``None`` where one has to log in.
        page: Where a person gets it.
        size: Bytes; ``None`` where not known to the byte.
        checksum: ``'md5:...'`` or ``'sha256:...'``; ``None`` where nobody
            has published one.
        about: Its size in words, where ``size`` is not known.
        also_at: Folder of another data set that may have ``gives`` already.
    """

    file: str
    gives: tuple[str, ...]
    url: str | None
    page: str
    size: int | None = None
    checksum: str | None = None
    about: str = ''
    also_at: str | None = None

    def is_at(self, root: str | Path) -> bool:
        """Tell whether all that comes of it is there, as far as one sees."""
        folders = [Path(root)]
        if self.also_at is not None:
            folders.append(Path(self.also_at))
        return any(
            all(any(folder.glob(part)) for part in self.gives)
            for folder in folders
        )


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        name: As in names of leaves and on command lines.
        title: As people call it.
        dataset: Registered class that reads it.
        split_key: Argument of the class that chooses the split.
        split_value: Its value, with ``{}`` for the name of the split; a
            mapping has one in each of its values.
        splits: Name of each split to its known sizes in images; several
            where several lists are in use, none where any will do.
        root: Where it is looked for, relative to the repository.
        parts: Files and folders that must be under ``root``; a pattern with
            ``*`` stands for at least one.
        licence: Terms, in a few words.
        page: Its page below ``docs``.
        archives: What ``tools/data.py prepare`` starts from; nothing where
            there is nothing to download.
        optional: Splits that a usable copy may lack.
        also_read_by: Further registered classes that read the same files.
        options: What the class needs besides the folder and the split.
        elsewhere: Option of a tool that names another folder.
        instances: Folder of the maps of instances, if all images have one.
        where: How to get it, where that is not by ``prepare``; a sentence
            without full stop.
    """

    name: str
    title: str
    dataset: str
    split_key: str
    split_value: str | Mapping[str, str]
    splits: Mapping[str, tuple[int, ...]]
    root: str
    parts: tuple[str, ...]
    licence: str
    page: str
    archives: tuple[Archive, ...] = ()
    optional: tuple[str, ...] = ()
    also_read_by: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: str = '--data-root DIR'
    instances: str | None = None
    where: str = ''

    def missing(self, root: str | Path) -> list[str]:
        """Return the required files and folders that are not there."""
        return [part for part in self.parts if not any(Path(root).glob(part))]

    def command(self, root: str | Path | None = None) -> str:
        """Return the command that makes what a folder lacks."""
        if not self.archives:
            return self.where
        folder = Path(root or self.root)
        by_hand = [
            a.file
            for a in self.archives
            if a.url is None and not a.is_at(folder)
        ]
        words = ['python tools/data.py prepare', self.name]
        if folder != Path(self.root):
            words += ['--root', shlex.quote(str(folder))]
        if by_hand:
            words += ['--archive', *by_hand]
        return ' '.join(words)

    def how_to_make(self, root: str | Path) -> str | None:
        """Return how a missing file is made; ``None`` if nobody knows."""
        return f'Run: {self.command(root)}' if self.archives else None

    def arguments(self, split: str) -> dict[str, Any]:
        """Return what the registered class needs to read ``split``."""
        value = self.split_value
        chosen = (
            value.format(split)
            if isinstance(value, str)
            else {key: part.format(split) for key, part in value.items()}
        )
        return {**self.options, self.split_key: chosen}
