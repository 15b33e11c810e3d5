"""How far the zoo's lattice lies from pydensecrf, on photographs.

python tools/benchmark/dense_crf_accuracy.py --images DIR --config LEAF.py

Takes the photographs and probabilities of ``dense_crf.py`` beside it. For
each preset and normalisation it prints, of all images, the smallest share of
pixels with the same answer, the largest mean difference of a probability and
the largest difference, without and with pruning, and how many classes fell.
The pixels of an image must be a multiple of four: pydensecrf fills up others.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dense_crf import build_parser as build_shared
from dense_crf import load_samples, options_of

from zoo.cli import run

if TYPE_CHECKING:
    import numpy as np
    from dense_crf import Sample

PRESETS = ('DeepLab', 'DeepLab-LargeFOV', 'DeepLab-v2-ResNet-101')


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = build_shared()
    parser.description = __doc__.splitlines()[0]
    parser.add_argument('--presets', nargs='+', default=PRESETS)
    return parser


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count the classes that pruned runs go on with."""
    from zoo.ops import dense_crf_lattice

    kept: list[int] = []
    real = dense_crf_lattice.contenders

    def spy(*args: Any, **options: Any) -> 'np.ndarray':
        found = real(*args, **options)
        kept.append(len(found))
        return found

    dense_crf_lattice.contenders = spy
    try:
        yield kept
    finally:
        dense_crf_lattice.contenders = real


def compare(samples: 'list[Sample]', options: dict[str, Any]) -> None:
    """Print one line without and one with pruning."""
    from zoo.ops import dense_crf

    rows: dict[bool, list[tuple[float, ...]]] = {False: [], True: []}
    with counting() as kept:
        for image, probs in samples:
            expected = dense_crf(probs, image, backend='pydensecrf', **options)
            for prune, found in rows.items():
                result = dense_crf(probs, image, prune=prune, **options)
                same = (result.argmax(0) == expected.argmax(0)).mean()
                gap = abs(result - expected)
                found.append((same, gap.mean(), gap.max()))
    fallen = 1 - sum(kept) / sum(len(probs) for _, probs in samples)
    for prune, found in rows.items():
        same, mean, most = zip(*found, strict=True)
        words = f', {fallen:.0%} of the classes fell' if prune else ''
        print(
            f'  {"pruned" if prune else "all classes":12} same answer on '
            f'{min(same):.4%} or more, |dQ| {max(mean):.1e} on average, '
            f'{max(most):.1e} at most{words}'
        )


def main(args: argparse.Namespace) -> None:
    """Compare all presets and normalisations."""
    from zoo.ops.dense_crf import NORMALIZATIONS

    samples = load_samples(args)
    height, width = samples[0][0].shape[:2]
    print(f'{len(samples)} photographs of {height} x {width}, 10 iterations')
    for preset in args.presets:
        for normalization in NORMALIZATIONS:
            print(f'{preset}, {normalization}')
            options = options_of(preset) | {'normalization': normalization}
            compare(samples, options)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
