"""The scores of a search as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zoo.engine.refining.space import Setting
from zoo.evaluation.charts.svg import GRID, INK, MUTED, PAPER
from zoo.files import replacing

_BEST = '#d55e00'
_CELL = 0.42  # inches
_COLUMNS = 3


def draw_surface(
    scores: Mapping[Setting, float], best: Setting, path: str | Path
) -> None:
    """Write heat maps of the scores, one for each bilateral weight, as PNG.

    Rows are the standard deviation of the position, columns that of the
    colour; only values that were tried have one. A setting that was not
    tried is grey; the best has a frame.

    Args:
        scores: Mean IoU in per cent by weight, position and colour.
        best: Which of them is framed.
        path: Of the picture.
    """
    weights, xy_stds, rgb_stds = (
        sorted({setting[i] for setting in scores}) for i in range(3)
    )
    columns = min(_COLUMNS, len(weights))
    rows = -(-len(weights) // columns)
    figure = Figure(
        figsize=(
            columns * (len(rgb_stds) * _CELL + 1.1) + 1.2,
            rows * (len(xy_stds) * _CELL + 1.1),
        ),
        layout='constrained',
        facecolor=PAPER,
    )
    colours = Normalize(min(scores.values()), max(scores.values()))
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, weight in zip(grid.flat, weights, strict=False):
        table = table_of(scores, weight, xy_stds, rgb_stds)
        axes.set_facecolor(GRID)
        axes.imshow(table, norm=colours, origin='lower', aspect='auto')
        _label(axes, f'bilateral weight {weight:g}', xy_stds, rgb_stds)
        if weight == best[0]:
            corner = rgb_stds.index(best[2]), xy_stds.index(best[1])
            _frame(axes, corner)
    for axes in list(grid.flat)[len(weights) :]:
        axes.set_axis_off()
    bar = figure.colorbar(ScalarMappable(colours), ax=grid, shrink=0.8)
    bar.set_label('mean IoU, %', color=INK)
    with replacing(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary))


def table_of(
    scores: Mapping[Setting, float],
    weight: float,
    xy_stds: Sequence[float],
    rgb_stds: Sequence[float],
) -> np.ndarray:
    """Return ``(len(xy_stds), len(rgb_stds))`` scores, nan where untried."""
    return np.array(
        [
            [scores.get((weight, xy, rgb), np.nan) for rgb in rgb_stds]
            for xy in xy_stds
        ]
    )


def _label(
    axes, title: str, xy_stds: Sequence[float], rgb_stds: Sequence[float]
) -> None:
    axes.set_title(title, color=INK, fontsize=10)
    axes.set_xticks(range(len(rgb_stds)), [f'{v:g}' for v in rgb_stds])
    axes.set_yticks(range(len(xy_stds)), [f'{v:g}' for v in xy_stds])
    axes.set_xlabel('rgb std, grey levels', color=MUTED)
    axes.set_ylabel('xy std, pixels', color=MUTED)
    axes.tick_params(colors=MUTED, labelsize=8)


def _frame(axes, corner: tuple[int, int]) -> None:
    x, y = corner
    axes.add_patch(
        Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec=_BEST, lw=2.5)
    )
