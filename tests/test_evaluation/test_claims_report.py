"""What records say of claims, by hand-worked cases."""

import csv
import io

import pytest

from zoo.evaluation.claims import Claim, Pair
from zoo.evaluation.claims_report import (
    claims_csv,
    claims_sheet,
    judge,
    read_leaves,
    render_claims,
)
from zoo.evaluation.published import Row
from zoo.evaluation.published_pair import PublishedPair
from zoo.evaluation.records import write_record

VIEWS = {'scales': [1.0], 'flip': True, 'shifts': [[0, 0]]}
IMAGES = [f'image{i}' for i in range(8)]


def row(method, value):
    return Row(method, 'VOC2012', 'val', 'mIoU', value, 'A paper Table 1')


def claim(name='crf', group='DeepLab', published=True, **runs):
    runs = runs or {'minivoc': ('m/new_minivoc', 'm/old_minivoc')}
    rows = PublishedPair(row('New', 67.5), row('Old', 62.25))
    return Claim(
        name=name,
        says=f'{name} helps',
        group=group,
        metric='mIoU',
        source='A paper Table 1' if published else 'A paper Sec. 4',
        published=rows if published else None,
        runs={dataset: Pair(*pair) for dataset, pair in runs.items()},
    )


@pytest.fixture
def record(make_record):
    """Return a function: leaf, seed, share of right pixels -> a record.

    Of ten pixels of one class in each image so many are right; the others
    are taken for the second class, which is nowhere. So its IoU is 0, and
    the mean IoU 5 per cent for each right pixel.
    """

    def record(leaf, seed, right, **changes):
        rows = [[0, right, right, 10], [1, 0, 10 - right, 0]]
        return make_record(
            config=leaf,
            seed=seed,
            images=len(IMAGES),
            per_image=dict.fromkeys(IMAGES, rows),
            metrics={'mIoU': 5.0 * right, 'aAcc': 10.0 * right, 'mAcc': None},
            **changes,
        )

    return record


def test_a_clear_difference_is_reproduced_or_not(record):
    new = [record('m/new_minivoc', seed, 8) for seed in (0, 1)]
    old = [record('m/old_minivoc', seed, 6) for seed in (0, 1)]
    [found] = judge([claim()], 'minivoc', [*new, *old])
    assert found.verdict == 'reproduced'
    # every image is the same, so that every draw is
    difference = found.difference
    assert (difference.mean, difference.low, difference.high) == (10, 10, 10)
    assert (difference.spread, difference.seeds) == (0, 2)
    against = claim(minivoc=('m/old_minivoc', 'm/new_minivoc'))
    [found] = judge([against], 'minivoc', [*new, *old])
    assert found.verdict == 'not reproduced'
    assert found.difference.mean == -10


def test_no_difference_is_undecided(record):
    records = [record(f'm/{x}_minivoc', 0, 7) for x in ('new', 'old')]
    [found] = judge([claim()], 'minivoc', records)
    assert found.verdict == 'undecided'


def test_seeds_that_disagree_are_undecided(record):
    scores = {'new': (9, 5, 9), 'old': (6, 8, 6)}
    records = [
        record(f'm/{leaf}_minivoc', seed, right)
        for leaf, rights in scores.items()
        for seed, right in enumerate(rights)
    ]
    [found] = judge([claim()], 'minivoc', records)
    assert found.difference.mean == pytest.approx(5)
    # 15, -15 and 15 points: standard deviation sqrt(300)
    assert found.difference.spread == pytest.approx(300**0.5)
    assert found.difference.low < 0 < found.difference.high
    assert found.verdict == 'undecided'


def test_a_missing_leaf_is_named(record):
    [found] = judge([claim()], 'minivoc', [record('m/new_minivoc', 0, 8)])
    assert found.verdict == 'no record'
    assert found.missing == ('m/old_minivoc',)


def test_other_data_sets_views_and_older_records_do_not_count(record):
    new = record('m/new_minivoc', 0, 8)
    old = record('m/old_minivoc', 0, 6)
    others = [
        record('m/old_minivoc', 0, 1, dataset='voc'),
        record('m/old_minivoc', 0, 2, multi_view=VIEWS),
        record('m/old_minivoc', 0, 3, date='2020-01-01T00:00:00+00:00'),
    ]
    [found] = judge([claim()], 'minivoc', [old, *others, new])
    assert found.difference.mean == 10
    assert judge([claim()], 'voc', [old, new]) == []


