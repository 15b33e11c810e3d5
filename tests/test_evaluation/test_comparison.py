"""Differences: hand-worked ones, and a slow two-level bootstrap."""

import statistics

import numpy as np
import pytest

from zoo.errors import UserError
from zoo.evaluation import compare
from zoo.evaluation.comparison import Difference
from zoo.evaluation.reading import read_results
from zoo.evaluation.records import write_record
from zoo.evaluation.resampling import multiplicities, seed_shares

IMAGES = 40
PIXELS = 100


@pytest.fixture
def make_run(make_record):
    """Return a function: accuracy -> a record whose images scatter about it.

    There is one class, of which as many pixels are right as are predicted:
    then IoU, and mIoU, is the share of right ones.
    """

    def make(config, seed, share, noise=0.05, **changes):
        generator = np.random.default_rng([7, seed or 0])
        shares = share + noise * generator.standard_normal(IMAGES)
        right = (PIXELS * shares.clip(0, 1)).astype(int).tolist()
        score = float(sum(right)) / IMAGES
        scores = {'mIoU': score, 'aAcc': score, 'mAcc': score}
        return make_record(
            config=config,
            seed=seed,
            images=IMAGES,
            classes=['cat'],
            metrics=scores,
            per_class={'IoU': {'cat': score}, 'Acc': {'cat': score}},
            per_image={
                f'i{i:02}': [[0, hits, hits, PIXELS]]
                for i, hits in enumerate(right)
            },
            **changes,
        )

    return make


def share(record, names):
    rows = [record['per_image'][name][0] for name in names]
    return 100 * sum(row[1] for row in rows) / sum(row[3] for row in rows)


def slow_interval(better, worse, streams):
    """Draw images and seeds one draw after the other."""
    shares = [
        seed_shares(len(records), stream=stream)
        for records, stream in zip((better, worse), streams, strict=True)
    ]
    found = []
    for i, weights in enumerate(multiplicities(IMAGES)):
        names = [
            f'i{j:02}'
            for j, count in enumerate(weights)
            for _ in range(int(count))
        ]
        means = [
            sum(
                weight * share(record, names)
                for weight, record in zip(part[i], records, strict=True)
            )
            for part, records in zip(shares, (better, worse), strict=True)
        ]
        found.append(means[0] - means[1])
    found.sort()
    low, high = 0.025 * 999, 0.975 * 999
    return (
        found[int(low)] + low % 1 * (found[int(low) + 1] - found[int(low)]),
        found[int(high)]
        + high % 1 * (found[int(high) + 1] - found[int(high)]),
    )


def test_same_seeds_are_drawn_together(make_run):
    better = [make_run('a/x', s, 0.5 + 0.1 * s) for s in (0, 1, 2)]
    worse = [make_run('a/y', s, 0.45 + 0.1 * s) for s in (2, 0, 1)]
    found = compare(better, worse, 'mIoU')
    ordered = sorted(worse, key=lambda r: r['seed'])
    pairs = [
        a['metrics']['mIoU'] - b['metrics']['mIoU']
        for a, b in zip(better, ordered, strict=True)
    ]
    assert found.mean == pytest.approx(sum(pairs) / 3)
    assert found.spread == pytest.approx(statistics.stdev(pairs))
    assert (found.seeds, found.images) == (3, IMAGES)
    expected = slow_interval(better, ordered, (1, 1))
    assert (found.low, found.high) == pytest.approx(expected)
    # Seeds that go up and down together do not blur the difference.
    assert found.high - found.low < 2
    assert found.verdict == 'better'


def test_other_seeds_are_drawn_apart(make_run):
    better = [make_run('a/x', s, 0.5 + 0.1 * s) for s in (0, 1, 2)]
    worse = [make_run('a/y', s, 0.15 + 0.1 * s) for s in (3, 4)]
    found = compare(better, worse, 'mIoU')
    assert (found.seeds, found.spread) == (2, None)
    expected = slow_interval(better, worse, (1, 2))
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.low < found.mean < found.high
    assert found.high - found.low > 10


def test_a_lucky_seed_does_not_decide(make_run):
    """Over images alone the mean would be better: the seeds disagree."""
    better = [make_run('a/x', s, x, noise=0) for s, x in enumerate((0.7, 0.4))]
    worse = [make_run('a/y', s, 0.5, noise=0) for s in (0, 1)]
    found = compare(better, worse, 'mIoU')
    assert found.mean == pytest.approx(5)
    assert (found.low, found.high) == pytest.approx((-10, 20))
    assert found.verdict == 'undecided'
    assert compare(better[:1], worse[:1], 'mIoU').verdict == 'better'


def test_one_seed_has_an_interval_over_images(make_run):
    one, other = make_run('a/x', 0, 0.5), make_run('a/y', 0, 0.6)
    found = compare([one], [other], 'mIoU')
    assert (found.spread, found.seeds, found.verdict) == (None, 1, 'worse')
    expected = slow_interval([one], [other], (1, 1))
    assert (found.low, found.high) == pytest.approx(expected)


