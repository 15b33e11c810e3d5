"""Reading many records at once."""

import gc

import pytest

from zoo.errors import UserError
from zoo.evaluation import write_record
from zoo.evaluation.documents import read_results, render_file


def test_records_come_by_folder_without_their_counts(make_record, tmp_path):
    for path in ('voc/a.json', 'voc/b.json', 'minivoc/c.json'):
        write_record(tmp_path / path, make_record())
    (tmp_path / 'voc' / 'd.json').write_text('{}')
    results = read_results(sorted(tmp_path.glob('*/*.json')))
    counts = {name: len(found) for name, found in results.folders.items()}
    assert counts == {'minivoc': 1, 'voc': 2}
    assert all('per_image' not in record for record in results.records())
    assert len(results.problems) == 1
    assert gc.isenabled()


def test_a_block_can_leave_the_classes_out(make_record, tmp_path):
    write_record(tmp_path / 'minivoc/a.json', make_record())
    results = read_results([tmp_path / 'minivoc/a.json'])
    page = tmp_path / 'README.md'
    for name, expected in (('minivoc', 1), ('minivoc totals', 0)):
        page.write_text(
            f'<!-- results: {name} start -->\n<!-- results: {name} end -->\n'
        )
        text = render_file(page, results)
        first = make_record()['classes'][0]
        assert text.count(f' {first} ') == expected, text
        assert text.count('deeplab_crf/vgg16_minivoc') >= 1


def test_a_block_can_name_a_method_and_leave_the_classes_out(
    make_record, tmp_path
):
    for method in ('one', 'two'):
        record = make_record(config=f'{method}/vgg16_minivoc')
        write_record(tmp_path / f'minivoc/{method}.json', record)
    results = read_results(sorted(tmp_path.glob('minivoc/*.json')))
    page = tmp_path / 'README.md'
    page.write_text(
        '<!-- results: minivoc two totals start -->\n'
        '<!-- results: minivoc two totals end -->\n'
    )
    text = render_file(page, results)
    assert 'two/vgg16_minivoc' in text
    assert 'one/vgg16_minivoc' not in text


@pytest.mark.parametrize(
    ('words', 'expected'),
    [
        ('', ['', ', instances', ', boxes']),
        ('semantic', ['']),
        ('instances', [', instances']),
        ('one boxes', [', boxes']),
        ('boxes one semantic totals', ['', ', boxes']),
    ],
)
def test_a_block_can_choose_kinds(words, expected, make_record, tmp_path):
    for kind in ('semantic', 'instance', 'boxes'):
        record = make_record(kind, config='one/leaf')
        write_record(tmp_path / f'minivoc/{kind}.json', record)
    results = read_results(sorted(tmp_path.glob('minivoc/*.json')))
    page = tmp_path / 'README.md'
    name = f'minivoc {words}'.strip()
    page.write_text(
        f'<!-- results: {name} start -->\n<!-- results: {name} end -->\n'
    )
    text = render_file(page, results)
    titles = [
        line
        for line in text.splitlines()
        if line.startswith('**') and 'per class' not in line
    ]
    assert titles == [f'**minivoc val{suffix}**' for suffix in expected]
    assert (' cat ' in text) == ('totals' not in words)


def test_refuses_a_block_of_a_kind_without_records(make_record, tmp_path):
    write_record(tmp_path / 'minivoc/a.json', make_record(config='one/leaf'))
    results = read_results([tmp_path / 'minivoc/a.json'])
    page = tmp_path / 'README.md'
    name = 'minivoc one instances'
    page.write_text(
        f'<!-- results: {name} start -->\n<!-- results: {name} end -->\n'
    )
    message = r'no record of one \(instances\) in docs/results/minivoc\.'
    with pytest.raises(UserError, match=message):
        render_file(page, results)
