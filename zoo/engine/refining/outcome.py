"""What a search leaves behind: a table, a preset, a picture."""

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from zoo.engine.refining.search import CRFSearch, Result
from zoo.engine.refining.space import Setting
from zoo.engine.refining.surface import draw_surface
from zoo.evaluation.environment import versions
from zoo.files import write_text
from zoo.models.post_processors.preset_file import KERNELS

_SHOWN = 10


def show(result: Result) -> str:
    """Return the best settings as a table, and what they are compared to."""
    order = sorted(result.scores, key=lambda x: -result.scores[x])
    stated, score = result.stated
    rows = [
        ('mIoU', 'weight', 'xy std', 'rgb std', ''),
        *(_row(result.scores[x], x) for x in order[:_SHOWN]),
        _row(score, stated, 'as in the leaf'),
        (f'{result.without:.2f}', '', '', '', 'without CRF'),
    ]
    lines = ['{:>6}  {:>6}  {:>6}  {:>7}  {}'.format(*row) for row in rows]
    counted = f'{len(order)} settings, {len(result.images)} images'
    return '\n'.join(
        line.rstrip() for line in (*lines, counted, *_doubt(result))
    )


def _doubt(result: Result) -> Iterator[str]:
    """Yield a line if the search was of no use."""
    best = result.scores[result.best]
    if best <= result.without:
        yield 'none is better than no CRF'
    elif best <= result.stated[1]:
        yield "none is better than the leaf's own numbers"


def _row(score: float, setting: Setting, word: str = '') -> tuple[str, ...]:
    return (f'{score:.2f}', *(f'{value:g}' for value in setting), word)


def write_outcome(search: CRFSearch, result: Result) -> Path:
    """Write ``preset.json`` and ``surface.png``; return the former."""
    path = search.out / 'preset.json'
    options = dict(result.options)
    kernels = {name: options.pop(name) for name in KERNELS}
    found = {
        'config': search.name,
        'mIoU': result.scores[result.best],
        'mIoU_without': result.without,
        'settings': len(result.scores),
        'space': {name: str(part) for name, part in search.space.items()},
        'seed': search.seed,
        'images': result.images,
        **options,  # what a kernel's numbers are worth nothing without
        'versions': versions(),
        'date': datetime.now(timezone.utc).isoformat(timespec='seconds'),
    }
    text = json.dumps({**kernels, 'found': found}, indent=1)
    write_text(path, f'{text}\n')
    draw_surface(result.scores, result.best, search.out / 'surface.png')
    return path