def test_the_sheet_shows_both_differences(record):
    records = [
        record('m/new_minivoc', 0, 8),
        record('m/old_minivoc', 0, 6),
    ]
    claims = [
        claim(),
        claim('wide', group='Other', minivoc=('m/x_minivoc', 'm/y_minivoc')),
        claim('said', published=False),
    ]
    findings = judge(claims, 'minivoc', records)
    sheet = claims_sheet(findings, 'minivoc')
    assert sheet.title == 'Claims, minivoc'
    assert [name for name, _ in sheet.sections] == ['DeepLab', 'Other']
    (crf, said), (wide,) = (rows for _, rows in sheet.sections)
    figures = ['+10.00', '+10.00 .. +10.00', '—', '1', 'reproduced']
    assert crf == ['crf helps', 'mIoU', '+5.25 [1]', *figures]
    assert said == ['said helps', 'mIoU', '— [3]', *figures]
    assert wide[2:] == ['+5.25 [1]', *'————', 'no record [2]']
    assert sheet.notes == [
        '[1] VOC2012 val: A paper Table 1.',
        '[2] No record of m/x_minivoc, m/y_minivoc.',
        '[3] No number is printed: A paper Sec. 4.',
    ]
    for format in ('table', 'md'):
        text = render_claims(findings, 'minivoc', format=format)
        assert text.endswith('\n3 claims: 2 reproduced, 1 no record\n')
        assert 'wide helps' in text


def test_csv_has_full_numbers_and_leaves(record):
    records = [record('m/new_minivoc', 0, 8), record('m/old_minivoc', 0, 6)]
    findings = judge(
        [claim(), claim('x', minivoc=('m/x_minivoc', 'm/old_minivoc'))],
        'minivoc',
        records,
    )
    first, second = csv.DictReader(io.StringIO(claims_csv(findings)))
    assert first == {
        'claim': 'crf',
        'group': 'DeepLab',
        'metric': 'mIoU',
        'published_better': '67.5',
        'published_worse': '62.25',
        'source': 'A paper Table 1',
        'better': 'm/new_minivoc',
        'worse': 'm/old_minivoc',
        'difference': '10.0',
        'low': '10.0',
        'high': '10.0',
        'spread': '',
        'seeds': '1',
        'verdict': 'reproduced',
    }
    assert (second['difference'], second['verdict']) == ('', 'no record')


def test_only_the_records_of_the_claims_are_read(record, tmp_path):
    folder = tmp_path / 'minivoc'
    for leaf in ('new', 'old', 'other'):
        for seed in (0, 1):
            content = record(f'm/{leaf}_minivoc', seed, 5)
            write_record(
                folder / f'm__{leaf}_minivoc_seed{seed}.json', content
            )
    for more in ('views6', '0a1b2c3d'):  # of views, of another checkpoint
        content = record('m/new_minivoc', 0, 1)
        write_record(folder / f'm__new_minivoc_seed0_{more}.json', content)
    (folder / 'm__other_minivoc_seed2.json').write_text('broken')
    (folder / 'm__new_minivoc_seed2.json').write_text('{')
    records, problems = read_leaves(folder, [claim()])
    assert sorted((r['config'], r['seed']) for r in records) == [
        ('m/new_minivoc', 0),
        ('m/new_minivoc', 1),
        ('m/old_minivoc', 0),
        ('m/old_minivoc', 1),
    ]
    assert all('per_image' in r for r in records)
    [problem] = problems
    assert 'm__new_minivoc_seed2.json: not a run record' in problem


def test_leaves_of_other_images_are_named_and_the_rest_goes_on(record):
    new = record('m/new_minivoc', 0, 8)
    old = record('m/old_minivoc', 0, 6)
    other = record('m/other_minivoc', 0, 6)
    other['per_image']['another'] = other['per_image'].pop('image0')
    claims = [claim(minivoc=('m/new_minivoc', 'm/other_minivoc')), claim()]
    bad, good = judge(claims, 'minivoc', [new, old, other])
    assert good.verdict == 'reproduced'
    assert (bad.difference, bad.verdict) == (None, 'no record')
    assert bad.problem.startswith('m/new_minivoc, m/other_minivoc: have diff')
    sheet = claims_sheet([bad], 'minivoc')
    assert sheet.notes[1] == f'[2] {bad.problem}'
