"""Search the numbers of the dense CRF on held-out images.

python tools/tune_crf.py configs/deeplab_crf/vgg16_voc.py --probs probs \
    --out tuned
"""

import argparse

from zoo.cli import add_saved_probs_options, run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Search bilateral_weight, bilateral_xy_std and '
        "bilateral_rgb_std of a config's DenseCRF, coarse to fine, on saved "
        'probabilities of images that the network was not trained on: those '
        'of tools/test.py --save-probs, of a leaf without the CRF. Called '
        'again, goes on where it was stopped. Writes OUT/preset.json for '
        'DenseCRF(preset=...), OUT/surface.png and OUT/trials.jsonl.'
    )
    add_saved_probs_options(parser)
    add = parser.add_argument
    add(
        '--images',
        type=int,
        default=100,
        metavar='N',
        help='how many are taken at random (%(default)s)',
    )
    add('--seed', type=int, default=0, metavar='N', help='of the choice (0)')
    add(
        '--space',
        default='v1',
        choices=('v1', 'v2'),
        help='ranges of the ICLR 2015 paper or of the later one',
    )
    for name, unit in (
        ('weight', 'nats'),
        ('xy-std', 'pixels; scale it with the size of the images'),
        ('rgb-std', 'grey levels'),
    ):
        add(
            f'--bilateral-{name}',
            type=float,
            nargs='+',
            metavar='VALUE',
            help=f'LOW HIGH, LOW HIGH STEP, or one fixed value; {unit}',
        )
    return parser


def main(args: argparse.Namespace) -> None:
    """Search; print the best settings and write the files."""
    from zoo.engine.cores import cores
    from zoo.engine.refining.outcome import show, write_outcome
    from zoo.engine.refining.search import CRFSearch
    from zoo.engine.refining.space import NAMES, space_of

    search = CRFSearch(
        args.config,
        probs=args.probs,
        out=args.out,
        space=space_of(args.space, {name: vars(args)[name] for name in NAMES}),
        images=args.images,
        seed=args.seed,
        photos=args.photos,
        labels=args.labels,
        options=args.cfg_options,
        data_root=args.data_root,
        workers=cores() if args.workers is None else args.workers,
    )
    result = search.search()
    print(show(result))
    print(f'preset: {write_outcome(search, result)}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
