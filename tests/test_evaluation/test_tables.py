"""Hand-worked tables: every cell, sections, notes, narrow pages."""

import csv
import io

import pytest

from zoo.errors import UserError
from zoo.evaluation import render, sheets, summarise
from zoo.evaluation.published import Row

VOC_ROW = {
    'method': 'DeepLab-CRF-LargeFOV',
    'dataset': 'VOC2012',
    'split': 'val',
    'metric': 'mIoU',
}
FCRN_ROW = {**VOC_ROW, 'method': 'FCRN-101 stride8 k5 d12'}


def two_seeds(make_record, **changes):
    runs = [make_record(seed=seed, **changes) for seed in (0, 1)]
    runs[1]['metrics'] = {'mIoU': 53.0, 'aAcc': 70.0, 'mAcc': 75.0}
    for run, seconds in zip(runs, (3600.0, 7200.0), strict=True):
        run['training']['seconds'] = seconds
    return runs


def test_markdown_of_two_seeds_beside_a_published_row(make_record):
    runs = two_seeds(make_record, published=[VOC_ROW])
    assert render(summarise(runs), format='md', width=200) == (
        '**minivoc val**\n'
        '\n'
        '| method | cat | dog | mIoU | 95 % interval | pixel acc | mean acc '
        '| params (M) | ms/image | training (h) | seeds |\n'
        '| :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n'
        '| *measured* |  |  |  |  |  |  |  |  |  |  |\n'
        '| deeplab_crf/vgg16_minivoc | 50.0 ± 0.0 | 50.0 ± 0.0 '
        '| 51.50 ± 2.12 | 50.00 .. 50.00 | 68.3 ± 2.4 | 75.0 ± 0.0 | 1.23 '
        '| 12.3 [1] | 1.50 | 0, 1 |\n'
        '| *published* |  |  |  |  |  |  |  |  |  |  |\n'
        '| DeepLab-CRF-LargeFOV [2] | — | — | 67.64 | — | — | — | — | — | — '
        '| — |\n'
        '\n'
        '- [1] Timed on Abacus (cpu, 2 threads).\n'
        '- [2] VOC2012 val: arXiv 1412.7062 Table 1.\n'
    )


def test_what_was_not_measured_is_a_dash(make_record):
    record = make_record(
        parameters=None,
        timing=None,
        training=None,
        seed=None,
        images=0,
        per_image={},
    )
    record['per_class']['IoU']['dog'] = None
    line = render(summarise([record]), format='md', width=200).splitlines()[5]
    assert line == (
        '| deeplab_crf/vgg16_minivoc | 50.0 | — | 50.00 | — | 66.7 | 75.0 '
        '| — | — | — | — |'
    )


def test_classes_move_to_a_table_of_their_own_where_they_do_not_fit(
    make_record,
):
    summaries = summarise([make_record(published=[VOC_ROW])])
    text = render(summaries, format='md', width=80)
    assert '| method | mIoU | 95 % interval | pixel acc |' in text
    assert text.count('**minivoc val, IoU per class, measured**') == 1
    assert '| class | deeplab_crf/vgg16_minivoc |\n' in text
    assert '| dog | 50.0 |\n' in text
    assert '| mIoU | 50.00 |\n' in text
    # The published method has no figures by class, and no such table.
    assert 'per class, published' not in text
    assert text.endswith('arXiv 1412.7062 Table 1.\n')
    assert text.count('[2] VOC2012') == 1


def test_published_classes_stand_in_their_own_table(make_record):
    summaries = summarise(
        [
            make_record(
                classes=['cat'],
                per_class={'IoU': {'cat': 1.0}, 'Acc': {'cat': 2.0}},
                per_image={'a': [[0, 1, 2, 1]], 'b': []},
                published=[FCRN_ROW],
            )
        ]
    )
    text = render(summaries, format='md', width=80)
    measured, published = text.split('**minivoc val, IoU per class, pub')
    assert '| class | FCRN-101 stride8 k5 d12 [2] |' in published
    assert '| cat | 90.6 |' in published
    assert 'FCRN' not in measured.split('per class, measured')[1]


