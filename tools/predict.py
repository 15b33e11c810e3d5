"""Predict photographs with a trained config.

python tools/predict.py photo.jpg --config configs/deeplab_crf/vgg16_voc.py \
    --checkpoint work_dirs/deeplab_crf/vgg16_voc/seed0/iter_6000.pth --out out
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Write, for each photograph, NAME_mask.png (class ids '
        'with colours), NAME_overlay.png and NAME_steps.png (photograph, '
        'prediction, after post-processing); of instances also '
        'NAME_instances.png and NAME_instances.json.'
    )
    add = parser.add_argument
    add('images', nargs='+', metavar='IMAGE', help='files or folders')
    add('--config', required=True, metavar='FILE')
    add(
        '--checkpoint',
        metavar='FILE',
        help='weights; by default the newest of the config',
    )
    add('--out', required=True, metavar='DIR', help='where results go')
    add(
        '--tta',
        action='store_true',
        help='average over scales and flips, or the views of the config',
    )
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    return parser


def main(args: argparse.Namespace) -> None:
    """Predict."""
    from rich.console import Console
    from rich.progress import track

    from zoo.engine.prediction import find_photographs, predict

    photographs = find_photographs(args.images)
    done = predict(
        photographs,
        args.config,
        args.checkpoint,
        args.out,
        options=args.cfg_options,
        tta=args.tta,
    )
    for _ in track(
        done,
        'predict',
        total=len(photographs),
        console=Console(stderr=True),
        transient=True,
    ):
        pass
    print(f'{len(photographs)} photographs predicted: {args.out}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
