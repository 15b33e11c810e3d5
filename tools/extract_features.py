"""Extract the features of a config before it trains; it reads them then.

python tools/extract_features.py configs/zoom_out/vgg16_minivoc.py
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Fit dictionaries and extract the features of a zoom-out '
        'config, in parallel. tools/train.py does the same where it was not '
        'done yet. A second call goes on where the first one was stopped.'
    )
    add = parser.add_argument
    add('config', help='a leaf, e.g. configs/zoom_out/vgg16_minivoc.py')
    add(
        '--splits',
        nargs='*',
        choices=('val', 'test'),
        default=['val', 'test'],
        help='besides the training images (default: both)',
    )
    add(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='change the config, e.g. features.folder=DIR',
    )
    add('--data-root', metavar='DIR', help='folder of the data set')
    return parser


def main(args: argparse.Namespace) -> None:
    """Extract."""
    from zoo.datasets.checks import check_data
    from zoo.engine.config import load_config
    from zoo.engine.zoom_out import has_features, prepare_features
    from zoo.errors import UserError

    config = load_config(
        args.config, options=args.cfg_options, data_root=args.data_root
    )
    if not has_features(config):
        raise UserError(
            f'{args.config}: extracts no features. Train '
            f'it: python tools/train.py {args.config}'
        )
    check_data(config, loaders=('train', *args.splits))
    found = prepare_features(config, args.config, splits=args.splits)
    print(f'ready: {found.fitted}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