def test_published_classes_that_the_data_set_lacks_have_no_column(
    make_record,
):
    record = make_record(classes=['cat', 'sky'], published=[FCRN_ROW])
    scores = {'cat': 1.0, 'sky': 2.0}
    record['per_class'] = {'IoU': scores, 'Acc': scores}
    text = render(summarise([record]), format='md', width=200)
    assert '| method | cat | sky | mIoU | 95 % interval | pixel acc |' in text
    assert '| FCRN-101 stride8 k5 d12 [2] | 90.6 | — | 73.4 | — |' in text
    scores['yak'] = scores.pop('cat')
    record['classes'] = ['sky', 'yak']
    text = render(summarise([record]), format='md', width=80)
    assert 'per class, published' not in text


def test_methods_of_a_class_table_share_the_width(make_record):
    runs = [make_record(config=f'method/leaf{i}_{"x" * 30}') for i in range(3)]
    # Two labels of 43, 'class', and 10 characters of borders are 101.
    for width, methods in ((101, [2, 1]), (100, [1, 1, 1])):
        text = render(summarise(runs), format='md', width=width)
        heads = [x for x in text.splitlines() if x.startswith('| class ')]
        assert [line.count('method/leaf') for line in heads] == methods
        assert max(map(len, heads)) <= width


def test_best_first_and_one_table_for_each_split(make_record):
    runs = [
        make_record(config='a/low'),
        make_record(config='b/high'),
        make_record(config='c/test', split='test'),
    ]
    runs[1]['metrics']['mIoU'] = 60.0
    text = render(summarise(runs), format='md', width=200)
    order = ['minivoc test', 'c/test', 'minivoc val', 'b/high', 'a/low']
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_a_published_metric_without_a_column_gets_one(make_record):
    row = {
        'method': 'SLIC-500 m=15 superpixel majority-label oracle',
        'dataset': 'VOC2012',
        'split': 'val',
        'metric': 'superpixel_oracle_acc',
    }
    text = render(
        summarise([make_record(published=[row])]), format='md', width=300
    )
    assert '| mean acc | superpixel_oracle_acc | params (M) |' in text


@pytest.mark.parametrize('width', [40, 80, 100, 250])
def test_terminal_shows_every_figure_whole(width, make_record, monkeypatch):
    monkeypatch.setenv('FORCE_COLOR', '1')
    runs = two_seeds(make_record, published=[VOC_ROW])
    text = render(summarise(runs), format='table', width=width)
    for figure in ('51.50 ± 2.12', '68.3 ± 2.4', '12.3 [1]', '0, 1', '67.64'):
        assert figure in text
    assert text.index('measured') < text.index('published')
    assert '[2] VOC2012 val: arXiv 1412.7062 Table 1.' in text
    assert '\x1b' not in text
    if width >= 150:
        assert max(map(len, text.splitlines())) <= width


def test_a_name_that_folds_keeps_its_figures_beside_it(make_record):
    """Rows are laid out in one piece only where nothing folds."""
    runs = [make_record(config=f'm/{c * 40}') for c in 'xy']
    for record, score in zip(runs, (61.25, 51.75), strict=True):
        record['metrics']['mIoU'] = score
    for width in (60, 250):
        text = render(summarise(runs), format='table', width=width)
        for start, score in (('m/xxx', '61.25'), ('m/yyy', '51.75')):
            (line,) = [x for x in text.splitlines() if score in x][:1]
            assert line.lstrip().startswith(start)


@pytest.mark.parametrize(
    ('seconds', 'text'), [(3600, '1.00'), (3590, '0.997'), (9000, '2.50')]
)
def test_training_times_have_three_figures(seconds, text, make_record):
    record = make_record()
    record['training']['seconds'] = seconds
    line = render(summarise([record]), format='md', width=250).splitlines()[5]
    assert f'| 12.3 [1] | {text} | 0 |' in line


