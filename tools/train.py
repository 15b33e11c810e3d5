"""Train a config.

python tools/train.py configs/deeplab_crf/vgg16_minivoc.py
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Train a config. Checkpoints, log and scalars go to the '
        'work dir, by default work_dirs/<method>/<leaf>/seed<N>.'
    )
    add = parser.add_argument
    add('config', help='a leaf, e.g. configs/deeplab_crf/vgg16_minivoc.py')
    add('--work-dir', metavar='DIR', help='where the run is written')
    add(
        '--resume',
        nargs='?',
        const='auto',
        metavar='auto|FILE',
        help='go on from the newest checkpoint of the work dir, or from FILE',
    )
    add(
        '--seed', type=int, metavar='N', help='replaces the seed of the config'
    )
    add('--amp', action='store_true', help='train in mixed precision')
    add(
        '--launcher',
        choices=('none', 'pytorch', 'slurm', 'mpi'),
        default='none',
        help='how the processes of a distributed run are started',
    )
    add(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='change the config, e.g. train_cfg.max_iters=100',
    )
    add('--data-root', metavar='DIR', help='folder of the data set')
    return parser


def main(args: argparse.Namespace) -> None:
    """Train."""
    from zoo.engine.experiment import TrainOptions, train

    last = train(
        args.config,
        TrainOptions(
            work_dir=args.work_dir,
            resume=args.resume,
            seed=args.seed,
            amp=args.amp,
            launcher=args.launcher,
            options=args.cfg_options,
            data_root=args.data_root,
        ),
    )
    print(f'trained: {last}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
