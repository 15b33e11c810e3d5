"""What checking label maps takes beside decoding them alone.

python tools/benchmark/data_check.py

Draws label maps of VOC's size and layout into a temporary folder, then times
in turn: decoding all with Pillow, by as many threads and by as many processes
as there are cores, the faster of which counts; and the check of the same
files, tools/data.py check voc --labels-only, lists and report included, but
not the start of Python. Prints seconds and the median of ratios over rounds.
Nothing else may run on the machine meanwhile.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import (
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli import run

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

CLASSES = 21
VOID, RIM = 255, 5  # RIM: pixels across, as in VOC
CORNERS = 40  # of an outline
OBJECTS = (1, 5)  # of an image: from, and below
CHUNK = 32  # files that a process takes at once
NAMES = ('threads', 'processes', 'check')


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--maps', type=int, default=10000)
    add('--rounds', type=int, default=5)
    add('--size', type=int, nargs=2, default=(375, 500), metavar=('H', 'W'))
    return parser


def draw_map(
    rng: 'np.random.Generator', size: tuple[int, int]
) -> 'Image.Image':
    """Return ids of a few wobbly objects, each with a rim of void."""
    import numpy as np
    from PIL import Image, ImageDraw

    from zoo.datasets.palettes import voc_palette

    height, width = size
    picture = Image.new('P', (width, height))
    colours = [[0, 0, 0], *voc_palette(VOID - 1), [224, 224, 192]]
    picture.putpalette(np.array(colours, np.uint8).tobytes())
    draw = ImageDraw.Draw(picture)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    for _ in range(rng.integers(*OBJECTS)):
        middle = rng.uniform(0.1, 0.9, (2, 1)) * [[width], [height]]
        wobble = 1 + 0.06 * rng.normal(size=CORNERS).cumsum()
        radius = rng.uniform(0.05, 0.35) * width * wobble
        outline = middle + radius * [np.cos(angles), np.sin(angles)]
        corners = [(x, y) for x, y in outline.T.tolist()]
        draw.polygon(corners, fill=int(rng.integers(1, CLASSES)))
        draw.line([*corners, corners[0]], fill=VOID, width=RIM)
    return picture


def write_voc(root: Path, args: argparse.Namespace) -> list[str]:
    """Write label maps and lists, no images; return the label maps."""
    import numpy as np

    lists = root / 'ImageSets/Segmentation'
    for folder in (root / 'JPEGImages', root / 'SegmentationClass', lists):
        folder.mkdir(parents=True)
    names = [f'2007_{i:06d}' for i in range(args.maps)]
    middle = args.maps // 2
    for split, part in (('train', names[:middle]), ('val', names[middle:])):
        (lists / f'{split}.txt').write_text('\n'.join(part) + '\n')
    rng = np.random.default_rng(0)
    paths = [str(root / f'SegmentationClass/{name}.png') for name in names]
    for path in paths:
        draw_map(rng, args.size).save(path)
    return paths


def decode(path: str) -> None:
    """Decode a file, and do nothing with it."""
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()


def decode_all(pool: type[Executor], paths: list[str]) -> None:
    """Decode all files on all cores, the start of the pool included."""
    with pool(os.cpu_count()) as workers:
        for _ in workers.map(decode, paths, chunksize=CHUNK):
            pass


def check_all(root: Path, count: int) -> None:
    """Check all label maps.

    Raises:
        RuntimeError: If it found anything wrong, or left out some.
    """
    from zoo.datasets.checking import audit

    report = audit('voc', root, labels_only=True)
    errors = [x for x in report['problems'] if x['level'] == 'error']
    if errors or report['images'] != count:
        raise RuntimeError(f'{report["images"]} maps checked, {errors[:1]}')


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def print_times(rounds: list[list[float]], maps: int) -> None:
    """Print medians, and how long the check takes beside decoding."""
    for name, seconds in zip(NAMES, zip(*rounds, strict=True), strict=True):
        middle = statistics.median(seconds)
        what = name if name == 'check' else f'decode, {name}'
        print(
            f'  {what:20} median {middle:8.2f} s '
            f'{1e6 * middle / maps:8.0f} us a map'
        )
    ratios = [check / min(decoding) for *decoding, check in rounds]
    print(f'  check over decoding  median {statistics.median(ratios):8.3f}')
    print(f'    of single rounds   {min(ratios):.3f} to {max(ratios):.3f}')
    print('  demanded             <= 1.3 for 10000 maps on two cores')


def main(args: argparse.Namespace) -> None:
    """Draw the maps, then time decoding and checking them."""
    import zoo.datasets  # noqa: F401  before the clock starts
    from zoo.evaluation import hardware_name

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / 'VOC2012'
        paths = write_voc(root, args)
        megabytes = sum(os.path.getsize(path) for path in paths) / 1e6
        height, width = args.size
        print(hardware_name())
        print(
            f'{args.maps} label maps of {height} x {width}, '
            f'{megabytes:.1f} MB, {os.cpu_count()} cores'
        )
        works = (
            partial(decode_all, ThreadPoolExecutor, paths),
            partial(decode_all, ProcessPoolExecutor, paths),
            partial(check_all, root, args.maps),
        )
        for work in works:
            work()  # the first of each is slower
        rounds = [[timed(work) for work in works] for _ in range(args.rounds)]
        print_times(rounds, args.maps)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
