"""What the features of superpixels take.

python tools/benchmark/zoom_out.py

Pooling: from the codes of an image (the bin, texton or visual word of each
pixel or grid point) to the hand-made features of each superpixel and of its
neighbourhood; against a loop over regions, each a boolean mask over the image
that picks its pixels. Codes are found once per image in either way, so that
the ratio leaves them out; the ratio with them is printed too. Both must
return the same. Image: seconds from a photograph to these features, with
superpixels. Both with one thread. Distant: regions of an image that pass
through a network of random weights, cut out and resized in batches, over
batches of that size that lie ready. Nothing else may run on the machine
meanwhile.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cli import run

if TYPE_CHECKING:
    import numpy as np
    import torch

    from zoo.models.backbones.crop_network import CropNetwork
    from zoo.ops.handmade_codes import HandmadeCodes

ROOT = Path(__file__).resolve().parents[2]
PARTS = ('pooling', 'image', 'distant')
BINS, COARSE = 32, 4  # of a channel, and how many make a coarse one
RADIUS, FAR = 2, 3  # of the neighbourhood, and of the distant region


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--parts', nargs='+', choices=PARTS, default=PARTS)
    add('--rounds', type=int, default=5)
    add('--repeats', type=int, default=5, help='of pooling, in a round')
    add('--size', type=int, nargs=2, default=(375, 500), metavar=('H', 'W'))
    add('--superpixels', type=int, default=500, help='asked of SLIC')
    add('--textons', type=int, default=64)
    add('--words', type=int, default=500)
    base = str(ROOT / 'configs/_base_/models/zoom_out_vgg16.py')
    add('--model', default=base, help='whose network describes regions')
    add('--crops', type=int, default=32, help='distant regions')
    add('--batch', type=int, default=16, help='regions at a time')
    return parser


def photograph(args: argparse.Namespace) -> 'np.ndarray':
    """Return scikit-image's photograph of a cup at the size asked for."""
    import cv2
    from skimage import data

    size = args.size[::-1]
    return cv2.resize(data.coffee(), size, interpolation=cv2.INTER_AREA)


def dictionaries(
    image: 'np.ndarray', args: argparse.Namespace
) -> dict[str, 'np.ndarray']:
    """Return textons and words that occur in the image itself."""
    import numpy as np

    from zoo.ops.handmade import sample_descriptors, sample_texton_responses

    rng = np.random.default_rng(0)
    responses = sample_texton_responses(image, count=args.textons, rng=rng)
    found = sample_descriptors(image, count=args.words, rng=rng)
    words = rng.permutation(found.reshape(-1, found.shape[2]))[: args.words]
    return {'textons': responses, 'words': words}


def plain_pooling(
    codes: 'HandmadeCodes', superpixels: 'np.ndarray', near: 'np.ndarray'
) -> tuple['np.ndarray', 'np.ndarray']:
    """Return the features by one mask for each region."""
    import numpy as np

    ids = range(len(near))
    local = (superpixels == index for index in ids)
    proximal = (np.isin(superpixels, np.flatnonzero(near[i])) for i in ids)
    return _plain_rows(codes, local), _plain_rows(codes, proximal)


def _plain_rows(
    codes: 'HandmadeCodes', masks: Iterable['np.ndarray']
) -> 'np.ndarray':
    import numpy as np

    rows = [np.concatenate(_plain_row(codes, mask)) for mask in masks]
    return np.array(rows, dtype=np.float32)


