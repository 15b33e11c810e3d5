"""Peak memory of testing few images beside many.

python tools/benchmark/memory.py

Tests a config on a generated minivoc of different sizes, each in a process
of its own, and prints the peaks and their ratio, which should be near 1.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from zoo.cli import run

ROOT = Path(__file__).resolve().parents[2]
LEAF = 'configs/deeplab_crf/vgg16-nocrf_minivoc.py'
PEAK = (
    'import resource, runpy, sys; sys.argv = sys.argv[1:]\n'
    'try: runpy.run_path(sys.argv[0], run_name="__main__")\n'
    'except SystemExit as end: assert not end.code, end.code\n'
    'usage = resource.getrusage(resource.RUSAGE_SELF)\n'
    'print("peak", usage.ru_maxrss)\n'
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--checkpoint',
        help='by default the newest of deeplab_crf/vgg16_minivoc',
    )
    parser.add_argument(
        '--images', type=int, nargs='+', default=[50, 200, 800]
    )
    return parser


def peak(checkpoint: Path, images: int, folder: Path) -> float:
    """Return the peak resident memory of one test in MiB."""
    from zoo.datasets.minivoc import ensure_minivoc

    root = ensure_minivoc(folder / str(images), train=1, val=images)
    done = subprocess.run(
        [
            *(sys.executable, '-c', PEAK, str(ROOT / 'tools/test.py')),
            *(f'{ROOT / LEAF}={checkpoint}', '--data-root', str(root)),
        ],
        check=True,
        cwd=folder,  # its work dirs and records are not the user's
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout.rsplit('peak ', 1)[1]) / 1024


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    from zoo.engine.config import load_config
    from zoo.engine.weights import find_checkpoint

    leaf = ROOT / LEAF
    found = args.checkpoint or find_checkpoint(leaf, load_config(leaf), None)
    path = Path(found).resolve()
    with tempfile.TemporaryDirectory() as folder:
        peaks = [peak(path, n, Path(folder)) for n in args.images]
    for images, value in zip(args.images, peaks, strict=True):
        print(f'{images:6} images: {value:7.0f} MiB')
    print(f'ratio, most to fewest: {peaks[-1] / peaks[0]:.3f}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
