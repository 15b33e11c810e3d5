"""Draw scores around the borders of objects against the width of the band.

python tools/test.py configs/deeplab_crf/vgg16_minivoc.py --trimap
python tools/trimap.py --out trimap.svg \
    work_dirs/deeplab_crf/vgg16_minivoc/seed*/record_val.json
"""

import argparse
from pathlib import Path

from zoo.cli import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Draw mean IoU within bands of 1 to 40 pixels around void '
        'pixels, with and without post-processors: a curve for each leaf, '
        'its mean and spread over seeds. Prints a few widths as a table.'
    )
    add = parser.add_argument
    add(
        'records',
        nargs='+',
        metavar='RECORD',
        help='written by tools/test.py --trimap',
    )
    add(
        '--out',
        required=True,
        type=Path,
        metavar='FILE',
        help='picture; its name ends in .svg',
    )
    add(
        '--metric',
        default='mIoU',
        choices=('mIoU', 'aAcc'),
        help='what is drawn; aAcc is pixel accuracy (%(default)s)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    """Read the records, draw, print the table."""
    from zoo.errors import UserError
    from zoo.evaluation.charts import trimap_chart
    from zoo.evaluation.tables import render_sheets
    from zoo.evaluation.trimap_curves import read_trimap, trimap_sheets
    from zoo.files import write_text

    if args.out.suffix != '.svg':
        raise UserError(
            f'--out {args.out}: has no name that ends in .svg. Give it one'
        )
    records = [read_trimap(path) for path in args.records]
    write_text(args.out, trimap_chart(records, metric=args.metric))
    print(render_sheets(trimap_sheets(records)))
    print(f'wrote {args.out}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