def test_brackets_in_a_name_are_text(make_record):
    name = 'DeepLab-CRF-LargeFOV [trainval_aug]'
    row = {**VOC_ROW, 'method': name, 'split': 'test'}
    summaries = summarise([make_record(published=[row])])
    assert f'{name} [2]' in render(summaries, format='table', width=250)
    assert f'| {name} [2] |' in render(summaries, format='md', width=250)


def test_csv_has_a_figure_per_line_under_the_published_names(make_record):
    runs = two_seeds(make_record, published=[FCRN_ROW])
    text = render(summarise(runs), format='csv')
    rows = list(csv.DictReader(io.StringIO(text)))
    measured = {r['metric']: r for r in rows if r['kind'] == 'measured'}
    assert set(measured) == {
        'IoU/cat',
        'IoU/dog',
        'mIoU',
        'pixel_acc',
        'mean_acc',
        'params_M',
        'ms/image',
        'training_h',
    }
    assert measured['mIoU']['value'] == '51.5'
    assert measured['mIoU']['std'] == '2.1213'
    assert measured['mIoU']['seeds'] == '0 1'
    assert measured['ms/image']['source'] == 'Abacus (cpu, 2 threads)'
    assert measured['training_h']['value'] == '1.5'
    ends = {row['metric']: (row['low'], row['high']) for row in rows}
    assert ends.pop('mIoU') == ('', '')  # of the published row, the last
    assert set(ends.values()) == {('', '')}
    assert measured['mIoU']['low'] == measured['mIoU']['high'] == '50.0'
    published = [r for r in rows if r['kind'] == 'published']
    assert len(published) == 21
    assert published[0]['method'] == 'FCRN-101 stride8 k5 d12'


def test_refuses(make_record):
    with pytest.raises(ValueError, match="got 'html'"):
        render([], format='html')
    wrong = make_record(published=[{**VOC_ROW, 'split': 'train'}])
    with pytest.raises(UserError, match=r"no row method='DeepLab"):
        render(summarise([wrong]), format='md')


def test_markdown_of_instances_beside_a_published_row(make_record):
    row = {
        'method': 'FCRN-50 Hough + Bs',
        'dataset': 'VOC2012-SBD-instance',
        'split': 'val',
        'metric': 'mAP_r@0.7',
    }
    record = make_record('instance', published=[row])
    assert render(summarise([record]), format='md', width=200) == (
        '**minivoc val, instances**\n'
        '\n'
        '| method | cat | dog | AP^r 0.5 | 95 % interval | AP^r 0.7 '
        '| AP^r vol | params (M) | ms/image | training (h) | seeds |\n'
        '| :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n'
        '| *measured* |  |  |  |  |  |  |  |  |  |  |\n'
        '| deeplab_crf/vgg16_minivoc | 75.0 | 25.0 | 50.00 '
        '| 100.00 .. 100.00 | 30.2 | 40.1 | 1.23 | 12.3 [1] | 0.003 | 0 |\n'
        '| *published* |  |  |  |  |  |  |  |  |  |  |\n'
        '| FCRN-50 Hough + Bs [2] | — | — | — | — | 42.0 | — | — | — | — '
        '| — |\n'
        '\n'
        '- [1] Timed on Abacus (cpu, 2 threads).\n'
        '- [2] VOC2012-SBD-instance val: Wu et al., 2016 (Bridging category- '
        'and instance-level segmentation) Table 6.\n'
    )


def test_an_oracle_has_neither_weights_nor_parameters(make_record):
    record = make_record(
        'instance',
        checkpoint=None,
        parameters=None,
        timing=None,
        training=None,
        seed=None,
    )
    line = render(summarise([record]), format='md', width=200).splitlines()[5]
    assert line == (
        '| deeplab_crf/vgg16_minivoc | 75.0 | 25.0 | 50.00 '
        '| 100.00 .. 100.00 | 30.2 | 40.1 | — | — | — | — |'
    )


