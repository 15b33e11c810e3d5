"""Pictures that the repository keeps."""

from xml.etree import ElementTree

import pytest

from zoo.errors import UserError
from zoo.evaluation.chart_files import chart_files, render_chart


def timing(milliseconds, threads=1):
    return {
        'ms_per_image': milliseconds,
        'hardware': 'Abacus',
        'device': 'cpu',
        'threads': threads,
    }


@pytest.fixture
def records(make_record):
    """Return a function: number, threads ... -> timed records."""

    def make(count, threads=1, **changes):
        return [
            make_record(
                config=f'fcrn/t{threads}-{i}_minivoc',
                timing=timing(10.0 + i, threads),
                **changes,
            )
            for i in range(count)
        ]

    return make


def names(root, folders):
    return [path.name for path in chart_files(root, folders)]


def labels(text):
    root = ElementTree.fromstring(text)
    return [g.get('data-row') for g in root.iter() if g.get('data-row')]


def test_a_folder_has_a_picture_of_its_scores(records, make_record, tmp_path):
    folders = {
        'minivoc': records(2),
        'coco': [make_record('instance')],
        'msrc21': [make_record(timing=None)],
    }
    assert chart_files(tmp_path, folders) == [
        tmp_path / 'docs' / 'images' / 'leaderboard_minivoc.svg',
        tmp_path / 'docs' / 'images' / 'leaderboard_msrc21.svg',
    ]
    text = render_chart(tmp_path / 'leaderboard_minivoc.svg', folders)
    assert labels(text) == ['fcrn/t1-0_minivoc', 'fcrn/t1-1_minivoc']


def test_three_times_on_one_hardware_are_worth_a_picture(records, tmp_path):
    name = 'leaderboard_minivoc_time.svg'
    spread = {'minivoc': records(2, threads=1) + records(2, threads=2)}
    assert name not in names(tmp_path, spread)
    folders = {'minivoc': records(2, threads=1) + records(3, threads=2)}
    assert name in names(tmp_path, folders)
    shown = labels(render_chart(tmp_path / name, folders))
    assert shown == [f'fcrn/t2-{i}_minivoc' for i in range(3)]
    both = {'minivoc': records(3, threads=1) + records(4, threads=2)}
    assert len(labels(render_chart(tmp_path / name, both))) == 7


def test_only_semantic_records_are_in_them(records, make_record, tmp_path):
    other = [
        make_record(kind, config=f'a/{kind}') for kind in ('boxes', 'tags')
    ]
    folders = {'minivoc': records(1) + other}
    text = render_chart(tmp_path / 'leaderboard_minivoc.svg', folders)
    assert labels(text) == ['fcrn/t1-0_minivoc']


def test_splits_and_classes_have_charts_of_their_own(
    records, make_record, tmp_path
):
    one_class = {
        'per_image': {},
        'classes': ['cow'],
        'per_class': {'IoU': {'cow': 1.0}, 'Acc': {'cow': 2.0}},
    }
    folders = {
        'minivoc': [
            *records(1),
            make_record(config='fcrn/b', split='test'),
            make_record(config='fcrn/c', **one_class),
        ]
    }
    text = render_chart(tmp_path / 'leaderboard_minivoc.svg', folders)
    root = ElementTree.fromstring(text)
    inner = [child for child in root if child.tag.endswith('svg')]
    assert len(inner) == 3


def test_a_picture_without_records_is_named(records, tmp_path):
    images = tmp_path / 'docs' / 'images'
    images.mkdir(parents=True)
    for name in ('leaderboard_gone.svg', 'crf.svg', 'leaderboard.png'):
        (images / name).write_text('')
    assert names(tmp_path, {'minivoc': records(1)}) == [
        'leaderboard_gone.svg',
        'leaderboard_minivoc.svg',
    ]
    gone = images / 'leaderboard_gone.svg'
    with pytest.raises(UserError, match=r'leaderboard_gone\.svg: no record'):
        render_chart(gone, {'minivoc': records(1)})


def test_records_that_disagree_spoil_their_own_picture_only(
    records, make_record, tmp_path
):
    bad = [
        make_record(),
        make_record(
            seed=1,
            classes=['cow'],
            per_class={'IoU': {'cow': 1.0}, 'Acc': {'cow': 2.0}},
        ),
    ]
    folders = {'bad': bad, 'minivoc': records(1)}
    assert names(tmp_path, folders) == [
        'leaderboard_bad.svg',
        'leaderboard_minivoc.svg',
    ]
    with pytest.raises(UserError, match='disagree about the classes'):
        render_chart(tmp_path / 'leaderboard_bad.svg', folders)
