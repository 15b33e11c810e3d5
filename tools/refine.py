"""Apply the post-processors of a config to saved probabilities.

python tools/refine.py configs/deeplab_crf/vgg16_voc.py --probs probs \
    --out refined
"""

import argparse

from zoo.cli import add_saved_probs_options, run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Apply model.post_processors of a config to saved class '
        'probabilities, those of tools/test.py --save-probs or of any '
        'framework: NAME.npy, (C, H, W), one per photograph. No network is '
        'needed. Writes OUT/masks/NAME.png; called again, goes on where it '
        'was stopped. With labels, prints scores before and after.'
    )
    add_saved_probs_options(parser)
    parser.add_argument(
        '--save-probs',
        action='store_true',
        help='also write OUT/probs/NAME.npy, float16',
    )
    return parser


def main(args: argparse.Namespace) -> int:
    """Refine; print what was done, and what could not be."""
    import sys

    from zoo.engine.cores import cores
    from zoo.engine.refining.refine import refine

    report = refine(
        args.config,
        probs=args.probs,
        out=args.out,
        photos=args.photos,
        labels=args.labels,
        save_probs=args.save_probs,
        options=args.cfg_options,
        data_root=args.data_root,
        workers=cores() if args.workers is None else args.workers,
    )
    earlier = f', {report.kept} were there already' if report.kept else ''
    print(f'{report.written} images refined{earlier}: {args.out}/masks')
    if report.scores:
        before, after = report.scores
        for name, key in (('mean IoU', 'mIoU'), ('pixel accuracy', 'aAcc')):
            print(f'{name:14}  {before[key]:6.2f} -> {after[key]:6.2f}')
        images = report.written + report.kept
        print(f'per cent, over {report.labelled} of {images} images')
    elif args.labels and report.written + report.kept:
        print(f'{args.labels}: holds no label map of them, nothing is scored')
    for problem in report.problems:
        print(f'error: {problem}', file=sys.stderr)
    return 2 if report.problems else 0


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
