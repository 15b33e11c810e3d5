"""Test one or many configs and print one leaderboard.

python tools/test.py configs/deeplab_crf/vgg16_minivoc.py \
    configs/deeplab_crf/vgg16-nocrf_minivoc.py
"""

import argparse

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Test configs and print one table: per-class IoU, mean '
        'IoU, pixel and mean accuracy, parameters and time, beside the '
        'published rows. Each test writes a run record into the work dir.'
    )
    add = parser.add_argument
    add(
        'configs',
        nargs='+',
        metavar='CONFIG[=CHECKPOINT]',
        help='without a checkpoint, the newest of the config is taken',
    )
    add(
        '--seeds',
        nargs='+',
        type=int,
        metavar='N',
        help='test the runs of these seeds; the table shows their mean',
    )
    add(
        '--ladder',
        action='store_true',
        help='also print what each config adds to the one before it',
    )
    add('--out', metavar='FILE', help='also write the records to one file')
    add(
        '--record',
        nargs='?',
        const='docs/results',
        metavar='DIR',
        help='also keep the records under DIR/<data set> (docs/results)',
    )
    add(
        '--save-masks',
        metavar='DIR',
        help='label maps as palette PNG, instances as JSON',
    )
    add('--save-probs', metavar='DIR', help='probabilities as float16 .npy')
    add(
        '--show-dir',
        metavar='DIR',
        help='image, truth and prediction, before and after '
        'post-processing, and instances with their scores',
    )
    add(
        '--tta',
        action='store_true',
        help='average over scales and flips, or the views of the config',
    )
    add(
        '--trimap',
        action='store_true',
        help='also score the bands of 1 to 40 pixels around void ones, before '
        'and after post-processing',
    )
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    add('--data-root', metavar='DIR', help='folder of the data set')
    return parser


def main(args: argparse.Namespace) -> None:
    """Test everything, then print the table."""
    from zoo.engine.leaderboard import Job, run_jobs, show
    from zoo.engine.testing import TestOptions

    jobs = [Job.parse(text, args.seeds) for text in args.configs]
    jobs = [job for group in jobs for job in group]
    outputs = (args.save_masks, args.save_probs, args.show_dir)
    records = run_jobs(
        jobs,
        lambda job: TestOptions(
            **job.folders(*outputs, alone=len(jobs) == 1),
            tta=args.tta,
            trimap=args.trimap,
            options=args.cfg_options,
            data_root=args.data_root,
        ),
        out=args.out,
        keep=args.record,
    )
    print(show(records, ladder=args.ladder, trimap=args.trimap))


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
