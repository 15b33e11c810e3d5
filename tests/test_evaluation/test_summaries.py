"""Averages over seeds, and what must not be averaged."""

import numpy as np
import pytest

from zoo.errors import UserError
from zoo.evaluation import Stat, summarise


def run(make_record, seed, miou=50.0, **changes):
    record = make_record(seed=seed, **changes)
    record['metrics']['mIoU'] = miou
    if record['checkpoint'] and 'checkpoint' not in changes:
        record['checkpoint']['sha256'] = f'{seed}' * 64
    return record


def test_mean_and_sample_deviation_over_seeds(make_record):
    runs = [run(make_record, s, m) for s, m in ((2, 43.0), (0, 40.0))]
    runs[0]['per_class']['IoU']['dog'] = None
    runs[1]['per_class']['IoU']['dog'] = None
    runs[0]['per_class']['IoU']['cat'] = 52.0
    (summary,) = summarise(runs)
    assert summary.seeds == [0, 2]
    assert summary.metrics['mIoU'] == Stat(
        41.5, pytest.approx(3 / 2**0.5), count=2
    )
    assert summary.per_class['IoU']['cat'].mean == 51
    assert summary.per_class['IoU']['dog'] is None
    assert summary.label == 'deeplab_crf/vgg16_minivoc'


def test_one_run_has_no_deviation(make_record):
    (summary,) = summarise([make_record()])
    assert summary.metrics['mIoU'] == Stat(50.0, None, 1)


@pytest.mark.parametrize(
    'change',
    [{'config': 'fcrn/x'}, {'dataset': 'voc'}, {'split': 'a'}, {'views': 4}],
)
def test_other_configs_data_splits_and_views_stay_apart(change, make_record):
    runs = [run(make_record, 0), run(make_record, 1, **change)]
    assert [s.seeds for s in summarise(runs)] == [[0], [1]]


def test_other_views_of_the_same_number_stay_apart(make_record):
    scaled = {'scales': [1, 1.25], 'flip': True, 'shifts': [[0, 0]]}
    moved = {'scales': [1], 'flip': True, 'shifts': [[0, 0], [4, 2]]}
    larger = {'scales': [2], 'flip': False, 'shifts': [[0, 0]]}
    records = [
        make_record(views=4, multi_view=scaled),
        make_record(views=4, multi_view=moved),
        make_record(views=1, multi_view=larger),
        make_record(),
    ]
    assert [s.label.partition(' ')[2] for s in summarise(records)] == [
        '(4 views, scales 1 1.25, mirrored)',
        '(4 views, scales 1, mirrored, shifts 0,0 4,2)',
        '(1 view, scales 2)',
        '',
    ]


def test_views_are_named(make_record):
    (summary,) = summarise([make_record(views=4)])
    assert summary.label == 'deeplab_crf/vgg16_minivoc (4 views)'


def test_the_newest_record_of_a_checkpoint_counts(make_record):
    old = run(make_record, 0, 10.0, date='2025-01-01T00:00:00+00:00')
    new = run(make_record, 0, 20.0, date='2026-01-01T00:00:00+00:00')
    (summary,) = summarise([new, old])
    assert summary.metrics['mIoU'] == Stat(20.0, None, 1)


def test_checkpoints_of_one_training_are_rows_not_an_average(make_record):
    early, late = (
        {'file': f'iter_{n}.pth', 'sha256': f'{n}' * 64} for n in (1, 2)
    )
    runs = [
        run(make_record, 0, 10.0, checkpoint=early),
        run(make_record, 0, 20.0, checkpoint=late),
    ]
    first, second = summarise(runs)
    assert first.label.endswith('(iter_1.pth)')
    assert second.label.endswith('(iter_2.pth)')
    assert second.metrics['mIoU'].mean == 20


@pytest.mark.parametrize(
    ('other', 'variants'),
    [
        ({'sha': 'b'}, ['checkpoint aaaaaaa', 'checkpoint bbbbbbb']),
        ({'hash': 'd'}, ['config ccccccc', 'config ddddddd']),
    ],
)
def test_a_repeated_seed_is_told_apart(other, variants, make_record):
    twin = make_record(config_hash=other.get('hash', 'c') * 64)
    twin['checkpoint']['sha256'] = other.get('sha', 'a') * 64
    found = summarise([make_record(), twin])
    assert [s.variant for s in found] == variants


