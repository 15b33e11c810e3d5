"""The benchmark of FCRN measures what it says it does."""

import importlib.util

import pytest
from support import ROOT

from zoo.cli import run

LEAF = str(ROOT / 'configs/fcrn/r18-k3d6_minivoc.py')
TINY = (LEAF, '--crop', '65', '81', '--batch', '2', '--rounds', '3')


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/fcrn.py'
    spec = importlib.util.spec_from_file_location('fcrn', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_both_parts_are_printed_beside_what_is_demanded(tool, capsys):
    code = run(tool.build_parser(), tool.main, [*TINY, '--k', '7'])
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    for text in (
        'step, 65 x 81, batch 2, k 7',
        'demanded                     <= 1.03',
        'views, 65 x 81: 2 mirrored x 4 shifted',
        '8 views over 8 single views',
        'demanded                     <= 1.05',
    ):
        assert text in out


def test_it_times_each_loss_in_the_head_and_every_view(tool, monkeypatch):
    """What runs is told by the calls, not by their times."""
    from zoo.models.losses import BootstrappedCrossEntropyLoss
    from zoo.models.segmentors import PostProcessedEncoderDecoder

    args = tool.build_parser().parse_args([*TINY, '--rounds', '1'])
    kinds, views = [], []
    plain = PostProcessedEncoderDecoder.train_step
    infer = PostProcessedEncoderDecoder.inference

    def train_step(model, *rest):
        loss = model.decode_head.loss_decode
        kinds.append(isinstance(loss, BootstrappedCrossEntropyLoss))
        return plain(model, *rest)

    def inference(model, inputs, metas):
        views.append(tuple(inputs.shape[2:]))
        return infer(model, inputs, metas)

    monkeypatch.setattr(PostProcessedEncoderDecoder, 'train_step', train_step)
    monkeypatch.setattr(PostProcessedEncoderDecoder, 'inference', inference)
    tool.time_bootstrapping(args)
    tool.time_views(args)
    assert kinds == [False, False, True]  # the first warms up
    shifted = [(65, 81), (65, 85), (69, 81), (69, 85)]
    assert views == [(65, 81)] * 9 + shifted * 2
