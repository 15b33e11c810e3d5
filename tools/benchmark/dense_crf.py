"""The zoo's lattice against pydensecrf, on photographs.

python tools/benchmark/dense_crf.py --images DIR --config LEAF.py
python tools/benchmark/dense_crf.py --images DIR --probs DIR

Both run in one process in turn, one image at a time, through
zoo.ops.dense_crf, as users call it: checks, lattices and all iterations are
counted. Prints medians over images and rounds, and ratios to pydensecrf.
Compiled code is kept on disk; the seconds of the first call are printed, and
not counted. Nothing else may run on the machine meanwhile.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cli import run
from zoo.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    Sample = tuple['np.ndarray', 'np.ndarray']

PARTS = ('speed', 'size', 'memory', 'gpu')
PRESET = 'DeepLab-LargeFOV'
# What a run is called, its options, and what is demanded of its ratio.
RUNS: dict[str, tuple[dict[str, Any], float]] = {
    'pydensecrf': ({'backend': 'pydensecrf'}, 1.0),
    'lattice': ({'backend': 'lattice', 'prune': False}, 1.5),
    'lattice, pruned': ({'backend': 'lattice', 'prune': True}, 3.0),
}
MEGAPIXELS = (0.1, 0.1875, 0.5, 1.0, 2.0, 4.0)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--images', type=Path, required=True, help='folder of photographs')
    add('--config', help='a trained leaf, whose probabilities are taken')
    add('--checkpoint', help='its weights; by default the newest')
    add('--probs', type=Path, help='folder of NAME.npy, (C, H, W), instead')
    add('--parts', nargs='+', choices=PARTS, default=PARTS)
    add('--count', type=int, default=8, help='photographs, spread over all')
    add('--rounds', type=int, default=3)
    add('--size', type=int, nargs=2, default=(375, 500), metavar=('H', 'W'))
    add('--preset', default=PRESET, help='of the kernels')
    add('--threads', type=int, help='by default all that torch may use')
    add('--peak-of', choices=RUNS, help=argparse.SUPPRESS)
    return parser


def load_samples(args: argparse.Namespace) -> 'list[Sample]':
    """Return photographs and probabilities, all of one size."""
    from zoo.engine.prediction import find_photographs

    found = find_photographs([args.images])
    paths = found[:: max(1, len(found) // args.count)][: args.count]
    if args.probs:
        return [_saved_sample(path, args) for path in paths]
    if not args.config:
        raise UserError('nothing to smooth: give --config or --probs')
    return _predicted_samples(paths, args)


def _saved_sample(path: Path, args: argparse.Namespace) -> 'Sample':
    import numpy as np

    saved = args.probs / f'{path.stem}.npy'
    if not saved.is_file():
        raise UserError(f'{saved}: missing. Save the probabilities of {path}')
    return resized(_photo(path), np.load(saved), args.size)


def _predicted_samples(
    paths: list[Path], args: argparse.Namespace
) -> 'list[Sample]':
    """Predict at the photographs' own size, without post-processors."""
    from zoo.engine.config import load_config
    from zoo.engine.prediction import Predictor
    from zoo.engine.weights import find_checkpoint

    weights = args.checkpoint or find_checkpoint(
        args.config, load_config(args.config), None
    )
    options = ['model.post_processors=[]']
    predictor = Predictor(args.config, weights, options=options)
    samples = []
    for path in paths:
        logits = predictor(path).seg_logits.data.float()
        probs = logits.softmax(0).cpu().numpy()
        samples.append(resized(_photo(path), probs, args.size))
    return samples


def _photo(path: Path) -> 'np.ndarray':
    import numpy as np

    from zoo.photo import read_photo

    return np.asarray(read_photo(path))


def resized(
    image: 'np.ndarray', probs: 'np.ndarray', size: tuple[int, int]
) -> 'Sample':
    """Return both at a height and width."""
    import cv2
    import numpy as np

    shape = size[1], size[0]
    planes = np.stack([cv2.resize(plane, shape) for plane in probs])
    return cv2.resize(image, shape), (planes / planes.sum(0)).astype('f4')


def options_of(preset: str) -> dict[str, float]:
    """Return the kernels of a preset."""
    from zoo.models.post_processors.dense_crf_presets import PRESETS

    if preset not in PRESETS:
        raise UserError(f'--preset {preset}: unknown. Known: {list(PRESETS)}')
    kernels = dict(vars(PRESETS[preset]))
    del kernels['source']
    return kernels


def refined(
    sample: 'Sample', preset: str, name: str
) -> tuple[float, 'np.ndarray']:
    """Return the seconds of one call, and its result."""
    from zoo.ops import dense_crf

    image, probs = sample
    start = time.perf_counter()
    result = dense_crf(probs, image, **options_of(preset), **RUNS[name][0])
    return time.perf_counter() - start, result


