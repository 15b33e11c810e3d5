"""Search the numbers of the grouping on training images.

python tools/tune_instances.py configs/fcrn/r18-instances_minivoc.py
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Run the two networks of an instance leaf once over '
        'images of a training split, then search top_n, the overlaps of '
        'boxes and of masks, and the smallest cluster, one number at a time. '
        'Best on images that neither network was trained on: give their '
        'folder with --data-root.'
    )
    add = parser.add_argument
    add('config', metavar='CONFIG[=CHECKPOINT]')
    add('--split', default='train', help='whose images are looked at')
    add(
        '--images',
        type=int,
        default=50,
        help='the most that are taken; one of VOC takes 40 MB',
    )
    add(
        '--metric',
        default='AP_0.5',
        choices=('AP_0.5', 'AP_0.7', 'AP_vol'),
        help='what is to be high',
    )
    add('--out', metavar='FILE', help='also write all trials as JSON')
    add('--data-root', metavar='DIR', help='folder of the data set')
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    return parser


def main(args: argparse.Namespace) -> None:
    """Search; print every trial, the best first."""
    import json

    from rich.console import Console
    from rich.progress import track

    from zoo.engine.grouping_search import GroupingSearch
    from zoo.files import write_text

    path, _, checkpoint = args.config.partition('=')
    search = GroupingSearch(
        path,
        checkpoint or None,
        split=args.split,
        images=args.images,
        data_root=args.data_root,
        options=args.cfg_options,
    )
    console = Console(stderr=True)
    for _ in track(
        search.look(),
        'networks',
        total=len(search.loader),
        console=console,
        transient=True,
    ):
        pass
    with console.status('grouping'):
        trials = search.search(metric=args.metric)
    for trial in trials:
        scores = '  '.join(f'{k} {v:5.2f}' for k, v in trial.scores.items())
        words = ' '.join(f'{k}={v}' for k, v in trial.options.items())
        print(f'{scores}  {words or "as in the leaf"}')
    best = trials[0].options
    options = ' '.join(f'model.grouper.{k}={v}' for k, v in best.items())
    print(f'best: {(options and "--cfg-options " + options) or "the leaf"}')
    if args.out:
        entries = [{**x.scores, 'options': x.options} for x in trials]
        write_text(args.out, json.dumps(entries, indent=1) + '\n')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