def test_an_oracle_has_no_seed(make_run):
    oracle = make_run('a/oracle', None, 0.9)
    runs = [make_run('a/x', s, 0.5) for s in (0, 1)]
    found = compare([oracle], runs, 'mIoU')
    assert (found.seeds, found.spread, found.verdict) == (1, None, 'better')


def test_a_method_and_itself_differ_by_nothing(make_run):
    runs = [make_run('a/x', s, 0.5 + s / 10) for s in (0, 1, 2)]
    found = compare(runs, list(reversed(runs)), 'mIoU')
    assert found == Difference(0, 0, 0, 0, 3, IMAGES)
    assert found.verdict == 'undecided'


def test_the_order_of_the_images_in_a_record_does_not_matter(make_run):
    one, other = make_run('a/x', 0, 0.5), make_run('a/y', 0, 0.4)
    found = compare([one], [other], 'mIoU')
    other['per_image'] = dict(reversed(other['per_image'].items()))
    assert compare([one], [other], 'mIoU') == found


def test_other_metrics_have_differences_of_their_own(make_run):
    one, other = make_run('a/x', 0, 0.5), make_run('a/y', 0, 0.4)
    one['metrics']['aAcc'] = 99.0
    one['per_image'] = {n: [[0, 99, 99, 100]] for n in one['per_image']}
    assert compare([one], [other], 'aAcc').mean > 50
    assert compare([one], [other], 'aAcc').low > 50
    assert compare([one], [other], 'mIoU').mean < 20


def test_records_that_were_read_without_their_images(make_run, tmp_path):
    for seed in (0, 1):
        for name, part in (('x', 0.5), ('y', 0.45)):
            run = make_run(f'a/{name}', seed, part)
            write_record(tmp_path / f'{name}{seed}.json', run)
    read = read_results(sorted(tmp_path.glob('*.json'))).records()
    light = compare(read[:2], read[2:], 'mIoU')
    full = compare(
        [make_run('a/x', s, 0.5) for s in (0, 1)],
        [make_run('a/y', s, 0.45) for s in (0, 1)],
        'mIoU',
    )
    assert (light.mean, light.spread) == (full.mean, full.spread)
    assert light.low == pytest.approx(full.low, abs=1e-4)
    assert light.high == pytest.approx(full.high, abs=1e-4)
    with pytest.raises(ValueError, match='aAcc needs records with per_image'):
        compare(read[:2], read[2:], 'aAcc')
    for record in read:
        record['images'] = 0
    with pytest.raises(UserError, match='a/x: its record holds no images'):
        compare(read[:2], read[2:], 'mIoU')


@pytest.mark.parametrize(
    ('change', 'what'),
    [
        ({'dataset': 'voc'}, 'data sets'),
        ({'split': 'test'}, 'splits'),
        ({'classes': ['dog']}, 'classes'),
        ({'kind': 'tags'}, 'kinds of score'),
        ({'rules': {'ap': '11-point'}}, 'rules of the score'),
    ],
)
def test_refuses_what_cannot_be_compared(change, what, make_run):
    runs = [make_run('a/x', s, 0.5) for s in (0, 1)]
    other = make_run('b/y', 1, 0.5) | change
    message = rf'^a/x, b/y: have different {what} and .* Test both'
    with pytest.raises(UserError, match=message) as error:
        compare(runs, [make_run('b/y', 0, 0.5), other], 'mIoU')
    assert '\n' not in str(error.value)


def test_refuses_other_images_of_the_same_number(make_run):
    one, other = make_run('a/x', 0, 0.5), make_run('b/y', 0, 0.5)
    other['per_image']['new'] = other['per_image'].pop('i00')
    with pytest.raises(UserError, match='a/x, b/y: have different images'):
        compare([one], [other], 'mIoU')


def test_refuses_records_without_scores(make_run):
    one, other = make_run('a/x', 0, 0.5), make_run('b/y', 0, 0.5)
    with pytest.raises(ValueError, match='needs a record, got 1 and 0'):
        compare([one], [], 'mIoU')
    other['metrics']['mIoU'] = None
    with pytest.raises(UserError, match='b/y: its record has no mIoU'):
        compare([one], [other], 'mIoU')
    for run in (one, other):
        run['images'], run['per_image'] = 0, {}
    with pytest.raises(UserError, match='a/x: its record holds no images'):
        compare([one], [other], 'mIoU')


def test_refuses_images_of_which_nothing_is_known(make_run):
    runs = [make_run(name, 0, 0.5) for name in ('a/x', 'b/y')]
    for run in runs:
        run['per_image'] = {name: [] for name in run['per_image']}
    with pytest.raises(UserError, match='a/x, b/y: mIoU has no value on any'):
        compare(runs[:1], runs[1:], 'mIoU')
    runs[1]['per_image']['i00'] = [[4, 1, 1, 1]]
    with pytest.raises(UserError, match=r"b/y: cannot be .*'i00': \[4, 1"):
        compare(runs[:1], runs[1:], 'mIoU')
