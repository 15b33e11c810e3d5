"""What grouping pixels into instances takes, and scoring the instances.

python tools/benchmark/instances.py

Grouping: a crowded image, many boxes that vote for a few instances, through
zoo.ops.group_instances and through greedy suppression written with lists and
loops. Both must return the same. Prints the median of ratios over rounds in
turn. AP: detections of many images through zoo.evaluation.region_ap; prints
seconds. Nothing else may run on the machine meanwhile.
"""

import argparse
import statistics
import time
from typing import TYPE_CHECKING, Any

from zoo.cli import run

if TYPE_CHECKING:
    import numpy as np

PARTS = ('grouping', 'ap')
NAMES = ('grouped', 'plain')
TOP_N, BOX_IOU, MASK_IOU, MIN_PIXELS = 2, 0.5, 0.3, 16
Box = tuple[float, float, float, float]
Pixel = tuple[float, int, Box]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--parts', nargs='+', choices=PARTS, default=PARTS)
    add('--rounds', type=int, default=5)
    add('--repeats', type=int, default=10, help='of grouping, in a round')
    add('--cells', type=int, nargs=2, default=(63, 63), metavar=('H', 'W'))
    add('--classes', type=int, default=20)
    add('--instances', type=int, default=15)
    add('--images', type=int, default=1000)
    add('--distinct', type=int, default=25, help='images drawn, then reused')
    add('--detections', type=int, default=20, help='of each image')
    add('--truths', type=int, default=8, help='of each image')
    add('--size', type=int, nargs=2, default=(375, 500), metavar=('H', 'W'))
    return parser


def crowded_image(args: argparse.Namespace) -> tuple['np.ndarray', ...]:
    """Return soft probabilities and noisy boxes of overlapping ellipses."""
    import numpy as np

    rng = np.random.default_rng(0)
    height, width = args.cells
    y, x = np.mgrid[:height, :width] + 0.5
    scores = rng.normal(0, 0.5, (args.classes + 1, height, width))
    scores[-1] += 3  # the background
    boxes = rng.normal(0, 1, (args.classes, 4, height, width))
    boxes[:, 2:] += min(args.cells) / 5
    for _ in range(args.instances):
        label = rng.integers(min(3, args.classes))  # few classes: a crowd
        cy, cx = rng.uniform(0.15, 0.85, 2) * args.cells
        high, wide = rng.uniform(0.15, 0.4, 2) * args.cells
        inside = ((y - cy) / high) ** 2 + ((x - cx) / wide) ** 2 < 0.25
        scores[:, inside] = rng.normal(0, 0.5, (args.classes + 1, 1))
        scores[label][inside] += 4 + rng.normal(0, 0.5, inside.sum())
        target = np.stack([cy - y, cx - x, 0 * y + high, 0 * x + wide])
        noise = rng.normal(0, 0.1 * np.sqrt(high * wide), target.shape)
        boxes[label][:, inside] = (target + noise)[:, inside]
    probs = np.exp(scores)
    return (probs / probs.sum(0))[:-1], boxes


def plain_grouping(
    probs: 'np.ndarray', boxes: 'np.ndarray'
) -> list[tuple[int, float, frozenset[int]]]:
    """Return label, score and pixels, by lists and loops alone."""
    planes, width = probs.tolist(), probs.shape[2]
    cells = [
        (y, x) for y in range(probs.shape[1]) for x in range(probs.shape[2])
    ]
    highest = {cell: _highest(planes, *cell) for cell in cells}
    found = []
    for label, offsets in enumerate(boxes.tolist()):
        pooled = []
        for rank in range(TOP_N):
            pixels = [
                (
                    planes[label][y][x],
                    y * width + x,
                    _corners(offsets, y, x),
                )
                for y, x in cells
                if 0 < planes[label][y][x] >= highest[y, x][rank]
            ]
            pooled += [
                (label, sum(p[0] for p in cluster) / len(cluster), members)
                for cluster in _plain_clusters(pixels)
                if len(cluster) >= MIN_PIXELS
                for members in [frozenset(p[1] for p in cluster)]
            ]
        found += _plain_region_nms(pooled)
    return sorted(found, key=lambda item: -item[1])


def _highest(planes: list, y: int, x: int) -> list[float]:
    values = [plane[y][x] for plane in planes]
    return sorted([*values, max(0.0, 1 - sum(values))], reverse=True)


def _corners(offsets: list, y: int, x: int) -> Box:
    dy, dx, height, width = (plane[y][x] for plane in offsets)
    top, left = y + 0.5 + dy - height / 2, x + 0.5 + dx - width / 2
    return left, top, left + width, top + height