def test_times_of_other_hardware_are_left_out(make_record):
    def timed(seed, milliseconds, hardware, date):
        timing = {
            'ms_per_image': milliseconds,
            'hardware': hardware,
            'device': 'cpu',
            'threads': 1,
        }
        return run(make_record, seed, timing=timing, date=date)

    (summary,) = summarise(
        [
            timed(0, 900.0, 'Abacus', '2025'),
            timed(1, 10.0, 'Laptop', '2026'),
            timed(2, 20.0, 'Laptop', '2025'),
            run(make_record, 3, timing=None),
        ]
    )
    assert summary.ms_per_image == 15
    assert summary.hardware == 'Laptop (cpu, 1 thread)'


def test_training_hours_are_those_that_are_known(make_record):
    runs = [run(make_record, seed) for seed in range(4)]
    for record, seconds in zip(runs, (3600, 9000, None), strict=False):
        record['training']['seconds'] = seconds
    runs[3]['training'] = None
    assert summarise(runs)[0].training_hours == 1.75
    assert summarise(runs[2:])[0].training_hours is None


def test_the_interval_is_of_images_and_seeds(make_record):
    """Both seeds score 20 on an image and 60 on the other; or one does."""
    images = {'a': [[0, 20, 20, 100]], 'b': [[0, 60, 60, 100]]}
    first = make_record(seed=0, per_image=images)
    (alone,) = summarise([first])
    assert alone.interval == (20, 60)
    better = {name: [[0, 80, 80, 100]] for name in images}
    second = make_record(seed=1, per_image=better)
    second['checkpoint']['sha256'] = 'b' * 64
    (both,) = summarise([first, second])
    assert both.interval == (20, 80)
    second['replicates'] = np.full(1000, 90, np.float32)
    assert summarise([first, second])[0].interval == (20, 90)


def test_counts_that_cannot_be_are_one_line(make_record):
    record = make_record(per_image={'a': [[7, 1, 1, 1]], 'b': []})
    message = r"^deeplab_crf/vgg16_minivoc: its counts per .*image 'a': \[7"
    with pytest.raises(UserError, match=message):
        summarise([record])


def test_published_rows_are_stated_once(make_record):
    row = {'method': 'm', 'dataset': 'd', 'split': 's', 'metric': 'mIoU'}
    runs = [run(make_record, s, published=[row]) for s in (0, 1)]
    assert summarise(runs)[0].published == [row]


def test_refuses_records_that_disagree_about_the_classes(make_record):
    other = run(make_record, 1, classes=['cat', 'cow'])
    with pytest.raises(UserError, match=r'vgg16_minivoc: .* the classes\.'):
        summarise([make_record(), other])


@pytest.mark.parametrize(
    ('kind', 'metric', 'mean'),
    [('instance', 'AP_0.7', 40.125), ('boxes', 'hit_0.5', 60.0)],
)
def test_other_kinds_are_averaged_over_seeds(kind, metric, mean, make_record):
    runs = [make_record(kind, seed=seed) for seed in (0, 1)]
    runs[1]['metrics'][metric] = 50.0
    runs[1]['per_class'][metric]['cat'] = None
    (summary,) = summarise(runs)
    assert summary.kind == kind
    assert summary.metrics.keys() == runs[0]['metrics'].keys()
    assert summary.metrics[metric].mean == mean
    assert summary.per_class.keys() == runs[0]['per_class'].keys()
    assert summary.per_class[metric]['cat'].count == 1
    first = next(iter(runs[0]['metrics']))
    assert [run[first] for run in summary.runs] == [
        run['metrics'][first] for run in runs
    ]
    assert summary.label == 'deeplab_crf/vgg16_minivoc'


def test_kinds_stay_apart(make_record):
    kinds = ('semantic', 'instance', 'boxes')
    found = summarise(make_record(kind) for kind in kinds)
    assert [(s.kind, s.seeds) for s in found] == [(k, [0]) for k in kinds]


def test_other_rules_stay_apart_and_are_named(make_record):
    changes = (
        {},
        {'matching': 'any'},
        {'ap': '11-point'},
        {'void': 'remove'},
        {'matching': 'any', 'ap': '11-point', 'void': 'remove'},
    )
    records = [make_record('instance', views=4) for _ in changes]
    for record, change in zip(records, changes, strict=True):
        record['rules'] |= change
    assert [s.label.partition(' ')[2] for s in summarise(records)] == [
        '(4 views)',
        '(4 views, matching any truth)',
        '(4 views, 11-point AP)',
        '(4 views, void pixels removed)',
        '(4 views, matching any truth, 11-point AP, void pixels removed)',
    ]
