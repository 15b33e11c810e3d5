"""Curves around borders, read back from their SVG."""

import copy

import pytest
from example_records import TRIMAP, trimap_block

from zoo.evaluation.charts import trimap_chart
from zoo.evaluation.charts.looks import looks


@pytest.fixture
def run(make_record):
    """Return a function: config, seed, what is added to scores -> a record."""

    def run(config='fcrn/a_minivoc', seed=0, more=0.0, **changes):
        block = trimap_block(more)
        return make_record(config=config, seed=seed, trimap=block, **changes)

    return run


def places(group, kind, picture):
    """Return the corners of the first polyline or polygon of a class."""
    name = 'polygon' if kind == 'spread' else 'polyline'
    shape = picture.all(name, kind, inside=group)[0]
    pairs = (pair.split(',') for pair in shape.get('points').split())
    return [(float(x), float(y)) for x, y in pairs]


def test_lines_stand_where_the_axes_say(run, read):
    picture = read(trimap_chart([run()]))
    across, up = picture.ruler('x'), picture.ruler('y')
    for kind, scores in (('curve', [40, 50, 60]), ('raw', [30, 45, 58.5])):
        [group] = picture.all('g', kind)
        xs, ys = zip(*places(group, None, picture), strict=True)
        assert xs == pytest.approx([across(w) for w in (1, 5, 7)], abs=0.2)
        assert ys == pytest.approx([up(s) for s in scores], abs=0.2)
        assert group.get('data-row') == 'fcrn/a_minivoc'
    assert across(1) < across(5)
    assert up(60) < up(40)  # upwards


def test_a_metric_is_chosen(run, read):
    picture = read(trimap_chart([run()], metric='aAcc'))
    up = picture.ruler('y')
    [group] = picture.all('g', 'curve')
    ys = [y for _, y in places(group, None, picture)]
    assert ys == pytest.approx([up(s) for s in (70, 75, 77.5)], abs=0.2)
    assert 'pixel acc, per cent' in picture.texts()
    with pytest.raises(KeyError, match='mAcc'):
        trimap_chart([run()], metric='mAcc')


def test_dashed_is_without_post_processors(run, read):
    picture = read(trimap_chart([run()]))
    for kind, dashes in (('curve', None), ('raw', '6 4')):
        [group] = picture.all('g', kind)
        [line] = picture.all('polyline', inside=group)
        assert line.get('stroke-dasharray') == dashes
        assert line.get('stroke') == looks(['fcrn'])['fcrn'].colour
    note = 'Solid: as tested. Dashed: without post-processors.'
    assert note in picture.texts()
    alone = run()
    alone['trimap']['raw'] = None
    picture = read(trimap_chart([alone]))
    assert not picture.all('g', 'raw')
    assert 'Solid: as tested.' in picture.texts()


def test_a_band_is_one_deviation_to_either_side(run, read):
    records = [run(seed=0), run(seed=1, more=6.0)]
    picture = read(trimap_chart(records))
    across, up = picture.ruler('x'), picture.ruler('y')
    [group] = picture.all('g', 'curve')
    corners = places(group, 'spread', picture)
    spread = 3 * 2**0.5
    above = [(1, 43 + spread), (5, 53 + spread), (7, 63 + spread)]
    below = [(7, 63 - spread), (5, 53 - spread), (1, 43 - spread)]
    expected = [(across(w), up(score)) for w, score in above + below]
    for corner, wanted in zip(corners, expected, strict=True):
        assert corner == pytest.approx(wanted, abs=0.2)
    note = 'Lines: means over seeds, bands: one deviation.'
    assert any(str(words).endswith(note) for words in picture.texts())
    single = read(trimap_chart(records[:1]))
    assert not single.all('polygon', 'spread')