def _plain_clusters(left: list[Pixel]) -> list[list[Pixel]]:
    left = sorted(left, key=lambda pixel: -pixel[0])
    clusters = []
    while left:
        best, cluster, others = left[0], [left[0]], []
        for pixel in left[1:]:
            near = _box_iou(best[2], pixel[2]) > BOX_IOU
            (cluster if near else others).append(pixel)
        clusters.append(cluster)
        left = others
    return clusters


def _box_iou(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return width * height / (areas[0] + areas[1] - width * height)


def _plain_region_nms(pooled: list) -> list:
    kept: list = []
    for item in sorted(pooled, key=lambda item: -item[1]):
        if all(
            len(item[2] & other[2]) <= MASK_IOU * len(item[2] | other[2])
            for other in kept
        ):
            kept.append(item)
    return kept


def same(ours: list[dict[str, Any]], plain: list) -> bool:
    """Whether both found the same instances in the same order."""
    import numpy as np

    if len(ours) != len(plain):
        return False
    return all(
        mine['label'] == label
        and abs(mine['score'] - score) < 1e-9
        and frozenset(np.flatnonzero(mine['mask']).tolist()) == pixels
        for mine, (label, score, pixels) in zip(ours, plain, strict=True)
    )


def time_grouping(args: argparse.Namespace) -> None:
    """Print how much faster grouping is than loops over pixels."""
    from zoo.ops import group_instances

    probs, boxes = crowded_image(args)
    options = {
        'top_n': TOP_N,
        'box_iou': BOX_IOU,
        'mask_iou': MASK_IOU,
        'min_pixels': MIN_PIXELS,
    }
    ours = group_instances(probs, boxes, **options)  # the first is slower
    ratios, times = [], []
    for _ in range(args.rounds):
        start = time.perf_counter()
        for _ in range(args.repeats):
            ours = group_instances(probs, boxes, **options)
        middle = time.perf_counter()
        plain = plain_grouping(probs, boxes)
        end = time.perf_counter()
        if not same(ours, plain):
            raise RuntimeError('grouping and plain loops found different')
        times.append(((middle - start) / args.repeats, end - middle))
        ratios.append(times[-1][1] / times[-1][0])
    height, width = args.cells
    print(
        f'grouping, {height} x {width} cells, {args.classes} classes, '
        f'{args.instances} instances drawn, {len(ours)} found'
    )
    for name, seconds in zip(NAMES, zip(*times, strict=True), strict=True):
        middle = statistics.median(seconds)
        print(f'  {name:8} median              {1000 * middle:8.2f} ms')
    print(f'  plain over grouped, median   {statistics.median(ratios):8.1f}')
    print(
        f'    of single rounds           {min(ratios):8.1f} to '
        f'{max(ratios):.1f}'
    )
    print('  demanded                     >= 20')


def drawn_images(args: argparse.Namespace) -> tuple[list, list]:
    """Return detections and truths of each image, ellipses as masks."""
    import numpy as np

    rng = np.random.default_rng(0)
    y, x = np.ogrid[: args.size[0], : args.size[1]]

    def ellipse(place: 'np.ndarray') -> 'np.ndarray':
        (cy, cx), (high, wide) = place * np.array(args.size)
        return ((y - cy) / high) ** 2 + ((x - cx) / wide) ** 2 < 1

    images = []
    for _ in range(args.distinct):
        places = rng.uniform(0.1, 0.3, (args.truths, 2, 2))
        places[:, 0] = rng.uniform(0.1, 0.9, (args.truths, 2))
        labels = rng.integers(args.classes, size=args.truths).tolist()
        truths = [
            {'label': label, 'mask': ellipse(place)}
            for label, place in zip(labels, places, strict=True)
        ]
        found = [
            {
                'label': labels[index % args.truths],
                'score': float(rng.random()),
                'mask': ellipse(
                    places[index % args.truths] * rng.uniform(0.8, 1.2, (2, 2))
                ),
            }
            for index in range(args.detections)
        ]
        images.append((found, truths))
    again = [images[i % args.distinct] for i in range(args.images)]
    return [found for found, _ in again], [truths for _, truths in again]


def time_ap(args: argparse.Namespace) -> None:
    """Print the seconds that scoring takes."""
    from zoo.evaluation import region_ap

    detections, truths = drawn_images(args)
    start = time.perf_counter()
    result = region_ap(detections, truths)
    seconds = time.perf_counter() - start
    height, width = args.size
    print(
        f'AP, {args.images} images x {args.detections} detections of '
        f'{height} x {width}'
    )
    for name, scores in result.items():
        print(f'  {name:8}                     {scores["mean"]:8.2f}')
    print(f'  seconds                      {seconds:8.2f}')
    print('  demanded                     <= 30')


def main(args: argparse.Namespace) -> None:
    """Time the parts that were asked for."""
    from zoo.evaluation import hardware_name

    print(hardware_name())
    if 'grouping' in args.parts:
        time_grouping(args)
    if 'ap' in args.parts:
        time_ap(args)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