def time_speed(samples: 'list[Sample]', args: argparse.Namespace) -> None:
    """Print times at one size, and how far results lie apart."""
    classes = len(samples[0][1])
    print(
        f'\n{args.size[0]} x {args.size[1]}, {classes} classes, '
        f'{len(samples)} photographs, {args.preset}, 10 iterations'
    )
    seconds: dict[str, list[float]] = {name: [] for name in RUNS}
    gaps: dict[str, list[tuple[float, float]]] = {name: [] for name in RUNS}
    for _ in range(args.rounds):
        for sample in samples:
            results = {}
            for name in RUNS:
                taken, results[name] = refined(sample, args.preset, name)
                seconds[name].append(taken)
                gaps[name].append(_gap(results[name], results['pydensecrf']))
    base = seconds['pydensecrf']
    for name, (_, demanded) in RUNS.items():
        ratios = [a / b for a, b in zip(base, seconds[name], strict=True)]
        print(
            f'  {name:16} {1000 * statistics.median(seconds[name]):7.1f} ms'
            f'   {statistics.median(ratios):5.2f} times '
            f'({min(ratios):.2f} to {max(ratios):.2f}), '
            f'demanded >= {demanded}'
        )
        print(
            f'  {"":16} same answer on {min(g[0] for g in gaps[name]):.3%} '
            f'or more, mean |dQ| {max(g[1] for g in gaps[name]):.1e} or less'
        )


def _gap(result: 'np.ndarray', expected: 'np.ndarray') -> tuple[float, float]:
    same = (result.argmax(0) == expected.argmax(0)).mean()
    return float(same), float(abs(result - expected).mean())


def time_sizes(samples: 'list[Sample]', args: argparse.Namespace) -> None:
    """Print times of one photograph at many sizes."""
    print('\nmicroseconds per pixel by megapixels, linear if they stay')
    print(f'  {"":16}' + ''.join(f'{m:8.2f}' for m in MEGAPIXELS))
    height, width = args.size
    rows: dict[str, list[float]] = {name: [] for name in RUNS}
    for megapixels in MEGAPIXELS:
        factor = (megapixels * 1e6 / (height * width)) ** 0.5
        size = round(height * factor), round(width * factor)
        sample = resized(*samples[0], size)
        for name in RUNS:
            best = min(
                refined(sample, args.preset, name)[0]
                for _ in range(args.rounds)
            )
            rows[name].append(best * 1e6 / (size[0] * size[1]))
    for name, values in rows.items():
        print(f'  {name:16}' + ''.join(f'{v:8.3f}' for v in values))


def print_peak(samples: 'list[Sample]', args: argparse.Namespace) -> None:
    """Print by how many MiB one call raises this process's memory."""
    import numpy as np

    image, probs = samples[0]
    tiny = image[:8, :8].copy(), np.full((len(probs), 8, 8), 1 / len(probs))
    refined(tiny, args.preset, args.peak_of)  # libraries, compiled code
    Path('/proc/self/clear_refs').write_text('5')  # forget earlier peaks
    before = _resident('VmRSS')
    refined(samples[0], args.preset, args.peak_of)
    print('peak', (_resident('VmHWM') - before) / 1024)


def _resident(name: str) -> int:
    """Return what Linux says of this process's memory, in KiB."""
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith(name))


def measure_memory(samples: 'list[Sample]', args: argparse.Namespace) -> None:
    """Print the peak of each, in a process of its own."""
    import tempfile

    import cv2
    import numpy as np

    print('\npeak memory of one call')
    with tempfile.TemporaryDirectory() as folder:
        image, probs = samples[0]
        cv2.imwrite(f'{folder}/photo.png', image[..., ::-1])
        np.save(f'{folder}/photo.npy', probs)
        peaks = {}
        for name in RUNS:
            command = [
                *(sys.executable, __file__, '--images', folder),
                *('--probs', folder, '--peak-of', name),
                *('--preset', args.preset, '--size', *map(str, args.size)),
            ]
            done = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True
            )
            peaks[name] = float(done.stdout.rsplit('peak ', 1)[1])
    for name, peak in peaks.items():
        ratio = peak / peaks['pydensecrf']
        print(
            f'  {name:16} {peak:7.1f} MiB   {ratio:5.2f} times, '
            'demanded <= 1.5'
        )


def time_gpu(samples: 'list[Sample]', args: argparse.Namespace) -> None:
    """Print the time of a batch of 8 on a GPU, if there is one."""
    import numpy as np
    import torch

    from zoo.ops import dense_crf

    print('\na batch of 8 on a GPU, to 8 images of pydensecrf on one core')
    if not torch.cuda.is_available():
        print('  not measured: no GPU at hand')
        return
    chosen = [samples[i % len(samples)] for i in range(8)]
    images, probs = (
        torch.from_numpy(np.stack(arrays)).cuda()
        for arrays in zip(*chosen, strict=True)
    )
    seconds = []
    for _ in range(args.rounds + 1):  # the first is slower
        torch.cuda.synchronize()
        start = time.perf_counter()
        dense_crf(probs, images, backend='lattice', **options_of(args.preset))
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    best = min(seconds[1:])
    base = sum(refined(s, args.preset, 'pydensecrf')[0] for s in chosen)
    print(
        f'  {1000 * best:.1f} ms   {base / best:.1f} times, demanded >= 30, '
        f'{torch.cuda.get_device_name()}'
    )


def main(args: argparse.Namespace) -> None:
    """Measure the parts that were asked for."""
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    samples = load_samples(args)
    if args.peak_of:
        print_peak(samples, args)
        return
    from zoo.evaluation import hardware_name
    from zoo.evaluation.environment import versions

    print(f'{hardware_name()}, {torch.get_num_threads()} threads')
    print(', '.join(f'{k} {v}' for k, v in versions().items() if v))
    for name in RUNS:
        taken = refined(samples[0], args.preset, name)[0]
        print(f'first call, {name}: {taken:.1f} s')
    parts = {
        'speed': time_speed,
        'size': time_sizes,
        'memory': measure_memory,
        'gpu': time_gpu,
    }
    for name in args.parts:
        parts[name](samples, args)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
