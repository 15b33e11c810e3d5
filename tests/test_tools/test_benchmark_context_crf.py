"""The benchmark of the contextual CRF measures what it says it does."""

import importlib.util
import math

import pytest
import torch
from support import ROOT

from zoo.cli import run
from zoo.models.decode_heads.pairwise_net import PairwiseNet

TINY = (
    *('--grid', '6', '5', '--in-channels', '8', '--channels', '4'),
    *('--classes', '3', '2', '--chunk', '50', '--every', '3'),
    *('--rounds', '3', '--steps', '1', '--batch', '1', '--crop', '65', '81'),
)
# 6 x 5 nodes in boxes of 3 x 3: 25 pairs sideways, 24 down, 40 aslant
EDGES = 2 * (25 + 24 + 40)


@pytest.fixture
def tool():
    path = ROOT / 'tools/benchmark/context_crf.py'
    spec = importlib.util.spec_from_file_location('context_crf', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tiny(tool):
    """Its options, and a net, features and edges of these sizes."""
    args = tool.build_parser().parse_args(TINY)
    return args, tool.build_case(args, 3)


@pytest.mark.slow
def test_all_parts_are_printed_beside_what_is_demanded(tool, capsys):
    code = run(tool.build_parser(), tool.main, TINY)
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    for text in (
        'demanded  > 2048       -    < 1024',
        f'{EDGES} edges, 3 classes; naive in chunks of 50 edges, on 60 of',
        'median ratio, naive to tables: ',
        'median ratio, naive to messages: ',
        'demanded <= 4',
    ):
        assert text in out
    apart = [line for line in out.splitlines() if 'differ by' in line]
    for line in apart:
        words = line.replace(',', '').split()
        assert float(words[5]) < 1e-5 < 1e-2 < float(words[-1])
    assert len(apart) == 2


def test_the_threads_are_those_asked_for(tool, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, 'set_num_threads', asked.append)
    monkeypatch.setattr(tool, 'report_step', lambda args: None)
    argv = ('--parts', 'step', '--threads', '7')
    assert run(tool.build_parser(), tool.main, argv) == 0
    assert asked == [7]
    args = tool.build_parser().parse_args((*TINY, '--threads', '5'))
    tool.build_case(args, 2)  # what a child calls
    assert asked == [7, 5]


@pytest.mark.parametrize('status', [None, 'Name: python\nVmRSS: 7 kB\n'])
def test_where_there_is_no_peak_the_part_is_named(
    tool, tmp_path, capsys, monkeypatch, status
):
    """Before anything is measured, and not by the crash of a child."""
    monkeypatch.setattr(tool, 'STATUS', tmp_path / 'status')
    if status:
        tool.STATUS.write_text(status)
    for name in ('report_memory', 'report_scores', 'report_step'):
        monkeypatch.setattr(tool, name, lambda args: print('measured'))
    assert run(tool.build_parser(), tool.main, ()) == 2
    out, err = capsys.readouterr()
    assert out == ''
    assert err.strip().endswith(
        '--parts memory: needs Linux (/proc/self/status). '
        'Leave it out of --parts'
    )
    argv = ('--parts', 'scores', 'step')
    assert run(tool.build_parser(), tool.main, argv) == 0
    assert capsys.readouterr().out.count('measured') == 2


def test_sizes_of_the_process_are_in_bytes(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, 'STATUS', tmp_path / 'status')
    tool.STATUS.write_text('VmHWM:\t    12 kB\nVmRSS:\t     7 kB\n')
    assert tool._status('VmHWM') == 12 * 1024
    assert tool._status('VmRSS') == 7 * 1024


def test_the_default_case_is_the_one_of_the_issue(tool):
    args = tool.build_parser().parse_args([])
    assert (args.grid, args.in_channels, args.channels) == (
        (38, 28),
        4608,
        512,
    )
    assert args.classes == [21, 60]
    args.in_channels, args.channels = 2, 2  # the sizes of no tensor here
    net, features, edges = tool.build_case(args, 21)
    assert features.shape == (2, 28, 38)
    assert net.score.out_features == 441
    assert net.nodes.bias.all()
    assert net.score.bias.all()
    # a pair for each offset within 5 cells, border nodes have fewer
    across, down = (
        sum(side - abs(step) for step in range(-5, 6)) for side in (38, 28)
    )
    assert len(edges) == across * down - 38 * 28


def test_both_ways_score_a_worked_case(tool):
    net = PairwiseNet(
        relation='surrounding', in_channels=2, channels=2, num_classes=1
    ).requires_grad_(False)
    weight = [[1, 2], [3, 4], [10, 20], [30, 40]]  # as first, as second end
    net.nodes.weight.copy_(torch.tensor(weight))
    net.nodes.bias.copy_(torch.tensor([0.5, -200, 0.25, 0]))
    net.score.weight.copy_(torch.tensor([[2.0, 7.0]]))
    net.score.bias.fill_(1)
    features = torch.tensor([[[1.0, 0.0]], [[0.0, 3.0]]])  # (1, 0), (0, 3)
    edges = torch.tensor([[0, 1], [1, 0], [0, 0]])
    # first units 1 + 60, 6 + 10, 1 + 10 and 0.75; the second stay below 0
    # whichever pair: 3 + 120 - 200, 12 + 30 - 200, 3 + 30 - 200
    expected = [[124.5], [34.5], [24.5]]
    layers = tool.concatenating(net)
    naive = list(tool.naive_logits(layers, features, edges, 2))
    ours = list(tool.table_logits(net, features, edges, 2))
    assert [len(part) for part in naive] == [2, 1]
    assert [len(part) for part in ours] == [2, 1]
    assert torch.cat(naive).tolist() == expected
    assert torch.cat(ours).tolist() == expected


def test_the_ways_agree_and_a_wrong_one_shows(tool, tiny, monkeypatch):
    args, (net, features, edges) = tiny
    assert len(edges) == EDGES
    case = (net, features, edges, args.chunk)
    compare = tool.compare_logits, tool.compare_messages
    for way in compare:
        apart, largest = way(*case)
        assert apart < 1e-5 < 1e-2 < largest
    right = PairwiseNet.node_maps

    def swapped(self, features):
        first, second = right(self, features)
        return second, first

    monkeypatch.setattr(PairwiseNet, 'node_maps', swapped)
    for way in compare:
        assert way(*case)[0] > 1e-2


def test_naive_size_by_hand(tool):
    # two edges, each with 2 x 3 features and 4 x 4 scores of 4 bytes
    assert tool.naive_bytes(2, 3, 4) == 2 * (6 + 16) * 4


def test_marginals_after_three_iterations(tool, tiny, monkeypatch):
    _, (net, features, _) = tiny
    sent = []
    right = net.sender(features)

    def counted(marginals):
        sent.append(marginals)
        return right(marginals)

    monkeypatch.setattr(net, 'sender', lambda features: counted)
    q = tool.infer(net, features)
    assert q.shape == (30, 3)
    torch.testing.assert_close(q.sum(dim=1), torch.ones(30))
    assert len(sent) == 3
    assert (sent[0] == 1 / 3).all()


@pytest.mark.slow
def test_a_child_sees_its_own_memory_only(tool):
    ballast = torch.ones(100 * 2**20)  # 400 MiB of the parent's
    sizes = ('--grid', '20', '14', '--in-channels', '8', '--channels', '8')
    args = tool.build_parser().parse_args(sizes)
    edges = len(tool.build_case(args, 2)[2])
    table = 4 * 60**2 * edges
    whole, chunks, messages = (
        tool.extra_peak_of_a_child(way, 60, args)
        for way, args.chunk in (
            ('tables', edges),
            ('tables', edges // 20),
            ('messages', edges),
        )
    )
    assert table > 60 * 2**20
    assert table < whole < 2 * table
    assert chunks < table / 2
    assert messages < table
    assert ballast[0] == 1


def test_ways_take_turns_and_the_median_counts(tool, monkeypatch):
    now, order = [0.0], []
    monkeypatch.setattr(tool.time, 'perf_counter', lambda: now[0])
    lengths = {'a': iter([1, 9, 2]), 'b': iter([5, 5, 40])}

    def way(name):
        order.append(name)
        now[0] += next(lengths[name])

    ways = [lambda: way('a'), lambda: way('b')]
    assert tool.medians(ways, 3) == [2000, 5000]
    assert ''.join(order) == 'ababab'


def test_ratios_of_the_scores_are_scaled(tool, tiny, monkeypatch, capsys):
    times = iter([[9, 9, 9], [1, 2, 4], [1, 4, 1], [1, 3, 2]])  # warm-up first
    monkeypatch.setattr(tool, 'medians', lambda ways, turns: next(times))
    tool.report_scores(tiny[0])
    out = capsys.readouterr().out
    scale = EDGES / 60  # every third of 178
    assert f'naive to tables: {scale / 3:.2f}\n' in out
    assert f'naive to messages: {scale / 2:.2f}\n' in out


def test_memory_is_in_mebibytes(tool, tiny, monkeypatch, capsys):
    def peak(way, labels, args):
        return {'tables': 3, 'messages': 5}[way] * labels * 2**20

    monkeypatch.setattr(tool, 'extra_peak_of_a_child', peak)
    monkeypatch.setattr(tool, 'naive_bytes', lambda edges, *_: edges * 2**20)
    tool.report_memory(tiny[0])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ['3', str(EDGES), '9', '15'] in rows
    assert ['2', str(EDGES), '6', '10'] in rows


def test_ratio_of_the_steps(tool, tiny, monkeypatch, capsys):
    leaves = []
    monkeypatch.setattr(
        tool, 'stepper', lambda leaf, args: leaves.append(leaf)
    )
    times = iter([[7, 1], [8, 2], [3, 1], [9, 3]])  # warm-up first
    monkeypatch.setattr(tool, 'medians', lambda ways, turns: next(times))
    tool.report_step(tiny[0])
    assert [leaf.parent.name for leaf in leaves] == [
        'context_crf',
        'deeplab_crf',
    ]
    assert 'median ratio: 3.00; demanded <= 4' in capsys.readouterr().out


def test_a_step_trains(tool, tiny, monkeypatch):
    from mmengine.optim import OptimWrapper

    updated = []
    update = OptimWrapper.update_params

    def spied(self, loss, **kwargs):
        weight = self.optimizer.param_groups[0]['params'][0]
        before = weight.detach().clone()
        update(self, loss, **kwargs)
        updated.append(not torch.equal(weight, before))

    monkeypatch.setattr(OptimWrapper, 'update_params', spied)
    for leaf in (tool.CONTEXT, tool.DEEPLAB):
        step = tool.stepper(leaf, tiny[0])
        losses = [step() for _ in range(2)]
        assert all(math.isfinite(log['loss'].detach()) for log in losses)
        kinds = {k for k in losses[0] if k.startswith('decode.loss')}
        assert len(kinds) == (3 if leaf == tool.CONTEXT else 1)
        assert all(losses[0][kind] > 0 for kind in kinds)
    assert updated == [True] * 4


@pytest.mark.parametrize(
    ('argv', 'expected'),
    [([], (8, 3, 121, 161)), (TINY, (1, 3, 65, 81))],
)
def test_a_step_has_the_batch_and_the_crop(tool, monkeypatch, argv, expected):
    class Net(torch.nn.Linear):
        def __init__(self, config):
            super().__init__(1, 1)
            self.size = config['data_preprocessor']['size']

        def train_step(self, data, optimiser):
            assert self.training
            truth = [s.gt_sem_seg.data for s in data['data_samples']]
            assert torch.stack(truth).shape == (expected[0], 1, *self.size)
            return torch.stack(data['inputs']).shape

    monkeypatch.setattr('mmseg.registry.MODELS.build', Net)
    args = tool.build_parser().parse_args(argv)
    assert tool.stepper(tool.DEEPLAB, args)() == expected
    assert tool.stepper(tool.CONTEXT, args)() == expected
