"""How long it takes to render many run records.

python tools/benchmark/leaderboard.py

Writes records of a generated data set into a temporary folder, each with its
counts for every image, and calls tools/leaderboard.py on them in a process of
its own, as a user does, once for each format. Prints seconds beside those
that json.loads alone takes for the same files. Nothing else may run on the
machine meanwhile.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zoo.cli import run

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ('md', 'csv', 'table', 'html')
PIXELS = 500 * 375  # of an image
PRESENT = (2, 7)  # further classes of an image: from, and below
BACKGROUND = 0.7  # of its pixels, as in PASCAL VOC


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--records', type=int, default=1000)
    add('--images', type=int, default=1449)
    add('--classes', type=int, default=21)
    add('--formats', nargs='+', choices=FORMATS, default=FORMATS)
    return parser


def write_records(folder: Path, args: argparse.Namespace) -> list[Path]:
    """Write records that share the sizes of their images; return the files."""
    import numpy as np

    from zoo.evaluation import write_record

    generator = np.random.default_rng(0)
    paths = [folder / f'{i:04d}.json' for i in range(args.records)]
    for i, path in enumerate(paths):
        record = make_record(generator, f'method{i % 4}/leaf{i:04d}', args)
        write_record(path, record)
    return paths


def make_record(generator, config: str, args: argparse.Namespace) -> dict:
    """Return a record of random counts, with the scores that they have."""
    from zoo.evaluation import add_up, scores
    from zoo.evaluation.counts import by_class

    classes = [f'class{k}' for k in range(args.classes)]
    images = {
        f'2007_{i:06d}': make_rows(generator, args.classes)
        for i in range(args.images)
    }
    score = scores(add_up(images.values(), num_classes=args.classes))
    return {
        'schema': 1,
        'kind': 'semantic',
        'config': config,
        'config_hash': '0' * 64,
        'title': 'Generated.',
        'checkpoint': None,
        'dataset': 'generated',
        'split': 'val',
        'images': args.images,
        'classes': classes,
        'metrics': {m: float(score[m]) for m in ('mIoU', 'aAcc', 'mAcc')},
        'per_class': by_class(score, classes),
        'per_image': images,
        'parameters': 1_000_000,
        'timing': {
            'ms_per_image': float(generator.uniform(10, 1000)),
            'hardware': 'generated',
            'device': 'cpu',
            'threads': 1,
        },
        'training': {'iterations': 1, 'seconds': 3600.0, 'hardware': 'x'},
        'seed': 0,
        'commit': None,
        'dirty': None,
        'versions': {},
        'date': '2026-01-02T03:04:05+00:00',
        'published': [],
        'views': 1,
        'argv': [],
    }


def make_rows(generator, classes: int) -> list[list[int]]:
    """Return the counts of an image: some classes, most pixels right."""
    count = min(classes - 1, int(generator.integers(*PRESENT)))
    others = 1 + generator.choice(classes - 1, count, replace=False)
    present = [0, *sorted(others.tolist())]
    shares = [BACKGROUND, *[(1 - BACKGROUND) / count] * count]
    labelled = generator.multinomial(PIXELS, shares)
    right = (labelled * generator.uniform(0.3, 1, count + 1)).astype(int)
    predicted = right + (labelled - right)[::-1]
    table = zip(present, right, predicted, labelled, strict=True)
    return [[int(value) for value in row] for row in table]


def time_json(paths: list[Path]) -> float:
    """Return the seconds that the standard library's parser takes."""
    start = time.perf_counter()
    for path in paths:
        json.loads(path.read_bytes())
    return time.perf_counter() - start


def time_format(paths: list[Path], format: str) -> float:
    """Return the seconds of the command, from its start to its end."""
    command = [sys.executable, str(ROOT / 'tools/leaderboard.py')]
    start = time.perf_counter()
    subprocess.run(
        [*command, '--format', format, *map(str, paths)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main(args: argparse.Namespace) -> None:
    """Write the records, then time each format."""
    from zoo.evaluation import hardware_name

    with tempfile.TemporaryDirectory() as folder:
        paths = write_records(Path(folder), args)
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
        print(hardware_name())
        print(
            f'{args.records} records, {args.images} images, '
            f'{args.classes} classes, {megabytes:.1f} MB'
        )
        plain = time_json(paths)
        print(f'  json.loads alone {plain:8.2f} s')
        for format in args.formats:
            seconds = time_format(paths, format)
            print(
                f'  --format {format:7} {seconds:8.2f} s, '
                f'{seconds / plain:.2f} of json.loads'
            )
        print('  demanded         <= 5 s for 1000 records of 1449 images')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
