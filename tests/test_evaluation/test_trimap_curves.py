"""Curves over seeds and their table, worked by hand."""

import pytest
from example_records import TRIMAP, trimap_block

from zoo.errors import UserError
from zoo.evaluation import Stat, write_record
from zoo.evaluation.tables import render_sheets
from zoo.evaluation.trimap_curves import (
    WITHOUT,
    Curve,
    read_trimap,
    trimap_groups,
    trimap_sheets,
)


@pytest.fixture
def run(make_record):
    """Return a function: config, seed, what is added to scores -> a record."""

    def run(config='m/a_minivoc', seed=0, more=0.0, **changes):
        block = trimap_block(more)
        return make_record(config=config, seed=seed, trimap=block, **changes)

    return run


def test_mean_and_deviation_over_seeds(run):
    records = [run(seed=0), run(seed=1, more=4.0), run(seed=2, more=5.0)]
    [[(summary, (final, raw))]] = trimap_groups(records, 'mIoU')
    assert summary.seeds == [0, 1, 2]
    deviation = ((9 + 1 + 4) / 2) ** 0.5  # of 0, 4, 5
    assert (final.raw, raw.raw) == (False, True)
    assert final.widths == raw.widths == (1, 5, 7)
    assert final.means == pytest.approx([43, 53, 63])
    assert raw.means == pytest.approx([33, 48, 61.5])
    assert final.spreads == pytest.approx([deviation] * 3)
    assert final.at(5).mean == pytest.approx(53)
    assert final.at(5).std == pytest.approx(deviation)


def test_one_seed_has_no_spread(run):
    [[(_, (final, raw))]] = trimap_groups([run()], 'aAcc')
    assert final == Curve(False, (1, 5, 7), (70, 75, 77.5), None)
    assert raw == Curve(True, (1, 5, 7), (62.5, 70, 75), None)
    assert final.at(7) == Stat(77.5, None, 0)


def test_without_post_processors_there_is_one_curve(run):
    alone = run()
    alone['trimap']['raw'] = None
    [[(_, curves)]] = trimap_groups([alone], 'mIoU')
    assert [curve.raw for curve in curves] == [False]


def test_leaves_and_data_sets_are_apart(run):
    records = [run('m/a'), run('m/b'), run('m/a', split='test')]
    groups = trimap_groups(records, 'mIoU')
    names = [[s.config for s, _ in group] for group in groups]
    assert sorted(names) == [['m/a'], ['m/a', 'm/b']]
    assert len(trimap_sheets(records)) == 2


def test_other_widths_are_no_other_seed(run):
    other = run(seed=1)
    other['trimap']['widths'] = [1, 5, 8]
    message = (
        '^m/a_minivoc: its records have bands of different widths. Test it '
        'again: python tools/test.py configs/m/a_minivoc.py --trimap$'
    )
    with pytest.raises(UserError, match=message):
        trimap_groups([run(), other], 'mIoU')


def test_the_table_shows_usual_widths(run):
    records = [run(seed=0), run(seed=1, more=2.0)]
    [sheet] = trimap_sheets(records)
    assert sheet.title == 'minivoc val, within so many pixels of void'
    assert sheet.header == ['method', '1', '5']
    assert sheet.sections == [
        (
            'mIoU',
            [
                ['m/a_minivoc', '41.0 ± 1.4', '51.0 ± 1.4'],
                [WITHOUT, '31.0 ± 1.4', '46.0 ± 1.4'],
            ],
        ),
        (
            'pixel acc',
            [
                ['m/a_minivoc', '71.0 ± 1.4', '76.0 ± 1.4'],
                [WITHOUT, '63.5 ± 1.4', '71.0 ± 1.4'],
            ],
        ),
    ]
    assert 'without post-processors' in render_sheets([sheet], width=80)


def test_unusual_widths_are_all_shown_and_a_leaf_may_lack_some(run):
    first, second = run('m/a'), run('m/b')
    first['trimap']['widths'] = [3, 4, 7]
    second['trimap']['widths'] = [3, 6, 7]
    [sheet] = trimap_sheets([first, second])
    assert sheet.header == ['method', '3', '4', '7']
    rows = dict(sheet.sections)['mIoU']
    assert rows[0] == ['m/a', '40.0', '50.0', '60.0']
    assert rows[2] == ['m/b', '40.0', '—', '60.0']


def test_reads_a_record_without_its_images(run, tmp_path):
    write_record(tmp_path / 'a.json', run())
    record = read_trimap(tmp_path / 'a.json')
    assert record['trimap'] == TRIMAP
    assert 'per_image' not in record


def test_refuses_a_record_without_these_scores(make_record, tmp_path):
    path = tmp_path / 'a.json'
    write_record(path, make_record())
    message = (
        r'a\.json: has no scores around borders\. Write it again: python '
        r'tools/test\.py configs/deeplab_crf/vgg16_minivoc\.py --trimap$'
    )
    with pytest.raises(UserError, match=message):
        read_trimap(path)