def test_kinds_have_tables_of_their_own(make_record):
    runs = [
        make_record(kind, config=f'{kind}/leaf')
        for kind in ('boxes', 'instance', 'semantic')
    ]
    text = render(summarise(runs), format='md', width=200)
    order = [
        '**minivoc val**',
        'semantic/leaf',
        '**minivoc val, instances**',
        'instance/leaf',
        '**minivoc val, boxes**',
        '| cat | dog | box IoU | 95 % interval | hit 0.5 | params (M) |',
        '| boxes/leaf | 65.0 | 55.0 | 60.00 | 62.50 .. 62.50 | 70.0 | 1.23 |',
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert text.count('*measured*') == 3


def test_instances_by_class_where_they_do_not_fit(make_record):
    text = render(summarise([make_record('instance')]), format='md', width=60)
    assert '| method | AP^r 0.5 | 95 % interval | AP^r 0.7 |' in text
    title = '**minivoc val, instances, AP^r 0.5 per class, measured**'
    assert text.count(title) == 1
    assert text.index('| cat | 75.0 |') < text.index('| AP^r 0.5 | 50.00 |')


def test_the_best_instances_come_first_by_the_first_metric(make_record):
    runs = [make_record('instance', config=f'a/{name}') for name in 'xy']
    runs[1]['metrics'] = {'AP_0.5': 51.0, 'AP_0.7': 0.0, 'AP_vol': 0.0}
    text = render(summarise(runs), format='md', width=200)
    assert text.index('a/y') < text.index('a/x')


def test_csv_of_other_kinds(make_record):
    runs = [make_record(kind) for kind in ('instance', 'boxes')]
    text = render(summarise(runs), format='csv')
    rows = csv.DictReader(io.StringIO(text))
    values = {row['metric']: row['value'] for row in rows}
    costs = {
        'params_M': '1.234567',
        'ms/image': '12.34',
        'training_h': '0.0026',
    }
    assert values == costs | {
        'AP_r@0.5/cat': '75.0',
        'AP_r@0.5/dog': '25.0',
        'mAP_r@0.5': '50.0',
        'mAP_r@0.7': '30.25',
        'mAP_r_vol': '40.125',
        'box_IoU/cat': '65.0',
        'box_IoU/dog': '55.0',
        'mean_box_IoU': '60.0',
        'box_hit@0.5': '70.0',
    }


def test_published_instances_by_class(make_record, monkeypatch):
    """The class that the data set lacks has no column."""
    rows = [
        Row('SDS', 'voc', 'val', metric, value, 'somewhere')
        for metric, value in (('AP_r@0.5/cat', 1.5), ('AP_r@0.5/yak', 2.5))
    ]
    monkeypatch.setattr(sheets, 'find_published', lambda stated: rows)
    text = render(summarise([make_record('instance')]), format='md', width=200)
    assert '| method | cat | dog | AP^r 0.5 | 95 % interval | AP^r' in text
    assert '| SDS [2] | 1.5 |' + ' — |' * 9 in text


def test_rules_of_a_score_are_a_note_and_a_method_of_their_own(make_record):
    usual = make_record('instance')
    rules = {**usual['rules'], 'matching': 'any', 'void': 'remove'}
    other = {**usual, 'rules': rules, 'config': 'instance/other'}
    text = render(summarise([usual, other]), format='md', width=200)
    assert '| instance/other [' in text
    assert 'Scored with: matching any truth, void pixels removed.\n' in text
    assert text.count('Scored with') == 1
    csv_text = render(summarise([other]), format='csv')
    assert 'instance/other (matching any truth, void pixels removed)' in (
        csv_text
    )
