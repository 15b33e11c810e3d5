"""What the contextual CRF costs beside the plain way, and beside DeepLab.

python tools/benchmark/context_crf.py

Memory: what scoring all edges of one image adds to the peak of a process of
its own. Scores: the time of three ways to use a pairwise net, which must
agree: ``naive`` concatenates the features of each edge, ``tables`` computes
the first layer once per node, ``messages`` runs all of mean field without a
table. Step: a training step beside one of DeepLab. The ways take turns in
every round; prints medians of ratios. Nothing else may run on the machine
meanwhile.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli import run
from zoo.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.models.decode_heads.pairwise_net import PairwiseNet

ROOT = Path(__file__).resolve().parents[2]
STATUS = Path('/proc/self/status')
CONTEXT = ROOT / 'configs/context_crf/vgg16_minivoc.py'
DEEPLAB = ROOT / 'configs/deeplab_crf/vgg16_minivoc.py'
PARTS = ('memory', 'scores', 'step')
ITERATIONS = 3
COMPARED = 16  # nodes whose messages are computed from tables too
MIB = 2**20
CHILD = (
    'import json, runpy, sys\n'
    'tool = runpy.run_path(sys.argv[1])\n'
    'print("extra", tool["extra_peak"](*json.loads(sys.argv[2])))\n'
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--parts', nargs='+', choices=PARTS, default=PARTS)
    add('--rounds', type=int, default=5)
    add('--threads', type=int, help="by default torch's choice")
    add('--grid', type=int, nargs=2, default=(38, 28), metavar=('W', 'H'))
    add('--in-channels', type=int, default=4608, help='of the features')
    add('--channels', type=int, default=512, help='of the hidden layer')
    several = 'memory is measured for each, time for the first'
    add('--classes', type=int, nargs='+', default=[21, 60], help=several)
    add('--chunk', type=int, default=4096, help='edges scored at once')
    nth = 'naive is timed on every n-th edge and scaled to all'
    add('--every', type=int, default=16, metavar='N', help=nth)
    add('--steps', type=int, default=5, help='training steps per round')
    own = "by default the config's"
    add('--batch', type=int, help=own)
    add('--crop', type=int, nargs=2, metavar=('H', 'W'), help=own)
    return parser


def build_case(
    args: argparse.Namespace, labels: int
) -> tuple['PairwiseNet', 'Tensor', 'Tensor']:
    """Return a random net, features ``(C, h, w)`` and edges ``(E, 2)``."""
    import torch

    from zoo.models.decode_heads.pairwise_net import PairwiseNet
    from zoo.ops import range_box_edges

    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    net = PairwiseNet(
        relation='surrounding',
        in_channels=args.in_channels,
        channels=args.channels,
        num_classes=labels,
    )
    net.eval().requires_grad_(False)
    for layer in (net.nodes, net.score):
        layer.bias.normal_()  # zeros would hide that one is left out
    width, height = args.grid
    edges = range_box_edges(height, width, relation=net.relation, box=net.box)
    return net, torch.randn(args.in_channels, height, width), edges


def concatenating(net: 'PairwiseNet') -> 'nn.Module':
    """Return the same net as layers on concatenated features."""
    import torch
    from torch import nn

    first, second = net.nodes.weight.chunk(2)
    hidden = nn.Linear(2 * first.shape[1], len(first)).requires_grad_(False)
    hidden.weight.copy_(torch.cat([first, second], dim=1))
    hidden.bias.copy_(torch.stack(net.nodes.bias.chunk(2)).sum(dim=0))
    return nn.Sequential(hidden, nn.ReLU(inplace=True), net.score)


def naive_logits(
    layers: 'nn.Module', features: 'Tensor', edges: 'Tensor', chunk: int
) -> Iterator['Tensor']:
    """Yield ``(chunk, L * L)`` scores of concatenated features."""
    nodes = features.flatten(1).T.contiguous()
    for part in edges.split(chunk):
        yield layers(nodes[part].flatten(1))


def table_logits(
    net: 'PairwiseNet', features: 'Tensor', edges: 'Tensor', chunk: int
) -> Iterator['Tensor']:
    """Yield the same scores from maps of the nodes."""
    from zoo.ops import edge_logits

    (first,), (second,) = net.node_maps(features[None])
    weight, bias = net.score.weight, net.score.bias
    for part in edges.split(chunk):
        yield edge_logits(first, second, part, weight, bias)


def infer(net: 'PairwiseNet', features: 'Tensor') -> 'Tensor':
    """Return marginals ``(P, L)`` as the head does, for a flat unary."""
    from zoo.ops import mean_field_updates

    unary = features.new_zeros(features[0].numel(), _labels(net))
    return mean_field_updates(
        unary, net.sender(features), iterations=ITERATIONS
    )


def _labels(net: 'PairwiseNet') -> int:
    return round(net.score.out_features**0.5)


def _consume(parts: Iterator['Tensor']) -> None:
    deque(parts, maxlen=0)


def naive_bytes(edges: int, in_channels: int, labels: int) -> int:
    """Return the size of all concatenations and all tables, in bytes."""
    return 4 * edges * (2 * in_channels + labels**2)


def extra_peak(way: str, labels: int, options: dict) -> int:
    """Return how far a way lifts the peak of this process, in bytes."""
    args = argparse.Namespace(**options)
    net, features, edges = build_case(args, labels)
    before = _status('VmRSS')
    if way == 'tables':
        _consume(table_logits(net, features, edges, args.chunk))
    else:
        infer(net, features)
    return _status('VmHWM') - before


def _status(key: str) -> int:
    """Return a size that Linux keeps of this process, in bytes.

    Its VmHWM is the peak since the program started; ``ru_maxrss`` starts at
    the peak of the process that started it.
    """
    lines = STATUS.read_text().splitlines() if STATUS.is_file() else []
    for line in lines:
        if line.startswith(f'{key}:'):
            return 1024 * int(line.split()[1])
    raise UserError(
        '--parts memory: needs Linux (/proc/self/status). '
        'Leave it out of --parts'
    )


def extra_peak_of_a_child(
    way: str, labels: int, args: argparse.Namespace
) -> int:
    """Return ``extra_peak`` of a process of its own."""
    options = json.dumps([way, labels, vars(args)])
    done = subprocess.run(
        [sys.executable, '-c', CHILD, __file__, options],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout.rsplit('extra ', 1)[1])


def report_memory(args: argparse.Namespace) -> None:
    """Print what each way adds, for each number of classes."""
    print('\nextra peak memory in MiB; naive is computed: all at once')
    print('classes   naive  tables  messages')
    edges = len(build_case(args, 2)[2])
    for labels in args.classes:
        naive = naive_bytes(edges, args.in_channels, labels)
        tables, messages = (
            extra_peak_of_a_child(way, labels, args)
            for way in ('tables', 'messages')
        )
        sizes = naive / MIB, tables / MIB, messages / MIB
        print('{:7} {:7.0f} {:7.0f} {:9.0f}'.format(labels, *sizes))
    print('demanded  > 2048       -    < 1024')


def medians(ways: Sequence[Callable[[], object]], turns: int) -> list[float]:
    """Return the median time of each way in ms; the ways take turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(turns):
        for own, way in zip(times, ways, strict=True):
            start = time.perf_counter()
            way()
            own.append(1000 * (time.perf_counter() - start))
    return [statistics.median(own) for own in times]


