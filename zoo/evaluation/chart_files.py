"""Pictures of the leaderboard that the repository keeps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.errors import UserError

from .charts.dot_plot import draw_dot_plot
from .charts.scatter import draw_scatters
from .charts.svg import stack
from .sheets import by_table
from .summaries import summarise

IMAGES = Path('docs') / 'images'
_KIND = 'semantic'
_PREFIX, _TIME, _SUFFIX = 'leaderboard_', '_time', '.svg'
_LEAST = 3  # methods timed on one hardware that are worth a picture


def chart_files(
    root: Path, folders: Mapping[str, Sequence[dict]]
) -> list[Path]:
    """Return the pictures that should be there, and those that are.

    Args:
        root: Folder that holds docs.
        folders: Records by the folder of docs/results that they lie in.
    """
    images = root / IMAGES
    wanted = {images / n for f in folders for n in _names(f, folders[f])}
    return sorted(wanted | set(images.glob(f'{_PREFIX}*{_SUFFIX}')))


def render_chart(path: Path, folders: Mapping[str, Sequence[dict]]) -> str:
    """Return what a picture should be.

    ``leaderboard_<folder>.svg`` shows the scores of that folder's semantic
    records, ``leaderboard_<folder>_time.svg`` those against time, where at
    least three methods were timed on one hardware.

    Args:
        path: Picture; its name says what it shows.
        folders: See ``chart_files``.

    Raises:
        UserError: If no record is behind a picture of this name.
    """
    for folder, records in folders.items():
        text = _charts(folder, records).get(path.name)
        if text is not None:
            return text
    raise UserError(
        f'{path}: no record in docs/results is behind this picture. Delete '
        'it, or correct its name.'
    )


def _names(folder: str, records: Sequence[dict]) -> set[str]:
    try:
        return set(_charts(folder, records))
    except UserError:  # which rendering the picture will say
        return {f'{_PREFIX}{folder}{_SUFFIX}'}


def _charts(folder: str, records: Sequence[dict]) -> dict[str, str]:
    """Return pictures by name; what shares no table shares no chart."""
    semantic = [r for r in records if r['kind'] == _KIND]
    groups = by_table(summarise(semantic))
    scores = [draw_dot_plot(group) for group in groups]
    times = [
        drawing
        for group in groups
        for _, drawing in draw_scatters(group, least=_LEAST)
    ]
    named = {f'{_PREFIX}{folder}{_SUFFIX}': scores}
    named[f'{_PREFIX}{folder}{_TIME}{_SUFFIX}'] = times
    return {name: stack(parts) for name, parts in named.items() if parts}