def _plain_row(codes: 'HandmadeCodes', mask: 'np.ndarray') -> list:
    import numpy as np

    def histogram(values: 'np.ndarray', bins: int) -> 'np.ndarray':
        return np.bincount(values, minlength=bins) / max(1, len(values))

    def entropy(shares: 'np.ndarray') -> float:
        found = shares[shares > 0]
        return abs(float((found * np.log(found)).sum()))

    def colours(maps: 'np.ndarray') -> list:
        chosen = [channel[mask] for channel in maps]
        fine = [histogram(values, BINS) for values in chosen]
        coarse = [
            histogram(values // COARSE, BINS // COARSE) for values in chosen
        ]
        return [np.concatenate(p) for p in zip(fine, coarse, strict=True)]

    x, y = codes.points.T
    even, adaptive = colours(codes.even), colours(codes.adaptive)
    textons = histogram(codes.textons[mask], codes.texton_count)
    inside = mask[y, x]
    words = [
        [histogram(found[inside], codes.word_count) for found in sizes]
        for sizes in codes.words
    ]
    y_x = np.array(np.nonzero(mask)).mean(axis=1)
    place = ((2 * y_x + 1) / mask.shape - 1)[::-1]
    return [
        *even,
        [entropy(channel[:BINS]) for channel in even],
        *adaptive,
        textons,
        [entropy(textons)],
        *(np.mean(sizes, axis=0) for sizes in words),
        [entropy(shares) for sizes in words for shares in sizes],
        place,
        np.abs(place),
    ]


def seconds(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that it takes, and what it returns."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def time_pooling(args: argparse.Namespace) -> None:
    """Print how much faster pooling is than masks of regions."""
    import numpy as np

    from zoo.ops.handmade_codes import handmade_codes
    from zoo.ops.handmade_pool import pool_codes
    from zoo.ops.superpixels import slic_superpixels, superpixel_neighbours

    image = photograph(args)
    ids = slic_superpixels(image, n_segments=args.superpixels)
    near = superpixel_neighbours(ids, radius=RADIUS)
    known = dictionaries(image, args)
    handmade_codes(image, **known)  # the first is slower
    times = []
    for _ in range(args.rounds):
        coding, codes = seconds(lambda: handmade_codes(image, **known))
        pooling = 0.0
        for _ in range(args.repeats):
            once, ours = seconds(lambda c=codes: pool_codes(c, ids, near))
            pooling += once / args.repeats
        looping, plain = seconds(lambda c=codes: plain_pooling(c, ids, near))
        differ = [
            np.abs(a - b).max() for a, b in zip(ours, plain, strict=True)
        ]
        if max(differ) > 1e-6:
            raise RuntimeError(f'pooling and masks differ by {max(differ)}')
        times.append((coding, pooling, looping))
    height, width = args.size
    print(f'pooling, {height} x {width}, {len(near)} superpixels')
    names = ('codes, in both', 'pooled', 'by masks')
    for name, column in zip(names, zip(*times, strict=True), strict=True):
        print(f'  {name:16} median     {1000 * _middle(column):9.2f} ms')
    ratios = [looping / pooling for _, pooling, looping in times]
    whole = [(a + looping) / (a + pooling) for a, pooling, looping in times]
    print(f'  masks over pooled, median   {_middle(ratios):8.1f}')
    print(f'    of single rounds          {_range(ratios)}')
    print('  demanded                    >= 20')
    print(f'  the same, codes in both     {_middle(whole):8.1f}')


def time_image(args: argparse.Namespace) -> None:
    """Print the seconds from a photograph to its hand-made features."""
    from zoo.ops.handmade import handmade_features
    from zoo.ops.superpixels import slic_superpixels, superpixel_neighbours

    image = photograph(args)
    known = dictionaries(image, args)

    def work() -> None:
        ids = slic_superpixels(image, n_segments=args.superpixels)
        near = superpixel_neighbours(ids, radius=RADIUS)
        handmade_features(image, ids, near, **known)

    work()  # the first is slower
    times = [seconds(work)[0] for _ in range(args.rounds)]
    height, width = args.size
    print(f'image, {height} x {width}, superpixels included')
    print(f'  seconds, median             {_middle(times):8.2f}')
    print(f'    of single rounds          {_range(times)}')
    print('  demanded                    < 1.5')


def time_distant(args: argparse.Namespace) -> None:
    """Print how much of the network's throughput is left to regions."""
    import torch

    from zoo.ops.crop_and_resize import crops

    network, size = build_network(args)
    device = next(network.parameters()).device
    image, boxes = (tensor.to(device) for tensor in distant_regions(args))
    batches = [crops(image, b, size=size) for b in boxes.split(args.batch)]

    @torch.no_grad()
    def ready() -> None:
        for batch in batches:
            network(batch)

    def whole() -> None:
        network.describe(image, boxes, size=size, batch=args.batch)

    ready()  # the first is slower
    times = [
        (synchronised(ready), synchronised(whole)) for _ in range(args.rounds)
    ]
    ratios = [alone / cut for alone, cut in times]
    rates = [len(boxes) / _middle(t) for t in zip(*times, strict=True)]
    print(
        f'distant, {len(boxes)} regions at {size} x {size}, batch '
        f'{args.batch}, {torch.get_num_threads()} threads, {device.type}'
    )
    print(f'  ready batches, median       {rates[0]:8.2f} regions/s')
    print(f'  regions of an image, median {rates[1]:8.2f} regions/s')
    print(f'  share of the throughput     {_middle(ratios):8.3f}')
    print(f'    of single rounds          {_range(ratios)}')
    print('  demanded                    >= 0.9')


def build_network(args: argparse.Namespace) -> tuple['CropNetwork', int]:
    """Return the network with random weights, and the side of its input."""
    import torch
    from mmengine.config import Config
    from mmseg.registry import MODELS

    import zoo.models  # noqa: F401  (registers)

    features = Config.fromfile(args.model).model.backbone
    config = features.network
    config.init_cfg = config.backbone.init_cfg = None
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    torch.manual_seed(0)
    network = MODELS.build(config).eval().to(device)
    return network, features.get('crop_size', 224)


def distant_regions(
    args: argparse.Namespace,
) -> tuple['torch.Tensor', 'torch.Tensor']:
    """Return the photograph, and boxes of regions all over it."""
    import numpy as np
    import torch

    from zoo.ops import (
        slic_superpixels,
        superpixel_boxes,
        superpixel_neighbours,
        union_boxes,
    )

    image = photograph(args)
    ids = slic_superpixels(image, n_segments=args.superpixels)
    members = superpixel_neighbours(ids, radius=FAR)
    boxes = union_boxes(superpixel_boxes(ids), members)
    some = np.linspace(0, len(boxes) - 1, args.crops).astype(int)
    values = np.ascontiguousarray(image.transpose(2, 0, 1)) - np.float32(128)
    return torch.from_numpy(values), torch.from_numpy(boxes[some])


def synchronised(action: Callable[[], Any]) -> float:
    """Return the seconds that it takes, the accelerator's work included."""
    import torch

    wait = torch.cuda.synchronize if torch.cuda.is_available() else list
    wait()
    return seconds(lambda: (action(), wait()))[0]


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def _range(values: list[float]) -> str:
    return f'{min(values):8.2f} to {max(values):.2f}'


def main(args: argparse.Namespace) -> None:
    """Time the parts that were asked for."""
    import cv2
    from threadpoolctl import threadpool_limits

    from zoo.evaluation import hardware_name

    print(hardware_name())
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    with threadpool_limits(1):
        if 'pooling' in args.parts:
            time_pooling(args)
        if 'image' in args.parts:
            time_image(args)
    cv2.setNumThreads(threads)
    if 'distant' in args.parts:
        time_distant(args)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