def report_scores(args: argparse.Namespace) -> None:
    """Print the times of the three ways and how far they differ."""
    net, features, edges = build_case(args, args.classes[0])
    layers, some = concatenating(net), edges[:: args.every]
    scale = len(edges) / len(some)
    print(
        f'\n{len(edges)} edges, {args.classes[0]} classes; naive in chunks '
        f'of {args.chunk} edges, on {len(some)} of them, times {scale:.2f}'
    )
    ways = [
        lambda: _consume(naive_logits(layers, features, some, args.chunk)),
        lambda: _consume(table_logits(net, features, edges, args.chunk)),
        lambda: infer(net, features),
    ]
    medians(ways, 1)  # warms up
    print('round   naive ms  tables ms  messages ms  naive/tables  /messages')
    ratios: dict[str, list[float]] = {'tables': [], 'messages': []}
    for number in range(args.rounds):
        naive, *ours = medians(ways, 1)
        naive *= scale
        for values, own in zip(ratios.values(), ours, strict=True):
            values.append(naive / own)
        print(
            f'{number:5} {naive:10.1f} {ours[0]:10.1f} {ours[1]:12.1f} '
            '{:13.2f} {:10.2f}'.format(*(v[-1] for v in ratios.values()))
        )
    for name, values in ratios.items():
        median = statistics.median(values)
        print(f'median ratio, naive to {name}: {median:.2f}')
    for name, apart, largest in (
        ('scores', *compare_logits(net, features, some, args.chunk)),
        ('messages', *compare_messages(net, features, edges, args.chunk)),
    ):
        print(f'{name} differ by at most {apart:.1e}, are up to {largest:.1e}')


