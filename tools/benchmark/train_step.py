"""What a training step costs beside a bare PyTorch loop.

python tools/benchmark/train_step.py

Both train the same network on the same data with the same batch, workers
and optimiser, in turn, several times. The bare loop has no logging, hooks,
checkpoints or schedules. Prints the ratio of the medians; nothing else may
run on the machine meanwhile.
"""

import argparse
import statistics
import tempfile
import time
from itertools import pairwise

from zoo.cli import run

LEAF = 'configs/deeplab_crf/vgg16_minivoc.py'


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', nargs='?', default=LEAF)
    parser.add_argument('--steps', type=int, default=60, help='timed per run')
    parser.add_argument('--warm-up', type=int, default=10, help='not timed')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--data-root', metavar='DIR')
    return parser


def through_the_zoo(args: argparse.Namespace) -> list[float]:
    """Return the time of each step of a run as ``tools/train.py`` does it."""
    from mmengine.hooks import Hook

    from zoo.engine.config import load_config
    from zoo.engine.experiment import build_runner

    class Clock(Hook):
        priority = 'LOWEST'
        times: list[float] = []

        def after_train_iter(self, runner, *args, **kwargs):
            self.times.append(time.perf_counter())

    config = load_config(args.config, data_root=args.data_root)
    total = args.steps + args.warm_up
    config.train_cfg.update(max_iters=total, val_interval=10 * total)
    for part in ('val', 'test'):
        for key in ('dataloader', 'cfg', 'evaluator'):
            config.pop(f'{part}_{key}')
    clock = Clock()
    clock.times = []
    with tempfile.TemporaryDirectory() as folder:
        config.work_dir = folder
        # no checkpoint in between: it is written every 500 steps, not here
        config.default_hooks.checkpoint.interval = 10 * total
        runner = build_runner(config, args.config)
        runner.register_hook(clock)
        runner.train()
    return _steps(clock.times, args.warm_up)


def bare_loop(args: argparse.Namespace) -> list[float]:
    """Return the time of each step of the shortest loop that trains."""
    import torch
    from mmengine.dataset import pseudo_collate
    from mmseg.registry import DATASETS, MODELS

    from zoo.engine.config import load_config

    config = load_config(args.config, data_root=args.data_root)
    config.model.data_preprocessor = config.data_preprocessor
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    model = MODELS.build(config.model).to(device).train()
    model.init_weights()
    settings = config.train_dataloader
    loader = torch.utils.data.DataLoader(
        DATASETS.build(settings.dataset),
        batch_size=settings.batch_size,
        num_workers=settings.num_workers,
        persistent_workers=settings.num_workers > 0,
        shuffle=True,
        drop_last=True,
        collate_fn=pseudo_collate,
    )
    options = dict(config.optim_wrapper.optimizer)
    optimiser = getattr(torch.optim, options.pop('type'))(
        model.parameters(), **options
    )
    times: list[float] = []
    while len(times) < args.steps + args.warm_up:
        for batch in loader:
            batch = model.data_preprocessor(batch, True)
            losses = model(**batch, mode='loss')
            loss = sum(v for k, v in losses.items() if 'loss' in k)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()
            times.append(time.perf_counter())
    return _steps(times[: args.steps + args.warm_up], args.warm_up)


def _steps(times: list[float], warm_up: int) -> list[float]:
    steps = [after - before for before, after in pairwise(times)]
    return steps[warm_up:]


def main(args: argparse.Namespace) -> None:
    """Time both in turn and print the ratio."""
    import torch

    from zoo.evaluation import hardware_name

    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    print(f'{hardware_name(device)}, {torch.get_num_threads()} threads')
    print('round   zoo ms   bare ms   ratio')
    ratios = []
    for number in range(args.rounds):
        zoo, bare = (
            1000 * statistics.median(time_steps(args))
            for time_steps in (through_the_zoo, bare_loop)
        )
        ratios.append(zoo / bare)
        print(f'{number:5}  {zoo:7.1f}  {bare:8.1f}  {ratios[-1]:6.3f}')
    print(f'median ratio: {statistics.median(ratios):.3f}')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
