"""List the data sets that the zoo knows."""

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from zoo.datasets.catalogue import CATALOGUE, Archive, Entry


def facts() -> list[dict[str, Any]]:
    """Return what is known of each data set, and what of it is not here."""
    return [
        {
            'name': entry.name,
            'title': entry.title,
            'splits': {name: list(n) for name, n in entry.splits.items()},
            'licence': entry.licence,
            'root': entry.root,
            'missing': entry.missing(entry.root),
            'command': entry.command(),
            'page': f'docs/{entry.page}',
            'archives': [asdict(archive) for archive in entry.archives],
        }
        for entry in CATALOGUE.values()
    ]


def print_list() -> None:
    """Print a table of the data sets, and how to get each."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ('name', 'data set', 'images', 'terms', 'here'):
        table.add_column(column, overflow='fold')
    for entry in CATALOGUE.values():
        table.add_row(
            entry.name, entry.title, _sizes(entry), entry.licence, _here(entry)
        )
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    # Below the table, not in it: a folded address cannot be copied.
    for entry in CATALOGUE.values():
        console.print(f'{entry.name}: {entry.command()}', markup=False)
        for archive in entry.archives:
            console.print(f'    {describe(archive)}', markup=False)


def describe(archive: Archive) -> str:
    """Return name, size and source of an archive in one line."""
    known = archive.about or 'size not known'
    if archive.size is not None:
        known = f'{archive.size / 1e9:.1f} GB'
    digest = (archive.checksum or 'no checksum').partition(':')[0]
    where = archive.url or f'after logging in at {archive.page}'
    return f'{archive.file} ({known}, {digest}): {where}'


def _sizes(entry: Entry) -> str:
    sizes = [f'{name} {n[0]}' for name, n in entry.splits.items() if n]
    return ', '.join(sizes or entry.splits)


def _here(entry: Entry) -> str:
    if missing := entry.missing(entry.root):
        return f'[yellow]{entry.root}: missing {missing[0]}[/]'
    return f'[green]{entry.root}[/]'
