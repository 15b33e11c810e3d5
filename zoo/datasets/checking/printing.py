"""Print what the check of a data set found."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zoo.datasets.checking.problems import Problem, shorten

_WIDTH = 20  # characters of the longest bar


def print_report(report: dict[str, Any]) -> None:
    """Print counts, classes, and every problem with its remedy.

    Args:
        report: Of ``audit``; with ``superpixels`` where these were measured.
    """
    console = Console(soft_wrap=True, highlight=False, emoji=False)
    sizes = ', '.join(f'{k} {v}' for k, v in report['splits'].items())
    folder = f'{report["name"]} in {report["root"]}'
    console.print(f'{folder}: {sizes} images', markup=False)
    console.print(_histogram(report['classes']))
    if report['void'] is not None:
        console.print(f'void {100 * report["void"]:.2f} % of all pixels')
    if report['mean'] is not None:
        console.print(f'mean BGR {report["mean"]}, std {report["std"]}')
    for number, pixels in report['label_ids'].items():
        console.print(f'id {number}, which is no class: {pixels} pixels')
    if 'superpixels' in report:
        _print_superpixels(console, report['superpixels'])
    _print_problems(console, report['problems'])


def _histogram(classes: dict[str, dict[str, int]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column('class')
    for column in ('images', 'pixels', '% of labelled'):
        table.add_column(column, justify='right')
    table.add_column()
    pixels = [seen['pixels'] for seen in classes.values()]
    labelled, most = sum(pixels) or 1, max(pixels, default=0) or 1
    for name, seen in classes.items():
        table.add_row(
            Text(name),  # not markup, whatever it looks like
            str(seen['images']),
            str(seen['pixels']),
            f'{100 * seen["pixels"] / labelled:.2f}',
            '=' * round(_WIDTH * seen['pixels'] / most),
        )
    return table


def _print_superpixels(console: Console, found: dict[str, Any] | None) -> None:
    if found is None:
        console.print('superpixels: not measured while there are errors')
        return
    number = found['per_image']
    console.print(
        f'superpixels of {found["split"]} (--superpixels '
        f'{found["n_segments"]} --compactness {found["compactness"]:g}): '
        f'{number["mean"]} per image ({number["min"]} to {number["max"]}), '
        f'{found["size"]} px each'
    )
    known = {k: iou for k, iou in found['IoU'].items() if iou is not None}
    lowest = sorted(known, key=known.__getitem__)[:3]
    shown = ', '.join(f'{name} {known[name]}' for name in lowest)
    console.print(
        f'each with its most frequent label: aAcc {found["aAcc"]}, mIoU '
        f'{found["mIoU"]}; lowest IoU: {shown}',
        markup=False,
    )


def _print_problems(console: Console, problems: list[Problem]) -> None:
    colours = {'error': 'red', 'warning': 'yellow'}
    for problem in shorten(problems):
        level = problem['level']
        console.print(f'[{colours[level]}]{level}:[/]', end=' ')
        console.print(f'{problem["what"]}. ', markup=False, end='')
        console.print(f'{problem["remedy"]}.', markup=False)
    count = {k: sum(p['level'] == k for p in problems) for k in colours}
    if count['error']:
        verdict = '[red]not fit for use[/]'
    else:
        verdict = '[green]fit for use[/]'
    console.print(
        f'verdict: {verdict} ({count["error"]} errors, '
        f'{count["warning"]} warnings)'
    )
