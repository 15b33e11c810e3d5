"""What bootstrapping costs a training step, and several views a test.

python tools/benchmark/fcrn.py

Bootstrapping: training steps of an FCRN on random crops, with cross-entropy
and with the bootstrapped loss in turn; also the two losses alone, forward and
backward, over the time of a step, because a few per cent of a step are less
than steps differ among themselves. Views: the time of testing an image in V
views of its own size (mirrored and shifted) over that of V single views.
Prints medians of ratios. Nothing else may run on the machine meanwhile.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli import run

if TYPE_CHECKING:
    from mmengine.model import BaseModel
    from torch import nn

ROOT = Path(__file__).resolve().parents[2]
PARTS = ('bootstrapping', 'views')
CROSS_ENTROPY = {'type': 'CrossEntropyLoss', 'avg_non_ignore': True}
SHIFTS = ((0, 0), (0, 4), (4, 0), (4, 4))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    leaf = str(ROOT / 'configs/fcrn/r50-k5d12_voc.py')
    add('config', nargs='?', default=leaf)
    add('--parts', nargs='+', choices=PARTS, default=PARTS)
    add('--rounds', type=int, default=5)
    add('--threads', type=int, help="by default torch's choice")
    add('--crop', type=int, nargs=2, default=(500, 500), metavar=('H', 'W'))
    add('--batch', type=int, default=4)
    add('--k', type=int, default=512, help='cells kept of a crop')
    add('--repeats', type=int, default=20, help='of the losses alone')
    return parser


def build_model(args: argparse.Namespace) -> 'BaseModel':
    """Return the network of the config with random weights."""
    import torch
    from mmseg.registry import MODELS

    from zoo.engine.config import load_config

    torch.manual_seed(0)
    config = load_config(args.config)
    config.model.data_preprocessor = {
        **config.data_preprocessor,
        'size': tuple(args.crop),
    }
    config.model.backbone.init_cfg = None
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    return MODELS.build(config.model).to(device)


def build_batch(args: argparse.Namespace, model: 'BaseModel') -> dict:
    """Return random crops with random labels, as a loader does."""
    import torch
    from mmengine.structures import PixelData
    from mmseg.structures import SegDataSample

    size = tuple(args.crop)
    images = torch.randint(256, (args.batch, 3, *size), dtype=torch.uint8)
    truth = torch.randint(model.out_channels, (args.batch, 1, *size))
    meta = {'ori_shape': size, 'img_shape': size, 'flip': False}
    samples = [
        SegDataSample(metainfo=meta, gt_sem_seg=PixelData(data=labels))
        for labels in truth
    ]
    return {'inputs': list(images), 'data_samples': samples}


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that it takes, the accelerator's work included."""
    import torch

    wait = torch.cuda.synchronize if torch.cuda.is_available() else list
    wait()
    start = time.perf_counter()
    action()
    wait()
    return time.perf_counter() - start


def time_bootstrapping(args: argparse.Namespace) -> None:
    """Print what the bootstrapped loss adds to a step."""
    import torch
    from mmengine.optim import OptimWrapper
    from mmseg.registry import MODELS

    model = build_model(args).train()
    batch = build_batch(args, model)
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-6))
    losses = {
        'plain': MODELS.build(CROSS_ENTROPY),
        'bootstrapped': MODELS.build(
            {'type': 'BootstrappedCrossEntropyLoss', 'k': args.k}
        ),
    }

    def step(name: str) -> float:
        model.decode_head.loss_decode = losses[name]
        return timed(lambda: model.train_step(batch, optimizer))

    step('plain')  # the first step is slower than all others
    rounds = [
        (step('plain'), step('bootstrapped')) for _ in range(args.rounds)
    ]
    ratios = [bootstrapped / plain for plain, bootstrapped in rounds]
    whole = statistics.median(plain for plain, _ in rounds)
    alone = {n: _time_loss(loss, args, model) for n, loss in losses.items()}
    share = (alone['bootstrapped'] - alone['plain']) / whole
    height, width = args.crop
    print(f'step, {height} x {width}, batch {args.batch}, k {args.k}')
    print(f'  plain step, median           {whole:8.3f} s')
    for name, seconds in alone.items():
        print(f'  loss alone, {name:12}     {1000 * seconds:8.2f} ms')
    print(f'  ratio of steps, median       {statistics.median(ratios):8.4f}')
    print(f'    of single rounds           {_range(ratios)}')
    print(f'  1 + difference of the losses {1 + share:8.4f}')
    print('  demanded                     <= 1.03')


def _time_loss(
    loss: 'nn.Module', args: argparse.Namespace, model: 'BaseModel'
) -> float:
    """Return the median time of a loss and its gradient on the score map."""
    import torch

    stride, classes = model.decode_head.output_stride, model.out_channels
    cells = [-(-side // stride) for side in args.crop]
    device = next(model.parameters()).device
    scores = torch.randn(args.batch, classes, *cells, device=device)
    scores.requires_grad_()
    labels = torch.randint(classes, (args.batch, *cells), device=device)

    def work() -> None:
        loss(scores, labels, ignore_index=255).backward()

    work()
    return statistics.median(timed(work) for _ in range(args.repeats))


def time_views(args: argparse.Namespace) -> None:
    """Print the time of V views over that of V single ones."""
    import torch

    from zoo.models.segmentors import MultiViewSegmentor

    one = argparse.Namespace(**{**vars(args), 'batch': 1})
    model = build_model(one).eval()
    plain, mirrored = build_batch(one, model), build_batch(one, model)
    mirrored['data_samples'][0].set_metainfo(
        {'flip': True, 'flip_direction': 'horizontal'}
    )
    views = {key: [plain[key], mirrored[key]] for key in plain}
    several = MultiViewSegmentor(model, shifts=SHIFTS).eval()
    count = 2 * len(SHIFTS)

    @torch.no_grad()
    def ratio() -> float:
        single = timed(lambda: [model.test_step(plain) for _ in range(count)])
        return timed(lambda: several.test_step(views)) / single

    model.test_step(plain)  # the first one is slower than all others
    ratios = [ratio() for _ in range(args.rounds)]
    height, width = args.crop
    print(f'views, {height} x {width}: 2 mirrored x {len(SHIFTS)} shifted')
    print(f'  {count} views over {count} single views, median')
    print(f'                               {statistics.median(ratios):8.4f}')
    print(f'    of single rounds           {_range(ratios)}')
    print('  demanded                     <= 1.05')


def _range(values: list[float]) -> str:
    return f'{min(values):8.4f} to {max(values):.4f}'


def main(args: argparse.Namespace) -> None:
    """Time the parts that were asked for."""
    import torch

    from zoo.evaluation import hardware_name

    if args.threads:
        torch.set_num_threads(args.threads)
    print(f'{hardware_name()}, {torch.get_num_threads()} threads')
    if 'bootstrapping' in args.parts:
        time_bootstrapping(args)
    if 'views' in args.parts:
        time_views(args)


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