def test_the_axis_holds_every_band(run, read):
    block = copy.deepcopy(TRIMAP)
    block['raw'] = None
    low, high = (copy.deepcopy(block) for _ in range(2))
    low['final']['mIoU'] = [1.0, 50.0, 60.0]
    high['final']['mIoU'] = [21.0, 50.0, 99.0]
    records = [run(seed=0), run(seed=1)]
    records[0]['trimap'], records[1]['trimap'] = low, high
    picture = read(trimap_chart(records))
    up = picture.ruler('y')
    [group] = picture.all('g', 'curve')
    ys = [y for _, y in places(group, 'spread', picture)]
    grid = [
        float(x.get('y1'))
        for x in picture.all('line')
        if x.get('y1') == x.get('y2')
    ]
    assert min(grid) <= min(ys)
    assert max(ys) <= max(grid)
    assert max(ys) == pytest.approx(up(11 - 200**0.5), abs=0.2)


def test_markers_stand_at_the_usual_widths(run, read, centre):
    picture = read(trimap_chart([run('zoom_out/a')]))
    across, up = picture.ruler('x'), picture.ruler('y')
    [group] = picture.all('g', 'curve')
    marks = [centre(x) for x in group if x.tag.endswith(('polygon', 'circle'))]
    assert [x for x, _ in marks] == pytest.approx(
        [across(1), across(5)], abs=0.2
    )
    assert [y for _, y in marks] == pytest.approx([up(40), up(50)], abs=1.1)


def colours(picture):
    return {
        group.get('data-row'): group[-1].get('fill')
        for group in picture.all('g', 'curve')
    }


def test_methods_keep_their_looks_and_leaves_of_one_differ(run, read):
    own = looks(['fcrn', 'deeplab_crf'])
    picture = read(
        trimap_chart([run('fcrn/a_minivoc'), run('deeplab_crf/b_minivoc')])
    )
    assert colours(picture) == {
        'fcrn/a_minivoc': own['fcrn'].colour,
        'deeplab_crf/b_minivoc': own['deeplab_crf'].colour,
    }
    texts = picture.texts()
    assert 'fcrn/a' in texts
    assert 'deeplab_crf/b' in texts
    picture = read(trimap_chart([run(f'fcrn/{leaf}') for leaf in 'abcd']))
    assert len(set(colours(picture).values())) == 4
    assert {f'fcrn/{leaf}' for leaf in 'abcd'} <= set(picture.texts())


def test_the_best_leaf_lies_on_top(run, read):
    best = run('m/best', metrics={'mIoU': 90.0, 'aAcc': 1.0, 'mAcc': 1.0})
    picture = read(trimap_chart([run('m/a'), best, run('m/z')]))
    assert picture.labels('curve')[-1] == 'm/best'
    drawn = [g for g in picture.all('g') if g.get('data-row') == 'm/best']
    assert [g.get('class') for g in drawn] == ['raw', 'curve']


def test_it_can_be_read_without_being_seen(run, read):
    picture = read(trimap_chart([run()]))
    assert picture.says('title') == 'minivoc val: mIoU around borders'
    final = 'fcrn/a_minivoc: mIoU 40.00 at 1, 50.00 at 5'
    raw = 'fcrn/a_minivoc without post-processors: mIoU 30.00 at 1, 45.00 at 5'
    assert picture.says('desc') == (
        f'Within so many pixels of void. {final}; {raw}.'
    )
    [group] = picture.all('g', 'raw')
    assert picture.says('title', group) == raw


def test_data_sets_have_a_picture_each(run, read):
    picture = read(trimap_chart([run(), run(dataset='voc')]))
    titles = [
        'minivoc val: mIoU around borders',
        'voc val: mIoU around borders',
    ]
    assert [t for t in picture.texts() if 'around' in t] == titles
    assert picture.says('title') == '; '.join(titles)


def test_no_text_leaves_the_picture(run, read):
    records = [run(f'a_long_method_name/and-a-leaf-{i}') for i in range(9)]
    assert read(trimap_chart(records)).cut_off() == []


def test_refuses_nothing():
    with pytest.raises(ValueError, match='must not be empty'):
        trimap_chart([])