def compare_logits(
    net: 'PairwiseNet', features: 'Tensor', edges: 'Tensor', chunk: int
) -> tuple[float, float]:
    """Return the largest difference of the scores, and their largest size."""
    apart, largest = 0.0, 0.0
    for naive, ours in zip(
        naive_logits(concatenating(net), features, edges, chunk),
        table_logits(net, features, edges, chunk),
        strict=True,
    ):
        apart = max(apart, float((naive - ours).abs().max()))
        largest = max(largest, float(naive.abs().max()))
    return apart, largest


def compare_messages(
    net: 'PairwiseNet', features: 'Tensor', edges: 'Tensor', chunk: int
) -> tuple[float, float]:
    """Do the same for what some nodes receive, naive tables beside ours."""
    import torch

    nodes, labels = features[0].numel(), _labels(net)
    q = torch.randn(nodes, labels).softmax(dim=1)
    chosen = torch.arange(0, nodes, max(1, nodes // COMPARED))
    near = edges[torch.isin(edges, chosen).any(dim=1)]
    logits = naive_logits(concatenating(net), features, near, chunk)
    energies = -torch.cat(list(logits)).unflatten(1, (labels, labels))
    first, second = near.unbind(dim=1)
    total = torch.zeros(nodes, labels)
    total.index_add_(0, first, torch.einsum('eab,eb->ea', energies, q[second]))
    total.index_add_(0, second, torch.einsum('eab,ea->eb', energies, q[first]))
    count = torch.bincount(near.flatten(), minlength=nodes)
    mean = (total / count.clamp(min=1)[:, None])[chosen]
    ours = net.sender(features)(q)[chosen]
    return float((mean - ours).abs().max()), float(mean.abs().max())


def stepper(leaf: Path, args: argparse.Namespace) -> Callable[[], object]:
    """Return what runs one training step of a leaf on random images."""
    import torch
    from mmengine.optim import build_optim_wrapper
    from mmengine.structures import PixelData
    from mmseg.registry import MODELS
    from mmseg.structures import SegDataSample

    from zoo.engine.config import load_config

    config = load_config(leaf)
    size = tuple(args.crop or config.crop_size)
    batch = args.batch or config.train_dataloader.batch_size
    classes = config.model.decode_head.num_classes
    config.model.data_preprocessor = {**config.data_preprocessor, 'size': size}
    # one group of weights: groups are logged by name. Random labels teach
    # nothing, but small steps keep the weights finite.
    settings = config.optim_wrapper
    settings = {'type': settings.type, 'optimizer': settings.optimizer}
    settings['optimizer'].lr = 1e-4
    model = MODELS.build(config.model).train()
    optimiser = build_optim_wrapper(model, settings)
    images = torch.randint(256, (batch, 3, *size), dtype=torch.uint8)
    truth = torch.randint(classes, (batch, 1, *size))
    data = {
        'inputs': list(images),
        'data_samples': [
            SegDataSample(gt_sem_seg=PixelData(data=labels))
            for labels in truth
        ],
    }
    return lambda: model.train_step(data, optimiser)


def report_step(args: argparse.Namespace) -> None:
    """Print what a training step costs beside one of DeepLab."""
    steps = [stepper(leaf, args) for leaf in (CONTEXT, DEEPLAB)]
    medians(steps, 2)  # warms up
    print('\ntraining step on random images, preprocessing included')
    print('round  context ms  deeplab ms   ratio')
    ratios = []
    for number in range(args.rounds):
        context, deeplab = medians(steps, args.steps)
        ratios.append(context / deeplab)
        print(f'{number:5} {context:11.1f} {deeplab:11.1f} {ratios[-1]:7.2f}')
    print(f'median ratio: {statistics.median(ratios):.2f}; demanded <= 4')


def main(args: argparse.Namespace) -> None:
    """Measure and print the parts."""
    import torch

    from zoo.evaluation import hardware_name

    if 'memory' in args.parts:
        _status('VmHWM')  # refuses here what would fail in a child
    if args.threads:
        torch.set_num_threads(args.threads)
    print(f'{hardware_name()}, {torch.get_num_threads()} threads')
    reports = dict(
        zip(PARTS, (report_memory, report_scores, report_step), strict=True)
    )
    for part in args.parts:
        reports[part](args)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
